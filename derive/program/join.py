"""Loops within one another as one loop: over the product of their sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.program.code import For, walk
from derive.program.ir import Axis, Expr, Load, axes_of, multiplied
from derive.program.loops import unused
from derive.program.traverse import expressions, rebuilt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from derive.program.code import Code

__all__ = ["joinings"]


def joinings(
    loop: For, shapes: Mapping[str, tuple[Expr, ...]], taken: set[str]
) -> Iterator[tuple[Axis, tuple[Code, ...]]]:
    """Yield the ways to see the outermost loops as one, the most loops first; the last is alone.

    Parameters
    ----------
    loop : For
        The outermost; the others are all that is in those around them.
    shapes : mapping
        The shape of each array: only axes that lie side by side in all of them can be one.
    taken : set of str
        Names that mean something already.

    Yields
    ------
    tuple of Axis and tuple of Code
        The axis, and the body.
    """
    chain = [loop]
    while len(chain[-1].body) == 1 and isinstance(chain[-1].body[0], For):
        chain.append(chain[-1].body[0])
    for count in range(len(chain), 1, -1):
        axes = [each.axis for each in chain[:count]]
        found = _joined(axes, chain[count - 1].body, shapes, taken)
        if found is not None:
            yield found
    yield loop.axis, loop.body


def _joined(
    axes: list[Axis],
    body: tuple[Code, ...],
    shapes: Mapping[str, tuple[Expr, ...]],
    taken: set[str],
) -> tuple[Axis, tuple[Code, ...]] | None:
    """Make one axis of several; None where an array has them otherwise than side by side."""
    name = unused("i_" + "".join(axis.name.removeprefix("i_") for axis in axes), taken)
    extent = multiplied(axis.extent for axis in axes)
    axis = Axis(name, extent)

    def join(part: Expr) -> Expr | None:
        if not isinstance(part, Load) or not set(axes) & set(axes_of(part)):
            return None
        shape = shapes[part.buffer]
        for place in range(len(part.at) - len(axes) + 1):
            end = place + len(axes)
            if list(part.at[place:end]) == axes and shape[place:end] == tuple(
                each.extent for each in axes
            ):
                return replace(part, at=(*part.at[:place], axis, *part.at[end:]))
        return None

    result = tuple(rebuilt(part, join) for part in body)
    left = {a for part in walk(result) for e in expressions(part) for a in axes_of(e)}
    return None if left & set(axes) else (axis, result)
