"""A page: what is to be read, in order, with nothing left to decide but how it looks.

The words are in the page's language, the formulas are trees (:mod:`derive.explain.tree`), and the
conventions (rows or columns, what indices count from) are chosen. A renderer is a function from a
page to text; it never asks for the layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.explain.tree import Equation, Formula, Mark

if TYPE_CHECKING:
    from derive.explain.pictures import Drawing

__all__ = [
    "Block",
    "Boxed",
    "Code",
    "Derived",
    "Formulas",
    "Heading",
    "Line",
    "Page",
    "Pair",
    "Paragraph",
    "Picture",
    "Prose",
    "Quoted",
    "Run",
    "SideBySide",
    "Table",
]


@dataclass(frozen=True, slots=True)
class Code:
    """Some text as a program has it; it reads from left to right in every language."""

    text: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """A formula as somebody else wrote it: as LaTeX, and as one line of text.

    Parameters
    ----------
    latex, text : tuple of (str, bool)
        Its pieces; those with True are marked.
    mark : Mark
        Why.
    """

    latex: tuple[tuple[str, bool], ...]
    text: tuple[tuple[str, bool], ...]
    mark: Mark

    @property
    def line(self) -> str:
        """The text without its marks."""
        return "".join(text for text, _ in self.text)


#: A piece of a sentence: words, code, or a formula among them.
Run = str | Code | Quoted | Formula | Equation
Prose = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section (level 1) or of a part of one (level 2)."""

    text: Prose
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One or more sentences."""

    text: Prose


@dataclass(frozen=True, slots=True)
class Formulas:
    """Displayed equations, their equality signs below one another, each with a remark or none."""

    rows: tuple[tuple[Equation, Prose], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """``= right``, and why: one line of a derivation.

    What is new in the line, or changes next, is :class:`derive.explain.tree.Marked` in it.
    """

    right: Formula
    reason: Prose


@dataclass(frozen=True, slots=True)
class Derived:
    """A derivation: the left side once, then a line for each step."""

    left: Formula
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """The two forms of one equation.

    ``matrix`` is some prose where there is no matrix form: what to say instead, or a line of code.
    ``remark`` belongs to both.
    """

    index: Equation
    matrix: Equation | Prose
    remark: Prose = ()


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Index form and matrix form in two columns, one above the other where there is no room."""

    titles: tuple[Prose, Prose]
    rows: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Boxed:
    """Final results in a frame: both forms of each."""

    titles: tuple[Prose, Prose]
    rows: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below titles."""

    titles: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing (:mod:`derive.explain.pictures`) and what it shows.

    A format of text leaves it out.
    """

    drawing: Drawing
    caption: Prose


Block = Heading | Paragraph | Formulas | Derived | SideBySide | Boxed | Table | Picture


@dataclass(frozen=True, slots=True)
class Page:
    """A whole explanation.

    Parameters
    ----------
    title : str
        The layer's name.
    about : Prose
        What the layer is, in a sentence.
    language : str
        The code of the language of its words: ``en``.
    direction : str
        ``ltr`` or ``rtl``: which way its words run. Formulas always run from left to right.
    origin : int
        What indices count from in its formulas (see :func:`derive.explain.latex.written_latex`).
    blocks : tuple of Block
        What it says.
    """

    title: str
    about: Prose
    language: str
    direction: str
    origin: int
    blocks: tuple[Block, ...]
