"""Sides of a claim that may be read in several ways, told apart before they have a meaning.

What a text may mean besides is a :class:`Choice` in a tree. The sides of a chain are finished
once for each combination of what is chosen; where they come out differently, a side is a
:class:`Ways`, which gives the usual way its meaning unless the scope asks for another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.meaning import mean, register
from derive.notes.scope import Scope  # noqa: TC001 (dispatch reads it)
from derive.notes.settle import rebuilt
from derive.notes.tree import Node
from derive.notes.values import Misfit, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Choice", "in_all_ways"]


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """A part with two readings: the usual one, and what it may be meant as besides.

    Parameters
    ----------
    usual, other : Node
        The readings.
    doubt : str
        What the doubt is about: all choices of one doubt are made alike.
    reading : str
        What is said where the other one is taken.
    """

    usual: Node
    other: Node
    doubt: str
    reading: str


@dataclass(frozen=True, slots=True)
class _Way:
    """A side as it is with some doubts decided the less usual way."""

    doubts: frozenset[str]
    node: Node
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ways(Node):
    """A side with several readings; edits are those of the usual one, its only part."""

    usual: Node
    doubts: frozenset[str]
    others: tuple[_Way, ...]


def in_all_ways(
    sides: Sequence[Node], finish: Callable[[Sequence[Node]], Sequence[Node]]
) -> list[Node]:
    """Return sides finished with what is usual, and along with it as they may be meant besides.

    Parameters
    ----------
    sides : sequence of Node
        Of one chain, with choices in them.
    finish : callable
        What is to be done to all sides together when the choices have been made.
    """
    parts = [part for side in sides for part in tree.walk(side) if isinstance(part, Choice)]
    doubts = sorted({part.doubt for part in parts})
    usual = finish([_chosen(side, frozenset(), []) for side in sides])
    others: list[list[_Way]] = [[] for _ in sides]
    for taken in _subsets(doubts):
        readings: list[list[str]] = [[] for _ in sides]
        chosen = [_chosen(side, taken, told) for side, told in zip(sides, readings, strict=True)]
        try:
            finished = finish(chosen)
        except Misfit:
            # So it cannot be meant.
            continue
        for ways, node, told in zip(others, finished, readings, strict=True):
            ways.append(_Way(taken, node, tuple(dict.fromkeys(told))))
    return [
        Ways(node.start, node.end, node, frozenset(doubts), tuple(ways))
        if any(way.node != node for way in ways)
        else node
        for node, ways in zip(usual, others, strict=True)
    ]


def _subsets(doubts: list[str]) -> Iterator[frozenset[str]]:
    for count in range(1, len(doubts) + 1):
        yield from map(frozenset, combinations(doubts, count))


def _chosen(node: Node, taken: frozenset[str], told: list[str]) -> Node:
    """Return a tree with its choices made, and note what is to be said of them."""
    if isinstance(node, Choice):
        if node.doubt in taken:
            told.append(node.reading)
        return _chosen(node.other if node.doubt in taken else node.usual, taken, told)
    return rebuilt(node, lambda part: _chosen(part, taken, told))


@register
def _(node: Ways, scope: Scope) -> Value:
    scope.doubts.update(node.doubts)
    for way in node.others:
        if way.doubts == scope.other & node.doubts:
            value = mean(way.node, scope)
            return replace(value, readings=(*value.readings, *way.readings))
    return mean(node.usual, scope)
