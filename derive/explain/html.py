"""A page as one HTML file: MathML, its own style, nothing fetched and no script."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from html import escape

from derive.explain.mathml import mathml
from derive.explain.page import (
    Block,
    Boxed,
    Code,
    Derived,
    Formulas,
    Heading,
    Page,
    Pair,
    Paragraph,
    Picture,
    Prose,
    Quoted,
    SideBySide,
    Table,
)
from derive.explain.svg import svg
from derive.explain.tree import Equation, Formula
from derive.explain.words import in_line
from derive.render import render

__all__ = ["Context", "Fragment", "html", "html_block"]

_POINTS = ".,:;)"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an alignment."""

    left: str
    right: str
    reason: str


@dataclass(frozen=True, slots=True)
class Forms:
    """The two forms of an equation."""

    index: str
    matrix: str
    remark: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table."""

    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A block; all but what belongs to its kind is empty."""

    heading: str = ""
    text: str = ""
    rows: tuple[Row, ...] = ()
    frame: str = ""
    first: str = ""
    second: str = ""
    pairs: tuple[Forms, ...] = ()
    head: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    picture: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What the template of a page prints."""

    language: str
    direction: str
    title: str
    about: str
    blocks: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """What the template of some blocks prints."""

    blocks: tuple[Part, ...]


def html(page: Page) -> str:
    """Return a page as a whole file."""
    context = Context(
        page.language,
        page.direction,
        escape(page.title),
        _prose(page.about, page.origin),
        tuple(_part(block, page.origin) for block in page.blocks),
    )
    return render("html/page.html.jinja", context)


def html_block(block: Block, origin: int) -> str:
    """Return one block, to stand in a page of somebody else's."""
    return render("html/blocks.html.jinja", Fragment((_part(block, origin),)))


@singledispatch
def _part(block: object, origin: int) -> Part:
    raise TypeError(f"no HTML for a {type(block).__name__}")


@_part.register
def _(block: Heading, origin: int) -> Part:
    tag = f"h{block.level + 1}"
    return Part(heading=f"<{tag}>{_prose(block.text, origin)}</{tag}>")


@_part.register
def _(block: Paragraph, origin: int) -> Part:
    return Part(text=_prose(block.text, origin))


@_part.register
def _(block: Formulas, origin: int) -> Part:
    return Part(
        rows=tuple(
            Row(_large(e.left, origin), _right(e.right, origin), _prose(remark, origin))
            for e, remark in block.rows
        )
    )


@_part.register
def _(block: Derived, origin: int) -> Part:
    return Part(
        rows=tuple(
            Row(
                "" if place else _large(block.left, origin),
                _right(line.right, origin),
                _prose(line.reason, origin),
            )
            for place, line in enumerate(block.lines)
        )
    )


@_part.register
def _(block: SideBySide, origin: int) -> Part:
    return _two_columns(block, "forms", origin)


@_part.register
def _(block: Boxed, origin: int) -> Part:
    return _two_columns(block, "boxed", origin)


@_part.register
def _(block: Table, origin: int) -> Part:
    def cells(row: tuple[Prose, ...]) -> tuple[str, ...]:
        return tuple(_prose(cell, origin) for cell in row)

    return Part(head=cells(block.titles), lines=tuple(Line(cells(row)) for row in block.rows))


@_part.register
def _(block: Picture, origin: int) -> Part:
    caption = in_line(block.caption)
    return Part(picture=svg(block.drawing, caption), caption=_prose(block.caption, origin))


def _two_columns(block: SideBySide | Boxed, frame: str, origin: int) -> Part:
    first, second = (_prose(title, origin) for title in block.titles)
    pairs = tuple(_forms(pair, origin) for pair in block.rows)
    return Part(frame=frame, first=first, second=second, pairs=pairs)


def _forms(pair: Pair, origin: int) -> Forms:
    matrix = pair.matrix
    if isinstance(matrix, Equation):
        shown = _large(matrix, origin)
    else:
        shown = f'<span class="said" dir="auto">{_prose(matrix, origin)}</span>'
    return Forms(_large(pair.index, origin), shown, _prose(pair.remark, origin))


def _large(formula: Formula | Equation, origin: int) -> str:
    return mathml(formula, display=True, origin=origin)


def _right(formula: Formula, origin: int) -> str:
    """Return a right side with its equality sign."""
    return f'<math><mo form="infix">=</mo></math>{_large(formula, origin)}'


def _prose(prose: Prose, origin: int) -> str:
    """Return sentences; formulas and code among them run from left to right.

    What ends a phrase stays in the line of the formula before it.
    """
    result, before = "", ""
    for run in prose:
        if isinstance(run, str):
            point = run[: len(run) - len(run.lstrip(_POINTS))]
            if before and point and "<wbr>" not in before:
                before = f'<span class="tied">{before}{escape(point)}</span>'
                run = run[len(point) :]
            result += before + escape(run)
            before = ""
        else:
            result += before
            before = _isolated(run, origin)
    return result + before


def _isolated(run: Code | Quoted | Formula | Equation, origin: int) -> str:
    if isinstance(run, Code):
        return f"<bdi><code>{escape(run.text)}</code></bdi>"
    if isinstance(run, Quoted):
        return f"<bdi><code>{_quoted(run)}</code></bdi>"
    return f"<bdi>{mathml(run, origin=origin)}</bdi>"


def _quoted(quoted: Quoted) -> str:
    """Return a formula as its author wrote it, with the marked pieces in colour."""
    return "".join(
        f'<span class="{quoted.mark.value}">{escape(text)}</span>' if is_marked else escape(text)
        for text, is_marked in quoted.text
    )
