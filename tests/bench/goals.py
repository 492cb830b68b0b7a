"""What was to be reached, and whether it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tests.bench.cases import CALL, CASES, Row
from tests.bench.peers import FRAMEWORKS
from tests.bench.peers.limit import MOVES, PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.measure import Timing

__all__ = ["Goal", "Memory", "Table", "best_framework", "goals", "slope"]

Table = Mapping[Row, "Mapping[str, Timing]"]
_Of = Callable[[Mapping[str, "Timing"]], "float | None"]
#: The names of the frameworks' candidates.
_RIVALS = tuple(name for name, _ in FRAMEWORKS.values())

#: By how much memory may grow in any case, in bytes: up to a block of single precision.
_BLOCK = 1 << 23


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound, and what was measured where.

    Parameters
    ----------
    title : str
        What is bounded.
    bound : float
        By what.
    at_most : bool
        Whether less is better.
    found : tuple of (str, float)
        Where, and how much.
    reach : mapping of str to float
        How much it would be, at the same places, if ours were as fast as the limit there: what is
        written by hand, or the work that any code has to do.
    """

    title: str
    bound: float
    at_most: bool
    found: tuple[tuple[str, float], ...]
    reach: Mapping[str, float] = field(default_factory=dict)

    @property
    def missed(self) -> tuple[tuple[str, float], ...]:
        """Where the goal is missed, the worst first."""
        sign = -1 if self.at_most else 1
        wrong = [each for each in self.found if sign * each[1] < sign * self.bound]
        return tuple(sorted(wrong, key=lambda each: sign * each[1]))

    @property
    def beyond(self) -> tuple[str, ...]:
        """Where it is missed, and the limit misses it, too."""
        sign = -1 if self.at_most else 1
        return tuple(
            place
            for place, _ in self.missed
            if place in self.reach and sign * self.reach[place] < sign * self.bound
        )

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, or that nothing was measured."""
        if not self.found:
            return "not measured"
        return "missed" if self.missed else "met"


@dataclass(frozen=True, slots=True)
class Memory:
    """What a call needs beyond its arguments and results, in bytes, and how large those are."""

    results: int
    extra: int


def slope(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the exponent of growth: the slope of the line through the logarithms.

    Examples
    --------
    >>> round(slope([1, 2, 4], [3.0, 6.0, 12.0]), 3)
    1.0
    """
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def best_framework(found: Mapping[str, Timing]) -> float | None:
    """Return the least time of a framework, if one took part."""
    return min((t.seconds for name, t in found.items() if name in _RIVALS), default=None)


def _time(found: Mapping[str, Timing], name: str) -> float | None:
    return found[name].seconds if name in found else None


def _named(name: str) -> _Of:
    return lambda found: _time(found, name)


def _best_c(found: Mapping[str, Timing]) -> float | None:
    return min((found[name].seconds for name in ("C", "C by hand") if name in found), default=None)


def _ratio(
    title: str,
    bound: float,
    table: Table,
    above: _Of,
    below: _Of,
    where: Callable[[Row], bool],
    *,
    at_most: bool,
    limit: _Of | None = None,
) -> Goal:
    """Return a goal for the ratio of two times of one row; ``limit`` is ours at its best."""

    def ratios(upper: _Of, lower: _Of) -> Iterator[tuple[str, float]]:
        for row, times in table.items():
            over, under = upper(times), lower(times)
            if where(row) and over is not None and under is not None:
                yield str(row), over / under

    ours = () if limit is None else ratios(*((limit, below) if at_most else (above, limit)))
    return Goal(title, bound, at_most, tuple(ratios(above, below)), dict(ours))


def goals(
    table: Table, slopes: Mapping[str, float], memory: Mapping[str, tuple[Memory, Memory]]
) -> tuple[Goal, ...]:
    """Return every goal with what was measured.

    Parameters
    ----------
    table : mapping of Row to mapping of str to Timing
        The times, by row and candidate.
    slopes : mapping of str to float
        How the time grows, by what grows.
    memory : mapping of str to (Memory, Memory)
        At some size and at a multiple of it, by layer and target.
    """
    return (
        *_quantizer(table),
        *_perceptron(table),
        *_call(table),
        *_numpy(table),
        *_threads(table),
        Goal("exponent of growth in one size", 1.1, True, tuple(slopes.items())),
        Goal(
            "memory: growth beyond the results ÷ growth of the results",
            0.05,
            True,
            tuple((name, _growth(*pair)) for name, pair in memory.items()),
        ),
        *_others(table),
    )


