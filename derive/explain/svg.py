"""Drawings as SVG, to stand in a page of HTML; the page's style sheet gives the colours."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import singledispatch
from html import escape
from itertools import pairwise

from derive.explain.pictures import HEAD, Curve, Drawing, Head, Label, Line, Point, Rect
from derive.explain.spelling import spelled
from derive.explain.text import written
from derive.explain.tree import Letter
from derive.layer.written import Script
from derive.render import render

__all__ = ["Context", "svg"]

#: How far a subscript stands below the line.
_LOWER = 4


@dataclass(frozen=True, slots=True)
class Run:
    """Some characters of a label, ``lower`` than the ones before."""

    text: str
    style: str
    lower: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One element: a rectangle, a path, or a label; the other attributes are empty."""

    style: str
    rect: str = ""
    path: str = ""
    label: str = ""
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What the template prints."""

    title: str
    width: str
    height: str
    shapes: tuple[Shape, ...]


def svg(drawing: Drawing, title: str) -> str:
    """Return a drawing as an SVG element.

    Parameters
    ----------
    drawing : Drawing
        What to draw.
    title : str
        What it shows, for who cannot see it; any text.
    """
    shapes = tuple(_shape(shape) for shape in drawing.shapes)
    context = Context(escape(title), str(drawing.width), str(drawing.height), shapes)
    return render("html/drawing.svg.jinja", context)


@singledispatch
def _shape(shape: object) -> Shape:
    raise TypeError(f"no SVG for a {type(shape).__name__}")


@_shape.register
def _(shape: Rect) -> Shape:
    place = f'x="{shape.x}" y="{shape.y}" width="{shape.width}" height="{shape.height}"'
    return Shape(shape.style, rect=place)


@_shape.register
def _(shape: Curve) -> Shape:
    first = shape.points[0]
    path = f"M{first.x} {first.y}"
    for one, two in pairwise(shape.points):
        middle = (one.y + two.y) // 2
        straight = one.x == two.x
        path += f"V{two.y}" if straight else f"C{one.x} {middle} {two.x} {middle} {two.x} {two.y}"
    return Shape(shape.style, path=path)


@_shape.register
def _(shape: Line) -> Shape:
    start, end = shape.start, shape.end
    return Shape(shape.style, path=f"M{start.x} {start.y}L{end.x} {end.y}")


@_shape.register
def _(shape: Head) -> Shape:
    x, y, (length, half) = shape.tip.x, shape.tip.y, HEAD
    base = y + length if shape.up else y - length
    return Shape(f"head {shape.style}", path=f"M{x} {y}L{x - half} {base}H{x + half}Z")


@_shape.register
def _(shape: Label) -> Shape:
    runs: list[Run] = []
    for number, part in enumerate(shape.parts):
        if number:
            lower = _LOWER if runs[-1].style == "below" else 0
            space = "" if shape.separator == "," else " "
            runs.append(Run(f"{space}{shape.separator} ", "sign", str(-lower)))
        runs += _letter(part) if isinstance(part, Letter) else _words(written(part))
    return Shape(shape.style, label=_place(shape.at, shape.anchor), runs=tuple(runs))


def _place(at: Point, anchor: str) -> str:
    return f'x="{at.x}" y="{at.y}" text-anchor="{anchor}"'


def _words(text: str) -> list[Run]:
    """Return a formula in a line, its letters as such."""
    pieces = re.findall(r"[^\W\d]+|[\W\d]+", text)
    return [
        Run(escape(piece), "letter" if len(piece) == 1 and piece.isalpha() else "", "0")
        for piece in pieces
    ]


def _letter(letter: Letter) -> list[Run]:
    if letter.own is not None:
        plain = replace(letter.own, below=Script())
        stem = written(Letter(letter.name, own=plain))
        below = [letter.own.below.text] if letter.own.below.text else []
        single = len(letter.own.stem.text) == 1
    else:
        name = spelled(letter.name)
        stem = unicodedata.normalize("NFC", name.stem + name.accent)
        below = [part for part in (name.number, name.word) if part]
        single = len(name.stem) == 1
    below += [written(index) for index in letter.indices]
    found = [Run(escape(stem), "letter" if single else "word", "0")]
    if below:
        found.append(Run(escape(",".join(below)), "below", str(_LOWER)))
    return found
