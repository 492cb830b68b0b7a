"""Places for the boxes and arrows of a directed acyclic graph: rows from top to bottom.

The usual four steps (Sugiyama, Tagawa, Toda 1981): each box gets a row, long arrows get a place
to pass in every row between, the order in a row is chosen for few crossings, and then everything
is moved toward what it is joined with. Nothing is random, so equal graphs get equal pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import fsum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Placed", "place"]

#: Between two boxes of a row, and the width of an arrow that passes between boxes.
_GAP, _PASSAGE = 20, 14
_SWEEPS = 12

Key = str | tuple[str, str, int]  # a box, or where the arrow between two boxes passes a row


@dataclass(frozen=True, slots=True)
class Placed:
    """Where everything is.

    Parameters
    ----------
    rows : tuple of tuples of str
        The boxes of each row, from left to right.
    middles : mapping
        The x of each box's middle, and of each place where an arrow passes a row.
    routes : mapping
        For each arrow the rows that it passes through, with the x there.
    width : int
        Of the whole.
    """

    rows: tuple[tuple[str, ...], ...]
    middles: Mapping[str, int]
    routes: Mapping[tuple[str, str], tuple[tuple[int, int], ...]]
    width: int


def place(
    ranks: Mapping[str, int],
    widths: Mapping[str, int],
    arrows: Sequence[tuple[str, str]],
    widest: int,
) -> Placed:
    """Return places for boxes and arrows.

    Parameters
    ----------
    ranks : mapping of str to int
        A number for each box, smaller than that of every box to which an arrow goes from it.
    widths : mapping of str to int
        The boxes' widths.
    arrows : sequence of pairs of str
        From which box to which.
    widest : int
        A row that would be wider than this becomes several.
    """
    levels = _levels(ranks, widths, widest)
    row_of = {box: number for number, row in enumerate(levels) for box in row}
    extent: dict[Key, int] = {box: width for box, width in widths.items()}
    rows: list[list[Key]] = [list(row) for row in levels]
    links: list[tuple[Key, Key]] = []
    passes: dict[tuple[str, str], list[tuple[int, Key]]] = {}
    for one, two in arrows:
        between: list[tuple[int, Key]] = []
        for row in range(row_of[one] + 1, row_of[two]):
            key = (one, two, row)
            between.append((row, key))
            rows[row].append(key)
            extent[key] = _PASSAGE
        passes[one, two] = between
        chain: list[Key] = [one, *(key for _, key in between), two]
        links += pairwise(chain)
    above, below = _neighbours(links)
    rows = _ordered(rows, above, below)
    middles = _moved(rows, extent, above, below)
    left = min(middles[key] - extent[key] / 2 for row in rows for key in row)
    right = max(middles[key] + extent[key] / 2 for row in rows for key in row)
    whole = {key: round(middle - left) for key, middle in middles.items()}
    return Placed(
        tuple(tuple(key for key in row if isinstance(key, str)) for row in rows),
        {box: whole[box] for box in widths},
        {
            arrow: tuple((row, whole[key]) for row, key in between)
            for arrow, between in passes.items()
        },
        round(right - left),
    )


def _levels(ranks: Mapping[str, int], widths: Mapping[str, int], widest: int) -> list[list[str]]:
    """Return the boxes of each rank, those of a wide one in several rows of about one width."""
    result: list[list[str]] = []
    for rank in sorted(set(ranks.values())):
        boxes = [box for box, found in ranks.items() if found == rank]
        total = sum(widths[box] + _GAP for box in boxes) - _GAP
        share = total / -(-total // widest)
        row: list[str] = []
        used = 0
        for box in boxes:
            if row and used + widths[box] / 2 > share:
                result.append(row)
                row, used = [], 0
            row.append(box)
            used += widths[box] + _GAP
        result.append(row)
    return result


def _neighbours(
    links: Sequence[tuple[Key, Key]],
) -> tuple[dict[Key, list[Key]], dict[Key, list[Key]]]:
    above: dict[Key, list[Key]] = {}
    below: dict[Key, list[Key]] = {}
    for one, two in links:
        below.setdefault(one, []).append(two)
        above.setdefault(two, []).append(one)
    return above, below


def _ordered(
    rows: list[list[Key]], above: Mapping[Key, list[Key]], below: Mapping[Key, list[Key]]
) -> list[list[Key]]:
    """Return the rows, each in the order of its neighbours' means, as long as crossings go."""
    best, least = rows, _crossings(rows, below)
    for sweep in range(_SWEEPS):
        rows = [list(row) for row in rows]
        down = sweep % 2 == 0
        numbers = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for number in numbers:
            beside = rows[number - 1 if down else number + 1]
            where = {key: place for place, key in enumerate(beside)}
            joined = above if down else below
            means = {
                key: _mean([where[other] for other in joined.get(key, [])], place)
                for place, key in enumerate(rows[number])
            }
            rows[number].sort(key=means.__getitem__)
        found = _crossings(rows, below)
        if found < least:
            best, least = rows, found
    return best


def _mean(places: Sequence[float], default: float) -> float:
    return fsum(places) / len(places) if places else default


def _crossings(rows: Sequence[Sequence[Key]], below: Mapping[Key, list[Key]]) -> int:
    total = 0
    for row, following in pairwise(rows):
        where = {key: place for place, key in enumerate(following)}
        ends = [sorted(where[other] for other in below.get(key, [])) for key in row]
        seen: list[int] = []
        for group in ends:
            total += sum(1 for end in group for other in seen if other > end)
            seen += group
    return total


def _moved(
    rows: Sequence[Sequence[Key]],
    extent: Mapping[Key, int],
    above: Mapping[Key, list[Key]],
    below: Mapping[Key, list[Key]],
) -> dict[Key, float]:
    """Return the middles: each as near to the mean of what it is joined with as the row allows."""
    middles: dict[Key, float] = {}
    for row in rows:
        middles |= _fitted(row, [0.0] * len(row), extent)
    for sweep in range(2 * _SWEEPS):
        joined = above if sweep % 2 == 0 else below
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wished = [
                _mean([middles[other] for other in joined.get(key, [])], middles[key])
                for key in row
            ]
            middles |= _fitted(row, wished, extent)
    for row in rows:
        wished = [
            _mean([middles[k] for k in (*above.get(key, []), *below.get(key, []))], middles[key])
            for key in row
        ]
        middles |= _fitted(row, wished, extent)
    return middles


def _fitted(
    row: Sequence[Key], wished: Sequence[float], extent: Mapping[Key, int]
) -> dict[Key, float]:
    """Return the places nearest to those wished for, in squares, that keep order and gaps.

    Less the least distances from the first, places must only ascend: isotonic regression, by
    pooling neighbours that are the wrong way round.
    """
    offsets = [0.0]
    for one, two in pairwise(row):
        offsets.append(offsets[-1] + (extent[one] + extent[two]) / 2 + _GAP)
    pools: list[tuple[float, int]] = []  # (mean, how many)
    for wish, offset in zip(wished, offsets, strict=True):
        mean, count = wish - offset, 1
        while pools and pools[-1][0] >= mean:
            other, more = pools.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        pools.append((mean, count))
    bases = [mean for mean, count in pools for _ in range(count)]
    return {key: base + offset for key, base, offset in zip(row, bases, offsets, strict=True)}
