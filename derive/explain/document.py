r"""A page as LaTeX: a whole document, or a fragment to put into one.

Formulas are broken here, by estimated widths, so that none runs off the page; a display gets one
alignment, with the reasons beside it in boxes of a fixed width.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import TYPE_CHECKING

from derive.explain.breaking import broken_latex
from derive.explain.latex import inline_latex, written_latex
from derive.explain.measure import width
from derive.explain.page import (
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
from derive.explain.tikz import tikz
from derive.explain.tree import Equation, Formula
from derive.render import render

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Document", "Fragment", "document", "fragment"]

#: How wide a line is, in points for letters of ten points: on our page, and on any other.
_PAGE, _ANYWHERE = 400.0, 325.0
#: The part of a line that a formula gets beside a reason; those of two formulas.
_BESIDE_REASON = 0.58
_COLUMNS = ((0.48, 0.48), (0.56, 0.4), (0.64, 0.32))
_REASON = 0.36
#: How far the rows of a broken formula stand in, and the least room that they get.
_QUAD, _LEAST = 10.0, 60.0
#: A formula in a sentence that is wider is broken.
_INLINE = 200.0
_SPECIAL = str.maketrans(
    {
        **{character: f"\\{character}" for character in "#$%&_{}"},
        **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
        # Signs that fonts of text lack.
        **{"∘": r"$\circ$", "⊘": r"$\oslash$", "δ": r"$\delta$", "Σ": r"$\Sigma$", "−": "$-$"},
        **{"ᵀ": r"${}^{\top}$", "∂": r"$\partial$", "≤": r"$\le$", "≥": r"$\ge$", "≠": r"$\ne$"},
    }
)

#: Words of a language that is written from left to right.
_LATIN = re.compile(r"([A-Za-z](?:[^\u0590-\u05ff]*[A-Za-z0-9.)])?)")
_POLYGLOSSIA = {"es": "spanish", "pl": "polish", "ru": "russian", "he": "hebrew"}
#: Fonts with the letters of a language; the last one that is there is taken.
_FONTS = {
    "ru": ("DejaVu Serif", "Noto Serif", "CMU Serif"),
    "he": ("DejaVu Sans", "FreeSerif", "David CLM"),
}
#: Where polyglossia wants a font of fixed width with a script's letters, the command that it asks.
_FIXED = {"ru": r"\cyrillicfonttt", "he": r"\hebrewfonttt"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an alignment."""

    left: str
    right: str
    reason: str
    end: str


@dataclass(frozen=True, slots=True)
class Forms:
    """Two forms of an equation; what surrounds and parts them, and each one's part of a line."""

    open: str
    first: str
    index: str
    between: str
    second: str
    matrix: str
    close: str
    remark: str


@dataclass(frozen=True, slots=True)
class Part:
    """A block; all but what belongs to its kind is empty."""

    heading: str = ""
    text: str = ""
    rows: tuple[Row, ...] = ()
    titles: str = ""
    pairs: tuple[Forms, ...] = ()
    columns: str = ""
    head: str = ""
    lines: tuple[str, ...] = ()
    picture: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What the template of a whole document prints."""

    program: str
    header: tuple[str, ...]
    language: tuple[str, ...]
    title: str
    about: str
    blocks: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """What the template of a fragment prints."""

    header: tuple[str, ...]
    about: str
    blocks: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all blocks of a page share."""

    origin: int
    limit: float
    rtl: bool


def document(page: Page, header: tuple[str, ...] = ()) -> str:
    """Return a document that compiles as it is.

    Parameters
    ----------
    page : Page
        What it says.
    header : tuple of str
        Lines of comment at its top.
    """
    setting = _Setting(page.origin, _PAGE, page.direction == "rtl")
    program, language = _language(page.language)
    blocks = tuple(_part(block, setting) for block in page.blocks)
    context = Document(
        program, header, language, _text(page.title, setting), _prose(page.about, setting), blocks
    )
    return render("latex/document.tex.jinja", context)


def fragment(page: Page, header: tuple[str, ...] = ()) -> str:
    """Return what stands in the document, to be put into another one."""
    setting = _Setting(page.origin, _ANYWHERE, page.direction == "rtl")
    blocks = tuple(_part(block, setting) for block in page.blocks)
    context = Fragment(header, _prose(page.about, setting), blocks)
    return render("latex/fragment.tex.jinja", context)


