"""Definitions: ``left = right`` as a node of a layer, every index of it bound."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.index.inverses import inverted
from derive.index.terms import Index, fresh, substitute, tensors
from derive.layer.model import Node, Role, Tensor
from derive.notes import tree
from derive.notes.algebra import COLUMN, ROW
from derive.notes.differentials import Differentials
from derive.notes.indexing import index_nodes
from derive.notes.meaning import mean
from derive.notes.ones import with_lengths
from derive.notes.subscripts import place
from derive.notes.truth import put_in
from derive.notes.values import Misfit, Value

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes.scope import Scope
    from derive.notes.scope import Tensor as Symbol
    from derive.notes.world import World

__all__ = ["closed", "conforms_with_rows", "definition"]


def definition(
    symbol: Symbol, left: tree.Node, right: tree.Node, differentials: Differentials
) -> Node:
    """Return the definition ``left = right`` of a symbol.

    Raises
    ------
    Misfit
        If the right side has no meaning, another shape, or an index that is not bound.
    """
    if len(symbol.shape) < 3 and not isinstance(left, tree.Scripted):
        rows, columns = (*(None if size == 1 else size for size in symbol.shape), None, None)[:2]
        right = with_lengths([right], differentials, (rows, columns))[0]
    else:
        right = with_lengths([right], differentials)[0]
    scope = differentials.symbolic()
    try:
        return _definition(symbol, left, right, scope)
    except Misfit:
        # What has no meaning by the usual reading may have one by the other.
        for doubt in sorted(scope.doubts):
            other = replace(differentials.symbolic(), other=frozenset({doubt}))
            with contextlib.suppress(Misfit):
                return _definition(symbol, left, right, other)
        raise


def conforms_with_rows(symbol: Symbol, left: tree.Node, right: tree.Node, world: World) -> bool:
    """Tell whether a definition has a meaning in a world of its own where all vectors are rows."""
    world.rows = world.only_rows = True
    with contextlib.suppress(Misfit):
        definition(symbol, left, right, Differentials(world))
        return True
    return False


def closed(node: Node, right: tree.Node, differentials: Differentials) -> Node:
    """Return a definition with all put in that reading it has added to the world.

    Raises
    ------
    Misfit
        If that is the derivative of an unspecified loss.
    """
    world = differentials.world
    added = {tensor.name for tensor in world.given} - {t.name for t in world.layer.tensors}
    # The value of a loss may be any, and stands for itself.
    added -= world.losses.keys()
    body = put_in(node.body, world.nodes[len(world.layer.nodes) :])
    if any(name in added and inverted(name) is None for name in tensors(body)):
        raise Misfit("unreadable", "the derivative of an unspecified loss", right.start, right.end)
    return replace(node, body=body)


def _definition(symbol: Symbol, left: tree.Node, right: tree.Node, scope: Scope) -> Node:
    rank = len(symbol.shape)
    nodes = () if not isinstance(left, tree.Scripted) else index_nodes(left, rank, scope)[0]
    places = tuple(place(part, scope) for part in nodes)
    if len(places) > len(symbol.shape):
        raise Misfit(
            "rank",
            f"{len(places)} indices on a symbol with {len(symbol.shape)} axes",
            left.start,
            left.end,
        )
    indices: list[Index] = []
    swap: dict[sp.Basic, sp.Basic] = {}
    for n, size in enumerate(symbol.shape):
        own = fresh() if n >= len(places) else Index(f"k{n}")
        indices.append(own)
        if n < len(places):
            at = places[n]
            if at.letter:
                scope.letters.stands(at.letter, size, left.start, left.end)
                swap[Index(at.letter)] = own
            elif size != 1:
                raise Misfit("rank", "a definition of one entry only", left.start, left.end)
    value = mean(right, scope)
    _refuse_other_shape(value, symbol.shape[len(places) :], right)
    rest = [own for own, size in zip(indices, symbol.shape, strict=True)][len(places) :]
    long = [own for own, size in zip(rest, symbol.shape[len(places) :], strict=True) if size != 1]
    axes = [axis for axis, size in ((ROW, value.rows), (COLUMN, value.columns)) if size is not None]
    swap.update(zip(map(Index, axes), long, strict=False))
    free = {i.name for i in value.data.atoms(Index) if not i.name.startswith("_")}
    unbound = free - {at.letter for at in places} - set(axes)
    if unbound:
        raise Misfit(
            "unbound-index", f"index {sorted(unbound)[0]} is not bound", right.start, right.end
        )
    letters = [Index(name) for name in "ijklmnpqrstuv"][: len(indices)]
    final = dict(zip(indices, letters, strict=True))
    body = substitute(substitute(value.data, swap), final)
    # Letters of the definition and letters for the axes may be the same: two steps, no capture.
    return Node(Tensor(symbol.name, symbol.shape, Role.NODE), tuple(letters), body)


def _refuse_other_shape(value: Value, shape: tuple[sp.Expr, ...], node: tree.Node) -> None:
    """Refuse a right side of another shape than the left side; a number stands for any shape."""
    if value.is_scalar or value.identity:
        return
    mine = [size for size in value.shape if size is not None]
    long = [size for size in shape if size != 1]
    if mine != long:
        raise Misfit(
            "shape", f"the right side has shape {mine}, the left side {long}", node.start, node.end
        )
