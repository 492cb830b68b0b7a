"""Which loops of a tree become a loop over blocks of rows.

A statement that ranges over more axes than any array it reads or writes (the quantizer's
``tanh`` over samples, values and code words) is best done a block of rows at a time: what it
computes on the way then stays in the cache. The rows are the tree's outermost axes, joined to
one axis where every array has them side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from derive.program.ir import (
    Assign,
    Axis,
    Call,
    Expr,
    Extent,
    Load,
    Loop,
    Program,
    Reduce,
    Tree,
    axes_of,
    leaves,
    loads,
    mapped,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Rows", "View", "rows_of"]


@dataclass(frozen=True, slots=True)
class View:
    """An array seen with some of its axes joined."""

    name: str
    of: str
    shape: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A tree rewritten over rows.

    Parameters
    ----------
    axis : Axis
        The rows of one block; its extent is the size ``rows`` that the loop sets.
    extent : Expr
        The number of all rows.
    inner : tuple of Axis
        The other axes of the widest statement.
    statements : tuple of Assign or Reduce
        What to do for each block.
    views : tuple of View
        Arrays to be seen differently before the loop.
    sliced : tuple of (str, int)
        The arrays of which each block sees a slice, and which of their axes is the rows.
    """

    axis: Axis
    extent: Expr
    inner: tuple[Axis, ...]
    statements: tuple[Assign | Reduce, ...]
    views: tuple[View, ...]
    sliced: tuple[tuple[str, int], ...]


def rows_of(tree: Loop, program: Program) -> Rows | None:
    """Return the tree over rows, or None where whole-array operations serve as well."""
    statements = [s for s in leaves(tree) if isinstance(s, (Assign, Reduce))]
    if len(statements) < len(list(leaves(tree))) or not any(map(_wide, statements)):
        return None
    chain = _chain(tree)
    for count in range(len(chain), 0, -1):
        prefix = chain[:count]
        if all(_joinable(statement, prefix, program) for statement in statements):
            return _rewritten(statements, prefix, program)
    return None


def _wide(statement: Assign | Reduce) -> bool:
    """Tell whether the statement ranges over more axes than any array it touches."""
    space = set(statement.space)
    arrays = [set(axes_of(load)) for load in loads(statement.value)]
    return all(not space <= axes for axes in (*arrays, set(statement.axes)))


def _chain(tree: Tree) -> list[Axis]:
    """Return the axes of the outermost loops, down to the first that holds several things."""
    chain = []
    while isinstance(tree, Loop):
        chain.append(tree.axis)
        if len(tree.body) > 1:
            break
        tree = tree.body[0]
    return chain


def _at(prefix: Sequence[Axis], subscripts: Sequence[Expr]) -> int | None:
    """Return where the prefix stands in the subscripts, side by side and nowhere else."""
    for place in range(len(subscripts) - len(prefix) + 1):
        if list(subscripts[place : place + len(prefix)]) == list(prefix):
            rest = (*subscripts[:place], *subscripts[place + len(prefix) :])
            if not any(axis in axes_of(part) for part in rest for axis in prefix):
                return place
    return None


def _joinable(statement: Assign | Reduce, prefix: Sequence[Axis], program: Program) -> bool:
    if isinstance(statement, Reduce) and statement.op == "argmax":
        return False
    if not set(prefix) <= set(statement.space):
        return False
    if set(prefix) & set(statement.axes) and _at(prefix, statement.axes) is None:
        return False
    outside = mapped(statement.value, lambda e: Call("load", ()) if isinstance(e, Load) else None)
    if set(prefix) & set(axes_of(outside)):
        return False
    for load in loads(statement.value):
        if not set(prefix) & set(axes_of(load)):
            continue
        place = _at(prefix, load.at)
        if place is None or not all(isinstance(part, Axis) for part in load.at):
            return False
        whole = program.buffer(load.buffer).shape[place : place + len(prefix)]
        if whole != tuple(axis.extent for axis in prefix):
            return False
    return True


def _rewritten(
    statements: Sequence[Assign | Reduce], prefix: Sequence[Axis], program: Program
) -> Rows:
    extent = reduce(lambda a, b: Call("mul", (a, b)), (axis.extent for axis in prefix))
    row = Axis("row", Extent("rows"))
    views: dict[str, View] = {}
    sliced: dict[str, int] = {}

    def seen(name: str, place: int) -> str:
        if len(prefix) > 1:
            shape = program.buffer(name).shape
            joined = (*shape[:place], extent, *shape[place + len(prefix) :])
            views[name] = View(f"{name}_r", name, joined)
            name = f"{name}_r"
        sliced[name] = place
        return name

    def value(expression: Expr) -> Expr | None:
        if isinstance(expression, Load):
            place = _at(prefix, expression.at)
            if place is not None:
                at = (*expression.at[:place], row, *expression.at[place + len(prefix) :])
                return Load(seen(expression.buffer, place), at, expression.guarded)
        return None

    result: list[Assign | Reduce] = []
    for statement in statements:
        place = _at(prefix, statement.axes)
        new = replace(statement, value=mapped(statement.value, value))
        if place is not None:
            axes = (*statement.axes[:place], row, *statement.axes[place + len(prefix) :])
            new = replace(new, target=seen(statement.target, place), axes=axes)
        elif isinstance(new, Reduce):
            over = (row, *(axis for axis in new.over if axis not in prefix))
            new = replace(new, over=over)
        result.append(new)
    widest = max((set(s.space) for s in result), key=len)
    order = [axis for s in result for axis in s.space]
    inner = tuple(a for a in dict.fromkeys(order) if a in widest and a != row)
    return Rows(row, extent, inner, tuple(result), tuple(views.values()), tuple(sliced.items()))
