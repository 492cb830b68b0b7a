"""``derive verify --accuracy``: how many digits the generated functions keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derive.cli._output import Page, print_json
from derive.cli._work import modules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from derive.cli._work import Work
    from derive.verify.accuracy import Accuracy, Measured

__all__ = ["measure", "show_accuracy"]

#: Missed goals that are named one by one, for each layer; the rest are counted.
_NAMED = 10


def measure(work: Work, targets: Sequence[str], out: Path, tell: Callable[[str], None]) -> Accuracy:
    """Measure the generated functions of a layer."""
    from derive.verify.accuracy import accuracy

    with modules_of(work, targets, out, tell) as modules:
        return accuracy(work.suite, modules, progress=tell)


def show_accuracy(
    reports: Sequence[Accuracy], targets: Sequence[str], output: str, general: Sequence[str]
) -> int:
    """Print what was measured; return 1 if a layer misses its goal.

    Parameters
    ----------
    reports : sequence of Accuracy
        One for each layer.
    targets : sequence of str
        The targets that can be run.
    output : str
        ``text`` or ``json``.
    general : sequence of str
        The layers with small sizes in the place of their large ones.
    """
    if output == "json":
        print_json([_json(report, report.layer in general) for report in reports])
    else:
        _table(reports, targets)
        for report in reports:
            for each in report.missed[:_NAMED]:
                click.echo(f"{report.layer}: {each}", err=True)
            if len(report.missed) > _NAMED:
                click.echo(f"{report.layer}: and {len(report.missed) - _NAMED} more", err=True)
    return int(any(report.missed for report in reports))


def _table(reports: Sequence[Accuracy], targets: Sequence[str]) -> None:
    from derive.verify.floats import PRECISIONS

    kinds = [(target, precision) for target in targets for precision in PRECISIONS]
    titles = ["layer", "function", "result", *(f"{t} {p}" for t, p in kinds), "allowed", "verdict"]
    rows = []
    for report in reports:
        results: dict[tuple[str, str], dict[tuple[str, str], Measured]] = {}
        for each in report.measured:
            result = results.setdefault((each.function, each.result), {})
            result[each.target, each.precision] = each
        for (function, name), cells in results.items():
            found = list(cells.values())
            bad = [each for each in found if each.missed]
            rows.append(
                (
                    report.layer,
                    function,
                    name,
                    *(_cell(cells.get(kind)) for kind in kinds),
                    f"{found[0].limit:.1f}",
                    "MISSED" if bad else "met",
                )
            )
    page = Page()
    page.table(titles, rows)
    page.line(
        "  worst errors in units of the last place of the magnitude of a result (of a sum, the sum "
        "of the\n  magnitudes of its terms), against the definition at as many digits as it takes"
    )


def _cell(each: Measured | None) -> str:
    if each is None:
        return "—"
    return f"{each.spurious} spurious" if each.spurious else f"{each.ulps:.2g}"


def _json(report: Accuracy, small_sizes: bool) -> dict[str, Any]:
    return {
        "layer": report.layer,
        "verdict": "missed" if report.missed else "met",
        "small_sizes": small_sizes,
        "seconds": round(report.seconds, 3),
        "results": [
            {
                "target": each.target,
                "precision": each.precision,
                "function": each.function,
                "result": each.result,
                "ulps": each.ulps,
                "allowed": each.limit,
                "inputs": each.case,
                "spurious": each.spurious,
                "spurious_inputs": each.spurious_case,
                "verdict": "missed" if each.missed else "met",
            }
            for each in report.measured
        ],
    }
