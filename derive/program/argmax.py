"""A maximum and its place, found together.

    m = max;  p = first max of b
    for k: m = max(m, v);  Choose(p, b, k, v)   →   for k: Choose(p, b, k, v)
    … m …                                           … b …

What a place is chosen by is the greatest value when the loop ends, and not a number if any was
none: the maximum of the same values. Needs: the loops of a program. Guarantees: what
:func:`derive.program.check.check_routine` checks.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from derive.program.code import Accumulate, Choose, Code, Declare, For, Routine
from derive.program.ir import Local
from derive.program.traverse import rebuilt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.program.ir import Expr

__all__ = ["argmax"]


def argmax(routine: Routine) -> Routine:
    """Return the routine without maxima of which the places are looked for as well."""
    return replace(routine, body=_body(routine.body))


def _body(body: Sequence[Code]) -> tuple[Code, ...]:
    parts = tuple(replace(p, body=_body(p.body)) if isinstance(p, For) else p for p in body)
    for loop, maximum, choice in _pairs(parts):
        assert isinstance(maximum.target, Local)
        start = Declare(maximum.target.name, "max")
        if start in parts:
            inside = tuple(p for p in loop.body if p is not maximum)
            left = (replace(p, body=inside) if p is loop else p for p in parts if p != start)
            return _body(tuple(_read(p, maximum.target, choice.best) for p in left))
    return parts


def _pairs(parts: Sequence[Code]) -> Iterator[tuple[For, Accumulate, Choose]]:
    """Yield the loops that find a maximum and a place among the same values, with both."""
    for loop in (part for part in parts if isinstance(part, For)):
        maxima = [p for p in loop.body if isinstance(p, Accumulate) and p.op == "max"]
        choices = [p for p in loop.body if isinstance(p, Choose) and p.axis == loop.axis]
        for one, choice in product(maxima, choices):
            if isinstance(one.target, Local) and one.value == choice.value:
                yield loop, one, choice


def _read(part: Code, maximum: Local, best: Local) -> Code:
    """Return code that reads the best value in the place of the maximum."""

    def swapped(expression: Expr) -> Expr | None:
        return best if expression == maximum else None

    return rebuilt(part, swapped)
