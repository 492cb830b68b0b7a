"""``derive show``: a layer, its gradients and its Jacobians, in formulas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from derive.cli._options import refuse, wrt_option
from derive.cli._output import Page, format_option, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.explain.matrices import Matrices
    from derive.explain.report import Line, Report
    from derive.explain.tree import Equation


@click.command()
@click.argument("layer", metavar="LAYER")
@wrt_option
@click.option(
    "--form",
    type=click.Choice(["index", "matrix"]),
    default="index",
    show_default=True,
    help="Write formulas with indices or with matrices.",
)
@click.option(
    "--vectors",
    type=click.Choice(["rows", "columns"]),
    help="What vectors are in matrix form. If not given: as the layer is written.",
)
@click.option("--latex", is_flag=True, help="Print LaTeX instead of Unicode text.")
@click.option(
    "--stability",
    is_flag=True,
    help="Show which expressions generated code computes in another form, to keep digits.",
)
@format_option
def command(
    layer: str,
    wrt: tuple[str, ...],
    form: str,
    vectors: str | None,
    latex: bool,
    stability: bool,
    output: str,
) -> None:
    """Show LAYER: its definition, its gradients, and the Jacobians of its outputs.

    LAYER is the name of a shipped layer, or the path of a Python file or a note that defines one.
    """
    from derive.cli._layers import load
    from derive.explain.matrices import in_matrices
    from derive.explain.report import report

    if stability:
        refuse("--stability", ("wrt", "form", "vectors", "latex"))
        from derive.cli._stability import show_stability

        show_stability(load(layer), output)
        return
    if output == "json":
        refuse("--format json", ("form", "latex"), "it has every form, and LaTeX")
    elif form != "matrix":
        refuse("--form index", ("vectors",), "--form matrix has vectors")
    found = report(load(layer, code=False), wrt)
    rows = None if vectors is None else vectors == "rows"
    matrices = in_matrices(found, rows) if output == "json" or form == "matrix" else None
    found, matrices = _as_authored(found, matrices)
    if matrices is not None and output == "json":
        print_json(_json(found, matrices))
    elif latex:
        _print_latex(found, matrices)
    else:
        _print_text(found, matrices)


def _as_authored(found: Report, matrices: Matrices | None) -> tuple[Report, Matrices | None]:
    """Return what is to be shown in the spelling of the layer's author."""
    from derive.explain.authored import authored

    def lines(section: Sequence[Line]) -> tuple[Line, ...]:
        equations = [authored(line.equation, found.layer) for line in section]
        return tuple(replace(line, equation=e) for line, e in zip(section, equations, strict=True))

    shown = replace(
        found,
        definitions=lines(found.definitions),
        intermediate=lines(found.intermediate),
        gradients=lines(found.gradients),
        jacobians=lines(found.jacobians),
    )
    if matrices is None:
        return shown, None
    equations = {name: authored(e, found.layer) for name, e in matrices.equations.items()}
    where = authored(matrices.where, found.layer)
    return shown, replace(matrices, equations=equations, where=where)


def _json(found: Report, matrices: Matrices) -> dict[str, object]:
    from derive.cli._describe import formula_json, line_json, tensor_json

    layer, origin = found.layer, found.notation.origin
    given = {tensor.name for tensor in layer.tensors}

    def lines(section: Sequence[Line]) -> list[dict[str, object]]:
        return [line_json(line, matrices.equations[line.name], origin) for line in section]

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
        "vectors": "rows" if matrices.rows else "columns",
        "definitions": lines(found.definitions),
        "intermediate": lines(found.intermediate),
        "gradients": lines(found.gradients),
        "jacobians": lines(found.jacobians),
        "where": [formula_json(equation, origin) for equation in matrices.where],
    }


