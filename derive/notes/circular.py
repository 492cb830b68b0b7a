"""Sides that say of a quantity what it is by its own name: no repair may end so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.claims import applied_name, bare_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.layer.model import Node as Defined
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["begs", "is_value"]


def is_value(node: Node, world: World, among: Iterable[Defined] | None = None) -> bool:
    """Tell whether a side is a symbol that the note defines, neither given nor a derivative."""
    called = applied_name(node)
    name = called if called in world.calls else bare_name(node)
    symbol = world.tensors.get(name or "")
    nodes = world.nodes if among is None else among
    return symbol is not None and any(symbol.name == node.name for node in nodes)


def begs(side: Node, root: Node, before: Node, world: World) -> bool:
    """Tell whether a side says what it is to be equal to by its own name, as it did not before."""
    if _bare(side) == _bare(root):
        return True
    if isinstance(root, tree.Derivative):
        return any(part == root for part in tree.walk(side))
    if not is_value(root, world):
        return False
    own = applied_name(root) or bare_name(root)
    count, known = (
        sum(isinstance(part, tree.Name) and part.spelling == own for part in tree.walk(one))
        for one in (side, before)
    )
    return count > known


def _bare(node: Node) -> Node:
    """Return what is left of a side without brackets around it, frames and a transpose."""
    while True:
        if isinstance(node, tree.Wrapped):
            node = node.body
        elif isinstance(node, tree.Group) and len(node.items) == 1:
            node = node.items[0]
        elif (
            isinstance(node, tree.Scripted)
            and not (node.sub or node.primes)
            and tree.transposes(node.sup[0])
        ):
            node = node.base
        else:
            return node
