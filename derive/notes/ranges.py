"""From where to where the index of a sum runs."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.limits import letter_occurs, limits_of
from derive.notes.meaning import constant, letter_of, mean
from derive.notes.places import OutOfRange
from derive.notes.scope import Letters, Scope
from derive.notes.settle import rebuilt
from derive.notes.tree import BigOperator, Node, Relation
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sympy as sp

    from derive.notes.limits import Limit

__all__ = [
    "REDUCTIONS",
    "counts",
    "first_of",
    "from_base",
    "known_first",
    "refuse_own",
    "refuse_reversed",
    "stands_alone",
]

#: Operators that take all values of an index together.
REDUCTIONS = ("sum", "prod", "max", "min")


def counts(node: Node, scope: Scope) -> Iterator[sp.Expr]:
    """Yield how many values there are in every range that a formula writes in sizes alone."""
    for part in tree.walk(node):
        if isinstance(part, BigOperator) and part.operator in REDUCTIONS:
            for limit in limits_of(part, scope):
                count = _count(limit, scope)
                if count is not None and not count.is_nonnegative:
                    yield count


def _count(limit: Limit, scope: Scope) -> sp.Expr | None:
    """Return how many values a range has that is written in sizes alone."""
    first = first_of(limit, scope)
    last = None if limit.last is None else constant(limit.last, scope)
    return None if first is None or last is None else last - first + 1


def first_of(limit: Limit, scope: Scope) -> sp.Expr | None:
    """Return the first value of an index, None if it is not written in sizes alone."""
    return None if limit.first is None else constant(limit.first, scope)


def refuse_own(limit: Limit) -> None:
    """Refuse an index that its own first or last value depends on."""
    for end in (limit.first, limit.last):
        for part in tree.walk(end) if end is not None else ():
            if letter_of(part) == limit.letter:
                what = f"index {limit.letter} stands in its own limit"
                raise Misfit("unbound-index", what, part.start, part.end)


def refuse_reversed(limit: Limit, scope: Scope) -> None:
    """Refuse sizes at which a range ends before it starts: nobody means these."""
    count = _count(limit, scope)
    number = None if count is None else scope.algebra.number(count)
    if isinstance(number, float) and number < 0:
        raise OutOfRange(f"the range of {limit.letter} ends before it starts")


def known_first(limit: Limit, body: Node, scope: Scope) -> None:
    r"""Note on which axis a letter stands that is compared, or a number, before: ``\sum_t t x_t``.

    Where it stands on none, its limits tell how many values it takes.
    """
    letter = limit.letter
    if not _is_number(letter, body):
        return
    for part in tree.walk(body):
        if isinstance(part, tree.Scripted) and letter_occurs(part, letter):
            # What else stands there may belong to sums within.
            own = Letters(dict(scope.letters.sizes))
            with contextlib.suppress(Misfit):
                mean(part, replace(scope, letters=own, memo=None))
            if letter in own.sizes:
                scope.letters.sizes[letter] = own.sizes[letter]
                return
    last = None if limit.last is None else constant(limit.last, scope)
    if last is not None and first_of(limit, scope) is not None:
        size = last - scope.base + 1
        scope.letters.sizes[letter] = scope.letters.every.setdefault(letter, size)


def _is_number(letter: str, node: Node) -> bool:
    """Tell whether a letter stands in a formula otherwise than as an index."""
    if isinstance(node, tree.Scripted):
        return any(_is_number(letter, part) for part in (node.base, *node.sup))
    if letter_of(node) == letter:
        return True
    return any(_is_number(letter, part) for part in tree.children(node))


def from_base(node: BigOperator, scope: Scope) -> BigOperator:
    r"""Return a sum from 0 over shifted places as one from 1: ``\sum_{k=0}^{n-1} x_{k+1}``."""
    limits = limits_of(node, scope) if len(node.lower) == 1 and len(node.upper) == 1 else []
    first = first_of(limits[0], scope) if len(limits) == 1 else None
    if first is None or not first.is_Integer or first >= scope.base:
        return node
    letter, missing = limits[0].letter, scope.base - int(first)
    if not letter_occurs(node.body, letter) or stands_alone(letter, node.body):
        return node
    (item,), (upper,) = node.lower, node.upper
    assert isinstance(item, Relation)
    lower = replace(item, sides=(item.sides[0], _moved(item.sides[1], missing)))
    body = _with(letter, missing, node.body, scope)
    return replace(node, lower=(lower,), upper=(_moved(upper, missing),), body=body)


def stands_alone(letter: str, body: Node) -> bool:
    """Tell whether a letter alone is an index: it stands on an axis then, from its start."""
    return any(
        letter_of(index) == letter
        for part in tree.walk(body)
        if isinstance(part, tree.Scripted)
        for index in tree.indices(part)
    )


def _moved(node: Node, by: int) -> Node:
    """Return a node plus a number, which may be less than 0."""
    place = (node.start, node.end)
    sign, number = "-" if by < 0 else "+", tree.Number(*place, str(abs(by)))
    terms = (tree.Term(*place, "", node, place), tree.Term(*place, sign, number, place))
    return tree.Group(*place, "(", ")", (tree.Add(*place, terms),))


def _with(letter: str, less: int, node: Node, scope: Scope) -> Node:
    """Return a formula with a letter less a number for the letter."""
    if letter_of(node) == letter:
        return _moved(node, -less)
    if isinstance(node, BigOperator) and any(
        one.letter == letter for one in limits_of(node, scope)
    ):
        return node
    return rebuilt(node, lambda part: _with(letter, less, part, scope))
