"""``derive show``: a layer, its gradients and its Jacobians, in formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from derive.cli._output import Page, format_option, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.explain.report import Line, Report


@click.command()
@click.argument("layer", metavar="LAYER")
@click.option(
    "--wrt", multiple=True, help="Only gradients with respect to this tensor (again: more)."
)
@click.option(
    "--form",
    type=click.Choice(["index", "matrix"]),
    default="index",
    show_default=True,
    help="Write formulas with indices, or with matrices.",
)
@click.option("--latex", is_flag=True, help="Print LaTeX instead of Unicode text.")
@format_option
def command(layer: str, wrt: tuple[str, ...], form: str, latex: bool, output: str) -> None:
    """Show LAYER: its definition, its gradients, and the Jacobians of its outputs.

    LAYER is the name of a shipped layer, or the path of a Python file that defines one.
    """
    from derive.explain.report import report
    from derive.layer.find import load

    found = report(load(layer), wrt)
    if output == "json":
        print_json(_json(found))
    elif latex:
        _print_latex(found)
    else:
        _print_text(found)


def _json(found: Report) -> dict[str, object]:
    from derive.cli._describe import line_json, tensor_json

    layer, origin = found.layer, found.notation.origin
    given = {tensor.name for tensor in layer.tensors}
    return {
        "name": layer.name,
        "doc": layer.doc,
        "sizes": [size.name for size in layer.sizes],
        "tensors": [
            tensor_json(layer, layer.tensor(name))
            for name in layer.names
            if name in given or name in layer.outputs
        ],
        "facts": [fact.text for fact in layer.facts],
        "kinks": list(layer.kinks),
        "loss": found.notation.loss,
        "indices_from": origin,
        "definitions": [line_json(line, origin) for line in found.definitions],
        "intermediate": [line_json(line, origin) for line in found.intermediate],
        "gradients": [line_json(line, origin) for line in found.gradients],
        "jacobians": [line_json(line, origin) for line in found.jacobians],
    }


def _sections(found: Report) -> list[tuple[str, str, Sequence[Line]]]:
    """Return title, remark and equations of each section that is not empty."""
    loss = found.notation.loss
    outputs = found.layer.outputs
    remark = "" if loss in outputs else f"of a scalar {loss} that depends on {', '.join(outputs)}"
    sections = [
        ("Definition", "", found.definitions),
        ("On the way", "", found.intermediate),
        ("Gradients", remark, found.gradients),
        ("Jacobians", "", found.jacobians),
    ]
    return [section for section in sections if section[2]]


def _remark(line: Line) -> str:
    from derive.gradient.jacobian import Jacobian

    if isinstance(line.source, Jacobian):
        return line.source.structure
    return f"by {'; '.join(line.source.facts)}" if line.source.facts else ""


def _print_text(found: Report) -> None:
    from derive.cli._describe import shape_text, tensor_json
    from derive.explain.text import written

    layer, page = found.layer, Page()
    page.title(layer.name, layer.doc)
    page.heading("Tensors", "indices count from 0" if found.notation.origin == 0 else "")
    shown = [*layer.tensors, *(layer.tensor(name) for name in layer.outputs)]
    page.table(
        ("", "", "", ""),
        [(t.name, shape_text(t.shape), tensor_json(layer, t)["role"], t.doc) for t in shown],
    )
    for title, remark, lines in _sections(found):
        page.heading(title, remark)
        page.equations(
            (written(line.equation.left), written(line.equation.right), _remark(line))
            for line in lines
        )
        if title == "Definition" and layer.facts:
            page.heading("Facts")
            for fact in layer.facts:
                page.line(f"  {fact.text}")
        if title == "Definition" and layer.kinks:
            page.heading("Kinks", "where a derivative does not exist, derive takes a fixed value")
            page.line(f"  {', '.join(layer.kinks)}")


def _print_latex(found: Report) -> None:
    from derive.explain.latex import written_latex

    click.echo(f"% {found.layer.name}: {found.layer.doc}")
    for title, remark, lines in _sections(found):
        click.echo(f"% {title}{' ' if remark else ''}{remark}")
        click.echo(r"\begin{align*}")
        rows = (written_latex(line.equation, found.notation.origin, "&=") for line in lines)
        click.echo(" \\\\\n".join(f"  {row}" for row in rows))
        click.echo(r"\end{align*}")
