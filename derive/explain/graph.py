"""The picture of a layer: what is computed from what, and where gradients flow back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.explain.compose import compose
from derive.explain.layered import Placed, place
from derive.explain.pictures import Curve, Drawing, Head, Label, Point, Rect, label_width
from derive.explain.text import written
from derive.explain.tree import Bracket, Formula, Letter, Plus
from derive.gradient.edges import active
from derive.index.terms import tensors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from derive.layer.model import Layer, Tensor

__all__ = ["COTANGENT", "FORWARD", "OUTPUT", "graph_picture"]

FORWARD, COTANGENT, OUTPUT = "forward", "cotangent", "output"

#: A box, the space between two rows, the margin of the picture.
_HEIGHT, _LEAST, _PADDING, _BETWEEN, _MARGIN = 40, 44, 14, 46, 8
#: A row that is wider becomes two: so wide is a page.
_WIDEST = 560
#: An arrow and the one that comes back are this far apart.
_APART = 8
#: The base lines of a name and of the shape below it.
_NAME, _SHAPE, _ALONE = 18, 33, 25


def graph_picture(layer: Layer, wrt: Iterable[str] = ()) -> Drawing:
    """Return the picture of a layer.

    Boxes are tensors, with names and shapes, styled by role. Arrows are ``forward`` from what is
    read to what is computed, and ``cotangent`` back along those on which a gradient depends.

    Parameters
    ----------
    layer : Layer
        What to show.
    wrt : iterable of str
        What is differentiated by; all inputs and parameters if empty.
    """
    names = tuple(wrt) or layer.wrt_names()
    reached = active(layer, names)
    known = layer.by_name
    arrows = [
        (name, node.name) for node in layer.nodes for name in known if name in tensors(node.body)
    ]
    widths = {name: _width(tensor, arrows) for name, tensor in known.items()}
    placed = place(_ranks(layer, arrows), widths, arrows, _WIDEST)
    tops = {
        name: _MARGIN + number * (_HEIGHT + _BETWEEN)
        for number, row in enumerate(placed.rows)
        for name in row
    }
    back = [(one, two) for one, two in arrows if one in reached and two in reached]
    ports = _ports(placed, widths, arrows)
    shapes: list[Rect | Curve | Head | Label] = []
    for arrow in arrows:
        shapes += _arrow(placed, tops, arrow, ports, arrow in back)
    for name, tensor in known.items():
        style = OUTPUT if name in layer.outputs else tensor.role.value
        shapes += _box(tensor, placed.middles[name] + _MARGIN, tops[name], widths[name], style)
    height = len(placed.rows) * (_HEIGHT + _BETWEEN) - _BETWEEN + 2 * _MARGIN
    return Drawing(placed.width + 2 * _MARGIN, height, tuple(shapes))


def _ranks(layer: Layer, arrows: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the row of each box: as high as it can be, but what is given just above its use."""
    given = {tensor.name for tensor in layer.tensors}
    ranks: dict[str, int] = {}
    for node in layer.nodes:
        read = [one for one, two in arrows if two == node.name]
        ranks[node.name] = 1 + max((ranks[name] for name in read if name not in given), default=0)
    above = {
        name: min((ranks[two] for one, two in arrows if one == name), default=1) - 1
        for name in layer.by_name
        if name in given
    }
    return {name: {**above, **ranks}[name] for name in layer.names}


def _width(tensor: Tensor, arrows: Sequence[tuple[str, str]]) -> int:
    """Return the width of a box: it has room for its labels, and for its arrows side by side."""
    sizes = " × ".join(map(written, _sizes(tensor)))
    widest = max(
        label_width(written(Letter(tensor.name, own=tensor.written))), label_width(sizes) * 7 // 8
    )
    most = max(sum(arrow[end] == tensor.name for arrow in arrows) for end in (0, 1))
    return max(_LEAST, widest + 2 * _PADDING, (2 * most + 1) * _APART)


def _sizes(tensor: Tensor) -> tuple[Formula, ...]:
    """Return the sizes of a tensor; sums in brackets, since a cross stands between sizes."""
    sizes = map(compose, tensor.shape)
    return tuple(Bracket(size) if isinstance(size, Plus) else size for size in sizes)


def _box(tensor: Tensor, middle: int, top: int, width: int, style: str) -> list[Rect | Label]:
    found: list[Rect | Label] = [Rect(middle - width // 2, top, width, _HEIGHT, style)]
    line = _NAME if tensor.shape else _ALONE
    found.append(Label(Point(middle, top + line), (Letter(tensor.name),), "", "name"))
    if tensor.shape:
        found.append(Label(Point(middle, top + _SHAPE), _sizes(tensor), "×", "shape"))
    return found


Ports = dict[tuple[str, str], tuple[int, int]]  # where an arrow leaves and arrives


def _ports(
    placed: Placed,
    widths: Mapping[str, int],
    arrows: Sequence[tuple[str, str]],
) -> Ports:
    """Spread the arrows of a box over its side, in the order of where they come from."""
    toward = {}
    for one, two in arrows:
        stops = [placed.middles[one], *(x for _, x in placed.routes[one, two])]
        stops.append(placed.middles[two])
        toward[one, two] = (stops[1], stops[-2])
    found: dict[tuple[str, str], list[int]] = {arrow: [0, 0] for arrow in arrows}
    for end in (0, 1):
        for box, width in widths.items():
            own = sorted((a for a in arrows if a[end] == box), key=lambda a: toward[a][end])
            step = min(3 * _APART, (width - _APART) // max(1, len(own)))
            for number, arrow in enumerate(own):
                shift = (2 * number - len(own) + 1) * step // 2
                found[arrow][end] = placed.middles[box] + shift
    return {arrow: (ends[0], ends[1]) for arrow, ends in found.items()}


def _arrow(
    placed: Placed,
    tops: Mapping[str, int],
    arrow: tuple[str, str],
    ports: Ports,
    returns: bool,
) -> list[Curve | Head]:
    """Return an arrow down, and the one up beside it where a gradient comes back."""
    one, two = arrow
    leaves, arrives = ports[arrow]
    points = [(leaves, tops[one] + _HEIGHT)]
    for row, x in placed.routes[arrow]:
        top = _MARGIN + row * (_HEIGHT + _BETWEEN)
        points += [(x, top), (x, top + _HEIGHT)]
    points.append((arrives, tops[two]))
    aside = _APART // 2 if returns else 0
    down = tuple(Point(x + _MARGIN - aside, y) for x, y in points)
    found: list[Curve | Head] = [
        Curve(down, FORWARD),
        Head(down[-1], False, FORWARD),
    ]
    if returns:
        up = tuple(Point(x + _MARGIN + aside, y) for x, y in reversed(points))
        found += [Curve(up, COTANGENT), Head(up[-1], True, COTANGENT)]
    return found
