r"""Break a formula that is too wide into rows, at its operators.

A formula that is printed already is taken apart into pieces, each with its width and with what
it costs to begin a row with it: a sum's signs outside of brackets are cheap, factors dear, and
the deeper in brackets, the dearer. :func:`rows` finds the cheapest rows that fit.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from derive.explain.measure import FUNCTIONS, LIMITS, Unit, parts_of_fraction, units, width

__all__ = ["Piece", "broken_latex", "broken_text", "cells", "rows"]

#: What another row costs, each level of brackets, and each unit of width that does not fit.
_ROW, _LEVEL, _EXCESS = 10.0, 12.0, 1000.0
#: What it costs to begin a row with an operator, and with a factor.
_PRICES = {"+": 0.0, "−": 0.0, "-": 0.0, "=": 0.0, "∘": 3.0, "⊘": 3.0, "·": 4.0, "/": 5.0}
_PRICES |= {r"\circ": 3.0, r"\oslash": 3.0, r"\cdot": 4.0}
_FACTOR, _AFTER_COMMA = 6.0, 7.0
#: After these a row does not end: what they act on follows.
_TEXT_HEADS = re.compile(r"[(\[{|−]*([Σ∏]|∂/∂|max_|argmax_)")
#: Both sides of a comparison stay in its row.
_RELATIONS = {"<", ">", "≤", "≥", "≠", r"\le", r"\leq", r"\ge", r"\geq", r"\ne", r"\neq"}
_OPENING, _CLOSING = {"(", "[", r"\left"}, {")", "]", r"\right", "}"}
_HOLDING = {
    *_PRICES,
    *_RELATIONS,
    *_OPENING,
    *LIMITS,
    *FUNCTIONS,
    r"\operatorname",
    r"\sigma",
    r"\neg",
    r"\color",
}
_OPEN_DERIVATIVE = r"\frac{\partial}"
#: These stay with what stands before them.
_TIED = {",", r"\,", *_RELATIONS}
_COLOURED = re.compile(r"\{\\color\{[a-z]+\}")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text that stays in one row; ``price`` is None where no row may begin with it."""

    text: str
    width: float
    price: float | None = None


def rows(pieces: list[Piece], limit: float, indent: float = 0.0) -> list[list[Piece]]:
    """Return the pieces in rows of at most ``limit``; all rows but the first are indented.

    >>> pieces = [Piece("a", 4), Piece(" + b", 4, 0.0), Piece(" c", 3, 6.0)]
    >>> [[piece.text for piece in row] for row in rows(pieces, 8)]
    [['a'], [' + b', ' c']]
    """
    starts = [n for n, piece in enumerate(pieces) if not n or piece.price is not None]
    ends = [*starts[1:], len(pieces)]
    spans = [sum(p.width for p in pieces[s:e]) for s, e in zip(starts, ends, strict=True)]
    costs, before = [0.0], [0]
    for end in range(1, len(spans) + 1):
        found = []
        for start in range(end):
            room = limit - (indent if start else 0.0)
            slack = room - sum(spans[start:end])
            price = (pieces[starts[start]].price or 0.0) if start else 0.0
            # Where several ways are as good, full rows come first, the last one takes the rest.
            loose = (slack / room) ** 2 if end < len(spans) else 0.0
            fit = loose if slack >= 0 else -slack * _EXCESS
            found.append((costs[start] + _ROW + price + fit, start))
        cost, start = min(found)
        costs.append(cost)
        before.append(start)
    result: list[list[Piece]] = []
    end = len(spans)
    while end:
        start = before[end]
        result.insert(0, pieces[starts[start] : ends[end - 1]])
        end = start
    return result


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    return sum(
        (2 if unicodedata.east_asian_width(character) in "WF" else 1)
        for character in text
        if unicodedata.category(character) not in ("Mn", "Me", "Cf")
    )


def broken_text(text: str, limit: int, indent: int = 0) -> list[tuple[int, int]]:
    """Return where the rows of a formula in one line of text begin and end.

    >>> text = "a_i c_i Σ_l x_l + exp(b_i)"
    >>> [text[start:end] for start, end in broken_text(text, 16)]
    ['a_i c_i Σ_l x_l', '+ exp(b_i)']
    """
    result, place = [], 0
    for row in rows(_text_pieces(text), limit, indent):
        end = place + sum(len(piece.text) for piece in row)
        result.append((place + (text[place] == " "), end))
        place = end
    return result


