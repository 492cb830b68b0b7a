"""A page as lines of text: for a terminal with styles, or plain with its marks underlined."""

from __future__ import annotations

import itertools
import re
from functools import singledispatch
from typing import TYPE_CHECKING

from derive.explain.breaking import broken_text, cells
from derive.explain.page import (
    Boxed,
    Code,
    Derived,
    Formulas,
    Heading,
    Pair,
    Paragraph,
    Picture,
    Quoted,
    SideBySide,
    Table,
)
from derive.explain.text import marked
from derive.explain.tree import Equation, Formula, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from derive.explain.page import Page, Prose

__all__ = ["Row", "Span", "lines", "plain"]

#: Some text and its style: ``title``, ``heading``, ``part``, ``quiet``, ``new``, ``wrong`` or none.
Span = tuple[str, str]
Row = tuple[Span, ...]

_INDENT = "  "
_GAP = 3
#: A formula gets this part of a line, the reason beside it the rest.
_SHARE = 0.6
#: Marks that keep a formula in one piece, from left to right, in text that runs the other way.
_ISOLATE, _END = "\u2066", "\u2069"
#: What stands below a marked part where there are no colours.
_UNDER = {Mark.NEW.value: "‾", Mark.WRONG.value: "^"}


def lines(page: Page, width: int) -> tuple[Row, ...]:
    """Return the lines of a page, none wider than ``width`` where that can be avoided.

    Pictures are left out.
    """
    rtl = page.direction == "rtl"
    about = _wrapped(page.about, width - cells(page.title) - len(_INDENT), rtl)
    found: list[Row] = [
        ((_INDENT + " " * cells(page.title), ""), *row)
        if place
        else ((page.title, "title"), (_INDENT, ""), *row)
        for place, row in enumerate(about or [()])
    ]
    for block in page.blocks:
        found += _block(block, width, rtl)
    return tuple(found)


def plain(rows: Iterable[Row]) -> str:
    r"""Return lines without styles; what is marked is underlined in a line of its own.

    >>> plain([(("a + ", ""), ("b", "new"))])
    'a + b\n    ‾\n'
    """
    found: list[str] = []
    under = ""
    for row in rows:
        text = _joined(row).rstrip()
        found += _underlined(under, text) if under else [text]
        under = "".join(_UNDER.get(style, " ") * cells(text) for text, style in row).rstrip()
    found += [under] if under else []
    return "\n".join([*found, ""])


def _underlined(under: str, text: str) -> list[str]:
    """Return the line below a marked one: in one with the next, if that is empty there."""
    end = len(under)
    if text and not text[:end].strip():
        return [under + text[end:]]
    return [under, text]


@singledispatch
def _block(block: object, width: int, rtl: bool) -> list[Row]:
    raise TypeError(f"no text for a {type(block).__name__}")


@_block.register
def _(block: Heading, width: int, rtl: bool) -> list[Row]:
    style = "heading" if block.level == 1 else "part"
    indent = "" if block.level == 1 else _INDENT
    return [
        (),
        *(((indent, ""), (_joined(row), style)) for row in _wrapped(block.text, width, rtl)),
    ]


@_block.register
def _(block: Paragraph, width: int, rtl: bool) -> list[Row]:
    return _indented(_wrapped(block.text, width - len(_INDENT), rtl))


@_block.register
def _(block: Formulas, width: int, rtl: bool) -> list[Row]:
    rows = [(equation.left, equation.right, remark) for equation, remark in block.rows]
    return list(_aligned(rows, width, rtl))


@_block.register
def _(block: Derived, width: int, rtl: bool) -> list[Row]:
    rows = [
        (None if place else block.left, line.right, line.reason)
        for place, line in enumerate(block.lines)
    ]
    return [(), *_aligned(rows, width, rtl)]


@_block.register
def _(block: SideBySide, width: int, rtl: bool) -> list[Row]:
    return _indented(_columns(block.titles, block.rows, width - len(_INDENT), rtl))


@_block.register
def _(block: Boxed, width: int, rtl: bool) -> list[Row]:
    inner = _columns(block.titles, block.rows, width - len(_INDENT) - 4, rtl)
    widest = max(_length(row) for row in inner)
    found: list[Row] = [((f"┌{'─' * (widest + 2)}┐", ""),)]
    for row in inner:
        found.append((("│ ", ""), *row, (f"{' ' * (widest - _length(row))} │", "")))
    found.append(((f"└{'─' * (widest + 2)}┘", ""),))
    return _indented(found)


