"""The benchmark's figures as text, JSON, Markdown and a picture.

``python -m tests.bench.report FILE.json`` prints the tables of an earlier run again, with
``--markdown`` the short one that the README shows; ``--plot FILE`` draws it.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.cases import CASES, PRECISIONS, Row
from tests.bench.goals import Memory, Table, goals
from tests.bench.measure import Timing
from tests.bench.peers import FRAMEWORKS
from tests.bench.peers.limit import MOVES, PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Figures", "markdown", "read", "text", "verdicts", "written"]

#: The candidates in the order of the columns; the first is what the others are compared with.
COLUMNS = (
    *("C", "C, allocating", "NumPy", "C by hand", PRODUCTS, MOVES),
    *("NumPy by hand", "NumPy by hand, accurate"),
    *(name for name, _ in FRAMEWORKS.values()),
)
#: Misses that are named one by one, for each goal.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was measured.

    Parameters
    ----------
    machine : mapping of str to str
        What it was measured on, and with what.
    table : mapping
        The times, by row and candidate.
    slopes : mapping of str to float
        How the time grows, by what grows.
    memory : mapping of str to (Memory, Memory)
        By layer.
    wrong : tuple of str
        What did not compute what it should.
    """

    machine: Mapping[str, str]
    table: Table
    slopes: Mapping[str, float]
    memory: Mapping[str, tuple[Memory, Memory]]
    wrong: tuple[str, ...] = ()


def written(figures: Figures) -> str:
    """Return the figures as JSON, with the verdicts."""
    table = [
        {**asdict(row), "candidates": {name: asdict(timing) for name, timing in found.items()}}
        for row, found in figures.table.items()
    ]
    judged = [
        {"goal": g.title, "bound": g.bound, "at_most": g.at_most, "verdict": g.verdict}
        | {"found": dict(g.found), "reach": dict(g.reach)}
        for g in goals(figures.table, figures.slopes, figures.memory)
    ]
    memory = {name: [asdict(each) for each in pair] for name, pair in figures.memory.items()}
    parts = {"machine": figures.machine, "rows": table, "slopes": figures.slopes}
    return (
        json.dumps({**parts, "memory": memory, "goals": judged, "wrong": figures.wrong}, indent=1)
        + "\n"
    )


def read(content: str) -> Figures:
    """Return the figures that were written."""
    found: dict[str, Any] = json.loads(content)
    table = {
        Row(r["layer"], tuple(r["sizes"]), r["precision"], r["threads"]): {
            name: Timing(**timing) for name, timing in r["candidates"].items()
        }
        for r in found["rows"]
    }
    memory = {name: (Memory(**a), Memory(**b)) for name, (a, b) in found["memory"].items()}
    return Figures(found["machine"], table, found["slopes"], memory, tuple(found["wrong"]))


def amount(seconds: float) -> str:
    """Return a time with its unit.

    Examples
    --------
    >>> amount(0.00123), amount(2e-7)
    ('1.23 ms', '200 ns')
    """
    units = (("s", 1.0), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9))
    unit, factor = next((each for each in units if seconds * each[1] >= 1), units[-1])
    return f"{seconds * factor:.3g} {unit}"


def _times(found: Mapping[str, Timing], columns: Sequence[str]) -> Iterator[str]:
    """Yield the cells of a row: the time of the first candidate, how many times that the others."""
    first = found[columns[0]].seconds
    yield amount(first)
    for name in columns[1:]:
        yield _times_first(found[name].seconds / first) if name in found else "-"


def _times_first(ratio: float) -> str:
    return f"{ratio:.2f}×" if ratio < 10 else f"{ratio:.0f}×"


def _shown(figures: Figures) -> list[Row]:
    """Return the rows of the tables: those of which there is something to compare with."""
    table = figures.table
    return [row for row in table if row.layer in CASES and COLUMNS[0] in table[row]]


