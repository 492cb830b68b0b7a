r"""Brackets around an elementwise product that a repair makes a factor of a matrix product.

``M \odot A B`` is read as ``(M \odot A) B`` where only that conforms, and as ``M \odot (A B)``
elsewhere. A repair says which.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from derive.notes.ranks import Move
    from derive.notes.tree import Node

__all__ = ["with_brackets"]

_ELEMENTWISE = (r"\odot", r"\circ")


def with_brackets(side: Node, edits: Move) -> Move:
    r"""Return a repair that has brackets around what it multiplies with ``\odot``.

    The same repair where it puts in nothing so, or nothing follows.

    Parameters
    ----------
    side : Node
        What is repaired.
    edits : tuple of Edit
        The repair.
    """
    if len(edits) != 1 or edits[0].kind != "insert" or edits[0].start != edits[0].end:
        return edits
    (edit,) = edits
    before = edit.text.rstrip().endswith(_ELEMENTWISE)
    after = edit.text.lstrip().startswith(_ELEMENTWISE)
    for part in tree.walk(side) if before or after else ():
        if not isinstance(part, tree.Product):
            continue
        for n, factor in enumerate(part.factors[:-1]):
            if part.operators[n].text:
                continue
            if before and n == 0 and factor.start == edit.start:
                closing = Edit(factor.end, factor.end, ")", "insert")
                return replace(edit, text=f"({edit.text}"), closing
            if after and factor.end == edit.start:
                opening = Edit(factor.start, factor.start, "(", "insert")
                return opening, replace(edit, text=f"{edit.text})")
    return edits
