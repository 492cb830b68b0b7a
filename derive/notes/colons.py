r"""A colon between matrices is their inner product: ``dC = \delta : dZ``.

A colon parts, too: a condition from what it leads to (``i < j: a = b``), a name from what it is
(``f: \mathbb R^n \to \mathbb R``), a range (``i = 1:n``). Which it is, the quantities around it
tell; where they do not, nothing is read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes.lexer import Unreadable
from derive.notes.tree import (
    Add,
    BigOperator,
    Derivative,
    Empty,
    FunctionCall,
    Group,
    Name,
    Node,
    Number,
    Relation,
    unwrapped,
    walk,
)

if TYPE_CHECKING:
    from derive.notes.names import Names

__all__ = ["joined"]

#: Relations whose sides are quantities.
_EQUAL = frozenset({"=", r"\equiv", ":=", r"\approx", r"\propto", r"\leftarrow"})


def joined(before: Node, after: Node, names: Names) -> Node | None:
    r"""Return the parts around a colon as one, None where the colon only parts them.

    Parameters
    ----------
    before, after : Node
        What stands before the colon and after it.
    names : Names
        The declared ones.

    Raises
    ------
    Unreadable
        Where the colon may be either.
    """
    first, second = _sides(before), _sides(after)
    if first is None or second is None:
        return None
    if len(first) == len(second) == 1 or not _declared(first[0], names):
        return None
    if len(first) == 1:
        multiplied = not isinstance(unwrapped(before), Group | Number)
    elif len(second) == 1:
        multiplied = _declared(second[0], names) or isinstance(second[0], Number | Group)
    elif isinstance(first[-1], Number | Empty) or isinstance(second[0], Empty):
        return None
    else:
        multiplied = _small(first[0], names)
        if not multiplied:
            what = "this colon may be a product, or part two claims"
            hint = r"write \langle A, B \rangle, or a comma"
            raise Unreadable(what, after.start, after.end, hint)
    if not multiplied:
        return None
    pair = _last(first[-1], second[0])
    if isinstance(before, Relation):
        pair = replace(before, end=pair.end, sides=(*first[:-1], pair))
    if not isinstance(after, Relation):
        return pair
    relations = after.relations
    if isinstance(pair, Relation):
        relations = (*pair.relations, *relations)
        return Relation(pair.start, after.end, (*pair.sides, *second[1:]), relations)
    return Relation(pair.start, after.end, (pair, *second[1:]), relations)


def _sides(node: Node) -> tuple[Node, ...] | None:
    """Return the sides of an equation, or an expression alone; None for any other relation."""
    if not isinstance(node, Relation):
        return (node,)
    return node.sides if all(sign.text in _EQUAL for sign in node.relations) else None


def _declared(node: Node, names: Names) -> bool:
    """Tell whether quantities of the note stand in an expression, or derivatives."""
    return any(
        isinstance(part, Derivative) or (isinstance(part, Name) and _known(part, names))
        for part in walk(node)
    )


def _known(name: Name, names: Names) -> bool:
    return name.spelling in names.spellings


def _small(node: Node, names: Names) -> bool:
    """Tell whether a side is a differential, for whose equations the product is written."""
    parts = [part for part in walk(node) if isinstance(part, Name)]
    return bool(parts) and parts[0].spelling in ("d", r"\mathrm{d}") and not _known(parts[0], names)


def _last(node: Node, other: Node) -> Node:
    """Multiply the last product of an expression by the first of another."""
    if isinstance(node, Add):
        *rest, term = node.terms
        body = _last(term.body, other)
        term = replace(term, end=term.body.end, body=body)
        if isinstance(body, Add):
            first, *others = body.terms
            term = replace(term, end=first.end, body=first.body)
            return Add(node.start, body.end, (*rest, term, *others))
        return Add(node.start, body.end, (*rest, replace(term, end=body.end)))
    if isinstance(node, BigOperator):
        body = _last(node.body, other)
        if isinstance(body, Add):
            head, *others = body.terms
            inside = replace(node, end=head.end, body=head.body)
            return Add(
                node.start, body.end, (replace(head, start=node.start, body=inside), *others)
            )
        return replace(node, end=body.end, body=body)
    if isinstance(node, FunctionCall) and not node.bracketed:
        what = "how far the function before this colon reaches is not clear"
        raise Unreadable(what, node.start, other.end, "put brackets around its argument")
    if isinstance(other, Add) and not other.terms[0].sign:
        first, *others = other.terms
        body = _last(node, first.body)
        return Add(node.start, other.end, (replace(first, start=node.start, body=body), *others))
    if isinstance(other, Add):
        what = "how far this sign after a colon reaches is not clear"
        raise Unreadable(what, other.start, other.end, "put brackets around it")
    return Group(node.start, other.end, r"\langle", r"\rangle", (node, other), (":",))
