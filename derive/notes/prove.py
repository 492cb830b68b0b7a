"""Prove that two sides of a claim are equal, after numbers have not told them apart."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.index.canonical import Undefined, vanishes
from derive.index.equality import Proved, Refuted, equality
from derive.index.facts import unfolded
from derive.index.inverses import inverse_name, inverted, read
from derive.index.limits import Budget, Timeout
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexSum,
    Reduction,
    Size,
    fresh,
    substitute,
    tensors,
)
from derive.layer.model import Fact
from derive.layer.run import exact
from derive.notes import tree
from derive.notes.algebra import COLUMN, ROW
from derive.notes.conditions import truth
from derive.notes.meaning import letter_of
from derive.notes.sums import over_all
from derive.notes.values import paired, transposed
from derive.notes.verdicts import Witness

if TYPE_CHECKING:
    from derive.index.equality import Witness as Found
    from derive.notes.differentials import Differentials
    from derive.notes.scope import Scope
    from derive.notes.tree import Node
    from derive.notes.values import Value
    from derive.notes.world import World

__all__ = ["Proof", "prove"]


#: Up to how many terms a sum is written out.
_FEW = 6


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a claim was proved, or even refuted, and the declared facts that a proof needed.

    The witness says where it was refuted.
    """

    proved: bool
    facts: tuple[str, ...] = ()
    witness: Witness | None = None

    @property
    def refuted(self) -> bool:
        """Tell whether the sides differ, though numbers of 16 digits did not tell."""
        return self.witness is not None


def prove(
    left: Value,
    right: Value,
    differentials: Differentials,
    letters: dict[str, sp.Expr],
    conditions: tuple[Node, ...] = (),
    *,
    flipped: bool = False,
    seconds: float = 2.0,
) -> Proof:
    """Try to prove that two values are equal.

    Parameters
    ----------
    left, right : Value
        Index expressions with their shapes.
    differentials : Differentials
        Of the world in which they were read.
    letters : mapping
        The letters with their sizes.
    conditions : tuple of Node
        Comparisons that restrict the claim.
    flipped : bool
        Whether the right side is meant transposed.
    seconds : float
        About how long it may take, counted in steps of work.
    """
    world = differentials.world
    scope = differentials.symbolic()
    scope.letters.sizes.update(letters)
    if flipped or (left.shape != right.shape and left.shape == right.shape[::-1]):
        right = transposed(scope.algebra, right)
    both = paired(scope.algebra, left, right)
    if both is None:
        return Proof(False)
    one, two = both
    known = one.known if one.known is not None else two.known
    weight: Any = sp.S.One if known is None else known
    for condition in conditions:
        weight = weight * _weight(condition, scope, whole=one.is_scalar and two.is_scalar)
    shape = two if one.is_scalar else one
    free = [(Index(name), size) for name, size in letters.items()]
    free += [
        (Index(axis), size)
        for axis, size in ((ROW, shape.rows), (COLUMN, shape.columns))
        if size is not None
    ]
    here = (one.data * weight, two.data * weight)
    used = {i for side in here for i in side.atoms(Index)}
    question = _Question(world, here, seconds)
    open_ = [(index, size) for index, size in free if index in used]
    if _is_general(here):
        # What holds for all sizes is easier to see than what holds for these.
        swap = _letters_for(world)
        found = _Question(world, here, seconds, swap).decided(
            (_general(here[0], swap), _general(here[1], swap)),
            [(index, swap.get(size, size)) for index, size in open_],
        )
        if not swap or found.proved or found.refuted:
            return found
        return question.decided(here, open_)
    found = question.entry_by_entry(here, open_) if _countable(open_) else Proof(False)
    return found if found.proved else _Question(world, here, seconds).decided(here, open_)


def _is_general(sides: tuple[sp.Expr, sp.Expr]) -> bool:
    """Tell whether no entry is written out at a place of its own."""
    return not any(
        side.has(sp.Eq)
        or any(
            index.is_Integer and size != 1
            for entry in side.atoms(Entry)
            for index, size in zip(entry.indices, entry.shape, strict=True)
        )
        for side in sides
    )


