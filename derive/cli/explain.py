"""``derive explain``: the derivation of a layer's gradients, line by line, in many formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.explain.explanation import Explanation
    from derive.explain.page import Page

#: The formats, and the endings of files that stand for them.
_FORMATS = {
    "terminal": (".txt",),
    "latex": (".tex",),
    "pdf": (".pdf",),
    "html": (".html", ".htm"),
    "json": (".json",),
    "markdown": (".md", ".markdown"),
}
#: Formats that have pictures; a fragment and a document are the same in that.
_PICTURED = ("html", "latex", "pdf")
#: How wide text is that nobody looks at in a terminal.
_WIDTH = 100
_STYLES = {
    **{"": "", "title": "bold cyan", "heading": "bold", "part": "bold", "quiet": "dim"},
    **{"new": "underline blue", "wrong": "underline red"},
}


@click.command()
@click.argument("layer", metavar="LAYER", required=False)
@click.option(
    "--wrt", multiple=True, help="Only gradients with respect to this tensor (again: more)."
)
@click.option(
    "--to",
    "form",
    type=click.Choice(list(_FORMATS)),
    help="The format; as the ending of the file says, or text, if not given.",
)
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to this file.",
)
@click.option("--fragment", is_flag=True, help="LaTeX to paste, not a whole document.")
@click.option(
    "--level",
    type=click.Choice(["steps", "summary"]),
    default="steps",
    show_default=True,
    help="Every line, or results, chain and reasons only.",
)
@click.option(
    "--convention",
    type=click.Choice(["column", "row"]),
    help="What vectors are in matrix form; as the layer is written, if not given.",
)
@click.option(
    "--layout",
    type=click.Choice(["gradient", "numerator", "mixed"]),
    default="gradient",
    show_default=True,
    help="Gradients lie as their tensors do, or transposed, or mixed: parameters' as they do.",
)
@click.option("--lang", "language", default="en", show_default=True, help="en, es, pl, ru or he.")
@click.option("--sizes", default="", metavar="D=3,H=4", help="Numbers to show in shapes.")
@click.option("--all", "every", is_flag=True, help="All shipped layers, as LaTeX, to --out.")
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
    layout: str,
    language: str,
    sizes: str,
    every: bool,
    out: Path | None,
) -> None:
    """Explain how the gradients of LAYER come about, and why each operator belongs where it is.

    LAYER is the name of a shipped layer, or the path of a Python file or a note that defines one.
    """
    if every:
        _explain_all(out, alone=layer is None and not wrt and file is None)
        return
    if layer is None:
        raise click.UsageError("say which LAYER to explain, or --all", click.get_current_context())
    from derive.cli._layers import load
    from derive.explain.explanation import explanation
    from derive.explain.layout import Orientation
    from derive.explain.words import check_language

    form = form or _form_of(file)
    check_language(language)
    _check_file(file, form, fragment=fragment)
    found = explanation(
        load(layer),
        wrt,
        rows=None if convention is None else convention == "row",
        orientation=Orientation("tensor" if layout == "gradient" else layout),
        sizes=_numbers(sizes),
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
    from derive.explain.explained import page_of

    page = page_of(found, language, level, pictures=form in _PICTURED)
    if form == "terminal" and file is None:
        _print(page)
        return
    text: str | bytes
    if form == "terminal":
        from derive.explain.lines import lines, plain

        text = plain(lines(page, _WIDTH))
    elif form == "json":
        from derive.explain.trace import trace_json

        text = trace_json(found, language)
    elif form == "html":
        from derive.explain.html import html

        text = html(page)
    elif form == "markdown":
        from derive.explain.markdown import markdown

        text = markdown(page)
    else:
        from derive.explain import document

        text = document.fragment(page) if fragment else document.document(page)
        if form == "pdf":
            from derive.cli._tex import pdf

            text = pdf(text)
            file = file or Path(f"{page.title}.pdf")
    if file is None:
        click.echo(text, nl=False)
        return
    from derive.emit.write import write_file

    write_file(file, text)
    click.echo(f"{file} written")


def _print(page: Page) -> None:
    """Print a page: in colours where somebody looks, plain where not."""
    from derive.cli._output import Page as Output
    from derive.explain.lines import lines, plain

    output = Output()
    width = output.width or _WIDTH
    rows = lines(page, width)
    if output.width is None:
        click.echo(plain(rows), nl=False)
        return
    for row in rows:
        output.parts(*((text, _STYLES[style]) for text, style in row))


def _form_of(file: Path | None) -> str:
    """Return the format that the ending of a file stands for."""
    if file is None:
        return "terminal"
    for form, endings in _FORMATS.items():
        if file.suffix.lower() in endings:
            return form
    known = ", ".join(ending for endings in _FORMATS.values() for ending in endings)
    raise DeriveError(
        f"{file}: the ending names no format", hint=f"say --to FORMAT, or use one of {known}"
    )


def _check_file(file: Path | None, form: str, *, fragment: bool) -> None:
    """Refuse what cannot be written, before anything is worked out."""
    if fragment and form != "latex":
        raise DeriveError("--fragment is for --to latex", hint=f"the format is {form}")
    if file is not None and not file.parent.is_dir():
        raise DeriveError(f"{file}: there is no folder {file.parent}")


def _numbers(text: str) -> dict[str, int]:
    """Read ``D=3,H=4``."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if not number.isdecimal() or int(number) == 0:
            raise DeriveError(f"--sizes: {part!r} is not like D=3")
        found[name] = int(number)
    return found


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
