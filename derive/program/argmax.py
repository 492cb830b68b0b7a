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
from typing import TYPE_CHECKING

from derive.program.code import Accumulate, Choose, Code, Declare, For, Routine
from derive.program.ir import Local
from derive.program.traverse import rebuilt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.program.ir import Expr

__all__ = ["argmax"]


def argmax(routine: Routine) -> Routine:
    """Return the routine without maxima of which the places are looked for as well."""
    return replace(routine, body=_body(routine.body))


def _body(body: Sequence[Code]) -> tuple[Code, ...]:
    parts = tuple(replace(p, body=_body(p.body)) if isinstance(p, For) else p for p in body)
    for loop in (part for part in parts if isinstance(part, For)):
        for choice in (part for part in loop.body if isinstance(part, Choose)):
            for twin in loop.body:
                start = _start(twin, choice, loop)
                if start in parts:
                    left = replace(loop, body=tuple(p for p in loop.body if p is not twin))
                    others = (left if p is loop else p for p in parts if p != start)
                    assert start is not None
                    return _body(tuple(_read(p, start.name, choice.best) for p in others))
    return parts


def _start(part: Code, choice: Choose, loop: For) -> Declare | None:
    """Return what starts a maximum of the values of a choice; nothing if the code is no such."""
    if not isinstance(part, Accumulate) or not isinstance(part.target, Local):
        return None
    same = part.op == "max" and part.value == choice.value and choice.axis == loop.axis
    return Declare(part.target.name, "max") if same else None


def _read(part: Code, name: str, best: Local) -> Code:
    """Return code that reads the best value in the place of a scalar."""

    def swapped(expression: Expr) -> Expr | None:
        return best if expression == Local(name) else None

    return rebuilt(part, swapped)
