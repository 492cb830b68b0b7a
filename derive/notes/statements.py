"""From a flat line to its statements: what is claimed, and under which conditions."""

from __future__ import annotations

from dataclasses import replace

from derive.notes.branches import with_branches
from derive.notes.colons import joined
from derive.notes.cursor import Tok
from derive.notes.fold import part
from derive.notes.names import Names, spellings
from derive.notes.pairs import paired
from derive.notes.raw import RawLine, RawPart, reach
from derive.notes.restricting import contrary, with_restrictions
from derive.notes.tree import (
    BigOperator,
    Case,
    Condition,
    Derivative,
    Dots,
    Empty,
    Evaluated,
    Fraction,
    FunctionCall,
    Group,
    Name,
    Node,
    Number,
    Relation,
    Remark,
    Scripted,
    Statement,
    walk,
)

_INTRODUCING = frozenset(
    {"if", "for", "forall", "where", "such that", "otherwise", "unless", "on", "at"}
    | {"for some", "even for"}
)
#: Relations that restrict rather than claim.
_RESTRICTING = frozenset(
    {r"\neq", r"\in", r"\notin", r"\le", r"\ge", "<", ">", r"\subset", r"\subseteq", r"\ll", r"\gg"}
)
_LISTED = frozenset({",", "|", ":"})


def statements(
    line: RawLine, names: Names, remarks: list[Tok], latex: str
) -> tuple[tuple[Statement, ...], tuple[Remark, ...]]:
    """Return the statements of a line, and its remarks with their text."""
    found: list[Statement] = []
    early: list[Condition] = []
    word: Tok | None = None
    items: list[Node] = []
    words = [Remark(tok.start, tok.end, latex[tok.start : tok.end]) for tok in remarks]

    def close() -> None:
        """End the condition being read."""
        nonlocal word, items
        if word is not None or items:
            condition = _condition(word, items)
            if found:
                found[-1] = _restricted(found[-1], condition)
            else:
                early.append(condition)
        word, items = None, []

    line = paired(line)
    separator: Tok | None = None
    #: Whether the part before is a statement, and nothing but it.
    adjacent = False
    for raw, after in zip(line.parts, (*line.separators, None), strict=True):
        at = separator.end if separator else 0
        value = separator.value if separator else ""
        if separator is not None and value in _INTRODUCING:
            close()
            word = separator
        if raw is not None:
            node = part(raw, names, at)
            first = separator is word and word is not None
            listed = value in _LISTED and (word is not None or bool(items))
            ahead = not found and (value == ":" or _equates(node))
            if not found and after is not None and after.value == ":" and _orders(node):
                # As in ``i < j: a = b``.
                items.append(node)
            elif first or (listed and not ahead and not _claims(node)):
                items.append(node)
            elif found and _claimed(found[-1].body) and _restricts(node, line, raw):
                close()
                items.append(node)
            elif value == ":" and adjacent and (one := joined(found[-1].body, node, names)):
                found[-1] = Statement(one.start, one.end, one)
            else:
                close()
                found.append(Statement(node.start, node.end, node))
            adjacent = word is None and not items
        else:
            adjacent = False
        separator = after
    close()
    if early and found:
        first_one = found[0]
        start = min(first_one.start, early[0].start)
        found[0] = replace(first_one, start=start, conditions=(*early, *first_one.conditions))
    elif early:
        place = (early[0].start, early[-1].end)
        found.append(Statement(*place, Empty(place[0], place[0]), tuple(early)))
    told = with_branches(found, latex)
    opened = [entry for statement in told for entry in _opened(statement)]
    restricted = tuple(with_restrictions(opened, names, latex))
    return restricted, tuple(sorted(words, key=lambda remark: remark.start))


def _condition(word: Tok | None, items: list[Node]) -> Condition:
    """Return a condition with its range; *unless* one comparison is where its contrary holds."""
    ranges = [(node.start, node.end) for node in items]
    if word is not None:
        ranges.append((word.start, word.end))
    value = word.value if word else ""
    other = contrary(items[0]) if value == "unless" and len(items) == 1 else None
    if other is not None:
        value, items = "if", [other]
    return Condition(*reach(*ranges), value, tuple(items))