def _growth(one: Memory, more: Memory) -> float:
    return max(0, more.extra - one.extra - _BLOCK) / (more.results - one.results)


def _quantizer(table: Table) -> Iterator[Goal]:
    c, hand, where = _named("C"), _named("C by hand"), lambda row: row.layer == "quantizer"
    title = "quantizer: C ÷ C by hand"
    yield _ratio(title, 1.25, table, c, hand, where, at_most=True)
    title = "quantizer: best framework ÷ C"
    yield _ratio(title, 8, table, best_framework, c, where, at_most=False, limit=hand)
    title = "quantizer: NumPy by hand ÷ C"
    yield _ratio(title, 3, table, _named("NumPy by hand"), c, where, at_most=False, limit=hand)


def _perceptron(table: Table) -> Iterator[Goal]:
    c, hand = _named("C"), _named("C by hand")

    def large(row: Row) -> bool:
        return row.layer == "softmax_mlp" and row.large

    def one(row: Row) -> bool:
        return row.layer == "softmax_mlp" and row.sizes[0] == 1

    title = "perceptron, large: C ÷ its matrix products alone"
    yield _ratio(title, 1.1, table, c, _named(PRODUCTS), large, at_most=True)
    title = "perceptron, large: best framework ÷ C"
    yield _ratio(title, 0.95, table, best_framework, c, large, at_most=False)
    title = "perceptron, one sample: C ÷ C by hand"
    yield _ratio(title, 1.2, table, c, hand, one, at_most=True)
    title = "perceptron, one sample: best framework ÷ C"
    yield _ratio(title, 5, table, best_framework, c, one, at_most=False, limit=hand)


def _call(table: Table) -> Iterator[Goal]:
    for name, bound in (("call, out=", 0.5), ("call, allocating", 1.5)):
        found = tuple(
            (str(row), 1e6 * times[name].seconds)
            for row, times in table.items()
            if row.layer == CALL.layer and name in times
        )
        yield Goal(f"a checked {name}, six arrays, in µs", bound, True, found)


def _numpy(table: Table) -> Iterator[Goal]:
    numpy, where = _named("NumPy"), lambda row: row.layer == "quantizer"

    def large(row: Row) -> bool:
        return row.layer == "quantizer" and row.large

    hand = _named("NumPy by hand, accurate")
    title = "quantizer: NumPy ÷ NumPy by hand, as accurate"
    yield _ratio(title, 1.1, table, numpy, hand, where, at_most=True)
    title = "quantizer, large: NumPy ÷ best C"
    yield _ratio(title, 5, table, numpy, _best_c, large, at_most=True, limit=hand)
    title = "quantizer, large: best framework ÷ NumPy"
    yield _ratio(title, 1, table, best_framework, numpy, large, at_most=False)


def _threads(table: Table) -> Iterator[Goal]:
    for large, bound in ((True, 1.7), (False, 0.95)):
        found = []
        for row, times in table.items():
            alone = table.get(Row(row.layer, row.sizes, row.precision, 1))
            if alone is not None and row.threads == 2 and row.large is large and "C" in times:
                found.append((str(row), alone["C"].seconds / times["C"].seconds))
        where = "large sizes" if large else "small sizes"
        yield Goal(f"C, {where}: one thread ÷ two", bound, False, tuple(found))


def _others(table: Table) -> Iterator[Goal]:
    new = [case for name, case in CASES.items() if name not in ("quantizer", "softmax_mlp")]
    for elementwise, bound in ((False, 1.0), (True, 3.0)):
        names = [case.layer for case in new if case.elementwise is elementwise]
        yield _ratio(
            f"{', '.join(names)}: best framework ÷ C",
            bound,
            table,
            best_framework,
            _named("C"),
            lambda row, names=names: row.layer in names,  # type: ignore[misc]
            at_most=False,
            limit=_named(MOVES),
        )
