r"""A letter that two sums bind, each to an axis of its own: ``\sum_{l=1}^N x_l \sum_{l=1}^M w_l``.

Whoever reads a formula may take a letter for one axis. Where sums beside one another run to
different limits, the letter of the later ones is set apart, by a mark that prints nothing. So is
one that stands on no axis itself, as in ``\sum_{t=2}^T x_{t-1}``, from the same letter elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.meaning import letter_of
from derive.notes.ranges import stands_alone
from derive.notes.settle import rebuilt
from derive.notes.tree import BigOperator, Name, Relation

if TYPE_CHECKING:
    from derive.notes.tree import Node

__all__ = ["MARK", "bare", "set_apart"]

#: A space of no width: no part of what is read.
MARK = "\u200b"


def bare(text: str) -> str:
    """Return a text with letters as they were written."""
    return text.replace(MARK, "")


def set_apart(root: Node) -> Node:
    """Return a formula in which sums to different limits have different letters."""
    ends: dict[str, list[tuple[Node, ...]]] = {}
    moved = {
        letter
        for part in tree.walk(root)
        if isinstance(part, BigOperator) and part.upper
        for letter in _bound(part)
        if not stands_alone(letter, part.body)
    }
    taken = {letter for letter in moved if _stands_elsewhere(letter, root)}

    def visit(node: Node) -> Node:
        if isinstance(node, BigOperator) and node.upper:
            for letter in _bound(node):
                known = ends.setdefault(letter, [()] if letter in taken else [])
                if node.upper not in known:
                    known.append(node.upper)
                node = _renamed(node, letter, letter + MARK * known.index(node.upper))
        return rebuilt(node, visit)

    return visit(root)


def _stands_elsewhere(letter: str, node: Node) -> bool:
    """Tell whether a letter stands outside of all sums that say to where it runs."""
    if letter_of(node) == letter:
        return True
    if isinstance(node, BigOperator) and node.upper and letter in _bound(node):
        return False
    return any(_stands_elsewhere(letter, part) for part in tree.children(node))


def _bound(node: BigOperator) -> list[str]:
    """Return the letters that an operator binds from a first value on."""
    return [
        letter
        for item in node.lower
        if isinstance(item, Relation) and item.relations[0].text == "="
        for part in tree.juxtaposed((item.sides[0],))
        if (letter := letter_of(part)) is not None and MARK not in letter
    ]


def _renamed(node: BigOperator, old: str, new: str) -> BigOperator:
    """Return an operator with one of its letters renamed, where it is not bound once more."""
    if old == new:
        return node

    def renamed(part: Node) -> Node:
        if isinstance(part, Name) and part.spelling == old:
            return replace(part, spelling=new)
        if isinstance(part, BigOperator) and old in _bound(part):
            return part
        return rebuilt(part, renamed)

    lower = tuple(renamed(part) for part in node.lower)
    return replace(node, lower=lower, body=renamed(node.body))