def _sections(found: Report) -> list[tuple[str, str, Sequence[Line]]]:
    """Return title, remark and equations of each section that is not empty."""
    from derive.explain.authored import authored
    from derive.explain.names import short
    from derive.explain.text import written

    loss = found.notation.loss
    outputs = found.layer.outputs
    remark = "" if loss in outputs else f"of a scalar {loss} that depends on {', '.join(outputs)}"
    letters = [short(title, name) for title, name in found.notation.direct.items()]
    part = [written(authored(letter, found.layer)) for letter in letters]
    direct = f"{', '.join(part)}: what does not go through another output" if part else ""
    sections = [
        ("Definition", "", found.definitions),
        ("On the way", direct, found.intermediate),
        ("Gradients", remark, found.gradients),
        ("Jacobians", "", found.jacobians),
    ]
    return [section for section in sections if section[2]]


def _remark(line: Line) -> str:
    from derive.gradient.jacobian import Jacobian

    if isinstance(line.source, Jacobian):
        return line.source.structure.value
    return f"by {'; '.join(line.source.facts)}" if line.source.facts else ""


def _equation(line: Line, matrices: Matrices | None) -> tuple[Equation, str]:
    """Return what to print for a line, and a remark where it is not what was asked for."""
    from derive.explain.einsum import einsum_text
    from derive.layer.model import Node

    remark = _remark(line)
    if matrices is None:
        return line.equation, remark
    equation = matrices.equations[line.name]
    if equation is not None:
        return equation, remark
    call = einsum_text(line.source) if isinstance(line.source, Node) else None
    note = call or "no matrix form"
    return line.equation, f"{remark}; {note}" if remark else note


def _print_text(found: Report, matrices: Matrices | None) -> None:
    from derive.cli._describe import kink_names, shape_text, tensor_json
    from derive.explain.text import written

    layer, page = found.layer, Page()
    page.title(layer.name, layer.doc)
    page.heading("Tensors", "indices count from 0" if found.notation.origin == 0 else "")
    shown = [*layer.tensors, *(layer.tensor(name) for name in layer.outputs)]
    page.table(
        ("", "", "", ""),
        [(t.name, shape_text(t.shape), tensor_json(layer, t)["role"], t.doc) for t in shown],
    )
    for title, aside, lines in _sections(found):
        page.heading(title, aside)
        pairs = [_equation(line, matrices) for line in lines]
        page.equations((written(e.left), written(e.right), remark) for e, remark in pairs)
        if title == "Definition" and layer.facts:
            page.heading("Facts")
            for fact in layer.facts:
                page.line(f"  {fact.text}")
        if title == "Definition" and layer.kinks:
            page.heading("Kinks", "no derivative exists there; derive takes a fixed value")
            page.line(f"  {', '.join(kink_names(layer))}")
    if matrices is not None:
        page.heading("Notation", _legend(matrices, found))
        page.equations((written(e.left), written(e.right), "") for e in matrices.where)


def _legend(matrices: Matrices, found: Report) -> str:
    from derive.explain.authored import authored
    from derive.explain.names import short, short_names
    from derive.explain.text import written
    from derive.explain.tree import Letter, Partial

    wanted = [line.wrt for line in found.gradients]
    names = short_names(found.notation, wanted)
    loss = Letter(found.notation.loss)
    pairs = [(short(title, of), Partial(loss, Letter(of))) for title, of in names]
    means = [
        f"{written(letter)} is {written(gradient)}"
        for letter, gradient in authored(tuple(pairs), found.layer)
    ]
    vectors = "rows" if matrices.rows else "columns"
    return "; ".join(
        [f"vectors are {vectors}", "∘ and ⊘ act elementwise", "𝟏 is a vector of ones", *means]
    )


def _print_latex(found: Report, matrices: Matrices | None) -> None:
    from derive.explain.latex import written_latex

    origin = found.notation.origin
    click.echo(f"% {found.layer.name}: {found.layer.doc}")
    sections = [
        (title, aside, [_equation(line, matrices)[0] for line in lines])
        for title, aside, lines in _sections(found)
    ]
    if matrices is not None:
        sections.append(("Notation", _legend(matrices, found), list(matrices.where)))
    for title, aside, equations in sections:
        click.echo(f"% {title}{': ' if aside else ''}{aside}")
        if equations:
            rows = (f"  {written_latex(equation, origin, '&=')}" for equation in equations)
            click.echo("\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}")
