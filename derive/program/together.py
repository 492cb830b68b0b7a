"""Put matrix products into loops over their batch, beside what makes and what takes their results.

    T[b] = Σ L[b] R[b] for all b;  for b: … T[b] …   →   for b: T[b] = Σ L[b] R[b];  … T[b] …

What one turn makes for the same turn is then still in the cache, needs room for one turn alone, and
the turns can be shared. Needs: a program's loop trees. Guarantees: what
:func:`derive.program.check.check_trees` checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.program.fuse import legal
from derive.program.ir import Contract, Loop, leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.program.ir import Axis, Tree

__all__ = ["together"]


def together(trees: Sequence[Tree]) -> tuple[Tree, ...]:
    """Return the trees with neighbours in one loop over a batch: products and what is none."""
    return tuple(_together(trees, 0))


def _together(trees: Sequence[Tree], depth: int) -> Iterator[Tree]:
    """Yield trees that stand in so many loops."""
    group: list[Tree] = []
    for tree in trees:
        if group and not _joins(tree, group, depth):
            yield from _one(group, depth)
            group = []
        group.append(tree)
    yield from _one(group, depth)


def _axis(tree: Tree, depth: int) -> Axis | None:
    """Return the axis of the outermost loop that a tree is, or that it could be."""
    if isinstance(tree, Loop):
        return tree.axis
    return tree.batch[depth] if isinstance(tree, Contract) and tree.batch[depth:] else None


def _joins(tree: Tree, group: Sequence[Tree], depth: int) -> bool:
    axis = _axis(group[0], depth)
    if axis is None or _axis(tree, depth) != axis:
        return False
    loop = Loop(axis, tuple(group))
    return all(legal(loop, statement) for statement in leaves(tree))


def _one(group: Sequence[Tree], depth: int) -> Iterator[Tree]:
    """Yield a group as one loop, if that is of use."""
    axis = _axis(group[0], depth)
    if axis is None or len({isinstance(tree, Contract) for tree in group}) == 1:
        yield from group
        return
    inside = [part for tree in group for part in (tree.body if isinstance(tree, Loop) else (tree,))]
    yield Loop(axis, tuple(_together(inside, depth + 1)))
