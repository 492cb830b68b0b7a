"""Blocks of samples around all that a routine does, where its own loops have none.

    for i, b: S[i, b] = …                 for each block of b, one after the other:
    for t, b: T[b] += S[i[t, b], b]   →       for i, b in it: …;   for t, b in it: …
    for b: D[i] += T[b] …                     for b in it: E[i] += T[b] …;   D += E

The whole of it is done for a block, as if there were no other samples; what samples sum up is added
to that of the blocks before. Then scratch memory has as many samples as a block, in whatever order
the loops go through them. Needs: the final loops, and the program for what
:func:`derive.program.chunks.chunks` finds in it.
Guarantees: what :func:`derive.program.check.check_routine` checks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.program.blocks import rows_of
from derive.program.chunks import chunks
from derive.program.code import AGAIN, ROWS, Accumulate, Blocks, When, walk
from derive.program.ir import Axis, Buffer, Extent, Load, mapped, subtrees
from derive.program.loops import claimed, names_of, unused
from derive.program.traverse import rebuilt
from derive.program.uniform import nest

if TYPE_CHECKING:
    from derive.program.code import Code, Routine
    from derive.program.ir import Expr, Program

__all__ = ["around"]


def around(routine: Routine, program: Program, samples: str) -> Routine:
    """Return a program's routine in blocks of samples, where that makes arrays smaller.

    Parameters
    ----------
    routine : Routine
        The final loops.
    program : Program
        What they compute.
    samples : str
        The size that counts samples.
    """
    size = Extent(samples)
    grown = [b for b in routine.buffers if not _given(b) and _has(b.shape, size)]
    given = [b for b in routine.buffers if _given(b) and _has(b.shape, size)]
    if (
        not grown
        or any(isinstance(part, Blocks) for part in walk(routine.body))
        # A block of what the caller knows is a part of it; in what is ours one axis is shorter.
        or any(buffer.shape[0] != size for buffer in given)
    ):
        return routine
    plan = chunks(program, samples)
    if plan is None or any(
        b.shape.count(size) != 1 or _has(plan.others(b.shape), size) for b in grown
    ):
        return routine
    most = rows_of(size, (plan.others(buffer.shape) for buffer in grown))
    whole = {buffer.name: buffer for buffer in routine.buffers}
    taken = names_of(routine)
    apart: dict[str, Buffer] = {}
    for name in plan.summed:
        apart[name] = Buffer(claimed(f"{name}_block", taken), whole[name].shape, "temporary")
    buffers = tuple(
        replace(b, shape=tuple(most if e == size else e for e in b.shape)) if b in grown else b
        for b in routine.buffers
    )
    block = Blocks(
        Axis(samples, size),
        most,
        tuple(buffer.name for buffer in (*given, *grown)),
        tuple(_short(part, size) for part in routine.body),
        tuple((name, own.name) for name, own in apart.items()),
        tuple(_added(whole[name], own.name, taken) for name, own in apart.items()),
    )
    return replace(routine, buffers=(*buffers, *apart.values()), body=(block,))


def _given(buffer: Buffer) -> bool:
    return buffer.kind in ("input", "output")


def _has(shape: tuple[Expr, ...], size: Extent) -> bool:
    return any(size in subtrees(extent) for extent in shape)


def _short(part: Code, size: Extent) -> Code:
    """Return code for the samples of a block."""

    def own(expression: Expr) -> Expr | None:
        if isinstance(expression, Axis):
            return Axis(expression.name, mapped(expression.extent, own))
        return ROWS if expression == size else None

    return rebuilt(part, own)


def _added(buffer: Buffer, other: str, taken: set[str]) -> Code:
    """Return what adds to an array what a block after the first has put in another place."""
    names = (unused(f"i_{n}", taken) for n in range(1, len(buffer.shape) + 1))
    axes = tuple(map(Axis, names, buffer.shape))
    return When(AGAIN, (nest(axes, Accumulate(Load(buffer.name, axes), "sum", Load(other, axes))),))
