r"""A page as Markdown with mathematics in dollars, as code hosting sites and notebooks show it.

Displays are ``$$ \begin{aligned} … \end{aligned} $$`` in lines of their own. Where a reason
stands beside a formula there is a table, whose cells hold mathematics in a line.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from derive.explain.breaking import broken_latex
from derive.explain.latex import inline_latex, written_latex
from derive.explain.measure import width
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
from derive.explain.quoted import quoted_latex
from derive.explain.tree import Equation, Formula

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["display", "markdown", "markdown_block"]

#: How wide a formula may be in a line of its own, and beside something else.
_ALONE, _BESIDE = 420.0, 300.0
_QUAD = 10.0
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_$<>[]|#~"})

_IN_TEXT = str.maketrans({character: f"\\{character}" for character in "#$%&_{}"})


def markdown(page: Page) -> str:
    """Return a page as Markdown; pictures are left out."""
    parts = [f"# {_escaped(page.title)}", _prose(page.about, page.origin)]
    for block in page.blocks:
        parts += _parts(block, page.origin)
    text = "\n\n".join(part for part in parts if part) + "\n"
    return f'<div dir="rtl">\n\n{text}\n</div>\n' if page.direction == "rtl" else text


def markdown_block(block: Block, origin: int) -> str:
    """Return one block as Markdown."""
    return "\n\n".join(_parts(block, origin))


def display(block: Formulas | Derived, origin: int) -> str:
    """Return a block of equations as one display, the reasons beside them."""
    if isinstance(block, Formulas):
        return _display([(e.left, e.right, remark) for e, remark in block.rows], origin)
    lefts = [block.left, *(None for _ in block.lines[1:])]
    lines = zip(lefts, block.lines, strict=True)
    return _display([(left, line.right, line.reason) for left, line in lines], origin)


@singledispatch
def _parts(block: object, origin: int) -> list[str]:
    raise TypeError(f"no Markdown for a {type(block).__name__}")


@_parts.register
def _(block: Heading, origin: int) -> list[str]:
    return [f"{'#' * (block.level + 1)} {_prose(block.text, origin)}"]


@_parts.register
def _(block: Paragraph, origin: int) -> list[str]:
    return [_prose(block.text, origin)]


@_parts.register
def _(block: Formulas, origin: int) -> list[str]:
    if any(remark for _, remark in block.rows):
        rows = [(*_sides(e, origin), _prose(remark, origin)) for e, remark in block.rows]
        return [_table(("", "", ""), rows)]
    return [display(block, origin)]


@_parts.register
def _(block: Derived, origin: int) -> list[str]:
    rows = [
        (
            _cell("" if place else written_latex(block.left, origin)),
            _cell(_aligned("=", written_latex(line.right, origin), _BESIDE)),
            _prose(line.reason, origin),
        )
        for place, line in enumerate(block.lines)
    ]
    return [_table(("", "", ""), rows)]


@_parts.register(SideBySide)
@_parts.register(Boxed)
def _(block: SideBySide | Boxed, origin: int) -> list[str]:
    titles = tuple(_prose(title, origin) for title in block.titles)
    tables: list[str] = []
    rows: list[tuple[str, ...]] = []
    for pair in block.rows:
        rows.append(_forms(pair, origin))
        if pair.remark:
            tables += [_table(titles, rows), _prose(pair.remark, origin)]
            rows = []
    return [*tables, _table(titles, rows)] if rows else tables


@_parts.register
def _(block: Table, origin: int) -> list[str]:
    titles = tuple(_prose(title, origin) for title in block.titles)
    return [_table(titles, [tuple(_prose(cell, origin) for cell in row) for row in block.rows])]


@_parts.register
def _(block: Picture, origin: int) -> list[str]:
    return []


def _forms(pair: Pair, origin: int) -> tuple[str, str]:
    """Return the two forms of an equation, each for a cell."""
    first, second = (
        _cell(_equation(form, origin)) if isinstance(form, Equation) else _prose(form, origin)
        for form in (pair.index, pair.matrix)
    )
    return first, second


def _sides(equation: Equation, origin: int) -> tuple[str, str]:
    left, right = (written_latex(side, origin) for side in (equation.left, equation.right))
    return _cell(left), _cell(_aligned("=", right, _BESIDE))


def _equation(equation: Equation, origin: int) -> str:
    left, right = (written_latex(side, origin) for side in (equation.left, equation.right))
    return _aligned(f"{left} =", right, _BESIDE - width(left))


def _aligned(left: str, right: str, limit: float) -> str:
    """Return ``left right``, what does not fit in rows below one another."""
    first, *more = broken_latex(right, max(limit, 60.0), _QUAD)
    if not more:
        return f"{left} {first}"
    # Two backslashes are one in a cell of Markdown; a carriage return is not.
    rows = r" \cr ".join([f"{left} & {first}", *(rf"& \quad {row}" for row in more)])
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"


def _display(lines: list[tuple[Formula | None, Formula, Prose]], origin: int) -> str:
    """Return equations in a display, their equality signs below one another."""
    rows: list[str] = []
    for left, right, reason in lines:
        shown = "" if left is None else written_latex(left, origin)
        limit = (_BESIDE if reason else _ALONE) - width(shown)
        first, *more = broken_latex(written_latex(right, origin), max(limit, 60.0), _QUAD)
        why = f" && {_in_display(reason, origin)}" if reason else ""
        rows += [f"{shown} &= {first}{why}".strip(), *(rf"&\quad {row}" for row in more)]
    joined = " \\\\\n".join(rows)
    return f"$$\n\\begin{{aligned}}\n{joined}\n\\end{{aligned}}\n$$"


def _in_display(prose: Prose, origin: int) -> str:
    """Return sentences amid mathematics."""
    result = ""
    for run in prose:
        if isinstance(run, str):
            result += rf"\text{{{run.translate(_IN_TEXT)}}}"
        elif isinstance(run, Code):
            result += rf"\texttt{{{run.text.translate(_IN_TEXT)}}}"
        elif isinstance(run, Quoted):
            result += quoted_latex(run)
        else:
            result += inline_latex(run, origin)
    return result


def _cell(latex: str) -> str:
    """Return mathematics for a cell, which no bar may part."""
    return rf"$\displaystyle {_in_line(latex)}$" if latex else ""


def _in_line(latex: str) -> str:
    r"""Return mathematics for a line: no bar parts a cell, and Markdown takes no backslash away.

    A dollar closes a formula only where no space is before it.
    """
    return latex.replace("|", r"\vert ").replace(r"\,", r"\thinspace ").strip()


def _table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    rule = tuple(":--" for _ in titles)
    return "\n".join(f"| {' | '.join(row)} |" for row in (titles, rule, *rows))


def _prose(prose: Prose, origin: int) -> str:
    """Return sentences with their formulas."""
    result = ""
    for run in prose:
        if isinstance(run, str):
            result += _escaped(run)
        elif isinstance(run, Code):
            result += f"`{run.text}`"
        elif isinstance(run, Quoted):
            result += f"${_in_line(quoted_latex(run))}$"
        else:
            result += f"${_in_line(inline_latex(run, origin))}$"
    return result


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)
