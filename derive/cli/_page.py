"""Pages of explanations, written in a format to a file, or to standard output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.cli._formats import FORMATS
from derive.cli._output import Page as Output
from derive.errors import DeriveError
from derive.explain.lines import lines, plain

if TYPE_CHECKING:
    from derive.explain.page import Page

__all__ = ["check_file", "form_of", "put_out", "write_page"]

#: How wide text is that nobody looks at in a terminal.
_WIDTH = 100
_STYLES = {
    **{"": "", "title": "bold cyan", "heading": "bold", "part": "bold", "quiet": "dim"},
    **{"new": "underline blue", "wrong": "underline red"},
}


def write_page(page: Page, form: str, file: Path | None, *, fragment: bool = False) -> None:
    """Write a page in one of the formats, all but JSON; a PDF always goes to a file.

    Raises
    ------
    DeriveError
        If it cannot be written, or there is nothing that makes a PDF.
    """
    if form == "terminal" and file is None:
        _print(page)
        return
    text: str | bytes
    if form == "terminal":
        text = plain(lines(page, _WIDTH))
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
    put_out(text, file)


def put_out(text: str | bytes, file: Path | None) -> None:
    """Write to a file, or to standard output."""
    if file is None:
        click.echo(text, nl=False)
        return
    from derive.emit.write import write_file

    write_file(file, text)
    # What is no regular file may be standard output itself.
    click.echo(f"{file} written", err=not file.is_file())


def _print(page: Page) -> None:
    """Print a page: in colours where somebody looks, plain where not."""
    output = Output()
    rows = lines(page, output.width or _WIDTH)
    if output.width is None:
        click.echo(plain(rows), nl=False)
        return
    for row in rows:
        output.parts(*((text, _STYLES[style]) for text, style in row))


def form_of(file: Path | None) -> str:
    """Return the format that the ending of a file stands for.

    Raises
    ------
    DeriveError
        If it stands for none.
    """
    if file is None:
        return "terminal"
    for form, endings in FORMATS.items():
        if file.suffix.lower() in endings:
            return form
    known = ", ".join(ending for endings in FORMATS.values() for ending in endings)
    raise DeriveError(
        f"{file}: the ending names no format", hint=f"say --to FORMAT, or use one of {known}"
    )


def check_file(file: Path | None, form: str, *, fragment: bool = False) -> None:
    """Refuse what cannot be written, before anything is worked out.

    Raises
    ------
    DeriveError
        Saying what is wrong.
    """
    if fragment and form != "latex":
        raise DeriveError("--fragment is for --to latex", hint=f"the format is {form}")
    if file is not None and not file.parent.is_dir():
        raise DeriveError(f"{file}: there is no folder {file.parent}")
