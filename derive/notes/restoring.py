"""Repairs of several places at once: entries one by one, and terms that a definition has.

A matrix that is written out may be wrong in several entries; each is repaired by itself, and what
makes more entries right is kept. Biases get lost together: a term of a definition that is missing
wherever the definition is put in.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from derive.notes import tree
from derive.notes.draws import allowance
from derive.notes.edits import variants
from derive.notes.meaning import letter_of, mean
from derive.notes.settle import swapped
from derive.notes.values import Misfit, paired
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import sympy as sp

    from derive.index.limits import Budget
    from derive.notes.differentials import Differentials
    from derive.notes.edits import Vocabulary
    from derive.notes.scope import Scope
    from derive.notes.tree import Node
    from derive.notes.values import Value
    from derive.notes.world import World

__all__ = ["entry_by_entry", "everywhere", "indexings", "restorations"]

#: Steps that trying an edit takes.
_TRYING = 3
#: How many numbers are tried as an index.
_NUMBERS = 10
_KINDS = ("index", "number", "symbol", "sign", "power", "function", "drop")


def entry_by_entry(
    side: Node,
    truth: Node,
    words: Vocabulary,
    letters: dict[str, sp.Expr],
    differentials: Differentials,
    budget: Budget,
) -> tuple[Edit, ...]:
    """Return edits, at most one in each entry of a matrix, that make a side right."""
    cells = [cell for part in tree.walk(side) for cell in _cells(part)]
    if len(cells) < 2:
        return ()
    scope = differentials.numeric(0, letters)
    try:
        target = mean(truth, scope)
        scope = replace(scope, expected=target.shape, filled=False)
        wrong = _mismatches(side, target, scope)
        found: list[Edit] = []
        for cell in cells:
            if not wrong:
                break
            best: tuple[int, Node, tuple[Edit, ...]] | None = None
            for variant, move in itertools.chain(_numbered(cell), variants(cell, words)):
                if move[0].kind not in _KINDS:
                    continue
                if budget.spent:
                    return ()
                budget.steps -= _TRYING
                new = swapped(side, cell, variant)
                count = _mismatches(new, target, scope)
                if count < (wrong if best is None else best[0]):
                    best = (count, new, move)
            if best is not None:
                wrong, side, move = best
                found.extend(move)
    except (Misfit, ValueError, LookupError, ArithmeticError, TypeError, np.linalg.LinAlgError):
        return ()
    return tuple(found) if not wrong else ()


def _cells(node: Node) -> Iterator[Node]:
    rows: tuple[tuple[Node, ...], ...] = ()
    if isinstance(node, tree.Matrix):
        rows = node.rows
    elif isinstance(node, tree.Group) and len(node.items) > 1:
        rows = (node.items,)
    for cell in itertools.chain(*rows):
        if not isinstance(cell, (tree.Dots, tree.Empty)):
            yield cell


def _numbered(cell: Node) -> Iterator[tuple[Node, tuple[Edit, ...]]]:
    """Yield a cell with one written index changed to another number."""
    for part in tree.walk(cell):
        if not isinstance(part, tree.Scripted):
            continue
        for index in part.sub:
            if isinstance(index, tree.Number) and index.end > index.start:
                for text in map(str, range(_NUMBERS)):
                    if text != index.text:
                        new = swapped(cell, index, replace(index, text=text))
                        yield new, (Edit(index.start, index.end, text, "index"),)


def _mismatches(side: Node, target: Value, scope: Scope) -> int:
    """Return how many entries of a side are wrong; more than there are where it has no meaning."""
    data = np.asarray(target.data, float)
    try:
        both = paired(scope.algebra, mean(side, scope), target)
    except (Misfit, LookupError):
        both = None
    if both is None:
        return data.size + 1
    left, right = np.broadcast_arrays(
        np.asarray(both[0].data, float), np.asarray(both[1].data, float)
    )
    wrong = ~(np.abs(left - right) <= allowance(data))
    known = both[0].known
    if known is not None:
        wrong = wrong & (np.broadcast_to(np.asarray(known), wrong.shape) != 0)
    return int(wrong.sum())


def restorations(side: Node, defined: Iterable[Node]) -> Iterator[tuple[Edit, ...]]:
    """Yield edits that put terms of the definitions back: one, or two in different places."""
    terms = list(dict.fromkeys(_terms(defined)))
    places = list(dict.fromkeys(_slots(side)))
    singles = [Edit(place, place, f"{term} + ", "term") for place in places for term in terms]
    for edit in singles:
        yield (edit,)
    for one, two in itertools.combinations(singles, 2):
        if one.start != two.start and one.text != two.text:
            yield (one, two) if one.start < two.start else (two, one)


def everywhere(side: Node, defined: Iterable[Node]) -> tuple[Edit, ...]:
    """Return edits that put the terms of the definitions back in all that is differentiated.

    What is defined as ``w + Wx`` stands for itself: where one line lacks w, the others do.
    """
    beside = {
        head: other.body.spelling
        for line in defined
        for part in tree.walk(line)
        if isinstance(part, tree.Add)
        for term in part.terms
        for head in [_head(term.body)]
        for other in part.terms
        if head is not None and isinstance(other.body, tree.Name) and other.sign != "-"
    }
    found: list[Edit] = []
    for derivative in tree.walk(side):
        if isinstance(derivative, tree.Derivative):
            for part in (derivative.of, *derivative.wrt):
                if part is not None:
                    found.extend(_lacking(part, beside, bare=True))
    return tuple(dict.fromkeys(found))


def _head(node: Node) -> str | None:
    first = node.factors[0] if isinstance(node, tree.Product) else None
    return first.spelling if isinstance(first, tree.Name) else None


def _lacking(node: Node, beside: Mapping[str, str], *, bare: bool) -> Iterator[Edit]:
    """Yield the edits that add terms to the products of a part; ``bare`` has no brackets."""
    if isinstance(node, tree.Add) and len(node.terms) > 1:
        return
    term = beside.get(_head(node) or "")
    if term is not None:
        yield Edit(node.start, node.start, f"({term} + " if bare else f"{term} + ", "term")
        if bare:
            yield Edit(node.end, node.end, ")", "term")
    inside = isinstance(node, tree.Group)
    for part in tree.children(node):
        yield from _lacking(part, beside, bare=not inside)


def indexings(side: Node, world: World) -> Iterator[tuple[Edit, ...]]:
    """Yield edits that give a vector under a sum the sum's index, without and with a minus."""
    for part in tree.walk(side):
        if not isinstance(part, tree.BigOperator):
            continue
        letters = [name for limit in part.lower for name in [letter_of(_first(limit))] if name]
        indexed = {p.base for p in tree.walk(part.body) if isinstance(p, tree.Scripted)}
        for inner in tree.walk(part.body):
            if not isinstance(inner, tree.Name) or inner in indexed or inner.start == inner.end:
                continue
            symbol = world.tensors.get(inner.spelling)
            if symbol is None or not symbol.shape:
                continue
            for letter in letters:
                edit = Edit(inner.end, inner.end, f"_{letter}", "index")
                yield (edit,)
                yield Edit(side.start, side.start, "-", "sign"), edit


def _first(limit: Node) -> Node:
    return limit.sides[0] if isinstance(limit, tree.Relation) else limit


def _terms(defined: Iterable[Node]) -> Iterator[str]:
    """Yield the symbols that are terms of a definition beside other terms."""
    for line in defined:
        for part in tree.walk(line):
            if isinstance(part, tree.Relation) and isinstance(part.sides[-1], tree.Add):
                for term in part.sides[-1].terms:
                    if isinstance(term.body, tree.Name) and term.sign != "-":
                        yield term.body.spelling


def _slots(side: Node) -> Iterator[int]:
    """Yield where a term may be missing: at the start of a side, of brackets and arguments."""
    yield side.start
    for part in tree.walk(side):
        if isinstance(part, tree.Group) and len(part.items) == 1 and part.end > part.start:
            yield part.items[0].start