def _language(code: str) -> tuple[str, tuple[str, ...]]:
    """Return the program that sets a language, and the lines of the preamble for it."""
    if code == "en":
        return "pdflatex", (
            r"\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}",
        )
    lines = [r"\usepackage[no-math]{fontspec}"]
    lines += [
        rf"\IfFontExistsTF{{{font}}}{{\setmainfont{{{font}}}}}{{}}" for font in _FONTS.get(code, ())
    ]
    # What changes the direction of text comes after all other packages.
    lines += [r"\usepackage{polyglossia}", rf"\setdefaultlanguage{{{_POLYGLOSSIA[code]}}}"]
    if code in _FIXED:
        # What is set in it is code, in Latin letters: the usual one will do.
        lines += [rf"\newfontfamily{_FIXED[code]}{{Latin Modern Mono}}"]
    return "xelatex", tuple(lines)


@singledispatch
def _part(block: object, setting: _Setting) -> Part:
    raise TypeError(f"no LaTeX for a {type(block).__name__}")


@_part.register
def _(block: Heading, setting: _Setting) -> Part:
    command = "subsection" if block.level == 1 else "subsubsection"
    return Part(heading=rf"\{command}*{{\boldmath {_prose(block.text, setting)}}}")


@_part.register
def _(block: Paragraph, setting: _Setting) -> Part:
    return Part(text=_prose(block.text, setting))


@_part.register
def _(block: Formulas, setting: _Setting) -> Part:
    lines = [(equation.left, equation.right, remark) for equation, remark in block.rows]
    return Part(rows=_rows(lines, setting))


@_part.register
def _(block: Derived, setting: _Setting) -> Part:
    lefts = [block.left, *(None for _ in block.lines[1:])]
    lines = zip(lefts, block.lines, strict=True)
    return Part(rows=_rows([(left, line.right, line.reason) for left, line in lines], setting))


@_part.register
def _(block: SideBySide, setting: _Setting) -> Part:
    return _two_columns(block.titles, block.rows, setting, "", "")


@_part.register
def _(block: Boxed, setting: _Setting) -> Part:
    open_box = r"\noindent\fbox{\begin{minipage}{\dimexpr\linewidth-2\fboxsep-2\fboxrule}"
    return _two_columns(block.titles, block.rows, setting, open_box, r"\end{minipage}}")


@_part.register
def _(block: Table, setting: _Setting) -> Part:
    def row(cells: tuple[Prose, ...]) -> str:
        return " & ".join(_prose(cell, setting) for cell in cells)

    side = "r" if setting.rtl else "l"
    columns = "l" * (len(block.titles) - 1) + r"p{0.4\linewidth}"
    return Part(
        columns=f"[{side}]{{@{{}}{columns}@{{}}}}",
        head=row(block.titles),
        lines=tuple(map(row, block.rows)),
    )


@_part.register
def _(block: Picture, setting: _Setting) -> Part:
    return Part(picture=tikz(block.drawing), caption=_prose(block.caption, setting))


def _rows(
    lines: Sequence[tuple[Formula | None, Formula, Prose]], setting: _Setting
) -> tuple[Row, ...]:
    """Return the rows of an alignment; the reason of an equation stands beside its first row."""
    lefts = ["" if left is None else written_latex(left, setting.origin) for left, _, _ in lines]
    share = _BESIDE_REASON if any(reason for _, _, reason in lines) else 1.0
    room = setting.limit * share - max(map(width, lefts)) - width("=")
    rows: list[Row] = []
    for left, (_, right, reason) in zip(lefts, lines, strict=True):
        first, *more = _broken(written_latex(right, setting.origin), room)
        said = rf"{{\raggedright\small {_prose(reason, setting)}}}"
        box = rf"\parbox[t]{{{_REASON}\linewidth}}{said}" if reason else ""
        rows.append(Row(left, f"= {first}", box, r" \\[3pt]"))
        rows += [Row("", rf"\quad {row}", "", r" \\[3pt]") for row in more]
    return (*rows[:-1], replace(rows[-1], end=""))


def _broken(latex: str, room: float) -> list[str]:
    return broken_latex(latex, max(room, _LEAST), _QUAD)


