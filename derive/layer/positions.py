"""Where tensors are read: every subscript of a body, and how far it may run.

A subscript that is affine in indices, and in entries of tensors of integers, lies between two
expressions in sizes; of any other nothing is said. What a selection guards may lie anywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select
from derive.index.terms import Delta, Entry, Index, Reduction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from derive.index.terms import Size

__all__ = ["Reach", "Read", "reach", "reads", "values_in_range"]


@dataclass(frozen=True, slots=True)
class Read:
    """A subscript on an axis.

    Parameters
    ----------
    where : Entry or Delta
        What it stands in; the access of a delta promises to be a position, too.
    position, size : sympy expressions
        The subscript, and the size of the axis.
    ranges : mapping of Index to size
        How many values the indices around it take.
    guarded : bool
        Whether a selection decides if it is looked at.
    """

    where: Entry | Delta
    position: sp.Expr
    size: sp.Expr
    ranges: Mapping[Index, sp.Expr]
    guarded: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """The least and the greatest value of a subscript without its data, and how that enters.

    Parameters
    ----------
    low, high : sympy expressions
        In sizes.
    data : tuple of (str, coefficient)
        The tensors of integers whose entries are added, each time with a number before.
    """

    low: sp.Expr
    high: sp.Expr
    data: tuple[tuple[str, sp.Rational], ...]


def reads(
    body: sp.Basic, ranges: Mapping[Index, sp.Expr], *, guarded: bool = False
) -> Iterator[Read]:
    """Yield every subscript in a body, those inside of subscripts and conditions too."""
    if isinstance(body, Reduction):
        inner, index = body.open()
        yield from reads(inner, {**ranges, index: body.size}, guarded=guarded)
        return
    if isinstance(body, Entry):
        for position, size in zip(body.indices, body.shape, strict=True):
            yield Read(body, position, size, ranges, guarded)
    if isinstance(body, Delta) and body.args[1] in ranges:
        yield Read(body, body.args[0], ranges[body.args[1]], ranges, guarded)
    for place, argument in enumerate(body.args):
        # A condition itself is always looked at.
        chosen = isinstance(body, Select) and place > 0
        yield from reads(argument, ranges, guarded=guarded or chosen)


def reach(read: Read) -> Reach | None:
    """Return how far a subscript runs; None if it is not affine.

    >>> from derive.index.terms import Size
    >>> N, i = Size("N"), Index("i")
    >>> reach(Read(Entry("x", (N,), i + 1), i + 1, N, {i: N}, guarded=False))
    Reach(low=1, high=N, data=())
    """
    found: dict[Entry, sp.Symbol] = {}
    rest = sp.expand(_with_letters(read.position, found))
    low = high = sp.S.Zero
    for index in sorted(rest.free_symbols & set(read.ranges), key=str):
        slope, last = rest.coeff(index), read.ranges[index] - 1
        rest = sp.expand(rest - slope * index)
        if slope.is_positive:
            high += slope * last
        elif slope.is_negative:
            low += slope * last
        else:
            return None
    data = []
    for entry, letter in found.items():
        slope = rest.coeff(letter)
        rest = sp.expand(rest - slope * letter)
        if not slope.is_Rational:
            return None
        data.append((entry.tensor, slope))
    # What is left are sizes, unless there was a product of letters, or something else.
    if rest.has(Index, Reduction) or rest.free_symbols & set(found.values()):
        return None
    return Reach(sp.expand(low + rest), sp.expand(high + rest), tuple(data))


def _with_letters(position: sp.Basic, found: dict[Entry, sp.Symbol]) -> sp.Expr:
    """Put a letter in the place of every entry."""
    if isinstance(position, Entry):
        return found.setdefault(position, sp.Dummy(integer=True))
    if isinstance(position, Reduction) or not position.args:
        return position
    return position.func(*(_with_letters(argument, found) for argument in position.args))


def values_in_range(
    every: Iterable[Read], tensors: Iterable[str], sizes: Mapping[Size, int]
) -> dict[str, tuple[int, int]]:
    """Return the least and the greatest value with which no subscript leaves its axis.

    Of several tensors in one subscript, the later ones take what the earlier ones leave. What
    stands in no subscript, or in none that is understood, is not among them.
    """
    known: dict[str, tuple[int, int]] = {}
    bound = [(reached, read.size) for read in every if (reached := reach(read)) is not None]
    for tensor in tensors:
        least, greatest = -math.inf, math.inf
        for reached, size in bound:
            slope = sum(c for name, c in reached.data if name == tensor)
            if slope == 0:
                continue
            low, high = (_number(end, sizes) for end in (reached.low, reached.high))
            for name, c in reached.data:
                if name != tensor:
                    values = [c * value for value in known.get(name, (0, 0))]
                    low, high = low + min(values), high + max(values)
            # 0 ≤ low + slope · value, and high + slope · value < size.
            ends = [-low / slope, (_number(size, sizes) - 1 - high) / slope]
            first, last = ends if slope > 0 else ends[::-1]
            least, greatest = max(least, math.ceil(first)), min(greatest, math.floor(last))
        if least > -math.inf:
            known[tensor] = int(least), int(greatest)
    return known


def _number(size: sp.Expr, sizes: Mapping[Size, int]) -> sp.Integer:
    return size.xreplace(dict(sizes))
