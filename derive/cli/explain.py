"""``derive explain``: the derivation of a layer's gradients, line by line, in many formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.cli._formats import FORMATS
from derive.cli._options import read_sizes, refuse, wrt_option
from derive.cli._output import shown_json
from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.explain.explanation import Explanation

#: Formats that have pictures; a fragment and a document are the same in that.
_PICTURED = ("html", "latex", "pdf")


@click.command()
@click.argument("layer", metavar="LAYER", required=False)
@wrt_option
@click.option(
    "--to",
    "form",
    type=click.Choice(list(FORMATS)),
    help="The format. If not given: what the ending of FILE says, else terminal.",
)
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to this file instead of the terminal.",
)
@click.option(
    "--fragment", is_flag=True, help="With --to latex: only the part to paste into a document."
)
@click.option(
    "--level",
    type=click.Choice(["steps", "summary"]),
    default="steps",
    show_default=True,
    help="Every line of the derivations, or only results, chain rule and reasons.",
)
@click.option(
    "--convention",
    type=click.Choice(["column", "row"]),
    help="What vectors are in matrix form. If not given: as the note or the layer is written.",
)
@click.option(
    "--layout",
    type=click.Choice(["gradient", "numerator", "mixed"]),
    help="gradient: each gradient has the shape of its tensor. numerator: the transposed shape. "
    "mixed: parameters have gradients of their own shape, all others the transposed one. "
    "If not given: what the note says, else gradient.",
)
@click.option(
    "--lang",
    "language",
    default="en",
    show_default=True,
    help="The language: en, es, pl, ru or he.",
)
@click.option("--sizes", default="", metavar="D=3,H=4", help="Show these numbers in shapes.")
@click.option(
    "--all", "every", is_flag=True, help="Write all shipped layers as LaTeX to the folder --out."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder for --all.",
)
def command(
    layer: str | None,
    wrt: tuple[str, ...],
    form: str | None,
    file: Path | None,
    fragment: bool,
    level: str,
    convention: str | None,
    layout: str | None,
    language: str,
    sizes: str,
    every: bool,
    out: Path | None,
) -> None:
    """Explain how the gradients of LAYER come about, and why each operator belongs where it is.

    LAYER is the name of a shipped layer, or the path of a Python file or a note that defines one.
    """
    if every:
        refuse("--all", ("form", "fragment", "level", "convention", "layout", "language", "sizes"))
        _explain_all(out, alone=layer is None and not wrt and file is None)
        return
    if layer is None:
        raise click.UsageError("say which LAYER to explain, or --all", click.get_current_context())
    refuse("one layer", ("out",), "-o FILE is where it goes; --out is the folder for --all")
    from derive.cli._layers import load, said_of_layout
    from derive.cli._page import check_file, form_of
    from derive.explain.explanation import explanation
    from derive.explain.layout import Orientation
    from derive.explain.words import check_language

    form = form or form_of(file)
    check_language(language)
    check_file(file, form, fragment=fragment)
    if form == "json":
        refuse("the format json", ("level",), "it always has every line")
    said = said_of_layout(layer)
    convention = convention or said.get("convention")
    layout = layout or said.get("layout", "gradient")
    found = explanation(
        load(layer),
        wrt,
        rows=None if convention is None else convention == "row",
        orientation=Orientation("tensor" if layout == "gradient" else layout),
        sizes=read_sizes("--sizes", sizes),
    )
    _write(found, form, file, fragment=fragment, level=level, language=language)


def _write(
    found: Explanation,
    form: str,
    file: Path | None,
    *,
    fragment: bool,
    level: str,
    language: str,
) -> None:
    from derive.cli._page import put_out, write_page
    from derive.explain.explained import page_of

    if form == "json":
        from derive.explain.trace import trace_json

        text = trace_json(found, language)
        put_out(shown_json(text) if file is None else text, file)
        return
    page = page_of(found, language, level, pictures=form in _PICTURED)
    write_page(page, form, file, fragment=fragment)


def _explain_all(out: Path | None, *, alone: bool) -> None:
    """Bring the folder with the LaTeX of all shipped layers up to date."""
    from derive.cli._work import loaded
    from derive.cli.generate import report
    from derive.emit.generate import explained
    from derive.emit.write import compare, update

    if not alone or out is None:
        raise DeriveError(
            "--all explains every shipped layer, to the folder --out, and takes no LAYER",
            hint="derive explain --all --out generated/latex",
        )
    produced = {f"{out.name}/{name}": text for name, text in explained(loaded(())).items()}
    changes = compare(produced, out.parent, [out.name], whole=True)
    update(produced, out.parent, changes)
    report(changes, out.parent)
    if not changes:
        click.echo("everything is up to date")
