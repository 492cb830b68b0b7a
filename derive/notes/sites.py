"""Where a variant of a formula differs from it: the place of an edit in the tree."""

from __future__ import annotations

from dataclasses import fields

from derive.notes.factors import Inserted
from derive.notes.tree import (
    Add,
    BigOperator,
    Fraction,
    FunctionCall,
    Group,
    Name,
    Node,
    Norm,
    Operator,
    Product,
    Root,
    Scripted,
    Wrapped,
    children,
)

__all__ = ["located", "parts_of", "way_in"]


def located(old: Node, new: Node) -> tuple[Node, Node]:
    """Return the smallest part with a value that differs between a side and a variant of it."""
    while True:
        pair = _step(old, new)
        if pair is None:
            return old, new
        old, new = pair


def _step(old: Node, new: Node) -> tuple[Node, Node] | None:
    """Return the only parts of two nodes that differ, None if the nodes differ otherwise."""
    if type(old) is not type(new):
        return None
    if isinstance(old, Add) and isinstance(new, Add) and len(old.terms) == len(new.terms):
        other = [(a, b) for a, b in zip(old.terms, new.terms, strict=True) if a is not b]
        if len(other) == 1 and other[0][0].sign == other[0][1].sign:
            return other[0][0].body, other[0][1].body
        return None
    pairs = []
    for item in fields(old):
        one, two = getattr(old, item.name), getattr(new, item.name)
        if one is two or not item.compare:
            continue
        if isinstance(one, Node) and isinstance(two, Node):
            pairs.append((item.name, one, two))
        elif isinstance(one, tuple) and isinstance(two, tuple) and len(one) == len(two):
            for a, b in zip(one, two, strict=True):
                if a is not b:
                    if not (isinstance(a, Node) and isinstance(b, Node)):
                        return None
                    pairs.append((item.name, a, b))
        elif one != two:
            return None
    if len(pairs) != 1:
        return None
    name, one, two = pairs[0]
    return (one, two) if _has_value(old, name, one) else None


def _has_value(parent: Node, name: str, child: Node) -> bool:
    """Tell whether a part has a value of its own that the whole is computed from."""
    if isinstance(parent, Group):
        return len(parent.items) == 1
    if isinstance(parent, Scripted):
        return name == "base" and not isinstance(child, Name)
    if isinstance(parent, BigOperator | Wrapped | Norm | Root):
        return name == "body"
    if isinstance(parent, FunctionCall):
        return name == "argument"
    return isinstance(parent, Fraction | Product) and not isinstance(child, Operator)


def parts_of(node: Node) -> frozenset[int]:
    """Return the identities of a node and its parts, but for what comes from elsewhere."""
    found = []
    waiting = [node]
    while waiting:
        part = waiting.pop()
        found.append(id(part))
        if not isinstance(part, Inserted):
            waiting.extend(children(part))
    return frozenset(found)


def way_in(node: Node) -> list[tuple[int, Node]] | None:
    """Return the parts on the way to what was put in, each with its number among its siblings."""
    if isinstance(node, Inserted):
        return [(0, node)]
    for n, child in enumerate(children(node)):
        if isinstance(child, Operator):
            continue
        below = way_in(child)
        if below is not None:
            return [(n, node), *below]
    return None
