"""From where to where the index of a sum runs."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from derive.index.terms import Size
from derive.notes import tree
from derive.notes.algebra import Numbers, Symbols
from derive.notes.conditions import COMPARISONS
from derive.notes.limits import letter_occurs, limits_of
from derive.notes.meaning import constant, letter_of, mean
from derive.notes.places import OutOfRange
from derive.notes.scope import Letters, Scope
from derive.notes.settle import rebuilt
from derive.notes.tree import BigOperator, Node, Relation
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.limits import Limit
    from derive.notes.values import Value

__all__ = [
    "REDUCTIONS",
    "axis_of",
    "counts",
    "ended",
    "first_of",
    "from_base",
    "kept_inside",
    "known_first",
    "refuse_fractions",
    "refuse_own",
    "refuse_reversed",
    "stands_alone",
]

#: Operators that take all values of an index together.
REDUCTIONS = ("sum", "prod", "max", "min")


def counts(node: Node, scope: Scope) -> Iterator[sp.Expr]:
    """Yield what is not negative where every range that is written in sizes alone makes sense.

    That is how many values there are in it beside the first, how many of its axis come after, and
    minus what its last value is more than a whole number.
    """
    for part in tree.walk(node):
        if isinstance(part, BigOperator) and part.operator in REDUCTIONS:
            for limit in limits_of(part, scope):
                count = _count(limit, scope)
                others = None if count is None else count - 1
                if others is not None and not (others.is_nonnegative or others.is_number):
                    yield others
                last = None if limit.last is None else constant(limit.last, scope)
                size = None if last is None else axis_of(limit.letter, part.body, scope)
                if last is not None and size is not None:
                    left = size + scope.base - 1 - last
                    yield from () if left.is_nonnegative else (left,)
                if last is not None and last.is_integer is None:
                    yield _fraction(last)


def _fraction(number: sp.Expr) -> sp.Expr:
    """Return minus what a number is more than a whole one."""
    return -sp.Mod(number, 1)


def _count(limit: Limit, scope: Scope) -> sp.Expr | None:
    """Return how many values a range has that is written in sizes alone."""
    first = first_of(limit, scope)
    last = None if limit.last is None else constant(limit.last, scope)
    return None if first is None or last is None else last - first + 1


def ended(node: Node, scope: Scope) -> Iterator[tuple[str, sp.Expr]]:
    """Yield the letters at which ranges begin or end, with the sizes of the axes there."""
    for part in tree.walk(node):
        if isinstance(part, BigOperator) and part.operator in REDUCTIONS:
            for limit in limits_of(part, scope):
                size = axis_of(limit.letter, part.body, scope) or _room(limit, part.body, scope)
                names = (letter_of(end) for end in (limit.first, limit.last) if end is not None)
                known = {*scope.tensors, *scope.sizes, *scope.values}
                yield from ((name, size) for name in names if name and size and name not in known)


def first_of(limit: Limit, scope: Scope) -> sp.Expr | None:
    """Return the first value of an index, None if it is not written in sizes alone."""
    return None if limit.first is None else constant(limit.first, scope)


def refuse_own(limit: Limit) -> None:
    """Refuse an index that its own first or last value depends on, and a derivative as such."""
    for end in (limit.first, limit.last):
        for part in tree.walk(end) if end is not None else ():
            if letter_of(part) == limit.letter:
                what = f"index {limit.letter} stands in its own limit"
                raise Misfit("unbound-index", what, part.start, part.end)
            if isinstance(part, tree.Derivative):
                raise Misfit("index-range", "a derivative in a limit", part.start, part.end)


def refuse_fractions(limit: Limit, ends: tuple[Any, ...], scope: Scope) -> None:
    """Refuse a range whose first or last value, in either algebra, is not surely a whole number.

    Half of a size is one where the header has it for such.
    """
    for node, end, what in zip((limit.first, limit.last), ends, ("starts", "ends"), strict=True):
        if end is None or node is None:
            continue
        if isinstance(scope.algebra, Symbols):
            sizes = end.is_integer is None and all(isinstance(s, Size) for s in end.free_symbols)
            whole = end.is_integer is not False and (
                not sizes or _fraction(end) in scope.algebra.counts
            )
        else:
            whole = bool((np.round(end) == end).all())
        if not whole:
            message = f"the range of {limit.letter} {what} at what is no whole number"
            raise Misfit("index-range", message, node.start, node.end)


def kept_inside(
    value: Value, limit: Limit, ends: tuple[Any, Any], size: Any, scope: Scope
) -> Value:
    """Return a summand, in numbers, that depends on what is outside where its index gets there."""
    numbers = scope.algebra
    if not isinstance(numbers, Numbers):
        return value
    last = scope.base + numbers.number(size) - 1
    low, high = (
        np.asarray(usual if end is None else end)
        for end, usual in zip(ends, (scope.base, last), strict=True)
    )
    outside = (low <= high) & ((low < scope.base) | (high > last))
    if not outside.any():
        return value
    numbers.strayed.add((f"index {limit.letter}", "runs out of its axis"))
    return value.mapped(numbers.add(value.data, numbers.outside * outside))


def refuse_reversed(limit: Limit, scope: Scope) -> None:
    """Refuse sizes at which a range ends before it starts: nobody means these."""
    count = _count(limit, scope)
    number = None if count is None else scope.algebra.number(count)
    if isinstance(number, float) and number < 0:
        raise OutOfRange(f"the range of {limit.letter} ends before it starts")


def known_first(limit: Limit, node: BigOperator, scope: Scope) -> None:
    r"""Note on which axis a letter stands that is compared, or a number, before: ``\sum_t t x_t``.

    Where it stands on none, its limits tell how many values it takes.
    """
    letter, body = limit.letter, node.body
    counted = bool(limit.conditions) and not letter_occurs(body, letter)
    if not (counted or _is_number(letter, body)):
        return
    size = axis_of(letter, body, scope)
    if size is not None:
        scope.letters.sizes[letter] = size
        return
    size = _room(limit, body, scope)
    if size is not None:
        scope.letters.sizes[letter] = scope.letters.every.setdefault(letter, size)


def axis_of(letter: str, body: Node, scope: Scope) -> sp.Expr | None:
    """Return the size of the first axis on which a letter stands by itself."""
    for part in tree.walk(body):
        if isinstance(part, tree.Scripted) and letter_occurs(part, letter):
            # What else stands there may belong to sums within.
            own = Letters(dict(scope.letters.sizes))
            own.sizes.pop(letter, None)
            with contextlib.suppress(Misfit):
                mean(part, replace(scope, letters=own, memo=None))
            if letter in own.sizes:
                return own.sizes[letter]
    return None


def _room(limit: Limit, body: Node, scope: Scope) -> sp.Expr | None:
    """Return how far an index runs that stands on no axis: as its limits, or those within."""
    last = None if limit.last is None else constant(limit.last, scope)
    if last is not None and limit.first is not None:
        return last - scope.base + 1
    ends = [] if limit.last is None else [limit.last]
    for condition in limit.conditions:
        signs = {COMPARISONS.get(sign.text) for sign in condition.relations}
        if len(condition.sides) > 2 and signs <= {"<", "<="}:
            # ``1 ≤ i < j ≤ n`` says where both end.
            last = constant(condition.sides[-1], scope)
            if last is not None:
                return last - scope.base + 1
        ends += condition.sides
    known = [scope.letters.size(letter_of(end) or "") for end in ends]
    known += [size for name, size in ended(body, scope) if name == limit.letter]
    return next((size for size in known if size is not None), None)


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