def _two_columns(
    titles: tuple[Prose, Prose],
    pairs: tuple[Pair, ...],
    setting: _Setting,
    before: str,
    after: str,
) -> Part:
    # The same columns for all pairs: those in which the most of them fit beside one another.
    fitting = {split: [_fits(pair, split, setting) for pair in pairs] for split in _COLUMNS}
    split = max(_COLUMNS, key=lambda columns: sum(fitting[columns]))
    forms = tuple(
        _forms(pair, split if fits else None, setting, before, after)
        for pair, fits in zip(pairs, fitting[split], strict=True)
    )
    shown = any(titles) and any(fitting[split])
    return Part(titles=_titles(titles, split, setting) if shown else "", pairs=forms)


def _titles(titles: tuple[Prose, Prose], split: tuple[float, float], setting: _Setting) -> str:
    first, second = (
        rf"\begin{{minipage}}[t]{{{share}\linewidth}}\small\itshape {_prose(title, setting)}"
        r"\end{minipage}"
        for title, share in zip(titles, split, strict=True)
    )
    return rf"\noindent {first}\hfill{second}"


def _fits(pair: Pair, split: tuple[float, float], setting: _Setting) -> bool:
    """Tell whether both forms of an equation fit into these parts of a line."""
    widths = (
        width(written_latex(form, setting.origin)) if isinstance(form, Equation) else 0.0
        for form in (pair.index, pair.matrix)
    )
    return all(w <= setting.limit * share for w, share in zip(widths, split, strict=True))


def _forms(
    pair: Pair, split: tuple[float, float] | None, setting: _Setting, before: str, after: str
) -> Forms:
    """Return the two forms in columns, or in lines of their own."""
    form = pair.matrix
    first, second = split or (1.0, 1.0)
    matrix = (
        rf"$\displaystyle {_equation(form, setting.limit * second, setting)}$"
        if isinstance(form, Equation)
        else _prose(form, setting)
    )
    return Forms(
        before,
        str(first),
        _equation(pair.index, setting.limit * first, setting),
        r"\hfill" if split else r"\par\smallskip\noindent",
        str(second),
        matrix,
        after,
        _prose(pair.remark, setting),
    )


def _equation(equation: Equation, limit: float, setting: _Setting) -> str:
    """Return an equation in as many rows as it needs."""
    left = written_latex(equation.left, setting.origin)
    right = written_latex(equation.right, setting.origin)
    room = limit - width(left) - width("=")
    first, *more = _broken(right, room)
    if not more:
        return f"{left} = {first}"
    rows = r" \\ ".join([f"{left} &= {first}", *(rf"&\quad {row}" for row in more)])
    return rf"\begin{{aligned}}[t] {rows} \end{{aligned}}"


def _prose(prose: Prose, setting: _Setting) -> str:
    """Return sentences with their formulas."""
    result = ""
    for run in prose:
        if isinstance(run, str):
            result += _text(run, setting)
        elif isinstance(run, Code):
            code = rf"\texttt{{{_escaped(run.text)}}}"
            result += rf"\LR{{{code}}}" if setting.rtl else code
        else:
            result += _inline(run, setting)
    return result


def _inline(run: Formula | Equation | Quoted, setting: _Setting) -> str:
    """Return a formula in a sentence; somebody else's is as large as in a display."""
    large = ""
    if isinstance(run, Quoted):
        large, latex = r"\displaystyle ", quoted_latex(run)
    else:
        latex = inline_latex(run, setting.origin)
    # A line may end between the rows of a wide formula.
    rows = broken_latex(latex, _INLINE) if width(latex) > _INLINE else [latex]
    joined = " ".join(f"${large}{row}$" for row in rows)
    # Rows follow each other as in the formula, whichever way the words run.
    return rf"\LR{{{joined}}}" if setting.rtl and len(rows) > 1 else joined


def _text(text: str, setting: _Setting) -> str:
    """Return words; those in Latin letters keep their direction among others."""
    if not setting.rtl:
        return _escaped(text)
    pieces = _LATIN.split(text)
    return "".join(
        rf"\LR{{{_escaped(piece)}}}" if place % 2 else _escaped(piece)
        for place, piece in enumerate(pieces)
    )


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)
