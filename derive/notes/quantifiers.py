r"""Conditions for all values of an index: ``\text{if } w_j > 0 \text{ for all } j``.

An index that a condition has and the claim has not is any: what is compared holds for all its
values at once. One that the claim only sums over is another one, whatever its letter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.brackets import bare
from derive.notes.meaning import letter_of
from derive.notes.names import spellings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.claims import Chain
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["for_all", "loose_letters", "quantified"]


def loose_letters(condition: Node, sides: Sequence[Node], world: World) -> list[str]:
    """Return the letters that stand below symbols in a condition, and in a claim only summed."""
    below = {
        part.spelling
        for symbol in tree.walk(condition)
        if isinstance(symbol, tree.Scripted) and spellings(symbol.base) & world.tensors.keys()
        for index in tree.indices(symbol)
        for part in tree.walk(index)
        if isinstance(part, tree.Name)
    }
    return sorted(below - world.tensors.keys() - world.sizes.keys() - _free(*sides))


def _free(*nodes: Node) -> set[str]:
    """Return the names in some nodes that no sum around them runs over."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, tree.Name):
            found.add(node.spelling)
        inside = _free(*tree.children(node))
        found |= inside - _bound(node) if isinstance(node, tree.BigOperator) else inside
    return found


def _bound(node: tree.BigOperator) -> set[str]:
    r"""Return the letters that surely run: ``i``, ``i = 1``, ``i \in S``; one of ``i \neq j``."""
    first = (one.sides[0] if isinstance(one, tree.Relation) else one for one in node.lower)
    return {letter for one in first if (letter := letter_of(one)) is not None}


def for_all(condition: tree.Relation, sides: Sequence[Node], world: World) -> tree.Relation:
    r"""Return ``\prod_j [w_j > 0] = 1`` for ``w_j > 0`` where a claim has no j."""
    letters = loose_letters(condition, sides, world)
    if not letters:
        return condition
    place = (condition.start, condition.end)
    held: Node = tree.Indicator(*place, (condition,))
    for letter in letters:
        held = tree.BigOperator(*place, "prod", (tree.Name(*place, letter),), (), held)
    equal = tree.Operator(*place, "=")
    return replace(condition, sides=(held, tree.Number(*place, "1")), relations=(equal,))


def quantified(chain: Chain) -> frozenset[str]:
    """Return letters that a condition introduces, ``for all l``, or that are any: ``0 = x_i``."""
    given = [
        item
        for condition in chain.statement.conditions
        if condition.word in ("forall", "for")
        for item in condition.items
    ]
    # What is a number says it of every entry.
    if _is_number(chain.sides[0]):
        given.extend(chain.sides[1:])
    return frozenset(
        letter
        for item in given
        for part in tree.walk(item)
        if (letter := letter_of(part)) is not None
    )


def _is_number(node: Node) -> bool:
    """Tell whether a number is written, perhaps with a sign."""
    node = bare(node)
    if isinstance(node, tree.Add) and len(node.terms) == 1:
        node = bare(node.terms[0].body)
    return isinstance(node, tree.Number)
