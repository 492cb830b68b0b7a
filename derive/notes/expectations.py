r"""Expectations over a vector of probabilities: ``\mathbb E_{a\sim\pi}[q_a]`` is a sum over a."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.meaning import EXPECTATION
from derive.notes.settle import rebuilt, renamed
from derive.notes.tree import BigOperator, Group, Name, Operator, Product, Relation, Scripted

if TYPE_CHECKING:
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["with_expectations"]


def with_expectations(node: Node, world: World) -> Node:
    r"""Return a tree with ``\sum_a \pi_a [q_a]`` for ``\mathbb E_{a\sim\pi}[q_a]``."""
    node = rebuilt(node, lambda part: with_expectations(part, world))
    if not isinstance(node, Product) or EXPECTATION in world.tensors:
        return node
    factors: list[Node] = [node.factors[0]]
    operators: list[Operator] = []
    for sign, after in zip(node.operators, node.factors[1:], strict=True):
        group = after.base if isinstance(after, Scripted) else after
        found = None if sign.text else _sum(factors[-1], group, world)
        if found is None:
            factors.append(after)
            operators.append(sign)
        elif isinstance(after, Scripted):
            factors[-1] = replace(after, start=found.start, base=found)
        else:
            factors[-1] = found
    if len(factors) == 1:
        return factors[0]
    return replace(node, factors=tuple(factors), operators=tuple(operators))


def _sum(sign: Node, group: Node, world: World) -> Node | None:
    """Return the sum that an expectation is; None of others than over a vector."""
    if not isinstance(sign, Scripted) or not isinstance(sign.base, Name):
        return None
    if sign.base.spelling != EXPECTATION or sign.sup or sign.primes or len(sign.sub) != 1:
        return None
    below = sign.sub[0]
    if not isinstance(below, Relation) or [s.text for s in below.relations] != [r"\sim"]:
        return None
    letter, of = below.sides
    if not isinstance(letter, Name) or not isinstance(of, Name) or not isinstance(group, Group):
        return None
    symbol = world.tensors.get(of.spelling)
    if symbol is None or len(symbol.shape) != 1 or len(group.items) != 1:
        return None
    # What is drawn is no symbol of the note, though one may go by its name.
    own = letter.spelling + "'" * (letter.spelling in world.tensors)
    bound = replace(letter, spelling=own)
    weight = Scripted(of.start, of.end, of, (bound,))
    body = renamed(group, letter.spelling, own)
    place = (sign.start, group.end)
    product = Product(*place, (weight, body), (Operator(group.start, group.start, ""),))
    head = (sign.start, sign.end)
    total = BigOperator(*place, "sum", (bound,), (), product, head)
    return tree.Group(*place, "{", "}", (total,))
