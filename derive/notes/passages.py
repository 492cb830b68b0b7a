r"""Where a text parts: paragraphs, headings, entries of lists, rows of tables.

In Markdown a list is as deep as its marks are indented; in LaTeX it is an environment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

__all__ = ["BOLD", "Break", "breaks"]

#: How deep a line is that is bold as a whole: below all headings.
BOLD = 7
_LINE = re.compile(r"\n(?P<blank>(?:[ \t\r]*\n)*)(?P<indent>[ \t]*)")
_MARKED = re.compile(
    r"(?P<rule>([-*_])(?:[ \t]*\2){2,}[ \t\r]*(?=\n|\Z))"
    r"|(?P<heading>#{1,6})[ \t]+|(?P<item>(?:[-*]|\d+[.)])\s+|\|)"
)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(?:(?!\1)[^\n])+\1[.:]?[ \t\r]*(?=\n|\Z)")
_COMMAND = re.compile(
    r"\\(?:(?P<item>item)|(?P<par>par|(?:sub)?paragraph)|(?P<section>(?:sub)*section)\*?)(?![A-Za-z])"
    r"|\\begin\s*\{(?P<open>itemize|enumerate|description)\*?\}"
    r"|\\end\s*\{(?P<close>itemize|enumerate|description)\*?\}|(?P<row>\\\\)"
)
#: The words of a heading in LaTeX, all of them.
_TITLE = re.compile(r"(?:\[[^\[\]$\\]*\])?\{[^{}$\\]*\}")


@dataclass(frozen=True, slots=True)
class Break:
    """A place at which a text parts.

    Parameters
    ----------
    kind : str
        ``line``, ``paragraph``, ``rule``, ``heading``, ``item``, ``open`` and ``close`` of a list,
        or ``row``.
    depth : int
        How far what follows is indented; of a heading its level.
    start, end : int
        Offsets of what parts: a blank line, a mark.
    """

    kind: str
    depth: int
    start: int
    end: int


def breaks(text: str, start: int, end: int) -> list[Break]:
    """Return the places in a stretch of a text at which it parts, in order."""
    found = [*_lines(text, start, end), *_commands(text, start, end)]
    found.sort(key=lambda one: one.start)
    plain = ("line", "paragraph")
    return [
        one
        for one, after in zip_longest(found, found[1:])
        # A blank line before a mark is part of it.
        if after is None
        or one.kind not in plain
        or (one.kind == "paragraph" and after.kind == "line")
        or text[one.end : after.start].strip()
    ]


def _lines(text: str, start: int, end: int) -> list[Break]:
    found: list[Break] = []
    for match in _LINE.finditer(text, start, end):
        at, depth = match.end(), len(match["indent"].expandtabs(4))
        mark = _MARKED.match(text, at)
        if mark is not None and mark.start() < end:
            kind = next(name for name in ("rule", "heading", "item") if mark[name])
            depth = len(mark["heading"]) if mark["heading"] else depth
            found.append(Break(kind, depth, match.start(), min(mark.end(), end)))
        elif match["blank"] and _BOLD.match(text, at):
            found.append(Break("heading", BOLD, match.start(), at))
        else:
            kind = "paragraph" if match["blank"] else "line"
            found.append(Break(kind, depth, match.start(), at))
    return found


def _commands(text: str, start: int, end: int) -> list[Break]:
    found: list[Break] = []
    for match in _COMMAND.finditer(text, start, end):
        kind, depth = match.lastgroup or "", 0
        titled = _TITLE.match(text, match.end(), end) if kind in ("section", "par") else None
        if kind == "section":
            kind, depth = "heading", 1 + match["section"].count("sub")
        elif kind == "par":
            kind = "paragraph"
        found.append(Break(kind, depth, match.start(), match.end()))
        if titled is not None:
            # What follows a heading of words alone is no part of it.
            found.append(Break("paragraph", 0, titled.end() - 1, titled.end()))
    return found