@_block.register
def _(block: Table, width: int, rtl: bool) -> list[Row]:
    rows = [block.titles, *block.rows]
    texts = [[_joined(_spans(cell, rtl)) for cell in row] for row in rows]
    widths = [max(map(cells, column)) for column in zip(*texts, strict=True)]
    rest = width - len(_INDENT) - sum(w + _GAP for w in widths[:-1])
    found: list[Row] = []
    for place, row in enumerate(rows):
        head: list[Span] = []
        for cell, wide in zip(row[:-1], widths[:-1], strict=True):
            spans = _spans(cell, rtl)
            head += [*spans, (" " * (wide - _length(spans) + _GAP), "")]
        margin = sum(map(cells, (text for text, _ in head)))
        for number, line in enumerate(_wrapped(row[-1], max(rest, 16), rtl) or [()]):
            start = tuple(head) if number == 0 else ((" " * margin, ""),)
            whole = (*start, *line)
            found.append(whole if place else ((_joined(whole).rstrip(), "quiet"),))
    return _indented(found)


@_block.register
def _(block: Picture, width: int, rtl: bool) -> list[Row]:
    return []


def _aligned(
    rows: Sequence[tuple[Formula | None, Formula, Prose]], width: int, rtl: bool
) -> Iterator[Row]:
    """Yield ``left = right  remark`` with the equality signs and the remarks below one another."""
    lefts = [marked(left)[0] if left is not None else "" for left, _, _ in rows]
    margin = max(map(cells, lefts))
    room = width - len(_INDENT) - margin - 3
    longest = max(_length(_spans(remark, rtl)) for _, _, remark in rows)
    beside = min(longest + _GAP, int(room * (1 - _SHARE))) if longest else 0
    most = max(room - beside, 20)
    rights = [_broken(right, most) for _, right, _ in rows]
    used = max(_length(line) for right in rights for line in right)
    for left, right, (_, _, remark) in zip(lefts, rights, rows, strict=True):
        reasons = _wrapped(remark, max(room - used - _GAP, 16), rtl)
        for place, (line, reason) in enumerate(itertools.zip_longest(right, reasons, fillvalue=())):
            sign = " = " if place == 0 else "   "
            head = left + " " * (margin - cells(left)) if place == 0 else " " * margin
            gap = " " * (used - _length(line) + _GAP) if reason else ""
            quiet = tuple((text, style or "quiet") for text, style in reason)
            yield (_INDENT + head + sign, ""), *line, (gap, ""), *quiet


