"""``derive verify``: judge the generated functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from derive.cli._accuracy import measure, show_accuracy
from derive.cli._output import Page, format_option, print_json
from derive.cli._ready import ready
from derive.cli._work import (
    judged,
    layers_argument,
    load_each,
    out_option,
    possible,
    progress,
    raise_all,
    stabilise_option,
    target_option,
    worked_out,
)
from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from derive.cli._work import Work
    from derive.layer.model import Layer
    from derive.verify.accuracy import Accuracy
    from derive.verify.finding import Finding
    from derive.verify.precision import Worst
    from derive.verify.runner import Report

__all__ = ["command", "complaints", "report_json", "table"]

Judged = TypeVar("Judged")

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
    generated in a temporary folder; what was generated before the layer was changed, or not
    compiled, is refused.

    With --accuracy, the judge is the definition at as many digits as it takes, at inputs where
    floating point is known to fail: large ones, equal ones, zeros, subnormal numbers.

    Of several layers, each is told of on standard error as soon as it is done; one that is refused
    does not keep the others from being judged.
    """
    found, refused = load_each(layers)
    usable, missing = possible(targets)
    if not usable:
        raise DeriveError(missing)
    if not found:
        raise_all(refused)
    status = 0
    called = {layer.name: name for name, layer in found.items()}
    with progress() as tell:
        every, general = _affordable(found, usable, out)

        def derived(layer: Layer) -> Work:
            return worked_out([layer], tell, stable=stable)[0]

        def those(layer: Layer) -> tuple[str, ...]:
            here, others = ready(layer, called[layer.name], usable, out)
            refused.extend(others)
            return here

        def judge(layer: Layer) -> tuple[tuple[Work, Report], str]:
            here = those(layer)
            work = derived(layer)
            report = judged(work, here, out, tell)
            return (work, report), f"{_verdict(report)}, {report.seconds:.1f} s"

        def measured(layer: Layer) -> tuple[Accuracy, str]:
            here = those(layer)
            report = measure(derived(layer), here, out, tell)
            verdict = f"{len(report.missed)} MISSED" if report.missed else "met"
            return report, f"{verdict}, {report.seconds:.1f} s"

        if accuracy:
            measurements = _each(every, measured, refused)
        else:
            pairs = _each(every, judge, refused)
    if accuracy and measurements:
        status = show_accuracy(measurements, usable, output, general)
    elif not accuracy and pairs:
        works, reports = [work for work, _ in pairs], [report for _, report in pairs]
        status = _show(works, reports, usable, output, general)
    if output == "text":
        for name in general:
            click.echo(f"  {name}: small sizes stood in for its large ones")
    if missing:
        click.echo(f"C was not verified: {missing}", err=True)
    raise_all(refused)
    return status


def _each(
    layers: Sequence[Layer],
    judge: Callable[[Layer], tuple[Judged, str]],
    refused: list[DeriveError],
) -> list[Judged]:
    """Return what is found of each layer, and add why others are refused.

    Of several, each is told of as soon as it is done.
    """
    found = []
    for number, layer in enumerate(layers, start=1):
        try:
            result, said = judge(layer)
            found.append(result)
        except DeriveError as error:
            refused.append(error)
            said = f"refused: {error.message}"
        if len(layers) > 1:
            click.echo(f"{number} of {len(layers)}: {layer.name}: {said}", err=True)
    return found


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


def _verdict(report: Report) -> str:
    return f"{len(report.wrong)} WRONG" if report.wrong else "verified"


def _affordable(
    given: Mapping[str, Layer], targets: Sequence[str], out: Path
) -> tuple[list[Layer], list[str]]:
    """Let any sizes stand for the large ones of notes, unless there is code for just these.

    Returns
    -------
    layers : list of Layer
    general : list of str
        The names of those with other sizes.
    """
    from derive.cli._layers import with_any_sizes

    layers, general = [], []
    for name, layer in given.items():
        made = any((out / target / f"{layer.name}.py").exists() for target in targets)
        other = None if made else with_any_sizes(name, layer)
        layers.append(layer if other is None else other)
        general += [layer.name] if other is not None else []
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
                _verdict(report),
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
