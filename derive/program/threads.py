"""Which loops over lanes are shared among threads, so that no result depends on their number.

    lanes i: …; T[j] += lanes_sum(V[j])   →   for each share of i, at once:
                                                  P[s, j] = 0;  lanes i: …; P[s, j] += lanes_sum(V[s, j])
                                              for s: T[j] += P[s, j]

The shares follow from the sizes alone: one where there is little to do, else always the same
number, and what they have summed up is added in their order. Threads take shares as they come.
Only loops that nothing else surrounds and that compute elementary functions are shared; a share
finds the scalars that it reads by itself, from the inputs, or the loop is not shared. Needs
and guarantees: what :func:`derive.program.check.check_routine` checks.
"""  # noqa: E501

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

from derive.program.code import (
    MOST_SHARES,
    NEUTRAL,
    SHARE,
    Accumulate,
    Code,
    Define,
    For,
    Lanes,
    Routine,
    Shares,
    Store,
    rebuilt,
    walk,
)
from derive.program.ir import Buffer, Call, Load, Local, axes_of, subtrees
from derive.program.lanes import PLAIN
from derive.program.loops import merged, names_in, unused
from derive.program.uniform import nest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.program.ir import Axis, Expr

__all__ = ["threads"]


def threads(routine: Routine) -> Routine:
    """Return the routine with its costly loops over lanes in shares."""
    buffers = {buffer.name: buffer for buffer in routine.buffers}
    taken = {*routine.sizes, *buffers, *names_in(routine.body)}
    inputs = frozenset(buffer.name for buffer in routine.buffers if buffer.kind == "input")
    known: dict[str, Define] = {}
    body: list[Code] = []
    for part in routine.body:
        if isinstance(part, Define) and _found(part.value, inputs, known):
            known[part.name] = part
        elif isinstance(part, Lanes) and _costly(part):
            own = _own(part)
            if own <= known.keys():
                part = _shared(part, _behind(own, known), buffers, taken)
        body.append(part)
    return replace(routine, buffers=tuple(buffers.values()), body=tuple(body))


def _found(value: Expr, inputs: frozenset[str], known: Mapping[str, Define]) -> bool:
    """Tell whether a value follows from the inputs, and from scalars that do."""
    return all(
        part.buffer in inputs if isinstance(part, Load) else part.name in known
        for part in subtrees(value)
        if isinstance(part, (Load, Local))
    )


def _own(loop: Lanes) -> set[str]:
    """Return the scalars that a loop reads and does not make."""
    read = {
        p.name
        for part in walk((loop,))
        if isinstance(part, (Define, Accumulate, Store))
        for e in (part.value, *([] if isinstance(part, Define) else [part.target]))
        for p in subtrees(e)
        if isinstance(p, Local) and not (isinstance(part, Accumulate) and p is part.target)
    }
    return read - names_in((loop,))


def _behind(names: set[str], known: dict[str, Define]) -> list[Code]:
    """Return what defines scalars, and those that they are made of, in order."""
    wanted = set(names)
    found: list[Code] = []
    for part in reversed(known.values()):
        if part.name in wanted:
            wanted |= {p.name for p in subtrees(part.value) if isinstance(p, Local)}
            found.append(part)
    return found[::-1]


def _costly(loop: Lanes) -> bool:
    called = {
        p.function
        for part in walk(loop.body)
        if isinstance(part, (Define, Accumulate, Store))
        for p in subtrees(part.value)
        if isinstance(p, Call)
    }
    return bool(called - PLAIN)


def _shared(
    loop: Lanes, scalars: Sequence[Code], buffers: dict[str, Buffer], taken: set[str]
) -> Shares:
    before: list[Code] = []
    after: list[Code] = []
    lanes = {name for name, buffer in buffers.items() if buffer.kind == "lanes"}
    used = {
        part.target.buffer
        for part in walk(loop.before)
        if isinstance(part, Store) and part.target.buffer in lanes
    }
    for name in sorted(used):
        buffers[name] = replace(buffers[name], shape=(MOST_SHARES, *buffers[name].shape))

    def own(part: Expr) -> Expr | None:
        if isinstance(part, Load) and part.buffer in used:
            return replace(part, at=(SHARE, *part.at))
        return None

    def summed(part: Code, around: tuple[Axis, ...]) -> Code:
        """Let a sum over lanes go to the share's part of the whole."""
        if isinstance(part, For):
            return For(part.axis, tuple(summed(p, (*around, part.axis)) for p in part.body))
        assert isinstance(part, Accumulate)
        target = part.target
        axes = tuple(a for a in axes_of(target) if a in around)
        name = target.name if isinstance(target, Local) else target.buffer
        name = unused(f"{name}_parts", taken)
        taken.add(name)
        buffers[name] = Buffer(name, (MOST_SHARES, *(a.extent for a in axes)), "temporary")
        place = Load(name, (SHARE, *axes))
        before.append(nest(axes, Store(place, NEUTRAL[part.op])))
        after.append(nest(axes, Accumulate(target, part.op, place)))
        kept = rebuilt(part, own)
        assert isinstance(kept, Accumulate)
        return replace(kept, target=place)

    ends = tuple(summed(part, ()) for part in loop.after)
    inside = Lanes(
        loop.axis,
        tuple(rebuilt(part, own) for part in loop.before),
        tuple(rebuilt(part, own) for part in loop.body),
        ends,
        loop.varying,
    )
    extents = [loop.axis.extent]
    extents += [part.axis.extent for part in walk(loop.body) if isinstance(part, For)]
    work = reduce(lambda a, b: Call("mul", (a, b)), extents)
    sums: tuple[Code, ...] = (For(SHARE, tuple(merged(after))),) if after else ()
    return Shares(work, (*scalars, *merged(before)), inside, sums)
