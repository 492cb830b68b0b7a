"""What stands in brackets and frames, without them."""

from __future__ import annotations

from derive.notes.tree import Group, Node, Wrapped

__all__ = ["bare", "unbracketed"]


def unbracketed(node: Node) -> Node:
    """Return what brackets hold, where that is one thing."""
    while isinstance(node, Group) and len(node.items) == 1:
        node = node.items[0]
    return node


def bare(node: Node) -> Node:
    """Return what stands in brackets and frames, however they are nested."""
    while isinstance(node, Wrapped) or (isinstance(node, Group) and len(node.items) == 1):
        node = node.body if isinstance(node, Wrapped) else node.items[0]
    return node
