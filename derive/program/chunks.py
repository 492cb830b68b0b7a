"""Which sizes a program can be run a chunk at a time for.

    for n: s[n, i] = f(x[n], w[i])         for each chunk of n, one after the other:
    for n: y[n] = g(Σ_i s[n, i])       →       all of it, for the n of the chunk
    dw[i] = Σ_n s[n, i] x[n]                   dw += what the chunk has as dw

Each turn of ``n`` has to keep to its own place in the arrays that have one, and what turns sum up
may only be made into sums again: by adding, and by factors that all turns share. Then the program
itself does the work for a chunk, and what it computes on the way has the size of a chunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from derive.program.ir import (
    Call,
    Contract,
    Extent,
    Load,
    Number,
    Reduce,
    Scatter,
    accesses,
    children,
    loads,
    subtrees,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from derive.program.ir import Expr, Program, Statement

__all__ = ["Chunks", "chunks"]


@dataclass(frozen=True, slots=True)
class Chunks:
    """How the arrays of a program come from chunks.

    Parameters
    ----------
    size : str
        What chunks are of.
    sliced : mapping of str to int
        The arrays of which each chunk has a slice, and which of their axes the size is.
    summed : tuple of str
        The outputs that what chunks compute adds up to.
    """

    size: str
    sliced: dict[str, int]
    summed: tuple[str, ...]

    def others(self, shape: tuple[Expr, ...]) -> tuple[Expr, ...]:
        """Return the extents of an array but for the size."""
        return tuple(extent for extent in shape if extent != Extent(self.size))


class _Kind(Enum):
    """What chunks do with a value that has no place for each turn."""

    ZERO = auto()
    SAME = auto()  # each computes all of it
    SUM = auto()  # each computes a summand


class _WholeError(Exception):
    """Something needs all values of the size at once."""


def chunks(program: Program, size: str) -> Chunks | None:
    """Return how the program runs on chunks of a size; None where it has to be whole."""
    try:
        sliced = _sliced(program, size)
        kinds = {buffer.name: _Kind.SAME for buffer in program.of_kind("input")}
        for statement in program.body:
            kind = _kind(statement, size, sliced, kinds)
            before = kinds.get(statement.target, _Kind.ZERO) if _adds(statement) else _Kind.ZERO
            kinds[statement.target] = _joined((before, kind))
    except _WholeError:
        return None
    outputs = (buffer.name for buffer in program.of_kind("output") if buffer.name not in sliced)
    return Chunks(size, sliced, tuple(n for n in outputs if kinds.get(n) is _Kind.SUM))


def _sliced(program: Program, size: str) -> dict[str, int]:
    """Return which axis of each array the size is, where it is one."""
    found = {}
    for buffer in program.buffers:
        places = [n for n, extent in enumerate(buffer.shape) if _has(extent, size)]
        if places:
            _must(len(places) == 1 and buffer.shape[places[0]] == Extent(size))
            found[buffer.name] = places[0]
    return found


def _has(extent: Expr, size: str) -> bool:
    return Extent(size) in subtrees(extent)


def _must(holds: bool) -> None:
    if not holds:
        raise _WholeError


def _adds(statement: Statement) -> bool:
    """Tell whether a statement adds to what its target holds."""
    return isinstance(statement, Scatter) or (isinstance(statement, Contract) and statement.adds)


def _kind(
    statement: Statement, size: str, sliced: dict[str, int], kinds: dict[str, _Kind]
) -> _Kind:
    """Return what chunks do with the values of a statement, once each turn keeps to its place."""
    turns = [axis for axis in dict.fromkeys(statement.space) if _has(axis.extent, size)]
    _must(len(turns) < 2 and all(axis.extent == Extent(size) for axis in turns))
    turn = turns[0] if turns else None
    target, values = accesses(statement)

    def check(part: Expr) -> None:
        _must(turn is None or part not in (turn, Extent(size)))
        if not isinstance(part, Load):
            rest = children(part)
        elif part.buffer in sliced:
            place = sliced[part.buffer]
            _must(turn is not None and part.at[place] == turn)
            rest = (*part.at[:place], *part.at[place + 1 :])
        else:
            rest = part.at
        for each in rest:
            check(each)

    for part in (target, *values):
        check(part)
    if turn is None:
        # The size itself is what the sizes of the chunks add up to.
        known: dict[Expr, _Kind] = {Load(name, ()): kind for name, kind in kinds.items()}
        known[Extent(size)] = _Kind.SUM
        return _made(statement, [_of(value, known) for value in values])
    read = {load.buffer for value in values for load in loads(value)}
    _must(all(kinds[name] is not _Kind.SUM for name in read - sliced.keys()))
    if target.buffer in sliced:
        return _Kind.SAME
    _must(not isinstance(statement, Reduce) or statement.op == "sum")
    return _Kind.SUM


def _made(statement: Statement, kinds: list[_Kind]) -> _Kind:
    """Return what a statement without turns makes of values of these kinds."""
    if isinstance(statement, Contract):
        return _times(*kinds)
    (kind,) = kinds
    if isinstance(statement, Reduce) and statement.op != "sum":
        _must(kind is not _Kind.SUM)
    return kind


def _of(expression: Expr, known: Mapping[Expr, _Kind]) -> _Kind:
    """Return the kind of an expression without turns, from those of arrays and of the size."""
    if isinstance(expression, Number) and expression.value == 0:
        return _Kind.ZERO
    if isinstance(expression, Load):
        _must(all(_of(part, known) is not _Kind.SUM for part in expression.at))
        return known[Load(expression.buffer, ())]
    if not isinstance(expression, Call):
        return known.get(expression, _Kind.SAME)
    found = [_of(argument, known) for argument in expression.arguments]
    if expression.function in ("add", "sub", "neg"):
        return _joined(found)
    if expression.function == "mul":
        return _times(*found)
    if expression.function in ("div", "select"):
        # What is divided; what is selected from.
        *linear, other = found if expression.function == "div" else (*found[1:], found[0])
        _must(other is not _Kind.SUM)
        return _joined(linear)
    _must(_Kind.SUM not in found)
    return _Kind.SAME


def _joined(kinds: Iterable[_Kind]) -> _Kind:
    """Return the kind of a sum."""
    found = {*kinds} - {_Kind.ZERO}
    _must(len(found) < 2)
    return found.pop() if found else _Kind.ZERO


def _times(left: _Kind, right: _Kind) -> _Kind:
    """Return the kind of a product."""
    if _Kind.ZERO in (left, right):
        return _Kind.ZERO
    _must((left, right) != (_Kind.SUM, _Kind.SUM))
    return _Kind.SUM if _Kind.SUM in (left, right) else _Kind.SAME
