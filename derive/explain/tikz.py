r"""Drawings as TikZ, to stand in a page of LaTeX.

>>> print(tikz(Drawing(20, 10, (Line(Point(0, 5), Point(20, 5), "block"),))))
\begin{tikzpicture}[x=0.6pt, y=-0.6pt, baseline=0]
  \draw[line width=1pt] (0,5) -- (20,5);
\end{tikzpicture}
"""

from __future__ import annotations

from functools import singledispatch
from itertools import pairwise

from derive.explain.latex import inline_latex
from derive.explain.pictures import HEAD, Curve, Drawing, Head, Label, Line, Point, Rect

__all__ = ["tikz"]

#: What boxes are filled with, in mixtures of package xcolor.
_FILLS = {"input": "green!12", "param": "yellow!20", "output": "red!12", "filled": "blue!40!gray"}
_FILLS |= {"label": "black!8", "constant": "black!8", "index": "black!8", "empty": "white"}
_OTHER = "blue!6"
_STROKES = {"cotangent": "red!75!black, dashed", "block": "line width=1pt"}


#: A picture that is larger, in its own units, is made smaller: no page is.
_WIDEST, _HIGHEST = 740, 1000


def tikz(drawing: Drawing) -> str:
    """Return a drawing as a picture of TikZ; a unit is six tenths of a point, if that fits."""
    lines = "\n".join(f"  {_shape(shape)}" for shape in drawing.shapes)
    begin = r"\begin{tikzpicture}[x=0.6pt, y=-0.6pt, baseline=0]"
    picture = f"{begin}\n{lines}\n\\end{{tikzpicture}}"
    percent = min(100, 100 * _WIDEST // drawing.width, 100 * _HIGHEST // drawing.height)
    return picture if percent == 100 else rf"\scalebox{{{percent / 100}}}{{{picture}}}"


def _at(point: Point) -> str:
    return f"({point.x},{point.y})"


@singledispatch
def _shape(shape: object) -> str:
    raise TypeError(f"no TikZ for a {type(shape).__name__}")


@_shape.register
def _(shape: Rect) -> str:
    fill = _FILLS.get(shape.style, _OTHER)
    corner = Point(shape.x + shape.width, shape.y + shape.height)
    style = rf"draw=blue!30!gray, line width=0.4pt, fill={fill}"
    return rf"\path[{style}] {_at(Point(shape.x, shape.y))} rectangle {_at(corner)};"


@_shape.register
def _(shape: Curve) -> str:
    path = _at(shape.points[0])
    for one, two in pairwise(shape.points):
        middle = (one.y + two.y) // 2
        bends = f".. controls ({one.x},{middle}) and ({two.x},{middle}) .."
        path += f" {'--' if one.x == two.x else bends} {_at(two)}"
    return rf"\draw[{_STROKES.get(shape.style, 'black')}] {path};"


@_shape.register
def _(shape: Line) -> str:
    return rf"\draw[{_STROKES.get(shape.style, 'black')}] {_at(shape.start)} -- {_at(shape.end)};"


@_shape.register
def _(shape: Head) -> str:
    x, y, (length, half) = shape.tip.x, shape.tip.y, HEAD
    base = y + length if shape.up else y - length
    colour = _STROKES.get(shape.style, "black").partition(",")[0]
    return rf"\fill[{colour}] ({x},{y}) -- ({x - half},{base}) -- ({x + half},{base}) -- cycle;"


@_shape.register
def _(shape: Label) -> str:
    between = r" \times " if shape.separator == "×" else f"{shape.separator} "
    text = between.join(inline_latex(part) for part in shape.parts)
    size = r"\scriptsize" if shape.style == "shape" else r"\footnotesize"
    anchor = "base east" if shape.anchor == "end" else "base"
    style = f"anchor={anchor}, inner sep=0pt, font={size}"
    return rf"\node[{style}] at {_at(shape.at)} {{${text}$}};"
