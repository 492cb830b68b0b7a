"""The claims of a note: one for each ``=``, and what the note's own symbols stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes import tree
from derive.notes.parse import parse
from derive.notes.tree import Derivative, Empty, Name, Node, Relation, Statement

if TYPE_CHECKING:
    from derive.notes.document import Note
    from derive.notes.source import Formula
    from derive.notes.world import World

__all__ = ["Chain", "Unread", "chains", "is_pure_derivative", "open_symbols"]

#: Relations that claim equality.
EQUALITIES = ("=", r"\equiv", ":=", r"\triangleq")
UPDATES = (r"\leftarrow", "+=", "-=")


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain ``A = B = C`` of one statement.

    Parameters
    ----------
    formula : Formula
        Where it stands.
    statement : Statement
        All of it, with its conditions.
    sides : tuple of Node
        What is set equal; a chain that goes on from another display has that one's first side
        and last side first.
    relations : tuple of str
        Between them.
    carried : int
        How many of the sides come from an earlier display.
    """

    formula: Formula
    statement: Statement
    sides: tuple[Node, ...]
    relations: tuple[str, ...]
    carried: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A formula that is outside the grammar."""

    formula: Formula
    error: DeriveError


def chains(note: Note, world: World, names: tuple[str, ...]) -> list[Chain | Unread]:
    """Return the statements of a note, in order.

    A chain that begins with a relation goes on from the one before it.
    """
    found: list[Chain | Unread] = []
    last: tuple[Node, ...] = ()
    for formula in note.formulas:
        if formula.skip:
            continue
        try:
            line = parse(formula, names)
        except DeriveError as error:
            if formula.display or any(sign in formula.latex for sign in "=<>"):
                found.append(Unread(formula, error))
            continue
        for statement in line.statements:
            body = statement.body
            if not isinstance(body, Relation):
                if formula.display:
                    found.append(Chain(formula, statement, (body,), ()))
                continue
            sides, relations = body.sides, tuple(sign.text for sign in body.relations)
            carried = 0
            if isinstance(sides[0], Empty):
                if last:
                    sides = (*last[:1], *last[-1:], *sides[1:]) if len(last) > 1 else (
                        *last, *sides[1:]
                    )
                    carried = min(len(last), 2)
                    relations = ("=",) * (carried - 1) + relations
                else:
                    sides, relations = sides[1:], relations[1:]
            if isinstance(sides[-1], Empty):
                sides, relations = sides[:-1], relations[:-1]
            found.append(Chain(formula, statement, sides, relations, carried))
            if all(relation in EQUALITIES for relation in relations):
                last = sides
    return found


def is_pure_derivative(node: Node) -> bool:
    """Tell whether a side is a derivative and nothing else, perhaps transposed."""
    while True:
        if isinstance(node, tree.Group) and len(node.items) == 1:
            node = node.items[0]
        elif isinstance(node, tree.Wrapped):
            node = node.body
        elif isinstance(node, tree.Scripted) and not node.sub and not node.primes:
            node = node.base
        else:
            return isinstance(node, Derivative)


def open_symbols(world: World) -> dict[str, str]:
    """Return the declared symbols that have no definition yet: spelling → tensor."""
    known = {node.name for node in world.nodes} | {tensor.name for tensor in world.given}
    return {
        spelling: symbol.name
        for spelling, symbol in world.tensors.items()
        if symbol.name not in known
    }


def bare_name(node: Node) -> str | None:
    """Return the spelling of a side that is a symbol alone, perhaps with indices."""
    while isinstance(node, (tree.Group, tree.Wrapped)):
        if isinstance(node, tree.Wrapped):
            node = node.body
        elif len(node.items) == 1:
            node = node.items[0]
        else:
            return None
    base = node.base if isinstance(node, tree.Scripted) and not node.primes else node
    return base.spelling if isinstance(base, Name) else None
