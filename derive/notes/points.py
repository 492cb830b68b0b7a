r"""Values at a point: ``\left. \frac{\partial f}{\partial x} \right|_{x = 0}`` as one quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.index.facts import unfolded
from derive.index.inverses import inverse_name
from derive.index.terms import Delta, Index, fresh, tensors
from derive.layer.model import Role
from derive.notes import tree
from derive.notes.algebra import COLUMN, ROW
from derive.notes.meaning import mean
from derive.notes.names import spellings
from derive.notes.scope import Tensor as Symbol
from derive.notes.settle import rebuilt
from derive.notes.truth import put_in
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from derive.notes.differentials import Differentials
    from derive.notes.scope import Scope
    from derive.notes.tree import Node
    from derive.notes.values import Value

__all__ = ["at_points", "with_points"]


def with_points(side: Node, differentials: Differentials) -> Node:
    """Return a side with a name for every value at a point that is understood."""
    node = rebuilt(side, lambda part: with_points(part, differentials))
    if not isinstance(node, tree.Evaluated):
        return node
    key = ("point", node)
    known = differentials.world.known
    if key not in known:
        try:
            known[key] = _quantity(node, differentials)
        except Misfit:
            known[key] = None
    if known[key] is None:
        return node
    spelling, letters = known[key]
    name = tree.Name(node.start, node.end, spelling)
    below = tuple(tree.Name(node.end, node.end, letter) for letter in letters)
    return tree.Scripted(node.start, node.end, name, below) if below else name


def at_points(side: Node, points: tuple[Node, ...], differentials: Differentials) -> Node:
    """Return a side with values for its symbols; a side without symbols stays as it is."""
    if not points or spellings(side).isdisjoint(differentials.world.tensors):
        return side
    return with_points(tree.Evaluated(side.start, side.end, side, points), differentials)


def _quantity(node: tree.Evaluated, differentials: Differentials) -> tuple[str, tuple[str, ...]]:
    """Define a value at a point; return its spelling, which no note has, and its letters."""
    world = differentials.world
    scope = differentials.symbolic()
    value = mean(node.body, scope)
    if value.data is None:
        raise Misfit("unreadable", "a tensor of more than two axes at a point")
    for condition in node.at:
        value = _put(value, condition, differentials, scope)
    name, letters = world.quantity("point", value, scope.letters, rows=True)
    spelling = f"{name} "
    world.tensors[spelling] = Symbol(name, world.shapes[name])
    return spelling, letters


def _put(value: Value, condition: Node, differentials: Differentials, scope: Scope) -> Value:
    """Put in for a symbol what a condition sets it equal to, through all definitions."""
    world = differentials.world
    sides = condition.sides if isinstance(condition, tree.Relation) else (condition,)
    symbol = world.tensors.get(sides[0].spelling) if isinstance(sides[0], tree.Name) else None
    if symbol is None or len(sides) > 2:
        raise Misfit("unreadable", "a point that is not a symbol set equal to a value")
    if len(sides) == 1:
        # What is held fixed: nothing new of what is given.
        if symbol.name in {node.name for node in world.nodes}:
            raise Misfit("unreadable", "a defined quantity that is held fixed")
        return value
    given = mean(sides[1], scope)
    shape = tuple(size for size in given.shape if size is not None)
    entry = given.is_scalar and given.data.atoms(Index)
    if given.data is None or ((shape or entry) and shape != symbol.shape):
        raise Misfit("shape", "a point of another shape than the symbol")
    above = [n for n in world.nodes if symbol.name in world.above(n.name) and n.name != symbol.name]
    opaque = {tensor.name for tensor in world.given if tensor.role is Role.COTANGENT}
    parts = tensors(value.data)
    if not opaque.isdisjoint(parts.union(*map(world.above, parts))):
        raise Misfit("unreadable", "the derivative of an unspecified loss at a point")
    data = put_in(value.data, above)
    if inverse_name(symbol.name) in tensors(data):
        raise Misfit("unreadable", "an inverse at a point")
    axes = [axis for axis, size in ((ROW, given.rows), (COLUMN, given.columns)) if size is not None]
    # Where the point is a number, every entry is that; its sums are kept apart from those around.
    indices = (*map(Index, axes), *(fresh() for _ in symbol.shape[len(axes) :]))
    body = given.data
    if given.identity:
        if len(indices) != 2:
            raise Misfit("shape", "a point of another shape than the symbol")
        body = body * Delta(*indices)
    return value.mapped(unfolded(data, {symbol.name: (indices, body)}))
