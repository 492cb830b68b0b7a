"""The picture of a Jacobian at a small size: which entries are never 0."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from derive.explain.compose import compose
from derive.explain.pictures import Drawing, Label, Line, Point, Rect, Shape
from derive.explain.tree import Equation, Letter, Number
from derive.index.evaluate import evaluate
from derive.layer.model import Role
from derive.layer.run import run
from derive.layer.sample import extents, sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.gradient.jacobian import Jacobian
    from derive.index.arrays import Array
    from derive.index.terms import Index, Size
    from derive.layer.model import Layer, Tensor

__all__ = ["FILLED", "pattern", "small_sizes", "sparsity_drawing"]

FILLED, EMPTY, BLOCK = "filled", "empty", "block"

#: An axis of the picture has at most so many entries.
_MOST = 18
#: Each size is at most this, and so many choices are tried.
_LARGEST, _TRIED = 5, 4096
#: How often values are drawn: an entry that is 0 for some of them only is not 0.
_DRAWS = 6

_CELL, _MARGIN, _ABOVE, _BELOW, _BESIDE = 16, 8, 26, 26, 44


def small_sizes(layer: Layer, tensors: Sequence[Tensor]) -> dict[Size, int] | None:
    """Return a small number for each size of a layer, or None if none fit.

    Of those with which every tensor has an entry and none of the ``tensors`` too many: none 1,
    all different, as large as can be, where that is possible.
    """
    used = [s for s in layer.sizes if any(s in d.free_symbols for t in tensors for d in t.shape)]
    best: tuple[tuple[bool, int, int], dict[Size, int]] | None = None
    for chosen, rest in islice(
        product(product(range(_LARGEST, 0, -1), repeat=len(used)), (2, 3, 4, 1)), _TRIED
    ):
        sizes = {size: rest for size in layer.sizes} | dict(zip(used, chosen, strict=True))
        counts = [prod(extents(tensor, sizes)) for tensor in tensors]
        shapes = (extents(tensor, sizes) for tensor in layer.by_name.values())
        if max(counts) > _MOST or any(extent < 1 for shape in shapes for extent in shape):
            continue
        score = (1 not in chosen, len(set(chosen)), sum(counts))
        if best is None or score > best[0]:
            best = (score, sizes)
    return None if best is None else best[1]


def pattern(layer: Layer, jacobian: Jacobian, sizes: dict[Size, int]) -> Array:
    """Return which entries of a Jacobian are not 0 for every value of the layer's tensors.

    Returns
    -------
    array of bool
        The axes are the rows' indices and then the columns'.
    """
    generator = np.random.default_rng(7)
    # Where an entry is 0 does not depend on what is declared of the values.
    layer = replace(layer, facts=())
    shapes = (layer.tensor(jacobian.of), layer.tensor(jacobian.wrt))
    extent = tuple(number for tensor in shapes for number in extents(tensor, sizes))
    found = np.zeros(extent, bool)
    subscripts: dict[str, Array] = {}
    for draw in range(_DRAWS):
        given = sample(layer, sizes, generator)
        for tensor in layer.tensors:
            if tensor.role is Role.INDEX:
                # One choice of subscripts: over all choices every entry might be something.
                given[tensor.name] = subscripts.setdefault(tensor.name, given[tensor.name])
            elif draw % 2:
                # Within (0, 1), so that logarithms and roots of x and 1 - x exist.
                given[tensor.name] = 1 / (1 + np.exp(-given[tensor.name]))
        with np.errstate(all="ignore"):
            arrays = {**given, **run(layer, given, sizes)}
            indices = (*jacobian.rows, *jacobian.columns)
            values = evaluate(jacobian.body, indices, arrays, sizes, extent)
        found |= np.nan_to_num(values, nan=0.0) != 0
    return found


def sparsity_drawing(layer: Layer, jacobian: Jacobian) -> Drawing | None:
    """Return the picture of a Jacobian: a cell for every entry, filled where it is not 0.

    A row is an entry of what is differentiated, a column one of what it is differentiated by,
    the last index running fastest; heavier lines part what the indices before it number. None
    if a tensor has so many axes, or of such a fixed size, that no picture of it is small.
    """
    of, wrt = layer.tensor(jacobian.of), layer.tensor(jacobian.wrt)
    sizes = small_sizes(layer, (of, wrt))
    if sizes is None:
        return None
    heights, widths = extents(of, sizes), extents(wrt, sizes)
    rows, columns = prod(heights), prod(widths)
    cells = pattern(layer, jacobian, sizes).reshape(rows, columns)
    left = _MARGIN + _BESIDE
    right, bottom = left + columns * _CELL, _ABOVE + rows * _CELL
    shapes: list[Shape] = [
        Rect(
            left + column * _CELL,
            _ABOVE + row * _CELL,
            _CELL,
            _CELL,
            FILLED if cells[row, column] else EMPTY,
        )
        for row in range(rows)
        for column in range(columns)
    ]
    for place in _between(heights):
        y = _ABOVE + place * _CELL
        shapes.append(Line(Point(left, y), Point(right, y), BLOCK))
    for place in _between(widths):
        x = left + place * _CELL
        shapes.append(Line(Point(x, _ABOVE), Point(x, bottom), BLOCK))
    shapes.append(_axis(of, jacobian.rows, Point(left - 8, (_ABOVE + bottom) // 2 + 5), "end"))
    middle = (left + right) // 2
    shapes.append(_axis(wrt, jacobian.columns, Point(middle, _ABOVE - 8), "middle"))
    legend = tuple(
        Equation(compose(size), Number(str(number)))
        for size, number in sizes.items()
        if any(size in extent.free_symbols for extent in (*of.shape, *wrt.shape))
    )
    height = bottom + (_BELOW if legend else _MARGIN)
    reach = max(middle, right - middle, 26 * len(legend))
    if legend:
        shapes.append(Label(Point(middle, height - 8), legend, ",", "shape"))
    return Drawing(middle + reach + _MARGIN, height, tuple(shapes))


def _between(extent: Sequence[int]) -> range:
    """Return where the last index begins anew."""
    last = extent[-1] if len(extent) > 1 else prod(extent)
    return range(last, prod(extent), max(1, last))


def _axis(tensor: Tensor, indices: Sequence[Index], at: Point, anchor: str) -> Label:
    letter = Letter(tensor.name, tuple(compose(index) for index in indices))
    return Label(at, (letter,), "", "axis", anchor)
