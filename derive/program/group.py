"""Which loops over lanes take several vectors at a time.

    lanes i: v = f(X[i]);  for j: T[j] += g(v, j)
        →   lanes i, a group of vectors at a time:
                each: v = f(X[i]);  for j: t = T[j]; each: t += g(v, j); T[j] = t

An elementary function is a long chain of operations that wait for one another; those of several
vectors do not, and the compiler sets them side by side. What belongs to j alone is read and written
once for the group; what a vector holds for itself, there is for each of them. Taken are loops with
elementary functions in loops inside. Every entry adds up in the order in which it did: no bit of a
result changes.

    lanes i: s += x[i] y[i]
        →   lanes i, a group of vectors at a time:
                p = 0;  each: p += x[i] y[i];  s += p

A sum, too, waits for each of its terms: the sum of a group need not wait for that of the group
before it. Taken are loops that sum up what is computed in less time than it takes to add it. Needs:
the final loops. Guarantees: a group does what the body does for one vector after the other, but for
the order in which such sums are added up, and what :func:`derive.program.check.check_routine`
checks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.program.code import (
    GROUP,
    LARGE_GROUP,
    NTH,
    Accumulate,
    Blocks,
    Code,
    Declare,
    Define,
    Each,
    Fetch,
    For,
    Lanes,
    Routine,
    Shares,
    Store,
    When,
    walk,
)
from derive.program.ir import Buffer, Load, Local, axes_of, subtrees
from derive.program.keep import CHEAP
from derive.program.loops import claimed, names_of
from derive.program.traverse import called, expressions, rebuilt, retargeted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.program.ir import Expr, Extent

__all__ = ["group"]

#: More statements than this for one vector leave no registers for others.
_MOST = 32


def group(routine: Routine) -> Routine:
    """Return the routine with what its loops over lanes do for groups of vectors."""
    taken = names_of(routine)
    pass_ = _Pass({buffer.name: buffer for buffer in routine.buffers}, taken)
    body = tuple(map(pass_.grouped, routine.body))
    return replace(routine, buffers=tuple(pass_.buffers.values()), body=body)


@dataclass(frozen=True, slots=True)
class _Pass:
    """The arrays, and the names that are taken."""

    buffers: dict[str, Buffer]
    taken: set[str]

    def grouped(self, part: Code) -> Code:
        """Return code with what its loops over lanes do for groups."""
        if isinstance(part, (For, When, Blocks)):
            return replace(part, body=tuple(map(self.grouped, part.body)))
        if isinstance(part, Shares):
            body = self.grouped(part.body)
            assert isinstance(body, (For, Lanes))
            return replace(part, body=body)
        if isinstance(part, Lanes) and _pays(part):
            size = LARGE_GROUP if _is_flat(part) else GROUP
            runs = _Runs(part, self.taken, size).of(self.apart(part))
            return replace(part, several=_named(runs))
        if isinstance(part, Lanes) and _waits(part):
            return self.summed(part)
        return part

    def summed(self, loop: Lanes) -> Lanes:
        """Return a loop that sums up each group by itself."""
        sums = {p.target: p.op for p in loop.body if isinstance(p, Accumulate)}
        apart: dict[Local | Load, Local] = {}
        for target in sums:
            if isinstance(target, Local):
                apart[target] = Local(claimed(f"{target.name}_part", self.taken))
        start = (Declare(own.name, sums[whole]) for whole, own in apart.items())
        each = Each((), (), tuple(retargeted(part, apart) for part in loop.body), GROUP)
        end = (Accumulate(whole, sums[whole], own) for whole, own in apart.items())
        varying = loop.varying | {own.name for own in apart.values()}
        return replace(loop, several=(*start, each, *end), varying=varying)

    def apart(self, loop: Lanes) -> tuple[Code, ...]:
        """Return a loop's body with arrays for what each vector of a group holds for itself."""
        own: dict[str, str] = {}
        for part in walk(loop.body):
            if isinstance(part, Store) and loop.axis not in axes_of(part.target):
                name = part.target.buffer
                if name not in own:
                    own[name] = claimed(f"{name}_each", self.taken)
                    shape = (*self.buffers[name].shape, GROUP)
                    self.buffers[own[name]] = Buffer(own[name], shape, "lanes")

        def swapped(part: Expr) -> Expr | None:
            if isinstance(part, Load) and part.buffer in own:
                return replace(part, buffer=own[part.buffer], at=(*part.at, NTH))
            return None

        return tuple(rebuilt(part, swapped) for part in loop.body)


