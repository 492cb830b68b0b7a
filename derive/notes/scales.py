r"""Edits of how large a term is: a size that got lost, ``1/T`` for ``T``, ``d`` for ``\sqrt d``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.compounds import inverse
from derive.notes.factors import Inserted, factored, inserted
from derive.notes.settle import swapped
from derive.notes.symbols import DIVISIONS
from derive.notes.tree import Add, Fraction, Group, Name, Number, Product, Root
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.factors import Variant, Vocabulary
    from derive.notes.tree import Node

__all__ = ["rescaled"]


def rescaled(side: Node, words: Vocabulary) -> Iterator[Variant]:
    """Yield the edits of a side that make a term of it larger or smaller by a size.

    So do those that take a factor's inverse, or the root of a size.
    """
    terms = list(_terms(side))
    whole = not isinstance(side, Add) or len(side.terms) > 1
    for part in (side, *terms) if whole else terms:
        for new, move in _sized(part, words):
            yield swapped(side, part, new), move
    for part in _parts(side):
        for new, edit in _turned(part, words):
            placed = Inserted(edit.start, edit.end, "inserted", new)
            yield swapped(side, part, placed), (edit,)


def _parts(node: Node) -> Iterator[Node]:
    """Yield a node and its parts, but not those of derivatives, indices, limits and exponents."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if isinstance(current, tree.Scripted):
            waiting.append(current.base)
        elif isinstance(current, tree.BigOperator):
            waiting.append(current.body)
        elif not isinstance(current, (tree.Derivative, tree.Evaluated, tree.Condition)):
            waiting.extend(reversed(tuple(tree.children(current))))


def _terms(side: Node) -> Iterator[Node]:
    """Yield the terms of sums that a side has anywhere."""
    for part in _parts(side):
        if isinstance(part, Add) and len(part.terms) + bool(part.terms[0].sign) > 1:
            yield from (term.body for term in part.terms)


def _sized(node: Node, words: Vocabulary) -> Iterator[Variant]:
    """Multiply a term by a size, or divide it by one."""
    if isinstance(node, (tree.Relation, tree.Empty, tree.Cases)) or node.end <= node.start:
        return
    sizes = [Name(0, 0, size) for size in words.sizes if not size.isdigit()]
    factors: list[tuple[Node, str]] = [(size, size.spelling) for size in sizes]
    factors += [(inverse(size), rf"\frac{{1}}{{{size.spelling}}}") for size in sizes]
    if not isinstance(node, Product):
        yield from factored(node, replace(words, factors=tuple(factors)))
        return
    for new, text in factors:
        yield inserted(node, 0, new, text, "")


def _turned(node: Node, words: Vocabulary) -> Iterator[tuple[Node, Edit]]:
    """Yield a part the other way up, or with a root where there was none, and its edit."""
    place = (node.start, node.end)
    text = words.text[slice(*place)]
    if isinstance(node, Fraction) and _is_one(node.numerator):
        below = node.denominator
        spelled = words.text[below.start : below.end]
        if isinstance(below, Add):
            below = Group(0, 0, "(", ")", (below,))
            spelled = rf"\left({spelled}\right)"
        yield below, Edit(*place, spelled, "power")
    if isinstance(node, Product):
        if len(node.factors) == 2 and node.operators[0].text in DIVISIONS:
            first, second = node.factors
            if _is_one(first):
                spelled = words.text[second.start : second.end]
                yield second, Edit(*place, spelled, "power")
        signs = ("", *(sign.text for sign in node.operators), "")
        for n, factor in enumerate(node.factors):
            if {signs[n], signs[n + 1]} & DIVISIONS or not _is_number(factor, words):
                continue
            within = (factor.start, factor.end)
            spelled = rf"\frac{{1}}{{{words.text[slice(*within)]}}}"
            turned = Inserted(*within, "inserted", inverse(factor))
            factors = (*node.factors[:n], turned, *node.factors[n + 1 :])
            yield replace(node, factors=factors), Edit(*within, spelled, "power")
    if isinstance(node, Name) and node.spelling in words.sizes and _is_number(node, words):
        yield Root(0, 0, node), Edit(*place, rf"\sqrt{{{text}}}", "power")
    if isinstance(node, Root) and node.order is None and isinstance(node.body, Name):
        spelled = words.text[node.body.start : node.body.end]
        yield node.body, Edit(*place, spelled, "power")


def _is_one(node: Node) -> bool:
    return isinstance(node, Number) and node.text == "1"


def _is_number(node: Node, words: Vocabulary) -> bool:
    """Tell whether a part is a symbol that is a number, the name of a size, a root or a power."""
    if isinstance(node, Root):
        return node.order is None and _is_number(node.body, words)
    if isinstance(node, tree.Scripted) and not node.sub and not node.primes:
        powers = all(isinstance(part, Number) for part in node.sup)
        return powers and _is_number(node.base, words)
    if not isinstance(node, Name) or node.end <= node.start:
        return False
    rank = words.rank(node)
    return rank == 0 or (rank is None and node.spelling in words.sizes)
