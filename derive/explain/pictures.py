"""Pictures as data: what stands where. :mod:`derive.explain.svg` and ``tikz`` only draw it.

A picture has its origin at the upper left; y grows downward, and a unit is a CSS pixel.
All places are whole numbers, so that a picture is the same text on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.explain.tree import Equation, Formula

__all__ = [
    "HEAD",
    "Curve",
    "Drawing",
    "Head",
    "Label",
    "Line",
    "Point",
    "Rect",
    "Shape",
    "label_width",
]

#: The length and half the width of an arrow's head.
HEAD = (7, 3)
#: The estimated width of a character in a label, and of one in a subscript.
_WIDE, _NARROW = 8, 6


@dataclass(frozen=True, slots=True)
class Point:
    """A place."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Rect:
    """A box; ``style`` is what it stands for, such as a tensor's role."""

    x: int
    y: int
    width: int
    height: int
    style: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A line that leaves each of its points upright, and so turns where they are not in line."""

    points: tuple[Point, ...]
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    start: Point
    end: Point
    style: str


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an arrow: its tip, and whether it points upward."""

    tip: Point
    up: bool
    style: str


@dataclass(frozen=True, slots=True)
class Label:
    """Formulas at a place, a separator between them.

    Parameters
    ----------
    at : Point
        The middle of the text (``anchor`` ``middle``) or its end, on the base line.
    parts : tuple of formulas and equations
        What to write.
    separator : str
        ``×`` or ``,``.
    style : str
        ``name``, ``shape`` or ``axis``.
    anchor : str
        ``middle`` or ``end``.
    """

    at: Point
    parts: tuple[Formula | Equation, ...]
    separator: str
    style: str
    anchor: str = "middle"


Shape = Rect | Curve | Line | Head | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes, in the order in which they are drawn.

    Parameters
    ----------
    width, height : int
        The extent of the whole.
    shapes : tuple of shapes
        What is in it.
    """

    width: int
    height: int
    shapes: tuple[Shape, ...]


def label_width(text: str) -> int:
    """Return about how wide a label is; what follows a ``_`` stands lower and is smaller.

    >>> label_width("W"), label_width("h_new")
    (8, 26)
    """
    stem, _, below = text.partition("_")
    return _WIDE * len(stem) + _NARROW * len(below)
