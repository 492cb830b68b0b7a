r"""Summands that a gradient lacks, like those it has: ``C^\top \frac{\partial L}{\partial c}``.

Where ``a = A x``, ``b = B x`` and ``c = C x``, what comes back through c is written like what comes
back through a and b, with other names. A summand that got lost is found by that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.settle import renamed
from derive.notes.tree import Add, Name, Node, Term
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

__all__ = ["siblings"]


def siblings(
    side: Node, text: str, symbols: Collection[str], defined: Iterable[Node]
) -> Iterator[tuple[Edit, ...]]:
    """Yield edits that add summands: one, then all that are alike.

    Parameters
    ----------
    side : Node
        What is wrong.
    text : str
        The formula's text.
    symbols : collection of str
        The spellings of what the note declares.
    defined : iterable of Node
        The definitions.
    """
    parts = (part for line in defined for part in tree.walk(line))
    statements = [part.body for part in parts if isinstance(part, tree.Statement)]
    shapes = [_form(statement, symbols) for statement in statements]
    terms = side.terms if isinstance(side, Add) else (Term(side.start, side.end, "", side),)
    bodies = [term.body for term in terms]
    for term in terms:
        written = text[term.body.start : term.body.end]
        every = []
        for one, (form, names) in enumerate(shapes):
            for other, (form_, names_) in enumerate(shapes):
                if one == other or form != form_:
                    continue
                swap = {a: b for a, b in zip(names, names_, strict=True) if a != b}
                new = _renamed(term.body, swap)
                if new != term.body and new not in bodies:
                    spelled = _spelled(term.body, written, swap)
                    every.append(f" {'-' if term.sign == '-' else '+'} {spelled}")
        for more in (*every, "".join(dict.fromkeys(every))):
            yield (Edit(side.end, side.end, more, "term"),)


def _form(statement: Node, symbols: Collection[str]) -> tuple[Node, tuple[str, ...]]:
    """Return a definition with numbers for its symbols, and these in the order of the numbers."""
    found = (p.spelling for p in tree.walk(statement) if isinstance(p, Name))
    names = tuple(name for name in dict.fromkeys(found) if name in symbols)
    for number, name in enumerate(names):
        statement = renamed(statement, name, f"#{number}")
    return statement, names


def _renamed(node: Node, swap: Mapping[str, str]) -> Node:
    """Return a formula with other names, all put in at once."""
    for old in swap:
        node = renamed(node, old, f"#{old}")
    for old, new in swap.items():
        node = renamed(node, f"#{old}", new)
    return node


def _spelled(node: Node, text: str, swap: Mapping[str, str]) -> str:
    """Return the text of a formula with other names."""
    found = {(p.start, p.end): p.spelling for p in tree.walk(node) if isinstance(p, Name)}
    for (start, end), name in sorted(found.items(), reverse=True):
        if name in swap and end > start:
            after = text[end - node.start : end - node.start + 1]
            room = " " if swap[name][-1:].isalpha() and after.isalpha() else ""
            text = text[: start - node.start] + swap[name] + room + text[end - node.start :]
    return text