def _letters_for(world: World) -> dict[sp.Expr, Size]:
    """Return a size for every number that a size is."""
    numbers = {size for shape in world.shapes.values() for size in shape if size.is_Integer}
    return {number: Size(f"of {number}") for number in numbers if number > 1}


def _general(expression: sp.Expr, swap: dict[sp.Expr, Size]) -> sp.Expr:
    """Return an expression with sizes for the numbers that sizes are."""
    if not swap:
        return expression
    if isinstance(expression, Entry):
        shape = (swap.get(size, size) for size in expression.shape)
        return Entry(expression.tensor, shape, *expression.indices)
    if isinstance(expression, Reduction):
        body, index = expression.open()
        size = swap.get(expression.size, expression.size)
        return expression.func(_general(body, swap), index, size)
    if not expression.args:
        return expression
    return expression.func(*(_general(part, swap) for part in expression.args))


class _Question:
    """Whether expressions of a world are equal, by a proof within a time limit."""

    def __init__(
        self,
        world: World,
        sides: tuple[sp.Expr, sp.Expr],
        seconds: float,
        swap: dict[sp.Expr, Size] | None = None,
    ) -> None:
        self.world = world
        self.seconds = seconds
        self.swap = swap or {}
        self.layer = world.whole
        # A world has definitions for all that was ever asked for; these are about a few.
        about = {name for side in sides for name in read(side)}
        about = about.union(*(world.above(name) for name in about))
        self.definitions = {
            name: (indices, _general(body, self.swap))
            for name, (indices, body) in world.definitions().items()
            if name in about
        }
        self.facts = [
            replace(
                fact,
                left=_general(fact.left, self.swap),
                right=_general(fact.right, self.swap),
            )
            for fact in (*self.layer.facts, *_symmetries(world))
        ]

    def _draw(self, seed: int) -> tuple[dict[str, Any], dict[Any, int]]:
        arrays, sizes = self.world.values(seed + 100, seed)
        known = {**sizes, **{size: int(number) for number, size in self.swap.items()}}
        return {t.name: arrays[t.name] for t in self.layer.tensors}, known

    def decided(self, sides: tuple[sp.Expr, sp.Expr], free: list[tuple[Index, sp.Expr]]) -> Proof:
        """Return whether two sides are proved equal, or refuted."""
        try:
            verdict = equality(
                *sides,
                free,
                self._draw,
                facts=self.facts,
                domains=self.layer.domains,
                definitions=self.definitions,
                seconds=self.seconds,
                exact=lambda arrays: exact(self.layer, arrays),
                bounded=self.world.bounded,
            )
        except (IndexError, ValueError, TypeError, ZeroDivisionError):
            # A written position that some sizes do not have, or an inverse: nothing is proved.
            return Proof(False)
        if isinstance(verdict, Proved):
            return Proof(True, verdict.facts_used)
        names = {name for side in sides for name in tensors(side)}
        names |= {above for name in names for above in self.world.above(name)}
        inverses = any(inverted(name) for name in names)
        # Inverses have as many digits as they are computed with: more digits refute nothing.
        if not isinstance(verdict, Refuted) or inverses:
            return Proof(False)
        return Proof(False, witness=self._shown(verdict.witness))

    def _shown(self, found: Found) -> Witness:
        """Return a witness as a note's reader counts: sizes and places, and both sides there."""
        standing = {size.name for size in self.swap.values()}
        names = {ROW: "row", COLUMN: "column"}
        index = ((names.get(name, name), place + self.world.base) for name, place in found.index)
        sizes = (pair for pair in found.sizes if pair[0] not in standing)
        return Witness(tuple(sizes), tuple(index), found.left, found.right)

    def entry_by_entry(
        self, sides: tuple[sp.Expr, sp.Expr], free: list[tuple[Index, sp.Expr]]
    ) -> Proof:
        """Return whether two sides are equal at every entry, with all sums written out."""
        self.definitions = {
            name: (indices, spelled_out(body)) for name, (indices, body) in self.definitions.items()
        }
        counted = [(index, int(size)) for index, size in free if size.is_Integer]
        rest = [(index, size) for index, size in free if not size.is_Integer]
        entries = [
            tuple(
                spelled_out(
                    substitute(side, dict(zip((i for i, _ in counted), places, strict=True)))
                )
                for side in sides
            )
            for places in itertools.product(
                *([sp.Integer(n) for n in range(count)] for _, count in counted)
            )
        ]
        found = self._all(entries, rest)
        known = dict(map(_of_entries, filter(_is_short, self.facts)))
        if found.proved or found.refuted or not known:
            return found
        about = {fact.left.args[0].tensor for fact in self.facts if _is_short(fact)}
        unfolded = [
            tuple(self._unfolded(side, about).xreplace(known) for side in pair) for pair in entries
        ]
        found = self._all(unfolded, rest)
        texts = (fact.text for fact in self.facts if _is_short(fact))
        return replace(found, facts=tuple(dict.fromkeys((*found.facts, *texts))))

    def _unfolded(self, expression: sp.Expr, about: set[str]) -> sp.Expr:
        """Put definitions in the place of what depends on some tensors."""
        below = {
            name: definition
            for name, definition in self.definitions.items()
            if self.world.above(name) & about
        }
        while not tensors(expression).isdisjoint(below):
            expression = spelled_out(unfolded(expression, below))
        return expression

    def _all(self, entries: list[tuple[sp.Expr, ...]], free: list[tuple[Index, sp.Expr]]) -> Proof:
        """Return whether all pairs are equal; numbers have compared them already."""
        budget = Budget.of_seconds(self.seconds)
        for left, right in entries:
            difference = left - right
            while not self._vanishes(difference, free, budget):
                if tensors(difference).isdisjoint(self.definitions) or budget.spent:
                    return Proof(False)
                difference = spelled_out(unfolded(difference, self.definitions))
        return Proof(True)

    def _vanishes(
        self, difference: sp.Expr, free: list[tuple[Index, sp.Expr]], budget: Budget
    ) -> bool:
        try:
            return vanishes(difference, free=dict(free), budget=budget)
        except (Timeout, Undefined):
            return False


