"""Derivatives laid out: which of their axes are rows and which are columns."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes.algebra import COLUMN, ROW, At
from derive.notes.brackets import unbracketed
from derive.notes.meaning import mean
from derive.notes.scope import LAYOUT, Letters
from derive.notes.tree import Derivative, Name, Node, Scripted, indices, transposes
from derive.notes.values import Link, Misfit, Value, transposed

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes import tree
    from derive.notes.scope import Scope
    from derive.notes.world import World

__all__ = ["OPPOSITE", "laid_out", "reversed_by_layout", "turned", "without_transpose"]

#: The other layout of each: by default vectors by vectors are in numerator layout.
OPPOSITE = {
    "gradient": "denominator",
    "any": "denominator",
    "numerator": "denominator",
    "denominator": "numerator",
}


def _layout(world: World, scope: Scope) -> str:
    """Return how derivatives lie: as the note says, or the other way where that is tried."""
    return OPPOSITE[world.layout] if LAYOUT in scope.other else world.layout


def laid_out(
    world: World,
    name: str,
    shapes: list[tuple[sp.Expr, ...]],
    places: list[tuple[At, ...]],
    scope: Scope,
    node: tree.Node,
    link: Link | None,
) -> Value:
    """Read a derivative's tensor at its indices, its open axes as rows and columns."""
    where: list[At] = []
    open_axes: list[list[tuple[int, sp.Expr]]] = []
    for shape, given in zip(shapes, places, strict=True):
        mine: list[tuple[int, sp.Expr]] = []
        for n, size in enumerate(shape):
            if n < len(given):
                where.append(given[n])
            elif size == 1:
                where.append(At(offset=0))
            else:
                mine.append((len(where), size))
                where.append(At())
        open_axes.append(mine)
    of, wrt = open_axes[0], [axis for axes in open_axes[1:] for axis in axes]
    if len(of) + len(wrt) > 2:
        if link is not None:
            return Value(None, link=link)
        raise Misfit("rank", "a derivative with more than two axes", node.start, node.end)
    thin = (
        len(of) + len(wrt) == 1
        and len(shapes) == 2
        and len(shapes[1 if wrt else 0]) - len(places[1 if wrt else 0]) == 1
    )
    rows: sp.Expr | None = None
    columns: sp.Expr | None = None
    flip = False
    layout = _layout(world, scope)
    if len(of) == 1 and len(wrt) == 1:
        axes = [(of[0], ROW), (wrt[0], COLUMN)]
        rows, columns = of[0][1], wrt[0][1]
        flip = layout == "denominator"
    else:
        mine = of or wrt
        shape = shapes[0] if of else tuple(size for s in shapes[1:] for size in s)
        as_row = len(mine) == 1 and len(shape) >= 2 and shape[-2] == 1 and not thin
        names = (COLUMN,) if as_row else (ROW, COLUMN)
        axes = list(zip(mine, names, strict=False))
        for (_, size), axis in axes:
            rows, columns = (size, columns) if axis == ROW else (rows, size)
        # The gradient of a number: of the shape of what it is taken by, or the transpose.
        gradient = isinstance(node, Derivative) and node.form in ("nabla", "gradient")
        flip = bool(wrt) and not of and layout == "numerator" and not gradient
        flip |= bool(of) and not wrt and layout == "denominator"
    for (position, _), axis in axes:
        where[position] = At(axis)
    value = Value(scope.algebra.entry(name, where), rows, columns, thin, link=link)
    return replace(transposed(scope.algebra, value), link=link) if flip else value


def reversed_by_layout(world: World, left: Value, right: Value, scope: Scope) -> bool:
    """Tell whether two derivatives have a matrix product, and in the other order.

    In denominator layout ∂c/∂a is ``∂b/∂a ∂c/∂b``. Where the product is no matrix, nothing but
    the chain rule can be meant.
    """
    if left.data is None or right.data is None or left.link is None or right.link is None:
        return False
    ends = (left.link.of_shape, right.link.wrt_shape)
    matrix = all(sum(size != 1 for size in shape) == 1 for shape in ends)
    return matrix and _layout(world, scope) == "denominator"


def without_transpose(node: Derivative, scope: Scope) -> tuple[Derivative, bool] | None:
    r"""Return a derivative without the one transpose that says its layout.

    That is ``r`` or ``w`` in ``\partial r^\top/\partial w``, ``\partial r/\partial w^\top``; with
    it comes whether it is that of what is differentiated. None where there is none, or are two.
    """
    if len(node.wrt) != 1 or node.order is not None or node.of is None:
        return None
    above, below = _untransposed(node.of), _untransposed(node.wrt[0], row=True)
    if (above is None) == (below is None):
        return None
    if below is not None:
        base = below.base if isinstance(below, Scripted) else below
        symbol = scope.tensors.get(base.spelling) if isinstance(base, Name) else None
        own = len(indices(below)) if isinstance(below, Scripted) else 0
        if symbol is None or len(symbol.shape) != own + 1:
            return None
        return replace(node, wrt=(below,), plain=None), False
    apart = replace(scope, letters=Letters(dict(scope.letters.sizes)), memo=None)
    with contextlib.suppress(Misfit, KeyError, ValueError):
        if above is not None and mean(above, apart).is_vector:
            return replace(node, of=above, plain=None), True
    return None


def _untransposed(node: Node, *, row: bool = False) -> Node | None:
    """Return what has a transpose and nothing else, but perhaps the index of a row."""
    node = unbracketed(node)
    if not isinstance(node, Scripted) or node.primes or len(node.sup) != 1:
        return None
    if (node.sub and not row) or not transposes(node.sup[0]):
        return None
    return replace(node, sup=()) if node.sub else node.base


def turned(value: Value, of_vector: bool, world: World, scope: Scope) -> Value:
    """Return a derivative as the transpose in it says that it lies.

    By a row it is in numerator layout, and a row itself where it is of a number; that of a row is
    the transpose.
    """
    if value.data is None or value.is_scalar:
        return value
    if value.is_vector:
        flip = value.columns is None
    else:
        flip = of_vector != (_layout(world, scope) == "denominator")
    return replace(transposed(scope.algebra, value), link=None) if flip else value
