r"""``h'(u)`` of a number h that the header defines by u: ``\partial h/\partial u``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.settle import rebuilt

if TYPE_CHECKING:
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["with_primes"]


def with_primes(side: Node, world: World) -> Node:
    """Return a side with a derivative for each number with primes and what it is differentiated by.

    What the note declares with primes is a name, and has none left.
    """
    node = rebuilt(side, lambda part: with_primes(part, world))
    if not isinstance(node, tree.Product):
        return node
    factors: list[Node] = list(node.factors)
    operators = list(node.operators)
    for n in reversed(range(len(operators))):
        found = None if operators[n].text else _derivative(factors[n], factors[n + 1], world)
        if found is not None:
            factors[n : n + 2] = [found]
            del operators[n]
    if len(factors) == 1:
        return factors[0]
    return replace(node, factors=tuple(factors), operators=tuple(operators))


def _derivative(name: Node, after: Node, world: World) -> Node | None:
    """Return the derivative that a primed name and brackets after it are, None if they are none."""
    if not isinstance(name, tree.Scripted) or not name.primes or name.sub or name.sup:
        return None
    if not isinstance(after, tree.Group) or after.opening != "(" or len(after.items) != 1:
        return None
    one, other = name.base, after.items[0]
    if not isinstance(one, tree.Name) or not isinstance(other, tree.Name):
        return None
    known = world.tensors
    if one.spelling not in known or other.spelling not in known:
        return None
    if one.spelling in world.functions or one.spelling in world.applied:
        # With what it is a function of, the header says what its primes are.
        return None
    of, by = known[one.spelling], known[other.spelling]
    if of.shape or by.shape or by.name not in world.above(of.name):
        return None
    place = (name.start, after.end)
    order = tree.Number(*place, str(name.primes)) if name.primes > 1 else None
    return tree.Derivative(
        *place, "frac", r"\partial", one, (other,) * name.primes, order, head=place
    )