def _text_pieces(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    depth, braces, held = 0, 0, True
    for word in re.findall(r" ?[^ ]+", text):
        bare = word.strip()
        # What stands below a letter stays with it.
        held = held or bool(braces) or bare in _RELATIONS
        price = None if held else _PRICES.get(bare, _FACTOR) + _LEVEL * depth
        pieces.append(Piece(word, cells(word), price))
        depth += sum(map(bare.count, "([{")) - sum(map(bare.count, ")]}"))
        braces += bare.count("{") - bare.count("}")
        held = bare in {*_PRICES, *_RELATIONS} or bool(_TEXT_HEADS.match(bare))
        held = held or (bare.isalpha() and len(bare) > 1)
    return pieces


def broken_latex(latex: str, limit: float, indent: float = 0.0) -> list[str]:
    r"""Return the rows of a formula; the limit is in points, as of :mod:`derive.explain.measure`.

    Brackets that are closed in another row get a fixed size, a row that begins with a factor gets
    a dot before it, and a fraction or a root that is wider than a row becomes a power.

    >>> broken_latex(r"a \left(\frac{b}{c} + d\right) + \exp(e)", 60)
    ['a \\left(\\frac{b}{c} + d\\right)', '+ \\exp(e)']
    >>> broken_latex(r"a \left(\frac{b}{c} + d\right)", 30)
    ['a \\Bigl(\\frac{b}{c}', '+ d\\Bigr)']
    """
    found = rows(_pieces(_flat(latex, limit)), limit, indent)
    texts = _closed_in_rows([[piece.text for piece in row] for row in found])
    return [
        rf"\cdot {text}" if row[0].price is not None and row[0].price % _LEVEL == _FACTOR else text
        for row, text in zip(found, texts, strict=True)
    ]


def _pieces(taken_apart: list[Unit]) -> list[Piece]:
    pieces: list[Piece] = []
    depth, held, last = 0, True, ""
    for unit in taken_apart:
        if unit.head == " ":
            pieces.append(Piece(unit.text, 0.0))
            continue
        closes = unit.head in _CLOSING
        price = None
        if not held and not closes and unit.head not in _TIED:
            factor = _AFTER_COMMA if last == "," else _FACTOR
            price = _PRICES.get(unit.head, factor) + _LEVEL * depth
        pieces.append(Piece(unit.text, unit.width, price))
        last = unit.head
        depth += (unit.head in _OPENING) - (closes and unit.head != "}")
        held = unit.head in _HOLDING or unit.text.startswith(_OPEN_DERIVATIVE)
    return pieces


def _flat(latex: str, limit: float) -> list[Unit]:
    """Return the units of a formula, with those that are marked taken out of their groups.

    A root that is wider than a row is written as a power, which can be broken, and so is a
    fraction; one over what is short stands before what was above it.
    """
    found: list[Unit] = []
    for unit in units(latex):
        colour = _COLOURED.match(unit.text)
        if colour:
            found += [
                Unit(colour[0], 0.0, r"\color"),
                *_flat(unit.text[colour.end() : -1], limit),
                Unit("}", 0.0, "}"),
            ]
        elif unit.head == r"\frac" and unit.width > limit:
            above, below = parts_of_fraction(unit.text)
            if width(below) <= limit / 4:
                found += _flat(rf"\frac{{1}}{{{below}}} \left({above}\right)", limit)
            else:
                found += _flat(rf"\left({above}\right) \left({below}\right)^{{-1}}", limit)
        elif unit.head == r"\sqrt" and unit.width > limit:
            inside = unit.text.removeprefix(r"\sqrt{")[:-1]
            found += _flat(rf"\left({inside}\right)^{{1/2}}", limit)
        else:
            found.append(unit)
    return found


def _closed_in_rows(found: list[list[str]]) -> list[str]:
    """Let no bracket that grows, and no colour, reach from one row into the next."""
    opened: list[tuple[int, int]] = []
    result = [list(row) for row in found]
    before, after = [""] * len(found), [""] * len(found)
    for number, row in enumerate(found):
        for place, text in enumerate(row):
            if text.startswith(r"\left") or _COLOURED.match(text):
                opened.append((number, place))
            elif text.startswith(r"\right") or text == "}":
                first, where = opened.pop()
                if first == number:
                    continue
                if text != "}":
                    result[first][where] = found[first][where].replace(r"\left", r"\Bigl", 1)
                    result[number][place] = text.replace(r"\right", r"\Bigr", 1)
                    continue
                for between in range(first, number):
                    after[between] += "}"
                    before[between + 1] += f"{found[first][where]} "
    texts = ("".join(row).strip() for row in result)
    return [b + text + a for b, text, a in zip(before, texts, after, strict=True)]
