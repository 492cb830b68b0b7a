r"""Equations that a claim mentions beside itself: ``\text{where}\quad \mu = \exp(Xw)``.

What stands after *where* or *with* restricts a claim where it is a comparison, a range or a value
that is given; an equation of what is defined, or is to be, says what that is. It is a claim of its
own, as it is after a comma.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.brackets import bare
from derive.notes.claims import EQUALITIES, applied_name
from derive.notes.meaning import letter_of
from derive.notes.names import spellings
from derive.notes.tree import Condition, Dots, Name, Number, Relation, Statement

if TYPE_CHECKING:
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["with_asides"]


def with_asides(line: tree.Line, world: World) -> tree.Line:
    """Return a line with statements of their own for the equations that its claims mention."""
    if not any(map(_may_mention, line.statements)):
        return line
    found: list[Statement] = []
    for statement in line.statements:
        found += _apart(statement, world)
    return replace(line, statements=tuple(found))


def _may_mention(statement: Statement) -> bool:
    where = any(condition.word == "where" for condition in statement.conditions)
    return where or isinstance(statement.body, tree.Group)


def _apart(statement: Statement, world: World) -> list[Statement]:
    """Return a statement, and what it mentions, in the order in which they stand."""
    inner = bare(statement.body)
    if isinstance(statement.body, tree.Group) and _says(inner, world):
        statement = replace(statement, body=inner)
    kept: list[Condition] = []
    asides: list[Statement] = []
    for condition in statement.conditions:
        told = [] if condition.word != "where" else _told(condition, world)
        asides += [Statement(item.start, item.end, item) for item in told]
        items = tuple(item for item in condition.items if bare(item) not in told)
        if told and not items:
            continue
        condition = replace(condition, items=items)
        before = [n for n, aside in enumerate(asides) if _concerns(condition, aside, world)]
        for n in before:
            asides[n] = replace(asides[n], conditions=(*asides[n].conditions, condition))
        if not before or _concerns(condition, statement.body, world):
            kept.append(condition)
    if not asides:
        return [statement]
    if isinstance(statement.body, tree.Empty) and not kept:
        return asides
    own = replace(statement, conditions=tuple(kept))
    first = statement.body.start
    early = [aside for aside in asides if aside.start < first]
    return [*early, own, *(aside for aside in asides if aside.start >= first)]


def _told(condition: Condition, world: World) -> list[Relation]:
    """Return the equations in a condition that say what something is."""
    found: list[Relation] = []
    for n, item in enumerate(condition.items):
        inner = bare(item)
        ranged = _is_range(condition.items[n + 1 :])
        if isinstance(inner, Relation) and not ranged and _says(inner, world):
            found.append(inner)
    return found


def _concerns(condition: Condition, node: Node, world: World) -> bool:
    """Tell whether all letters of a condition are in what stands before it."""
    letters = spellings(*condition.items) - world.tensors.keys() - world.sizes.keys()
    return condition.start >= node.start and letters <= spellings(node)


def _is_range(after: tuple[Node, ...]) -> bool:
    r"""Tell whether plain values and then dots follow: ``i = 1, 2, \dots, N``."""
    for item in after:
        if isinstance(item, Dots):
            return True
        if not isinstance(item, Name | Number):
            return False
    return False


def _says(node: Node, world: World) -> bool:
    """Tell whether a relation sets something equal that is not free to be set.

    Of what is given, and of indices, an equation is a supposition; so is one with a number.
    """
    if not isinstance(node, Relation) or node.relations[0].text not in EQUALITIES:
        return False
    left, right = node.sides[:2]
    if isinstance(left, tree.Empty) or letter_of(left) not in (None, *world.tensors):
        return False
    if any(isinstance(bare(side), Number) for side in (left, right)):
        return any(isinstance(part, tree.BigOperator) for part in tree.walk(left))
    if any(isinstance(part, tree.Derivative) for part in tree.walk(node)):
        return True
    given = {tensor.name for tensor in world.given}
    symbols = {world.tensors[name].name for name in spellings(node) if name in world.tensors}
    applied = isinstance(left, tree.FunctionCall) or applied_name(left) is not None
    return not symbols <= given or (applied and not spellings(left).isdisjoint(spellings(right)))
