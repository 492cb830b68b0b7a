"""``derive list``: which layers there are."""

from __future__ import annotations

import click

from derive.cli._output import Page, format_option, print_json


@click.command()
@format_option
def command(output: str) -> None:
    """List the shipped layers: what they compute, from what."""
    from derive.cli._describe import shape_text
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
    page = Page()
    for layer in layers:
        page.heading(layer.name, layer.doc)
        given = [t for t in layer.tensors if t.role is not Role.PARAM]
        params = [t for t in layer.tensors if t.role is Role.PARAM]
        outputs = [layer.tensor(name) for name in layer.outputs]
        page.table(
            ("", ""),
            [
                (label, ", ".join(f"{t.name} {shape_text(t.shape)}".strip() for t in tensors))
                for label, tensors in (("given", given), ("params", params), ("gives", outputs))
                if tensors
            ],
        )
