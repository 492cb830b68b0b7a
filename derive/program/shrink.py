"""Temporaries that live for one turn of a loop are no larger than one turn needs.

    for b: … T[b, n] …   →   for b: … T[n] …        where nothing outside the loop needs T

Needs: a routine, each of whose arrays is written before it is read. Guarantees: what
:func:`derive.program.check.check_routine` checks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.program.code import For, Routine, When, walk
from derive.program.ir import Load, loads, mapped, spans
from derive.program.traverse import expressions, rebuilt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.program.code import Code
    from derive.program.ir import Axis, Buffer, Expr

__all__ = ["entries_in", "shrink"]


def shrink(routine: Routine) -> Routine:
    """Return the routine with the axes of temporaries dropped that one turn does not need."""
    buffers = {buffer.name: buffer for buffer in routine.buffers}
    uses = Counter(load.buffer for load in entries_in(routine.body))
    body = _shrunk(routine.body, buffers, uses)
    return replace(routine, body=body, buffers=tuple(buffers.values()))


def entries_in(body: Sequence[Code]) -> Iterator[Load]:
    """Yield the entries that a body reads or writes, as often as they stand in it."""
    return (load for part in walk(body) for e in expressions(part) for load in loads(e))


def _shrunk(
    body: Sequence[Code], buffers: dict[str, Buffer], uses: Counter[str]
) -> tuple[Code, ...]:
    result: list[Code] = []
    for part in body:
        if isinstance(part, For):
            part = _dropped(part, buffers, uses)
        if isinstance(part, (For, When)):
            part = replace(part, body=_shrunk(part.body, buffers, uses))
        result.append(part)
    return tuple(result)


def _dropped(loop: For, buffers: dict[str, Buffer], uses: Counter[str]) -> For:
    """Drop the axis of a loop from the temporaries that only this loop uses, entry by entry."""
    inside: dict[str, list[Load]] = {}
    for load in entries_in(loop.body):
        inside.setdefault(load.buffer, []).append(load)
    places: dict[str, int] = {}
    for name, entries in inside.items():
        if buffers[name].kind != "temporary" or len(entries) < uses[name]:
            continue
        place = _place(entries, loop.axis)
        if place is not None:
            counts = spans(entries[0].at, buffers[name].shape)
            start = sum(counts[:place])
            shape = buffers[name].shape
            shape = (*shape[:start], *shape[start + counts[place] :])
            buffers[name] = replace(buffers[name], shape=shape)
            places[name] = place

    def drop(part: Expr) -> Expr | None:
        if not isinstance(part, Load) or part.buffer not in places:
            return None
        place = places[part.buffer]
        at = (*part.at[:place], *part.at[place + 1 :])
        return replace(part, at=tuple(mapped(each, drop) for each in at))

    return For(loop.axis, tuple(rebuilt(part, drop) for part in loop.body))


def _place(entries: Sequence[Load], axis: Axis) -> int | None:
    """Return the first subscript that is the axis in all entries; None if there is none."""
    every = zip(*(load.at for load in entries), strict=False)
    return next((n for n, parts in enumerate(every) if set(parts) == {axis}), None)
