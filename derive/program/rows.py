"""Which loops of a tree become a loop over blocks of rows.

What a tree computes on the way (the quantizer's ``tanh`` over samples, values and code words; the
exponentials of a softmax) is best made a block of rows at a time: it then stays in the cache. The
rows are the tree's outermost axes, joined to one axis where every array has them side by side.
A temporary that nothing but the tree knows is never whole: each block has its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    accesses,
    axes_of,
    leaves,
    loads,
    mapped,
    multiplied,
    reads,
    subtrees,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Rows", "View", "rows_of"]

#: With fewer arrays than this on the way, a loop costs more than it saves.
_FEWEST = 6


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
    local : dict of str to tuple of Expr
        The temporaries of which each block has its own, and their shapes.
    """

    axis: Axis
    extent: Expr
    inner: tuple[Axis, ...]
    statements: tuple[Assign | Reduce, ...]
    views: tuple[View, ...]
    sliced: tuple[tuple[str, int], ...]
    local: dict[str, tuple[Expr, ...]]

    @property
    def alone(self) -> bool:
        """Whether each array has one number for a row, so that none has others beside it."""
        found = (accesses(statement) for statement in self.statements)
        entries = (e for target, values in found for part in (target, *values) for e in loads(part))
        return all(load.at == (self.axis,) for load in entries if self.axis in axes_of(load))


def rows_of(tree: Loop, program: Program) -> Rows | None:
    """Return the tree over rows, or None where whole-array operations serve as well."""
    statements = [s for s in leaves(tree) if isinstance(s, (Assign, Reduce))]
    if len(statements) < len(list(leaves(tree))):
        return None
    chain = _chain(tree)
    for count in range(len(chain), 0, -1):
        prefix = chain[:count]
        if all(_joinable(statement, prefix, program) for statement in statements):
            worth = any(map(_wide, statements)) or _many(statements, prefix)
            return _rewritten(statements, prefix, program) if worth else None
    return None


def _wide(statement: Assign | Reduce) -> bool:
    """Tell whether the statement ranges over more axes than any array it touches."""
    space = set(statement.space)
    arrays = [set(axes_of(load)) for load in loads(statement.value)]
    return all(not space <= axes for axes in (*arrays, set(statement.axes)))


def _many(statements: Sequence[Assign | Reduce], prefix: Sequence[Axis]) -> bool:
    """Tell whether many arrays over the rows and more axes are made on the way."""
    made = {
        part
        for statement in statements
        for part in subtrees(statement.value)
        if isinstance(part, Call) and set(prefix) <= set(axes_of(part)) and len(axes_of(part)) > 1
    }
    return len(made) >= _FEWEST


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
            if not any(axis in _bare(part) for part in rest for axis in prefix):
                return place
    return None


def _bare(expression: Expr) -> dict[Axis, None]:
    """Return the axes that an expression has outside of the arrays that it reads."""
    return axes_of(mapped(expression, lambda e: Call("load", ()) if isinstance(e, Load) else None))


def _joinable(statement: Assign | Reduce, prefix: Sequence[Axis], program: Program) -> bool:
    if not set(prefix) <= set(statement.space):
        return False
    best = isinstance(statement, Reduce) and statement.op == "argmax"
    if best and not set(prefix) <= set(statement.axes):
        return False
    if set(prefix) & set(statement.axes) and _at(prefix, statement.axes) is None:
        return False
    if set(prefix) & set(_bare(statement.value)):
        return False
    for load in loads(statement.value):
        if not any(set(prefix) & set(_bare(part)) for part in load.at):
            continue
        place = _at(prefix, load.at)
        if place is None:
            return False
        whole = program.buffer(load.buffer).shape[place : place + len(prefix)]
        if whole != tuple(axis.extent for axis in prefix):
            return False
    return True


def _rewritten(
    statements: Sequence[Assign | Reduce], prefix: Sequence[Axis], program: Program
) -> Rows:
    extent = multiplied(axis.extent for axis in prefix)
    row = Axis("row", Extent("rows"))
    places = _places(statements, prefix)
    own = _own(statements, program)
    views: dict[str, View] = {}
    sliced: dict[str, int] = {}
    local: dict[str, tuple[Expr, ...]] = {}

    def joined(name: str, place: int, first: Expr) -> tuple[Expr, ...]:
        shape = program.buffer(name).shape
        return (*shape[:place], first, *shape[place + len(prefix) :])

    def seen(name: str, place: int) -> str:
        if name in own:
            local[name] = joined(name, place, row.extent)
            return name
        if len(prefix) > 1 or len(places[name]) > 1:
            alias = f"{name}_r{place}" if len(places[name] - {None}) > 1 else f"{name}_r"
            views[alias] = View(alias, name, joined(name, place, extent))
            name = alias
        sliced[name] = place
        return name

    def value(expression: Expr) -> Expr | None:
        if not isinstance(expression, Load):
            return None
        at = tuple(mapped(part, value) for part in expression.at)
        place = _at(prefix, expression.at)
        if place is None:
            return replace(expression, at=at)
        at = (*at[:place], row, *at[place + len(prefix) :])
        return Load(seen(expression.buffer, place), at, expression.guarded)

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
    seen_as = tuple(views.values())
    return Rows(row, extent, inner, tuple(result), seen_as, tuple(sliced.items()), local)


def _places(
    statements: Sequence[Assign | Reduce], prefix: Sequence[Axis]
) -> dict[str, set[int | None]]:
    """Return where each array has the rows; None where it is read without them."""
    found: dict[str, set[int | None]] = {}
    for statement in statements:
        found.setdefault(statement.target, set()).add(_at(prefix, statement.axes))
        for load in loads(statement.value):
            found.setdefault(load.buffer, set()).add(_at(prefix, load.at))
    return found


def _own(statements: Sequence[Assign | Reduce], program: Program) -> set[str]:
    """Return the temporaries that no other statement reads or writes."""
    others = [s for s in program.body if s not in statements]
    used = {name for s in others for name in (*reads(s), s.target)}
    made = {statement.target for statement in statements}
    return {name for name in made - used if program.buffer(name).kind == "temporary"}
