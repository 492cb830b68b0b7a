"""What is the same in all lanes of a loop over lanes is computed once for all.

    x · a · y · b      →   (a · b) · x · y                                x, y differ between lanes
    x · a / N          →   (a / N) · x                                    N is a size, or a number
    x · y / s; y / s   →   q = y / s;  x · q; q                           s is the same in all lanes
    for j: … x[j] · y  →   y first: what does not change with j stands before the loop
    for j: … f(a[j])   →   for j: T[j] = f(a[j]);  lanes: for j: … T[j]

Needs: the body of a loop over lanes, its scalars shared. Guarantees: the same values, but for
the order in which factors are multiplied and divided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.program.code import Accumulate, Code, Declare, Define, For, Store, walk
from derive.program.contract import factors_of
from derive.program.ir import (
    Axis,
    Buffer,
    Call,
    Expr,
    Extent,
    Load,
    Local,
    Number,
    axes_of,
    children,
    loads,
    mapped,
    multiplied,
    subtrees,
)
from derive.program.traverse import expressions, rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Lane", "Order", "Tables", "nest", "varies", "varying_in"]


def varies(expression: Expr, axis: Axis, varying: frozenset[str]) -> bool:
    """Tell whether a value differs between lanes.

    Parameters
    ----------
    expression : Expr
        The value.
    axis : Axis
        Its values are the lanes.
    varying : frozenset of str
        The scalars that differ between lanes, and the arrays that hold vectors.
    """
    if isinstance(expression, Call) and expression.function.startswith("lanes_"):
        return False
    if isinstance(expression, Load):
        return expression.buffer in varying or axis in axes_of(expression)
    if isinstance(expression, Local):
        return expression.name in varying
    if isinstance(expression, Axis):
        return expression == axis
    return any(varies(part, axis, varying) for part in children(expression))


def varying_in(
    body: Sequence[Code], axis: Axis, known: frozenset[str], arrays: frozenset[str]
) -> frozenset[str]:
    """Return the scalars of a body that differ between lanes, and those known to do."""
    found = known
    while True:
        more = set(found)
        for part in walk(body):
            if isinstance(part, Define) and varies(part.value, axis, found | arrays):
                more.add(part.name)
            elif (
                isinstance(part, Accumulate)
                and isinstance(part.target, Local)
                and varies(part.value, axis, found | arrays)
            ):
                more.add(part.target.name)
        if more == found:
            return found
        found = frozenset(more)


@dataclass(frozen=True, slots=True)
class Lane:
    """A loop over lanes: its axis, and the scalars that differ between lanes."""

    axis: Axis
    varying: frozenset[str]

    def varies(self, expression: Expr) -> bool:
        """Tell whether a value differs between lanes."""
        return varies(expression, self.axis, self.varying)


@dataclass(frozen=True, slots=True)
class Order:
    """The order of factors: what is the same in all lanes is one, then those of outer loops.

    Parameters
    ----------
    lane : Lane
        The loop over lanes.
    written : frozenset of str
        The arrays that change inside it.
    depths : dict
        In how many of its loops each scalar changes.
    """

    lane: Lane
    written: frozenset[str]
    depths: dict[str, int]

    def body(self, body: Sequence[Code], around: tuple[Axis, ...]) -> tuple[Code, ...]:
        """Return a body, given the loops around it, with its factors in order."""
        result: list[Code] = []
        quotients = frozenset(
            part
            for code in body
            for expression in expressions(code)
            for part in subtrees(expression)
            if isinstance(part, Call) and part.function == "div"
        )
        for part in body:
            if isinstance(part, For):
                result.append(For(part.axis, self.body(part.body, (*around, part.axis))))
                continue
            new = rebuilt(part, lambda e: self.quotient(e, quotients))
            new = rebuilt(new, lambda e: self.factors(e, around))
            if isinstance(new, Define):
                self.depths[new.name] = self.depth(new.value, around)
            elif isinstance(new, Declare):
                self.depths[new.name] = len(around)
            result.append(new)
        return tuple(result)

    def depth(self, expression: Expr, around: tuple[Axis, ...]) -> int:
        """Return how many of the loops around a value change it."""
        depths = [0]
        for part in subtrees(expression):
            if isinstance(part, Axis) and part in around:
                depths.append(around.index(part) + 1)
            elif isinstance(part, Local):
                depths.append(self.depths.get(part.name, 0))
            elif isinstance(part, Load) and part.buffer in self.written:
                depths.append(len(around))
        return max(depths)

    def quotient(self, expression: Expr, others: frozenset[Call]) -> Expr | None:
        """Return the quotient of a product with only that divided which is the same, or is anyway.

        ``others`` are the quotients beside it.
        """
        if not isinstance(expression, Call) or expression.function != "div":
            return None
        above, below = expression.arguments
        sign, factors = factors_of(above)
        if len(factors) < 2 or self.lane.varies(below):
            return None
        alike = [factor for factor in factors if not self.lane.varies(factor)]
        known = [f for f in factors if Call("div", (f, below)) in others]
        if isinstance(below, (Number, Extent)) and alike and len(alike) < len(factors):
            chosen = alike
        elif known:
            chosen = known[:1]
        else:
            return None
        for factor in chosen:
            factors.remove(factor)
        rest = [mapped(factor, lambda e: self.quotient(e, others)) for factor in factors]
        product = multiplied([Call("div", (multiplied(chosen), below)), *rest])
        return product if sign > 0 else Call("neg", (product,))

    def factors(self, expression: Expr, around: tuple[Axis, ...]) -> Expr | None:
        """Return a product with its factors in order."""
        if not isinstance(expression, Call) or expression.function not in ("mul", "neg"):
            return None
        sign, factors = factors_of(expression)
        factors = [mapped(factor, lambda e: self.factors(e, around)) for factor in factors]
        alike = [factor for factor in factors if not self.lane.varies(factor)]
        parts = [multiplied(alike)] if alike else []
        parts += [factor for factor in factors if self.lane.varies(factor)]
        product = multiplied(sorted(parts, key=lambda part: self.depth(part, around)))
        return product if sign > 0 else Call("neg", (product,))


@dataclass(frozen=True, slots=True)
class Tables:
    """What is computed before a loop over lanes.

    Parameters
    ----------
    lane : Lane
        The loop.
    named : function
        Makes a name that is not taken.
    entries : dict
        Where each value is found; the scalars that stand for an entry of an array.
    buffers : list of Buffer
        The arrays that hold the values.
    before : list of Code
        What computes them.
    """

    lane: Lane
    named: Callable[[str], str]
    entries: dict[Expr, Expr]
    buffers: list[Buffer]
    before: list[Code]

    def body(self, body: tuple[Code, ...], around: tuple[Axis, ...]) -> tuple[Code, ...]:
        """Return a body, given the loops around it, that reads what is computed beforehand."""
        result: list[Code] = []
        for part in body:
            if isinstance(part, For):
                result.append(For(part.axis, self.body(part.body, (*around, part.axis))))
            elif self._entry(part, around):
                assert isinstance(part, Define)
                self.entries[Local(part.name)] = part.value
            else:
                result.append(rebuilt(part, lambda e: self._swapped(e, around)))
        return tuple(result)

    def _entry(self, part: Code, around: tuple[Axis, ...]) -> bool:
        """Tell whether a scalar is an entry that is as well read where it is needed."""
        return (
            bool(around)
            and isinstance(part, Define)
            and isinstance(part.value, Load)
            and not self.lane.varies(part.value)
        )

    def _swapped(self, part: Expr, around: tuple[Axis, ...]) -> Expr | None:
        if not isinstance(part, Call):
            return self.entries.get(part, part)
        whole = mapped(part, self.entries.get)
        read = [p for p in subtrees(whole) if isinstance(p, (Local, Load))]
        own = tuple(axis for axis in axes_of(whole) if axis in around)
        if not own or self.lane.varies(part) or len(read) < 2:
            return None
        if any(isinstance(p, Local) for p in read):
            return None
        if whole not in self.entries:
            name = self.named("_".join(dict.fromkeys(load.buffer for load in loads(whole))))
            self.buffers.append(Buffer(name, tuple(axis.extent for axis in own), "temporary"))
            self.entries[whole] = Load(name, own)
            self.before.append(nest(own, Store(Load(name, own), whole)))
        return self.entries[whole]


def nest(axes: Sequence[Axis], body: Code) -> Code:
    """Return a piece of code in loops over the axes."""
    for axis in reversed(axes):
        body = For(axis, (body,))
    return body