def _restricted(statement: Statement, condition: Condition) -> Statement:
    """Return the statement under one more condition; *for some* is of what stands before it."""
    end = max(statement.end, condition.end)
    before = statement.conditions
    if condition.word == "for some":
        own = spellings(*condition.items)
        before = tuple(
            c if own.isdisjoint(spellings(*c.items)) else replace(c, word="for some")
            for c in before
        )
    return replace(statement, end=end, conditions=(*before, condition))


def _claims(node: Node) -> bool:
    """Tell whether a part in a list of conditions is a claim of its own after all."""
    heavy = BigOperator | Derivative | Evaluated | Fraction | FunctionCall
    return isinstance(node, Relation) and any(isinstance(below, heavy) for below in walk(node))


def _claimed(node: Node) -> bool:
    """Tell whether a statement is more than a restriction itself (``y > 0, z > 0``)."""
    return not isinstance(node, Relation) or any(
        relation.text not in _RESTRICTING for relation in node.relations
    )


def _orders(node: Node) -> bool:
    """Tell whether a part is a restriction and nothing else."""
    return isinstance(node, Relation) and not _claimed(node) and not _claims(node)


def _equates(node: Node) -> bool:
    """Tell whether a part that follows leading conditions is what they lead to: ``a_i = 0``."""
    return isinstance(node, Relation) and _claimed(node) and not isinstance(node.sides[0], Name)


def _restricts(node: Node, line: RawLine, raw: RawPart) -> bool:
    r"""Tell whether a part restricts the claim before it though no word says so.

    ``, i \neq j``; ``(i \neq j)``; and the range ``i = 1, \dots, N``.
    """
    inner = node.items[0] if isinstance(node, Group) and len(node.items) == 1 else node
    if isinstance(inner, Relation):
        if all(relation.text in _RESTRICTING for relation in inner.relations):
            return not _claims(inner)
        return isinstance(inner.sides[0], Name | Scripted) and _ranged(line, raw)
    return isinstance(node, Dots)


def _ranged(line: RawLine, raw: RawPart) -> bool:
    r"""Tell whether plain values and then dots follow a part: ``i = 1, 2, \dots, N``."""
    place = next(k for k, other in enumerate(line.parts) if other is raw)
    for other in line.parts[place + 1 :]:
        node = part(other, Names(), 0)
        if isinstance(node, Dots):
            return True
        if not isinstance(node, Name | Number):
            return False
    return False


def _opened(statement: Statement) -> list[Statement]:
    r"""Take a system of equations behind one brace apart: ``\left\{ .. \right.``."""
    body = statement.body
    if (
        isinstance(body, Group)
        and body.closing == "."
        and len(body.items) > 1
        and all(isinstance(item, Relation) for item in body.items)
    ):
        return [Statement(item.start, item.end, item, statement.conditions) for item in body.items]
    return [statement]


def case(cells: list[RawLine], names: Names, at: int) -> Case:
    """Return a row of a case distinction: a value, and when it holds."""
    parts: list[RawPart] = []
    separators: list[Tok] = []
    for number, cell in enumerate(cells):
        if number:
            separators.append(Tok("SEP", ",", at, at))
        parts.extend(cell.parts)
        separators.extend(cell.separators)
    value = part(parts[0], names, at)
    conditions: list[Condition] = []
    word: Tok | None = None
    items: list[Node] = []
    for raw, separator in zip(parts[1:], separators, strict=True):
        if separator.value in _INTRODUCING:
            if word is not None or items:
                conditions.append(_condition(word, items))
            word, items = separator, []
        if raw is not None:
            items.append(part(raw, names, separator.end))
    if word is not None or items:
        conditions.append(_condition(word, items))
    end = conditions[-1].end if conditions else value.end
    return Case(value.start, end, value, tuple(conditions))
