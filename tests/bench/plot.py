"""One picture of the benchmark: how many times the time of generated C each candidate takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.bench.cases import CASES
from tests.bench.report import COLUMNS, Figures

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["plot"]


def plot(figures: Figures, path: Path) -> None:
    """Draw a panel for each layer: sizes to the right, times over that of C upwards."""
    mpl.rcParams["svg.hashsalt"] = "derive"  # the same bytes for the same figures
    rows = [row for row, found in figures.table.items() if row.layer in CASES and "C" in found]
    shown = {(row.precision, row.threads) for row in rows[:1]}
    rows = [row for row in rows if (row.precision, row.threads) in shown]
    layers = list(dict.fromkeys(row.layer for row in rows))
    across = min(4, len(layers))
    down = -(-len(layers) // across)
    figure = Figure(figsize=(4 * across, 3.4 * down), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharey=True).flat
    styles = {
        name: {"color": f"C{place}" if place < 10 else "black", "marker": "os^vD*"[place % 6]}
        for place, name in enumerate(COLUMNS)
    }
    handles = {}
    for layer, axis in zip(layers, axes, strict=False):
        own = [row for row in rows if row.layer == layer]
        for name in COLUMNS:
            points = [
                (place, figures.table[row][name].seconds / figures.table[row]["C"].seconds)
                for place, row in enumerate(own)
                if name in figures.table[row]
            ]
            if points:
                (handles[name],) = axis.plot(*zip(*points, strict=True), **styles[name])
        axis.set_yscale("log")
        axis.set_title(f"{layer} ({', '.join(CASES[layer].axes)})", fontsize=9)
        axis.set_xticks(range(len(own)), [row.title for row in own], fontsize=6)
        axis.grid(visible=True, which="major", alpha=0.3)
    for axis in axes:
        axis.set_axis_off()
    (precision, threads), *_ = shown
    plural = "" if threads == 1 else "s"
    figure.suptitle(
        f"forward and backward, {precision}, {threads} thread{plural}: time ÷ that of C"
    )
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=6, fontsize=8)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
