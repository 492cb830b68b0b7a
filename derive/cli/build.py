"""``derive build``: compile the generated C."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from derive.cli._output import format_option, print_json
from derive.cli._work import build, layers_argument, loaded, out_option, progress

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@layers_argument
@out_option
@format_option
def command(layers: tuple[str, ...], out: Path, output: str) -> None:
    """Compile the generated C of each LAYER to a library that its Python module loads."""
    from derive.verify.load import find_compiler

    names = [layer.name for layer in loaded(layers)]
    with progress() as tell:
        results = build(names, out, tell)
    if output == "json":
        print_json(
            {
                "compiler": find_compiler().version,
                "layers": [{"name": name, "compiled": fresh} for name, fresh in results],
            }
        )
        return
    for name, fresh in results:
        click.echo(f"{name}: {'compiled' if fresh else 'up to date'}")
    click.echo(f"by {find_compiler().version}")
