"""Definitions in the order in which each has what it reads, however the header lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes import tree
from derive.notes.names import spellings
from derive.notes.parse import parse

if TYPE_CHECKING:
    from derive.notes.source import Formula

__all__ = ["Definition", "in_order"]


@dataclass(frozen=True, slots=True)
class Definition:
    """``left = right``, and the formula in which it stands."""

    formula: Formula
    left: tree.Node
    right: tree.Node

    @property
    def names(self) -> set[str]:
        """What the left side may define: the names in it that are no subscripts."""
        node = self.left.base if isinstance(self.left, tree.Scripted) else self.left
        if isinstance(node, tree.Group) and len(node.items) == 1:
            node = node.items[0]
        if isinstance(node, tree.Product):
            node = node.factors[0]
        if isinstance(node, tree.FunctionCall):
            return {node.name}
        return {node.spelling} if isinstance(node, tree.Name) else set()

    @property
    def letters(self) -> set[str]:
        """The names in brackets on the left: ``u`` of ``f(u) = u^2`` is no quantity."""
        return spellings(self.left) - self.names

    @property
    def reads(self) -> set[str]:
        """The names on the right side."""
        found = set()
        for part in tree.walk(self.right):
            if isinstance(part, tree.Name):
                found.add(part.spelling)
            elif isinstance(part, tree.FunctionCall):
                found.add(part.name)
        return found


def in_order(formulas: tuple[Formula, ...], names: tuple[str, ...]) -> list[Definition]:
    """Return the definitions of a header, each after those that it reads.

    Raises
    ------
    DeriveError
        If a formula is no definition, or definitions need one another.
    """
    waiting: list[Definition] = []
    for formula in formulas:
        for statement in parse(formula, names).statements:
            body = statement.body
            if not isinstance(body, tree.Relation) or len(body.sides) != 2:
                raise DeriveError(
                    "a definition has the form left = right", formula.span(body.start, body.end)
                )
            waiting.append(Definition(formula, *body.sides))
    found: list[Definition] = []
    while waiting:
        missing: set[str] = set().union(*(each.names for each in waiting))
        needs = [(each, (each.reads & missing) - each.names) for each in waiting]
        ready = next((each for each, wanted in needs if not wanted), None) or next(
            (each for each, wanted in needs if not wanted - each.letters), None
        )
        if ready is None:
            raise _circle(waiting)
        waiting.remove(ready)
        found.append(ready)
    return found


def _circle(waiting: list[Definition]) -> DeriveError:
    """Complain of definitions that need one another, at one of them."""
    path = [waiting[0]]
    while True:
        wanted = path[-1].reads - path[-1].names
        after = next(each for each in waiting if each.names & wanted)
        if after in path:
            circle = path[path.index(after) :]
            break
        path.append(after)
    shown = " → ".join(min(each.names) for each in (*circle, circle[0]))
    first = circle[0]
    place = first.formula.span(first.left.start, first.right.end)
    return DeriveError(f"definitions need one another in a circle: {shown}", place)
