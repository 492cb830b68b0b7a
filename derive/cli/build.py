"""``derive build``: compile the generated C."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from derive.cli._options import read_sizes
from derive.cli._output import format_option, print_json
from derive.cli._ready import refuse_stale
from derive.cli._work import (
    build,
    layers_argument,
    load_each,
    out_option,
    progress,
    raise_all,
)
from derive.errors import DeriveError

if TYPE_CHECKING:
    from pathlib import Path

    from derive.layer.model import Layer


def _known(_: click.Context, __: click.Parameter, value: str | None) -> dict[str, int]:
    return read_sizes("--specialize", value or "")


@click.command()
@layers_argument
@out_option
@click.option(
    "--specialize",
    "known",
    callback=_known,
    metavar="M=16,…",
    help="Compile for these sizes alone; arrays of others are then refused.",
)
@format_option
def command(layers: tuple[str, ...], out: Path, known: dict[str, int], output: str) -> None:
    """Compile the generated C of each LAYER to a library that its Python module loads."""
    from derive.verify.load import find_compiler

    found, refused = load_each(layers)
    chosen = []
    for called, layer in found.items():
        try:
            refuse_stale(layer, called, out / "c" / f"{layer.name}.c", out)
        except DeriveError as error:
            refused.append(error)
        else:
            chosen.append(layer)
    if not chosen:
        raise_all(refused)
    sizes = {layer.name: _sizes(layer, known) for layer in chosen} if known else {}
    with progress() as tell:
        results = build([layer.name for layer in chosen], out, tell, sizes)
    compiler = find_compiler().version
    if output == "json":
        shown = [{"name": name, "compiled": fresh} for name, fresh in results]
        print_json({"compiler": compiler, "sizes": known, "layers": shown})
    else:
        for name, fresh in results:
            click.echo(f"{name}: {'compiled' if fresh else 'up to date'}")
        click.echo(f"by {compiler}")
    raise_all(refused)


def _sizes(layer: Layer, known: dict[str, int]) -> dict[str, int]:
    """Return the value of each size of a layer's functions, 0 if any will do."""
    from derive.program.suite import sizes

    names = sizes(layer)
    for name in known:
        if name not in names:
            raise DeriveError(
                f"--specialize: {layer.name} has no size {name}",
                hint=f"its sizes are {', '.join(names)}",
            )
    return {name: known.get(name, 0) for name in names}
