"""Texts with places: where every character of a formula stands in the file it came from."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from derive.errors import DeriveError, Span

#: A file may be this long (in bytes), one formula that long (in characters).
FILE_LIMIT = 1 << 20
FORMULA_LIMIT = 1 << 14
#: What lines of a quotation in Markdown begin with.
QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")


def _line_starts(text: str) -> tuple[int, ...]:
    """Return the offset of the first character of every line (LF, CRLF and CR all end one)."""
    starts = [0]
    for offset, character in enumerate(text):
        if character == "\n" or (character == "\r" and text[offset + 1 : offset + 2] != "\n"):
            starts.append(offset + 1)
    return tuple(starts)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, untouched (byte order mark and line ends included), so it can be patched.

    Parameters
    ----------
    file : str
        The name to show.
    text : str
        The decoded text.
    """

    file: str
    text: str = field(repr=False)
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", _line_starts(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column, both from 1; a byte order mark takes no column."""
        line = bisect_right(self.starts, offset)
        column = offset - self.starts[line - 1] + 1
        if line == 1 and self.text.startswith("\ufeff"):
            column = max(1, column - 1)
        return line, column

    def line(self, number: int) -> str:
        """Return a line's text without its break."""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n").removeprefix("\ufeff")

    def span(self, start: int, end: int) -> Span:
        """Return the place of ``text[start:end]``; what runs over a line end is cut there."""
        line, column = self.position(start)
        text = self.line(line)
        last = min(column + max(1, end - start), max(len(text) + 1, column + 1))
        return Span(self.file, line, column, last, text)


class Call(NamedTuple):
    """Where a command of the note's own was written out.

    ``text[start:end]`` of the excerpt is what stands at ``first`` to ``last`` in the source; of it,
    the stretches ``free`` are arguments, and stand there as they are.
    """

    start: int
    end: int
    first: int
    last: int
    free: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text taken out of a source, with the place of each of its characters.

    Parameters
    ----------
    text : str
        What was taken out (a comment's ``%``, a quotation's ``>``, YAML quotes left behind).
    source : Source
        Where from.
    pieces : tuple of (int, int)
        Pairs (offset in ``text``, offset in the source), ascending; between two pairs both
        run on together.
    calls : tuple of Call
        The commands that were written out, in order.
    """

    text: str
    source: Source
    pieces: tuple[tuple[int, int], ...] = ((0, 0),)
    calls: tuple[Call, ...] = ()

    def offset(self, index: int) -> int:
        """Return the source offset of the character at ``index`` (``len(text)`` is allowed)."""
        piece = max(0, bisect_right(self.pieces, (index, len(self.source.text) + 1)) - 1)
        own, other = self.pieces[piece]
        return other + index - own

    def span(self, start: int, end: int) -> Span:
        """Return the place of ``text[start:end]`` in the source."""
        first = self.offset(start)
        return self.source.span(first, max(first + 1, self.offset(max(start, end - 1)) + 1))

    def cut(self, start: int, end: int) -> Excerpt:
        """Return the part ``text[start:end]``, still with its places."""
        inner = [(own - start, other) for own, other in self.pieces if start < own < end]
        return Excerpt(self.text[start:end], self.source, ((0, self.offset(start)), *inner))

    def error(self, message: str, start: int, end: int, hint: str = "") -> DeriveError:
        """Return a complaint about ``text[start:end]``."""
        return DeriveError(message, self.span(start, end), hint)


@dataclass(frozen=True, slots=True)
class Formula:
    r"""A piece of LaTeX mathematics in a note.

    Parameters
    ----------
    latex : str
        Its text; an environment (``align`` …) keeps its ``\begin`` and ``\end``, other
        delimiters are left out.
    origin : Excerpt
        The same text with the place of every character.
    display : bool
        Whether it stands on its own lines.
    skip : bool
        Whether the note's author excluded it.
    supposed : bool
        Whether the word before it says that it is a supposition and no claim.
    under : tuple of str
        The suppositions in the words around it under which it is claimed.
    either : tuple of tuple of str
        Several cases in each of which it is claimed.
    perhaps : tuple of tuple of str
        Cases of which the words do not tell whether it is claimed in them only.
    """

    latex: str
    origin: Excerpt = field(repr=False)
    display: bool = True
    skip: bool = False
    supposed: bool = False
    under: tuple[str, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()
    perhaps: tuple[tuple[str, ...], ...] = ()

    def span(self, start: int, end: int) -> Span:
        """Return the place of ``latex[start:end]`` in the file."""
        return self.origin.span(start, end)

    def offset(self, index: int) -> int:
        """Return the offset of ``latex[index]`` in the file's text (for patching it)."""
        return self.origin.offset(index)


def formula(latex: str, file: str = "<string>") -> Formula:
    """Return a formula that is its own file.

    >>> str(formula("a = b").span(4, 5))
    '<string>:1:5'
    """
    return Formula(latex, Excerpt(latex, Source(file, latex)))