def _columns(
    titles: tuple[Prose, Prose], pairs: Sequence[Pair], width: int, rtl: bool
) -> list[Row]:
    """Return the two forms of equations beside one another, each with its remark below.

    Where there is no room for both in one line, the second form stands below the first.
    """
    naturals = [
        (_widest(pair.index, rtl), min(_widest(pair.matrix, rtl), width // 2)) for pair in pairs
    ]
    fits = [first + _GAP + second <= width for first, second in naturals]
    heads = [_length(_spans(title, rtl)) for title in titles]
    firsts = [first for (first, _), fit in zip(naturals, fits, strict=True) if fit]
    column = max([heads[0], *firsts])
    found: list[Row] = []
    if any(heads) and any(fits):
        one, two = (_joined(_spans(title, rtl)) for title in titles)
        found.append(((one + " " * (column - cells(one) + _GAP) + two, "quiet"),))
    for pair, (_, second), fit in zip(pairs, naturals, fits, strict=True):
        beside = fit and column + _GAP + second <= width
        left = _form(pair.index, column if beside else width, rtl)
        right = _form(pair.matrix, width - column - _GAP if beside else width - len(_INDENT), rtl)
        if not beside:
            found += [*left, *_indented(right)]
        for row, other in itertools.zip_longest(left, right, fillvalue=()) if beside else ():
            gap = " " * (column - _length(row) + _GAP) if other else ""
            found.append((*row, (gap, ""), *other))
        for row in _wrapped(pair.remark, width - len(_INDENT), rtl):
            found.append(((_INDENT, ""), *((text, style or "quiet") for text, style in row)))
    return found


def _widest(form: Equation | Prose, rtl: bool) -> int:
    """Return how wide a form is in one line."""
    return _length(_spans((form,) if isinstance(form, Equation) else form, rtl))


def _form(form: Equation | Prose, limit: int, rtl: bool) -> list[Row]:
    return _equation(form, limit) if isinstance(form, Equation) else _wrapped(form, limit, rtl)


def _equation(equation: Equation, limit: int) -> list[Row]:
    """Return an equation in rows, what does not fit under its right side."""
    left = marked(equation.left)[0] + " = "
    indent = cells(left) if cells(left) < limit // 2 else len(_INDENT)
    first, *more = _broken(equation.right, limit - indent)
    return [((left, ""), *first), *(((" " * indent, ""), *row) for row in more)]


def _broken(formula: Formula | Equation, limit: int) -> list[Row]:
    """Return a formula in rows."""
    text, marks = marked(formula)
    return [
        ((" " * len(_INDENT), ""), *_cut(text, marks, start, end))
        if place
        else _cut(text, marks, start, end)
        for place, (start, end) in enumerate(broken_text(text, limit, len(_INDENT)))
    ]


def _cut(text: str, marks: Sequence[tuple[int, int, Mark]], start: int, end: int) -> Row:
    """Return a part of a text with the styles of its marks; the innermost mark counts."""
    styles = [""] * len(text)
    for first, last, mark in sorted(marks, key=lambda m: m[0] - m[1]):
        styles[first:last] = [mark.value] * (last - first)
    pieces = itertools.groupby(range(start, end), lambda place: styles[place])
    return tuple(("".join(text[place] for place in places), style) for style, places in pieces)


def _spans(prose: Prose, rtl: bool) -> Row:
    """Return some prose in one line."""
    found: list[Span] = []
    for run in prose:
        if isinstance(run, str):
            found.append((run, ""))
            continue
        if isinstance(run, Quoted):
            found += [(_ISOLATE, ""), *_pieces(run), (_END, "")][not rtl : None if rtl else -1]
            continue
        text, marks = (run.text, ()) if isinstance(run, Code) else marked(run)
        isolated = ((_ISOLATE, ""), *_cut(text, marks, 0, len(text)), (_END, ""))
        found += isolated if rtl else isolated[1:-1]
    return tuple(found)


def _pieces(quoted: Quoted) -> list[Span]:
    """Return a formula of somebody else's, its marks as styles."""
    return [(text, quoted.mark.value if is_marked else "") for text, is_marked in quoted.text]


def _wrapped(prose: Prose, width: int, rtl: bool) -> list[Row]:
    """Return some prose in rows: words are kept whole, and so are formulas that fit."""
    words: list[list[Span]] = [[]]
    for run in prose:
        parts = re.split(r"(\s+)", run) if isinstance(run, str) else [""]
        for part in parts:
            if part.isspace():
                words.append([])
            elif part:
                words[-1].append((part, ""))
        if not isinstance(run, str) and _length(_spans((run,), rtl)) < width:
            words[-1] += _spans((run,), rtl)
        elif isinstance(run, Quoted):
            for text, style in _pieces(run):
                for part in re.split(r"( )", text):
                    if part == " ":
                        words.append([])
                    elif part:
                        words[-1].append((part, style))
        elif isinstance(run, Formula | Equation):
            # One cell is left for a comma, or a full stop.
            for place, row in enumerate(_broken(run, width - 1)):
                words += [[]] if place else []
                words[-1] += row
    rows: list[list[Span]] = []
    for word in filter(None, words):
        if rows and _length(rows[-1]) + 1 + _length(word) <= width:
            rows[-1] += [(" ", ""), *word]
        else:
            rows.append(list(word))
    return [tuple(row) for row in rows]


def _indented(rows: Iterable[Row]) -> list[Row]:
    return [((_INDENT, ""), *row) if row else () for row in rows]


def _joined(row: Iterable[Span]) -> str:
    return "".join(text for text, _ in row)


def _length(row: Iterable[Span]) -> int:
    return sum(cells(text) for text, _ in row)
