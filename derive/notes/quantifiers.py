r"""Conditions for all values of an index: ``\text{if } w_j > 0 \text{ for all } j``.

An index that a condition has and the claim has not is any: what is compared holds for all its
values at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.names import spellings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["for_all", "loose_letters"]


def loose_letters(condition: Node, sides: Sequence[Node], world: World) -> list[str]:
    """Return the letters that stand below symbols in a condition, and nowhere in a claim."""
    below = {
        part.spelling
        for symbol in tree.walk(condition)
        if isinstance(symbol, tree.Scripted) and spellings(symbol.base) & world.tensors.keys()
        for index in tree.indices(symbol)
        for part in tree.walk(index)
        if isinstance(part, tree.Name)
    }
    return sorted(below - world.tensors.keys() - world.sizes.keys() - spellings(*sides))


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
