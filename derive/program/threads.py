"""Which loops are shared among threads, so that no result depends on their number.

    for i: X[i] …; T[j] += …   →   for each share of i, at once:
                                       P[s, j] = 0;  for i: X[i] …; P[s, j] += …
                                   for s: T[j] += P[s, j]

The shares follow from the sizes alone: one where there is little to do, else always the same
number, and what they have summed up is added in their order. Threads take shares as they come.
Only loops that nothing else surrounds and that compute elementary functions or products of
matrices are shared, whether they have lanes themselves or inside; what a turn of the loop keeps
for itself, every share that runs has of its own. A share finds the scalars that it reads by
itself, from the inputs, or the loop is not shared. Needs and guarantees: what
:func:`derive.program.check.check_routine` checks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.program.code import (
    MOST_SHARES,
    NEUTRAL,
    SHARE,
    SLOT,
    Accumulate,
    Blocks,
    Choose,
    Code,
    Declare,
    Define,
    For,
    Lanes,
    Product,
    Routine,
    Shares,
    Store,
    When,
    walk,
)
from derive.program.ir import Buffer, Load, Local, axes_of, mapped, multiplied, subtrees
from derive.program.join import joinings
from derive.program.keep import PLAIN
from derive.program.loops import claimed, merged, names_in, names_of
from derive.program.shrink import entries_in
from derive.program.traverse import called, expressions, rebuilt, retargeted
from derive.program.uniform import nest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from derive.program.ir import Axis, Expr

__all__ = ["behind", "threads", "without_unread"]


def threads(routine: Routine) -> Routine:
    """Return the routine with its costly loops in shares."""
    taken = names_of(routine)
    uses = Counter(load.buffer for load in entries_in(routine.body))
    pass_ = _Pass({buffer.name: buffer for buffer in routine.buffers}, uses, taken, {})
    body = without_unread(tuple(map(pass_.divided, routine.body)))
    return replace(routine, buffers=tuple(pass_.buffers.values()), body=body)


def without_unread(body: tuple[Code, ...]) -> tuple[Code, ...]:
    """Leave out the scalars that shares or blocks alone read: they find them by themselves."""
    read: set[str] = set()
    kept: list[Code] = []
    for part in reversed(body):
        if isinstance(part, Define) and part.name not in read:
            continue
        for code in _outside((part,)):
            read |= {p.name for e in expressions(code) for p in subtrees(e) if isinstance(p, Local)}
        kept.append(part)
    return tuple(kept[::-1])


def _outside(body: Sequence[Code]) -> Iterator[Code]:
    """Yield the code at any depth that is not done in shares or blocks."""
    for part in body:
        if isinstance(part, When):
            yield part
            yield from _outside(part.body)
        elif not isinstance(part, Blocks):
            yield from walk(part.after if isinstance(part, Shares) else (part,))


@dataclass(frozen=True, slots=True)
class _Pass:
    """The arrays, how often each is used, the names that are taken, the scalars known so far."""

    buffers: dict[str, Buffer]
    uses: Mapping[str, int]
    taken: set[str]
    known: dict[str, Define]

    def divided(self, part: Code) -> Code:
        """Return a loop in shares, or what else there is as it is."""
        if isinstance(part, Define) and self.found(part.value):
            self.known[part.name] = part
        elif isinstance(part, When):
            return replace(part, body=tuple(map(self.divided, part.body)))
        elif isinstance(part, (For, Lanes)) and _costly(part):
            own = _own(part)
            if own <= self.known.keys():
                return self.shared(part, behind(own, self.known)) or part
        return part

    def found(self, value: Expr) -> bool:
        """Tell whether a value follows from the inputs, and from scalars that do."""
        return all(
            self.buffers[part.buffer].kind == "input"
            if isinstance(part, Load)
            else part.name in self.known
            for part in subtrees(value)
            if isinstance(part, (Load, Local))
        )

    def shared(self, loop: For | Lanes, scalars: Sequence[Code]) -> Shares | None:
        """Return a loop in shares; None where turns need one another, but for sums."""
        loops = [loop]
        if isinstance(loop, For):
            shapes = {name: buffer.shape for name, buffer in self.buffers.items()}
            loops = [For(axis, body) for axis, body in joinings(loop, shapes, self.taken)]
        for each in loops:
            roles = _roles(each, self.buffers, self.uses)
            if roles is not None:
                self.taken.add(each.axis.name)
                return self.made(each, roles, scalars)
        return None

    def made(self, loop: For | Lanes, roles: _Roles, scalars: Sequence[Code]) -> Shares:
        """Return a loop in shares, given what its arrays are to it."""
        before: list[Code] = []
        after: list[Code] = []
        swaps: dict[Local | Load, Local | Load] = {}
        for name in sorted(roles.scratch):
            buffer = self.buffers[name]
            self.buffers[name] = replace(buffer, shape=(MOST_SHARES, *buffer.shape))

        def own(part: Expr) -> Expr | None:
            if isinstance(part, Load) and part.buffer in roles.scratch:
                return replace(part, at=(SLOT, *(mapped(at, own) for at in part.at)))
            return None

        for target, (op, axes) in roles.sums.items():
            name = target.name if isinstance(target, Local) else target.buffer
            name = claimed(f"{name}_parts", self.taken)
            shape = (MOST_SHARES, *(axis.extent for axis in axes))
            self.buffers[name] = Buffer(name, shape, "temporary")
            place = Load(name, (SHARE, *axes))
            before.append(nest(axes, Store(place, NEUTRAL[op])))
            after.append(nest(axes, Accumulate(target, op, place)))
            swaps[target] = place
        inside = rebuilt(retargeted(loop, swaps), own)
        assert isinstance(inside, (For, Lanes))
        work = multiplied(_longest((loop,)))
        sums: tuple[Code, ...] = (For(SHARE, tuple(merged(after))),) if after else ()
        return Shares(work, (*scalars, *merged(before)), inside, sums)


@dataclass(frozen=True, slots=True)
class _Roles:
    """What a loop writes, but for entries of its own turn: scratch memory, and sums.

    Each sum with its operation, and the axes inside the loop that it has.
    """

    scratch: frozenset[str]
    sums: dict[Local | Load, tuple[str, tuple[Axis, ...]]]


def _roles(
    loop: For | Lanes, buffers: Mapping[str, Buffer], uses: Mapping[str, int]
) -> _Roles | None:
    """Return what the arrays are to a loop; None where its turns need one another."""
    code = list(walk((loop,)))
    if any(isinstance(part, Shares) for part in code):
        return None
    made = {part.name for part in code if isinstance(part, (Declare, Define))}
    inner = {part.axis for part in code if isinstance(part, (For, Lanes))} - {loop.axis}
    entries: dict[str, list[Load]] = {}
    for load in entries_in((loop,)):
        entries.setdefault(load.buffer, []).append(load)
    stored = {part.target.buffer for part in code if isinstance(part, Store)}
    added: Counter[Local | Load] = Counter()
    sums: dict[Local | Load, tuple[str, tuple[Axis, ...]]] = {}
    for part in code:
        if isinstance(part, Choose) and part.position.name not in made:
            return None
        if not isinstance(part, Accumulate):
            continue
        target = part.target
        if target.name in made if isinstance(target, Local) else target.buffer in stored:
            continue
        if isinstance(target, Load) and _mine(entries[target.buffer], loop.axis):
            continue
        at = target.at if isinstance(target, Load) else ()
        axes = tuple(each for each in at if each in inner)
        rest = [axis for each in at if each not in inner for axis in axes_of(each)]
        if len(set(axes)) < len(axes) or {*rest} & {*inner, loop.axis}:
            return None
        if any(isinstance(p, Local) and p.name in made for each in at for p in subtrees(each)):
            # Each turn adds where it has found out that it should.
            return None
        if sums.setdefault(target, (part.op, axes)) != (part.op, axes):
            return None
        added[target] += 1
    for target, count in added.items():
        if isinstance(target, Load) and len(entries[target.buffer]) > count:
            return None
    scratch = {name for name in stored if not _mine(entries[name], loop.axis)}
    if any(
        buffers[name].kind in ("input", "output") or len(entries[name]) < uses[name]
        for name in scratch
    ):
        return None
    return _Roles(frozenset(scratch), sums)


def _mine(entries: Sequence[Load], axis: Axis) -> bool:
    """Tell whether each turn has entries of its own."""
    places = {load.at.index(axis) if axis in load.at else None for load in entries}
    return len(places) == 1 and None not in places


def _own(loop: For | Lanes) -> set[str]:
    """Return the scalars that a loop reads and does not make."""
    read = {
        p.name
        for part in walk((loop,))
        for e in expressions(part)
        for p in subtrees(e)
        if isinstance(p, Local) and not (isinstance(part, Accumulate) and p is part.target)
    }
    return read - names_in((loop,))


def behind(names: set[str], known: Mapping[str, Define]) -> list[Code]:
    """Return what defines scalars, and those that they are made of, in order."""
    wanted = set(names)
    found: list[Code] = []
    for part in reversed(list(known.values())):
        if part.name in wanted:
            wanted |= {p.name for p in subtrees(part.value) if isinstance(p, Local)}
            found.append(part)
    return found[::-1]


def _costly(loop: For | Lanes) -> bool:
    return any(isinstance(code, Product) for code in walk((loop,))) or any(
        function not in PLAIN and not function.startswith("lanes_")
        for function in called(walk((loop,)))
    )


def _longest(body: Sequence[Code]) -> tuple[Expr, ...]:
    """Return the extents of the longest chain of loops within loops."""
    chains = [
        (part.axis.extent, *_longest(part.body)) for part in body if isinstance(part, (For, Lanes))
    ]
    return max(chains, key=len, default=())
