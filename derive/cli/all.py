"""``derive all``: derive, generate, compile and verify every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from derive.cli._output import format_option, print_json
from derive.cli._work import (
    build,
    judged,
    layers_argument,
    out_option,
    possible,
    progress,
    raise_all,
    worked_out_each,
)
from derive.cli.generate import generate, report
from derive.cli.verify import complaints, report_json, table

if TYPE_CHECKING:
    from pathlib import Path

    from derive.errors import DeriveError


@click.command()
@layers_argument
@out_option
@format_option
def command(layers: tuple[str, ...], out: Path, output: str) -> int:
    """Do everything for each LAYER: derive, write NumPy and C, compile, verify; print a table."""
    from derive.emit.target import TARGETS

    with progress() as tell:
        refused: list[DeriveError] = []
        works = worked_out_each(layers, tell, refused)
        changes = generate(works, TARGETS, out, whole=not layers and not refused)
        targets, missing = possible(TARGETS)
        if not missing:
            build([work.name for work in works], out, tell)
        reports = [judged(work, targets, out, tell) for work in works]
    wrong = any(report.wrong for report in reports)
    if output == "json":
        print_json(
            {
                "changed": list(changes.paths),
                "skipped": missing,
                "layers": [
                    {
                        "derivation_seconds": round(work.seconds, 4),
                        "gradients": list(work.suite.gradients),
                        **report_json(report),
                    }
                    for work, report in zip(works, reports, strict=True)
                ],
            }
        )
    else:
        report(changes, out)
        table(works, reports, targets)
        complaints(reports)
    if missing:
        click.echo(f"C was not verified: {missing}", err=True)
    raise_all(refused)
    return int(wrong)