def _countable(free: list[tuple[Index, sp.Expr]]) -> bool:
    """Tell whether entries can be looked at one by one."""
    return math.prod(int(size) for _, size in free if size.is_Integer) <= _FEW**2


def _is_short(fact: Fact) -> bool:
    """Tell whether a fact is about the sum of a few entries."""
    left = fact.left
    if not isinstance(left, IndexSum) or not isinstance(left.args[0], Entry):
        return False
    return bool(left.size.is_Integer and 0 < left.size <= _FEW)


def _of_entries(fact: Fact) -> tuple[sp.Expr, sp.Expr]:
    """Return the last entry of a short sum, and what it is by the others."""
    terms = _terms(fact.left)
    return terms[-1], fact.right - sp.Add(*terms[:-1])


def _terms(total: IndexSum) -> list[sp.Expr]:
    body, index = total.open()
    return [substitute(body, {index: sp.Integer(n)}) for n in range(int(total.size))]


def spelled_out(expression: sp.Expr) -> sp.Expr:
    """Return an expression with sums over a few entries written as what they add up.

    A formula may write the same entries one by one.
    """
    found = {
        part: sp.Add(*map(spelled_out, _terms(part)))
        for part in expression.atoms(IndexSum)
        if part.size.is_Integer and part.size <= _FEW
    }
    return expression.xreplace(found) if found else expression


def _weight(condition: Node, scope: Scope, *, whole: bool) -> sp.Expr:
    """Return what is 1 where a condition holds, for a number for all entries, and 0 elsewhere."""
    if isinstance(condition, tree.Relation) and condition.relations[0].text in (r"\neq", r"\ne"):
        names = [letter_of(side) for side in condition.sides]
        if all(names):
            return 1 - Delta(Index(str(names[0])), Index(str(names[1])))
    held = truth(condition, scope)
    result: sp.Expr = (over_all("prod", held, scope) if whole else held).data
    return result


def _symmetries(world: World) -> list[Fact]:
    """Return the declared symmetries as equations."""
    found = []
    for name in (*world.symmetric, *map(inverse_name, world.symmetric)):
        shape = world.shapes[name]
        indices = [fresh() for _ in shape]
        swapped = (*indices[:-2], indices[-1], indices[-2])
        found.append(
            Fact(
                Entry(name, shape, *indices),
                Entry(name, shape, *swapped),
                f"{inverted(name) or name} is symmetric",
            )
        )
    return found
