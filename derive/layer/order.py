"""The order in which definitions can be computed."""

from __future__ import annotations

from derive.index.terms import tensors
from derive.layer.model import Node

__all__ = ["ordered"]


def ordered(nodes: list[Node]) -> tuple[Node, ...]:
    """Order the definitions so that each comes after what it reads, as far as that is possible."""
    left, done, result = list(nodes), set[str](), list[Node]()
    names = {node.name for node in nodes}
    while left:
        ready = next(
            (n for n in left if tensors(n.body) & names <= done),
            left[0],  # a cycle: the check will name it
        )
        left.remove(ready)
        done.add(ready.name)
        result.append(ready)
    return tuple(result)