def _pays(loop: Lanes) -> bool:
    """Tell whether loops inside compute elementary functions, and nothing stands in the way."""
    code = list(walk(loop.body))
    if len(code) > _MOST or not all(
        isinstance(part, (For, Define, Declare, Accumulate, Store, Fetch)) for part in code
    ):
        return False
    if any(_between(part, loop, code) for part in code):
        return False
    inside = [part for part in loop.body if isinstance(part, For)]
    return any(function not in CHEAP for function in called(walk(inside)))


def _waits(loop: Lanes) -> bool:
    """Tell whether a loop waits for its sums: there are some, and little else to do."""
    code = [part for part in loop.body if not _fetches(part)]
    if not all(isinstance(part, (Define, Accumulate, Store)) for part in code):
        return False
    if any(function not in CHEAP for function in called(loop.body)):
        return False
    sums = [part.target for part in loop.body if isinstance(part, Accumulate)]
    return any(isinstance(target, Local) for target in sums) and all(
        target.name in loop.varying if isinstance(target, Local) else loop.axis in axes_of(target)
        for target in sums
    )


def _is_flat(loop: Lanes) -> bool:
    """Tell whether no loop is in a loop, and none needs arrays for what each vector holds."""
    code = list(walk(loop.body))
    inside = (part for outer in code if isinstance(outer, For) for part in walk(outer.body))
    return not any(isinstance(part, For) for part in inside) and not any(
        isinstance(part, Store) and loop.axis not in axes_of(part.target) for part in code
    )


def _fetches(part: Code) -> bool:
    """Tell whether code only asks for what will be needed."""
    return isinstance(part, Fetch) or (isinstance(part, When) and all(map(_fetches, part.body)))


def _between(part: Code, loop: Lanes, code: Sequence[Code]) -> bool:
    """Tell whether a vector reads what it and those before it have summed up."""
    if not isinstance(part, Accumulate) or not isinstance(part.target, Load):
        return False
    array = part.target.buffer
    if loop.axis in axes_of(part.target) or any(
        isinstance(other, Store) and other.target.buffer == array for other in code
    ):
        return False
    return any(
        isinstance(read, Load) and read.buffer == array
        for other in code
        if isinstance(other, (Define, Accumulate, Store))
        for read in subtrees(other.value)
    )


@dataclass(frozen=True, slots=True)
class _Runs:
    """Puts what differs between vectors into runs, between what is the same for all of them."""

    loop: Lanes
    taken: set[str]
    group: Extent

    def of(self, body: Sequence[Code]) -> tuple[Code, ...]:
        """Return a body with its runs."""
        result: list[Code] = []
        run: list[Code] = []

        def end() -> None:
            if run:
                result.append(self.run(tuple(run)))
                run.clear()

        for part in body:
            if isinstance(part, For):
                end()
                result.append(replace(part, body=self.of(part.body)))
            elif isinstance(part, (Define, Declare)) and part.name not in self.loop.varying:
                # Nothing in the run changes it.
                result.append(part)
            elif isinstance(part, Accumulate) and self.same(part):
                end()
                result.append(part)
            else:
                run.append(part)
        end()
        return tuple(result)

    def same(self, part: Accumulate) -> bool:
        """Tell whether a sum is the same for all vectors."""
        return isinstance(part.target, Local) and part.target.name not in self.loop.varying

    def run(self, body: tuple[Code, ...]) -> Each:
        """Return a run, which keeps the entries of arrays of vectors that it adds to."""
        kept: dict[Local | Load, Local] = {}
        for part in body:
            if isinstance(part, Accumulate) and isinstance(part.target, Load):
                target = part.target
                if target not in kept and not {self.loop.axis, NTH} & {*axes_of(target)}:
                    kept[target] = Local(claimed(f"{target.buffer}_sum", self.taken))
        inside = tuple(retargeted(part, kept) for part in body)
        entries = ((own.name, at) for at, own in kept.items() if isinstance(at, Load))
        return Each((), tuple(entries), inside, self.group)


def _named(body: tuple[Code, ...]) -> tuple[Code, ...]:
    """Say of each run which of its scalars other runs read."""
    runs = [part for part in walk(body) if isinstance(part, Each)]
    read = {id(run): _read(run) for run in runs}

    def each(part: Code) -> Code:
        if isinstance(part, For):
            return replace(part, body=tuple(map(each, part.body)))
        if not isinstance(part, Each):
            return part
        others = {name for run in runs if run is not part for name in read[id(run)]}
        own = (code.name for code in part.body if isinstance(code, (Define, Declare)))
        return replace(part, made=tuple(name for name in own if name in others))

    return tuple(map(each, body))


def _read(run: Each) -> set[str]:
    return {
        part.name
        for code in run.body
        for expression in expressions(code)
        for part in subtrees(expression)
        if isinstance(part, Local)
    }
