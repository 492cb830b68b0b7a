"""One gate for the other: z where ``1 - z`` is right, and the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.settle import swapped
from derive.notes.tree import Add, Group, Name, Node, Number, Scripted, Term
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["complements"]


def complements(side: Node) -> Iterator[tuple[Node, tuple[Edit, ...]]]:
    """Yield a side with ``1 - z`` for a part z, or with z for it; and the edit that makes it."""
    for part, alone in _whole_parts(side, alone=True):
        if isinstance(part, (Name, Scripted)):
            inner = Add(part.start, part.end, (_one(part), Term(part.start, part.end, "-", part)))
            new = inner if alone else Group(part.start, part.end, "(", ")", (inner,))
            text = "1 - {}" if alone else "(1 - {})"
            yield swapped(side, part, new), (Edit(part.start, part.end, text, "complement"),)
        elif isinstance(part, Add) and len(part.terms) == 2:
            first, second = part.terms
            if first.body == Number(0, 0, "1") and not first.sign and second.sign == "-":
                edit = Edit(part.start, second.body.start, "", "complement")
                yield swapped(side, part, second.body), (edit,)


def _one(part: Node) -> Term:
    return Term(part.start, part.start, "", Number(part.start, part.start, "1"))


def _whole_parts(node: Node, *, alone: bool) -> Iterator[tuple[Node, bool]]:
    """Yield the parts that have a value of their own, and whether nothing stands beside them."""
    yield node, alone
    if not isinstance(node, (Scripted, Name, tree.Derivative)):
        single = isinstance(node, Group) and len(node.items) == 1
        # No limit of a sum is a gate.
        parts = (node.body,) if isinstance(node, tree.BigOperator) else tree.children(node)
        for part in parts:
            yield from _whole_parts(part, alone=single)
