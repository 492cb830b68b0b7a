"""``derive list``: which layers there are."""

from __future__ import annotations

import click

from derive.cli._output import Page, format_option, print_json


@click.command()
@format_option
def command(output: str) -> None:
    """List the shipped layers: what they compute, from what."""
    from derive.layer.find import load, shipped
    from derive.layer.model import Role

    layers = [load(name) for name in shipped()]
    if output == "json":
        print_json(
            [
                {
                    "name": layer.name,
                    "doc": layer.doc,
                    "sizes": [size.name for size in layer.sizes],
                    "inputs": [t.name for t in layer.tensors if t.role is not Role.PARAM],
                    "params": [t.name for t in layer.tensors if t.role is Role.PARAM],
                    "outputs": list(layer.outputs),
                }
                for layer in layers
            ]
        )
        return
    Page().table(
        ("layer", "inputs", "params", "outputs", "what it computes"),
        [
            (
                layer.name,
                " ".join(t.name for t in layer.tensors if t.role is not Role.PARAM),
                " ".join(t.name for t in layer.tensors if t.role is Role.PARAM),
                " ".join(layer.outputs),
                layer.doc,
            )
            for layer in layers
        ],
    )