def text(figures: Figures) -> str:
    """Return the tables, one for each layer, precision and number of threads."""
    lines = [f"{what}: {value}" for what, value in figures.machine.items()]
    for key, group in groupby(_shown(figures), lambda row: (row.layer, row.precision, row.threads)):
        layer, precision, threads = key
        own = list(group)
        columns = [name for name in COLUMNS if any(name in figures.table[row] for row in own)]
        cells = [[row.title, *_times(figures.table[row], columns)] for row in own]
        heads = ["(" + ", ".join(CASES[layer].axes) + ")", *columns]
        widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
        plural = "" if threads == 1 else "s"
        lines += ["", f"{layer}, {precision}, {threads} thread{plural}"]
        lines += [
            "  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True))
            for line in (heads, *cells)
        ]
    if figures.slopes:
        lines += ["", "time grows with the power"]
        lines += [f"  {value:.2f}  {name}" for name, value in figures.slopes.items()]
    if figures.memory:
        lines += ["", "memory of a call beyond its results (and with four times the samples)"]
        lines += [
            f"  {one.extra / 2**20:.1f} MiB ({more.extra / 2**20:.1f} MiB), "
            f"results {one.results / 2**20:.1f} MiB ({more.results / 2**20:.1f} MiB)  {name}"
            for name, (one, more) in figures.memory.items()
        ]
    lines += [line for wrong in figures.wrong for line in ("", f"wrong: {wrong}")]
    return "\n".join(lines)


def verdicts(figures: Figures) -> str:
    """Return a line for each goal, and one for each of the worst misses."""
    lines = []
    for goal in goals(figures.table, figures.slopes, figures.memory):
        sign = "≤" if goal.at_most else "≥"
        values = sorted((value for _, value in goal.found), reverse=goal.at_most)
        worst = f", worst {values[0]:.3g}" if values else ""
        met = len(goal.found) - len(goal.missed)
        count = f": in {met} of {len(goal.found)}" if goal.found else ""
        beyond = f"; {len(goal.beyond)} beyond the limit" if goal.beyond else ""
        title = f"{goal.title} {sign} {goal.bound:g}"
        lines.append(f"{goal.verdict:>12}  {title}{count}{worst}{beyond}")
        for where, value in goal.missed[:_NAMED]:
            limit = f" (limit {goal.reach[where]:.3g})" if where in goal.reach else ""
            lines.append(f"{'':14}{value:8.3g}  {where}{limit}")
        if len(goal.missed) > _NAMED:
            lines.append(f"{'':14}and {len(goal.missed) - _NAMED} more")
    return "\n".join(lines)


def markdown(figures: Figures) -> str:
    """Return the short table: single precision, one thread, each layer's first and last size."""
    chosen = [
        row
        for row in _shown(figures)
        if (row.precision, row.threads) == (next(iter(PRECISIONS)), 1)
    ]
    columns = ["C", "NumPy", *(name for name, _ in FRAMEWORKS.values())]
    lines = ["| layer | sizes | " + " | ".join(columns) + " |", "|---" * (2 + len(columns)) + "|"]
    for layer, group in groupby(chosen, lambda row: row.layer):
        own = list(group)
        for row in dict.fromkeys((own[0], own[-1])):
            sizes = ", ".join(map("{} = {}".format, CASES[layer].axes, row.sizes))
            cells = " | ".join(_times(figures.table[row], columns))
            lines.append(f"| {layer} | {sizes} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    """Show the figures of a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="what --json wrote")
    parser.add_argument("--markdown", action="store_true", help="the short table, as Markdown")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw it, as SVG or PNG")
    arguments = parser.parse_args()
    figures = read(arguments.file.read_text(encoding="utf-8"))
    if arguments.plot:
        from tests.bench.plot import plot

        plot(figures, arguments.plot)
    print(markdown(figures) if arguments.markdown else f"{text(figures)}\n\n{verdicts(figures)}")


if __name__ == "__main__":
    main()
