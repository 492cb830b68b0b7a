"""What the sums of a tree add up, and the order of axes in which they do it best, in NumPy."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import TYPE_CHECKING

from derive.emit.arrays import Value, matmul_text
from derive.program.contract import factors_of, groups_of
from derive.program.ir import (
    Assign,
    Axis,
    Call,
    Expr,
    Number,
    Reduce,
    Scatter,
    axes_of,
    loads,
    multiplied,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["apart", "landing_of", "order_of", "product_of", "roots_of", "summand_of"]

#: With more axes than this, they keep the order in which they are written.
_MOST_ORDERED = 4


def landing_of(statement: Scatter) -> dict[Axis, None]:
    """Return the axes that decide where a scatter lands."""
    return {axis: None for part in statement.at for axis in axes_of(part)}


def apart(statement: Scatter, shape: Sequence[Expr]) -> Expr | None:
    """Return the one computed subscript of a scatter, if no two turns land in the same place.

    ``T[b, g * K + k, h] += …`` is such a scatter if ``k < K``: the other subscripts are whole axes,
    and the computed one has another value for each ``g`` and ``k``.
    """
    computed = [part for part in statement.at if not isinstance(part, Axis)]
    if len(computed) != 1 or statement.guarded:
        return None
    plain = [
        part
        for part, extent in zip(statement.at, shape, strict=True)
        if isinstance(part, Axis) and part.extent == extent
    ]
    lone = len({*plain}) == len(statement.at) - 1 and not {*plain} & {*axes_of(computed[0])}
    return computed[0] if lone and _one_to_one(computed[0]) else None


def _one_to_one(subscript: Expr) -> bool:
    """Tell whether a subscript has another value for each of the values of its axes."""
    if any(True for _ in loads(subscript)) or not isinstance(subscript, Call):
        return False
    if subscript.function != "add":
        return _pace(subscript) is not None
    for strided, alone in (subscript.arguments, subscript.arguments[::-1]):
        pace = _pace(strided)
        if pace is not None and (not axes_of(alone) or _within(alone, pace)):
            return True
    return False


def _within(part: Expr, pace: Expr) -> bool:
    """Tell whether a part is an axis that takes no more values than one step of another leaves."""
    if not isinstance(part, Axis):
        return False
    if isinstance(pace, Number) and isinstance(part.extent, Number):
        return part.extent.value <= pace.value
    return part.extent == pace


def _pace(part: Expr) -> Expr | None:
    """Return what an axis is multiplied by; None of what is no such product."""
    if isinstance(part, Axis):
        return Number(Fraction(1))
    if not isinstance(part, Call) or part.function != "mul" or len(axes_of(part)) != 1:
        return None
    rest = [factor for factor in part.arguments if not isinstance(factor, Axis)]
    return rest[0] if len(rest) == 1 and not axes_of(rest[0]) else None


def summand_of(statement: Scatter) -> Scatter | Reduce:
    """Return the sum over the axes that do not decide where a scatter lands, if any."""
    landing = landing_of(statement)
    over = tuple(axis for axis in statement.axes if axis not in landing)
    if not over:
        return statement
    axes = tuple(axis for axis in statement.axes if axis in landing)
    return Reduce(statement.target, axes, over, "sum", statement.value)


def product_of(statement: Reduce) -> tuple[int, list[Expr]]:
    """Part the summand of a sum into a sign and one value, or two that a matmul joins."""
    sign, factors = factors_of(statement.value)
    space = {*statement.axes, *statement.over}
    groups = groups_of(factors, space)
    if groups is None:
        summed = set(statement.over)
        weights = [f for f in factors if axes_of(f) and set(axes_of(f)) <= summed]
        rest = [f for f in factors if f not in weights]
        whole = {axis for factor in rest for axis in axes_of(factor)}
        spans = [set(axes_of(w)) for w in weights]
        fits = bool(weights) and whole == space and all(span == spans[0] for span in spans)
        groups = (rest, weights) if fits else (factors, [])
    return sign, [multiplied(group) for group in groups if group]


def roots_of(statement: Assign | Reduce | Scatter) -> list[Expr]:
    """Return the expressions that are computed for a statement."""
    whole = summand_of(statement) if isinstance(statement, Scatter) else statement
    if isinstance(whole, Reduce) and whole.op == "sum":
        return product_of(whole)[1]
    return [whole.value]


def order_of(
    statements: Sequence[Assign | Reduce | Scatter], first: tuple[Axis, ...]
) -> dict[Axis, int]:
    """Return the place of each axis: some first, then such that sums run over whole arrays.

    Of orders that cost the same, the one of the statement with the most axes wins.
    """
    spaces = sorted((s.space for s in statements), key=lambda space: -len(space))
    axes = list(dict.fromkeys((*first, *(axis for space in spaces for axis in space))))
    found = {axis: place for place, axis in enumerate(axes)}
    sums = [s for s in statements if isinstance(s, Reduce)]
    if len(axes) - len(first) > _MOST_ORDERED or not sums:
        return found
    orders = (
        {axis: place for place, axis in enumerate((*first, *rest))}
        for rest in permutations(axes[len(first) :])
    )
    return min(orders, key=lambda order: sum(_cost(s, order) for s in sums))


def _cost(statement: Reduce, order: dict[Axis, int]) -> int:
    """Return how many arrays a sum copies, and whether it adds up each of their rows by itself."""
    groups = product_of(statement)[1] if statement.op == "sum" else [statement.value]
    sides = [
        Value("", tuple(sorted(axes_of(group), key=order.__getitem__)), False) for group in groups
    ]
    if len(sides) == 2:
        text, _ = matmul_text(sides[0], sides[1], statement.over, statement.axes)
        return text.count("transpose(")
    return int(len(sides[0].axes) > 2 and sides[0].axes[-1] in statement.over)
