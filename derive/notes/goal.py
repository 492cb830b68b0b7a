"""What the candidates for a repair are compared with, on numbers."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.index.limits import Budget
from derive.notes import tree
from derive.notes.algebra import Numbers
from derive.notes.conditions import truth
from derive.notes.draws import MANY, USUAL, allowance
from derive.notes.meaning import mean
from derive.notes.values import Misfit, Value, paired, transposed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sized

    import sympy as sp

    from derive.index.arrays import Array
    from derive.notes.differentials import Differentials
    from derive.notes.scope import Scope
    from derive.notes.tree import Node

__all__ = ["DEFINING", "FAILURES", "Goal", "aimed"]


#: What can go wrong while a candidate is evaluated: it is no candidate then.
FAILURES = (Misfit, ValueError, LookupError, ArithmeticError, TypeError, np.linalg.LinAlgError)
_REMEMBERED = (
    tree.Scripted, tree.Derivative, tree.Group, tree.Fraction, tree.BigOperator, tree.FunctionCall,
    tree.Add, tree.Product,
)  # fmt: skip
#: Parts of a formula, and numbers, that are computed in one step of work.
_PARTS = 4
#: Steps that it takes to define a quantity: a derivative of what nobody has differentiated yet.
DEFINING = 35
_NUMBERS = 20_000
#: Steps for a look whether a side has the right values: more than it ever takes.
_LOOK = 1_000_000


class _Overlay(dict[int, Any]):
    """Remembered values: what is new is kept apart from what is shared."""

    def __init__(self, base: dict[int, Any], hidden: Collection[int] = ()) -> None:
        super().__init__()
        self.base = base
        self.hidden = hidden

    def get(self, key: int, default: Any = None) -> Any:
        found = super().get(key)
        if found is None and key not in self.hidden:
            return self.base.get(key, default)
        return found


def _allowed(data: Array) -> Any:
    """Return by how much values may be off: in draws that are far off, by more or less."""
    usual = allowance(data[:MANY][np.isfinite(data[:MANY])]) if data.ndim else allowance(data)
    if data.ndim == 0 or len(data) <= MANY:
        return usual
    each = [allowance(part[np.isfinite(part)]) for part in data[MANY:]]
    allowed = np.array([*[usual] * MANY, *each])
    return allowed.reshape(-1, *[1] * (data.ndim - 1))


def _restricted(target: Value, conditions: Iterable[Node], scope: Scope) -> Value:
    """Return the right values where conditions hold, and none elsewhere."""
    data = target.data
    for condition in conditions:
        data = np.where(np.asarray(truth(condition, scope).data) != 0, data, np.nan)
    return target.mapped(data)


def aimed(
    side: Node,
    truth: Node,
    letters: dict[str, sp.Expr],
    conditions: tuple[Node, ...],
    differentials: Differentials,
    budget: Budget,
) -> Goal:
    """Return the values of a side that is right, at draws at which a wrong one has others.

    Parameters
    ----------
    side, truth : Node
        What is wrong, and what is right.
    letters : mapping
        The letters with their sizes.
    conditions : tuple of Node
        Where the side is to be right.
    differentials : Differentials
        Of the note's world.
    budget : Budget
        Of the work that may be done.
    """
    world = differentials.world
    for draws in (USUAL, MANY + len(world.far.moves)):
        scope = differentials.numeric(0, letters, draws)
        target = _restricted(mean(truth, scope), conditions, scope)
        goal = Goal(target, replace(scope, expected=target.shape), Budget(_LOOK), world.nodes)
        if goal.finite.any() and (not world.far.moves or not goal.reached(side)):
            # Mostly the first draws tell; those beyond a threshold are looked at where they do not.
            break
    goal.budget = budget
    return goal


class Goal:
    """The values that a side is to have.

    Parameters
    ----------
    target : Value
        The right values.
    scope : Scope
        In which candidates are read.
    budget : Budget
        Of the work that may be done.
    defined : Sized
        The quantities that there are: a candidate may define derivatives that nothing has.
    """

    def __init__(self, target: Value, scope: Scope, budget: Budget, defined: Sized = ()) -> None:
        self.target = target
        self.defined = defined
        self.scope = scope
        self.budget = budget
        assert isinstance(scope.algebra, Numbers)
        self.numbers = scope.algebra
        self.memo: dict[int, Any] = scope.memo if scope.memo is not None else {}
        self.data = np.asarray(target.data, float)
        self.finite = np.isfinite(self.data)
        self.side: Node = tree.Empty(0, 0)
        self.extent = 1
        self._above: dict[int, frozenset[int]] = {}
        self.allowed = _allowed(self.data)

    def remember(self, side: Node) -> dict[int, Any]:
        """Return remembered values that include those of a side's parts."""
        memo = _Overlay(self.memo)
        if self._value(side, memo) is None:
            # What stands behind the part that has no meaning is remembered as well.
            for part in reversed(list(tree.walk(side))):
                if isinstance(part, _REMEMBERED):
                    self._value(part, memo)
        return memo

    def start(self, side: Node) -> None:
        """Remember the values of the parts of the side that is to be repaired."""
        self.memo = self.remember(side)
        self.side = side
        self.extent = max((np.size(v.data) for _, v in self.memo.values()), default=1)
        self._above = {id(side): frozenset()}
        for part in tree.walk(side):
            for child in tree.children(part):
                self._above[id(child)] = self._above[id(part)] | {id(part)}

    def _value(self, side: Node, memo: dict[int, Any]) -> Value | None:
        before, defined = len(memo), len(self.defined)
        try:
            return mean(side, replace(self.scope, memo=memo))
        except FAILURES:
            return None
        finally:
            new = itertools.islice(reversed(memo.values()), len(memo) - before)
            size = sum(np.size(value.data) for _, value in new)
            new_ones = len(self.defined) - defined
            self.budget.spend(
                1 + (len(memo) - before) // _PARTS + size // _NUMBERS + new_ones * DEFINING
            )

    def value(
        self, node: Node, given: Iterable[tuple[Node, Value]] = (), changed: Iterable[Node] = ()
    ) -> Value | None:
        """Return the value of a node, None if it has none.

        Parameters
        ----------
        node : Node
            The side that was started with, part of it, or a node with parts of it.
        given : sequence of (Node, Value)
            Values that parts are to have.
        changed : sequence of Node
            Parts of the side that have other values than they had.

        Raises
        ------
        Timeout
            If the work that may be done is done.
        """
        hidden = frozenset().union(*(self._above[id(part)] for part in changed))
        memo = _Overlay(self.memo, hidden)
        memo.update((id(part), (part, value)) for part, value in given)
        return self._value(node, memo)

    def values(self, nodes: Iterable[Node]) -> list[Value | None]:
        """Return the values of many small nodes; what they share is computed once."""
        memo = _Overlay(self.memo)
        found: list[Value | None] = []
        for count, node in enumerate(nodes):
            if count % 2 == 0:
                self.budget.spend()
            try:
                found.append(mean(node, replace(self.scope, memo=memo)))
            except FAILURES:
                found.append(None)
        return found

    def place(self, axis: str) -> int:
        """Return the place of an axis in all arrays."""
        return self.numbers.axis[axis]

    @property
    def axes(self) -> int:
        """How many axes all arrays have."""
        return len(self.numbers.axis) + 1

    def fits(self, value: Value) -> bool:
        """Tell whether letters stand only on axes of their sizes."""
        data = np.asarray(value.data)
        return data.ndim == 0 or all(
            data.shape[self.place(letter)] in (1, self.numbers.extent(size))
            for letter, size in self.numbers.letters.items()
        )

    def given(self, node: Node) -> bool:
        """Tell whether a part alone has all the right values, or minus these."""
        value = self.value(node)
        if value is None or value.data is None:
            return False
        try:
            minus = value.mapped(-np.asarray(value.data, float))
            return self._agrees(value) or self._agrees(minus)
        except FAILURES:
            return False

    def reached(self, side: Node, base: dict[int, Any] | None = None) -> bool:
        """Tell whether a side has the right values."""
        value = self._value(side, _Overlay(self.memo if base is None else base))
        if value is None:
            return False
        try:
            return self._agrees(value)
        except FAILURES:
            return False

    def _agrees(self, value: Value) -> bool:
        both = self._met(value)
        if both is None:
            return False
        left, right, known = both
        if any(a != b and a != 1 for a, b in zip(left.shape, right.shape, strict=False)):
            return False
        with np.errstate(invalid="ignore"):
            near = np.abs(left - right) <= self.allowed
        near = near[np.isfinite(right)] if near.shape == right.shape else near
        if known is not None:
            near = (np.asarray(known) == 0) | (np.abs(left - right) <= self.allowed)
        return bool(near.size and np.all(near))

    def conforms(self, value: Value) -> bool:
        """Tell whether a value has the right shape."""
        return self._met(value) is not None

    def agreeing(self, value: Value, axes: tuple[str, ...]) -> list[tuple[int, ...]]:
        """Return the places along some axes at which a value is right."""
        both = self._met(value)
        if both is None or both[2] is not None:
            return []
        left, right, _ = both
        left = left.reshape((1,) * self.axes) if left.ndim == 0 else left
        right = right.reshape((1,) * self.axes) if right.ndim == 0 else right
        along = [self.place(axis) for axis in axes]
        others = tuple(n for n in range(self.axes) if n not in along)
        try:
            with np.errstate(all="ignore"):
                same = np.abs(left - right) <= self.allowed
        except ValueError:
            # A letter that stands on axes of different sizes.
            return []
        same |= ~np.isfinite(right)
        return [tuple(map(int, place)) for place in np.argwhere(same.all(axis=others))]

    def _met(self, value: Value) -> tuple[Array, Array, Array | None] | None:
        """Return the numbers of a value, the right ones, and which are known."""
        if value.data is None or self.target.data is None:
            # A derivative of more than two axes is nothing but a part of a chain.
            return None
        if value.shape != self.target.shape and not value.identity:
            if value.is_scalar or self.target.is_scalar or not (value.thin or self.target.thin):
                return None
            value = transposed(self.scope.algebra, value)
        try:
            both = paired(self.scope.algebra, value, self.target)
        except Misfit:
            # A multiple of the identity, where no matrix is square.
            return None
        if both is None:
            return None
        left, right = (np.asarray(one.data, float) for one in both)
        return left, right, both[0].known
