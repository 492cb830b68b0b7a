"""Ask for memory before it is needed, where a row is gone through several times.

    for b:                          →   for b:
        for n: s += X[b, n]                 for n: s += X[b, n];   ask for Y[b, n]
        for n: Y[b, n] = s X[b, n]          for n: Y[b, n] = …;    ask for X[b + 1, n]

A processor sees by itself where one loop goes, but not where the next one will begin. What a loop
reads or writes first is asked for in the loop before it, or, by the first one, in the last one of
the row before, so that one loop does not ask for all. The loops that ask are loops over lanes; rows
too long to stay in the cache are not asked for. Needs: a routine. Guarantees: what
:func:`derive.program.check.check_routine` checks, and the same values.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.program.code import Accumulate, Fetch, For, Lanes, Shares, Store, When, walk
from derive.program.ir import Axis, Call, Load, Local, Number, axes_of, loads, spans, subtrees
from derive.program.traverse import expressions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.program.code import Code, Routine
    from derive.program.ir import Expr

    Shapes = Mapping[str, tuple[Expr, ...]]

__all__ = ["ahead"]

#: Rows of more entries than this are not asked for.
_MOST = Number(Fraction(8192))


def ahead(routine: Routine) -> Routine:
    """Return the routine with what asks for the memory of rows."""
    shapes = {buffer.name: buffer.shape for buffer in routine.buffers}
    return replace(routine, body=_body(routine.body, shapes))


def _body(body: Sequence[Code], shapes: Shapes) -> tuple[Code, ...]:
    return tuple(_asking(part, shapes) for part in body)


def _asking(part: Code, shapes: Shapes) -> Code:
    if isinstance(part, When):
        return replace(part, body=_body(part.body, shapes))
    if isinstance(part, Shares):
        inside = _asking(part.body, shapes)
        assert isinstance(inside, (Lanes, For))
        return replace(part, body=inside)
    if not isinstance(part, For):
        return part
    return _rows(replace(part, body=_body(part.body, shapes)), shapes)


def _rows(loop: For, shapes: Shapes) -> For:
    """Let the loops over the columns of a row ask for what those after them go through."""
    passes = [n for n, part in enumerate(loop.body) if isinstance(part, (For, Lanes))]
    if len(passes) < 2:
        return loop
    seen: set[Load] = set()
    asked: dict[int, list[Fetch]] = {}
    for place in passes:
        for fetch in _first(loop.body[place], loop.axis, seen):
            asking = [n for n in reversed(passes) if _along(loop.body[n], fetch.place)]
            # The loops before this one, the nearest first; else those of the row before.
            before = [n for n in asking if n < place]
            if asking:
                at = min(before or asking, key=lambda n: len(asked.get(n, ())))
                asked.setdefault(at, []).append(
                    fetch if before else _next(fetch, loop.axis, shapes)
                )
    return For(loop.axis, tuple(_with(part, asked.get(n, ())) for n, part in enumerate(loop.body)))


def _first(part: Code, row: Axis, seen: set[Load]) -> list[Fetch]:
    """Return what a loop is the first to go through: entries of this row, column by column."""
    assert isinstance(part, (For, Lanes))
    inside = list(walk(part.body))
    if any(isinstance(code, (For, Lanes)) for code in inside):
        return []
    written = {code.target for code in inside if isinstance(code, (Store, Accumulate))}
    found: list[Fetch] = []
    for load in (load for code in inside for e in expressions(code) for load in loads(e)):
        if load in seen or row not in load.at or load.at[-1] != part.axis:
            continue
        # The place is known before the loop: no scalar, which may be found later, says where it is.
        known = not any(isinstance(other, Local) for other in subtrees(load))
        if known and not any(part.axis in axes_of(other) for other in load.at[:-1]):
            seen.add(load)
            found.append(Fetch(load, load in written))
    return found


def _along(part: Code, place: Load) -> bool:
    """Tell whether a loop over lanes is as long as the rows of an array."""
    column = place.at[-1]
    return (
        isinstance(part, Lanes) and isinstance(column, Axis) and part.axis.extent == column.extent
    )


def _next(fetch: Fetch, row: Axis, shapes: Shapes) -> Fetch:
    """Return what asks for the same of the next row."""
    at, shape = fetch.place.at, shapes[fetch.place.buffer]
    behind = sum(spans(at, shape)[: at.index(row) + 1])
    return replace(fetch, further=shape[behind:])


def _with(part: Code, asked: Sequence[Fetch]) -> Code:
    """Return a loop over lanes that asks for something, where its rows are short enough."""
    if not asked:
        return part
    assert isinstance(part, Lanes)
    placed = (replace(f.place, at=(*f.place.at[:-1], part.axis)) for f in asked)
    fetches = tuple(replace(f, place=place) for f, place in zip(asked, placed, strict=True))
    few = Call("le", (part.axis.extent, _MOST))
    return replace(part, body=(*part.body, When(few, fetches)))
