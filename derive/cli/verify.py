"""``derive verify``: judge the generated functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derive.cli._accuracy import measure, show_accuracy
from derive.cli._output import Page, format_option, print_json
from derive.cli._work import (
    judged,
    layers_argument,
    loaded,
    out_option,
    possible,
    progress,
    stabilise_option,
    target_option,
    worked_out,
)
from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from derive.cli._work import Work
    from derive.layer.model import Layer
    from derive.verify.finding import Finding
    from derive.verify.precision import Worst
    from derive.verify.runner import Report

__all__ = ["command", "complaints", "report_json", "table"]

#: Wrong results that are named one by one; the rest are counted.
_NAMED = 10


@click.command()
@layers_argument
@target_option
@out_option
@click.option("--accuracy", is_flag=True, help="Measure errors at extreme inputs, in ULP.")
@stabilise_option
@format_option
def command(
    layers: tuple[str, ...],
    targets: tuple[str, ...],
    out: Path,
    accuracy: bool,
    stable: bool,
    output: str,
) -> int:
    """Compare every result of every generated function of each LAYER with the definition.

    The judges are the definition at fifty digits, extrapolated differences of the generated
    forward function, and a complex step; none of them uses a derived formula. Where one axis is
    long, it is the formulas that the functions were made of. What was not generated yet is
    generated in a temporary folder.

    With --accuracy, the judge is the definition at as many digits as it takes, at inputs where
    floating point is known to fail: large ones, equal ones, zeros, subnormal numbers.
    """
    found = loaded(layers)
    usable, missing = possible(targets)
    if not usable:
        raise DeriveError(missing)
    with progress() as tell:
        found, general = _affordable(layers, found, usable, out)
        works = worked_out(found, tell, stable=stable)
        if accuracy:
            measured = [measure(work, usable, out, tell) for work in works]
        else:
            reports = [judged(work, usable, out, tell) for work in works]
    if accuracy:
        status = show_accuracy(measured, usable, output, general)
    else:
        status = _show(works, reports, usable, output, general)
    if output == "text":
        for name in general:
            click.echo(f"  {name}: small sizes stood in for its large ones")
    if missing:
        click.echo(f"C was not verified: {missing}", err=True)
    return status


def _show(
    works: Sequence[Work],
    reports: Sequence[Report],
    targets: Sequence[str],
    output: str,
    general: Sequence[str],
) -> int:
    """Print what was found; return 1 if a result is wrong."""
    if output == "json":
        print_json([report_json(r, small_sizes=r.layer in general) for r in reports])
    else:
        table(works, reports, targets)
        complaints(reports)
    return int(any(report.wrong for report in reports))


def _affordable(
    names: Sequence[str], layers: list[Layer], targets: Sequence[str], out: Path
) -> tuple[list[Layer], list[str]]:
    """Let any sizes stand for the large ones of notes, unless there is code for just these.

    Returns
    -------
    layers : list of Layer
    general : list of str
        The names of those with other sizes.
    """
    from derive.cli._layers import with_any_sizes

    given = dict(zip(dict.fromkeys(names), layers, strict=False))
    general = []
    for name, layer in given.items():
        if any((out / target / f"{layer.name}.py").exists() for target in targets):
            continue
        other = with_any_sizes(name, layer)
        if other is not None:
            layers = [other if one is layer else one for one in layers]
            general.append(layer.name)
    return layers, general


def table(works: Sequence[Work], reports: Sequence[Report], targets: Sequence[str]) -> None:
    """Print a line for each layer."""
    from derive.verify.floats import PRECISIONS

    titles = ["layer", "gradients", "derived in"]
    titles += [f"{target} {precision}" for target in targets for precision in PRECISIONS]
    titles += ["differences", "complex step", "verdict"]
    rows = []
    for work, report in zip(works, reports, strict=True):
        cells = [
            _error(report.worst("reference", target, precision))
            for target in targets
            for precision in PRECISIONS
        ]
        rows.append(
            (
                work.name,
                " ".join(work.suite.gradients),
                f"{1000 * work.seconds:.0f} ms",
                *cells,
                _error(report.worst("differences")),
                _error(report.worst("complex step")),
                f"{len(report.wrong)} WRONG" if report.wrong else "verified",
            )
        )
    page = Page()
    page.table(titles, rows)
    page.line(
        "  errors relative to the largest entry of each result: against the definition at fifty "
        "digits,\n  extrapolated differences of the generated forward, and a complex step"
    )


def complaints(reports: Sequence[Report]) -> None:
    """Name what is wrong, the worst first."""
    wrong = [(report.layer, finding) for report in reports for finding in report.wrong]
    wrong.sort(key=lambda pair: -pair[1].worst.relative)
    for layer, finding in wrong[:_NAMED]:
        click.echo(f"{layer}: {finding}", err=True)
    if len(wrong) > _NAMED:
        click.echo(f"and {len(wrong) - _NAMED} more", err=True)


def _error(worst: Worst | None) -> str:
    return "—" if worst is None else f"{worst.relative:.1e}"


def report_json(report: Report, *, small_sizes: bool = False) -> dict[str, Any]:
    """Return a report as JSON: for each result, the worst entry that each judge found.

    Parameters
    ----------
    report : Report
        On a layer.
    small_sizes : bool
        Whether small sizes stood in for its large ones.
    """
    return {
        "layer": report.layer,
        "verdict": "wrong" if report.wrong else "verified",
        "small_sizes": small_sizes,
        "seconds": round(report.seconds, 3),
        "results": [_finding_json(finding) for finding in _worst_each(report.findings)],
    }


def _worst_each(findings: Sequence[Finding]) -> list[Finding]:
    """Return the worst finding of each result, over the draws of shapes and values."""
    worst: dict[tuple[str, ...], Finding] = {}
    for f in findings:
        key = (f.target, f.precision, f.function, f.result, f.judge)
        if key not in worst or not f.worst.relative <= worst[key].worst.relative:
            worst[key] = f
    return list(worst.values())


def _finding_json(finding: Finding) -> dict[str, Any]:
    worst = finding.worst
    return {
        "target": finding.target,
        "precision": finding.precision,
        "function": finding.function,
        "result": finding.result,
        "judge": finding.judge,
        "relative_error": worst.relative,
        "ulps": worst.ulps,
        "limit": finding.limit,
        "entry": list(worst.index),
        "got": float(worst.got),
        "reference": str(worst.reference),
        "verdict": "wrong" if finding.wrong else "verified",
    }
