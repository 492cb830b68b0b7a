"""``derive list``: which layers there are."""

from __future__ import annotations

from typing import Any

import click

from derive.cli._output import Page, format_option, print_json
from derive.cli._remembered import remembered


@click.command()
@format_option
def command(output: str) -> None:
    """List the shipped layers: what they compute, from what."""
    layers = remembered(("list",), (), _described)
    if output == "json":
        print_json(layers)
        return
    Page().table(
        ("layer", "inputs", "params", "outputs", "what it computes"),
        [
            (
                layer["name"],
                " ".join(layer["inputs"]),
                " ".join(layer["params"]),
                " ".join(layer["outputs"]),
                layer["doc"],
            )
            for layer in layers
        ],
    )


def _described() -> list[dict[str, Any]]:
    """Return what there is to say of each shipped layer."""
    from derive.layer.find import load, shipped
    from derive.layer.model import Role

    return [
        {
            "name": layer.name,
            "doc": layer.doc,
            "sizes": [size.name for size in layer.sizes],
            "inputs": [t.name for t in layer.tensors if t.role is not Role.PARAM],
            "params": [t.name for t in layer.tensors if t.role is Role.PARAM],
            "outputs": list(layer.outputs),
        }
        for layer in map(load, shipped())
    ]
