"""Sums, products and maxima over indices."""

from __future__ import annotations

from collections.abc import Iterator  # noqa: TC003 (dispatch reads it)
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.notes import tree
from derive.notes.algebra import COLUMN, ROW
from derive.notes.conditions import restricted, truth
from derive.notes.limits import TWO, Limit, letter_occurs, limits_of
from derive.notes.meaning import constant, letter_of, mean, register
from derive.notes.ranges import (
    REDUCTIONS,
    first_of,
    from_base,
    kept_inside,
    known_first,
    refuse_fractions,
    refuse_own,
    refuse_reversed,
)
from derive.notes.scope import PAIR, Scope
from derive.notes.tree import BigOperator, Group, Node
from derive.notes.values import Misfit, Value, elementwise, shape_text, two_axes

#: What a value outside the limits is, so that the others alone count.
_NEUTRAL: dict[str, sp.Expr] = {"sum": sp.S.Zero, "prod": sp.S.One, "max": -sp.oo, "min": sp.oo}
#: How a sum is read whose index is not written in its body.
ENTRIES = "read as the sum of the entries"


@register
def _(node: BigOperator, scope: Scope) -> Value:
    kind = node.operator if node.operator in REDUCTIONS else None
    if kind is None:
        raise Misfit("unreadable", f"the operator {node.operator}", *node.head)
    node = from_base(node, scope)
    limits = limits_of(node, scope)
    if not limits:
        return _without_limits(kind, node, scope)
    for limit in limits:
        refuse_own(limit)
    letters = scope.letters
    outside = {limit.letter: letters.sizes.get(limit.letter) for limit in limits}
    if not letters.fixed:
        for limit in limits:
            letters.sizes.pop(limit.letter, None)
        for limit in limits:
            known_first(limit, node, scope)
    free = set(letters.used)
    own = {limit.letter for limit in limits} & {*scope.sizes}
    value = mean(node.body, replace(scope, bound=scope.bound | own) if own else scope)
    two_axes(value)
    for limit in reversed(limits):
        value = _bound(kind, value, limit, limits, node, scope)
    if not letters.fixed:
        letters.used = free | (letters.used - {limit.letter for limit in limits})
        for letter, size in outside.items():
            letters.sizes.pop(letter, None)
            letters.compared.pop(letter, None)
            if size is not None:
                letters.sizes[letter] = size
    if PAIR in scope.other and any(_is_pair(limit, limits) for limit in limits):
        value = replace(value, readings=(*value.readings, TWO))
    return value


def _is_pair(limit: Limit, limits: list[Limit]) -> bool:
    """Tell whether a condition compares two indices of one sum, and nothing else says so."""
    own = {one.letter for one in limits}
    return any(
        len(condition.sides) == 2 and {letter_of(side) for side in condition.sides} <= own
        for condition in limit.conditions
    )


def _bound(
    kind: str, value: Value, limit: Limit, limits: list[Limit], node: BigOperator, scope: Scope
) -> Value:
    """Return the reduction over one letter."""
    refuse_reversed(limit, scope)
    algebra, letters = scope.algebra, scope.letters
    letter = limit.letter
    last = None if limit.last is None else constant(limit.last, scope)
    ends = (first_of(limit, scope), last)
    known = tuple(None if end is None else algebra.number(end) for end in ends)
    refuse_fractions(limit, known, scope)
    size = letters.size(letter)
    if size is None and last is not None and limit.first is not None:
        # As in a sum over a delta alone, or over shifted places: the limits tell.
        size = last - scope.base + 1
    if size is not None and letter not in letters.sizes:
        letters.sizes[letter] = letters.every.setdefault(letter, size)
    stands = letter in letters.used if not letters.fixed else letter_occurs(node.body, letter)
    if not stands and not _counts(kind, value, letter, limits, size):
        return _of_entries(kind, value, limit, last, node, scope)
    if size is None:
        raise Misfit("index-size", f"the size of index {letter} is not known", *node.head)
    conditions = list(limit.conditions)
    if limit.conditions and not letters.fixed:
        compared = [{*_plain_letters(condition)} for condition in limit.conditions]
        for name in sorted(frozenset[str]().union(*(c for c in compared if letter in c))):
            if name != letter and name not in scope.tensors and name not in scope.sizes:
                # In ``\sum_{j: i + j = k}`` k may stand on another axis than j.
                letters.used.add(name)
                letters.compared.setdefault(name, size)
    for condition in conditions:
        if kind == "sum":
            value = elementwise(algebra, truth(condition, scope), value)
        else:
            value = restricted(condition, value, _NEUTRAL[kind], scope)
    value = _ranged(value, limit, last, size, node, scope)
    return value.mapped(algebra.reduce(kind, value.data, letter, size))


def _counts(
    kind: str, value: Value, letter: str, limits: list[Limit], size: sp.Expr | None
) -> bool:
    """Tell whether a sum of what its index is no part of counts where its conditions hold."""
    compared = any(letter_occurs(one, letter) for limit in limits for one in limit.conditions)
    return kind == "sum" and value.is_scalar and compared and size is not None


def _plain_letters(node: Node) -> Iterator[str]:
    """Yield the letters of a condition that do not stand below anything."""
    name = letter_of(node)
    if name is not None:
        yield name
    elif not isinstance(node, tree.Scripted):
        for part in tree.children(node):
            yield from _plain_letters(part)


def _ranged(
    value: Value,
    limit: Limit,
    last: sp.Expr | None,
    size: sp.Expr,
    node: BigOperator,
    scope: Scope,
) -> Value:
    """Return the summand, made to count for nothing outside limits that are not the whole axis.

    Raises
    ------
    Misfit
        If the upper limit is the size of another axis.
    """
    algebra = scope.algebra
    nothing = algebra.number(_NEUTRAL[node.operator])
    whole = size + scope.base - 1
    first = first_of(limit, scope)
    moved = first is not None and first != scope.base and _is_counted(limit.letter, node.body)
    if not moved and _every(first, limit, last, size):
        return value
    ends: list[Any] = [None, None]
    if limit.first is not None and first != scope.base:
        if first is not None and (first - scope.base).is_negative:
            axis = f"{limit.letter} stands on an axis that starts at {scope.base}"
            what = f"the {node.operator} starts at {first}, but {axis}"
            raise Misfit("index-range", what, limit.first.start, limit.first.end)
        ends[0] = mean(limit.first, scope).data if first is None else algebra.number(first)
    if limit.last is not None and last != whole:
        _refuse_beyond(limit, last, size, scope)
        ends[1] = mean(limit.last, scope).data if last is None else algebra.number(last)
    refuse_fractions(limit, (ends[0], ends[1]), scope)
    value = kept_inside(value, limit, (ends[0], ends[1]), size, scope)
    at = algebra.letter(limit.letter)
    for relation, end in zip((">=", "<="), ends, strict=True):
        if end is not None:
            value = value.mapped(algebra.select(relation, at, end, value.data, nothing))
    return value


def _refuse_beyond(limit: Limit, last: sp.Expr | None, size: sp.Expr, scope: Scope) -> None:
    """Refuse a sum up to what is, or may be, greater than the axis is long."""
    if limit.last is None:
        return
    place = (limit.last.start, limit.last.end)
    axis = f"{limit.letter} stands on an axis of {size}"
    if last is not None:
        other = last in scope.sizes.values() and not (last - size).is_number
        if other or (last - (size + scope.base - 1)).is_positive:
            kind = "index-size" if other else "index-range"
            raise Misfit(kind, f"the sum runs to {last}, but {axis}", *place)
        return
    letter = letter_of(limit.last)
    most = scope.letters.sizes.get(letter or "")
    if most is None or letter in scope.tensors or letter in scope.sizes:
        return
    if not (most - size).is_nonpositive:
        what = f"the sum runs to {letter}, which may be up to {most}, but {axis}"
        raise Misfit("index-range", what, *place)


def _is_counted(letter: str, body: Node) -> bool:
    """Tell whether an index is one summand of a position: its first value is no mere name then."""
    return any(
        letter_of(index) != letter and any(letter_of(part) == letter for part in tree.walk(index))
        for part in tree.walk(body)
        if isinstance(part, tree.Scripted)
        for index in tree.indices(part)
    )


def _every(first: sp.Expr | None, limit: Limit, last: sp.Expr | None, size: sp.Expr) -> bool:
    """Tell whether limits are those of a whole axis, whatever its first index is called."""
    if limit.conditions or (limit.first is not None and first not in (0, 1)):
        return False
    if limit.last is None:
        return True
    starts = (0, 1) if first is None else (first,)
    return any(last == size + start - 1 for start in starts)


def _of_entries(
    kind: str, value: Value, limit: Limit, last: sp.Expr | None, node: BigOperator, scope: Scope
) -> Value:
    """Return a reduction whose index is not written in its body: over a vector's entries.

    A body without any axis is added up as often as the limits say.
    """
    first = first_of(limit, scope)
    axes = [
        (axis, size)
        for axis, size in ((ROW, value.rows), (COLUMN, value.columns))
        if size is not None and _every(first, limit, last, size)
    ]
    if len(axes) == 1:
        axis, size = axes[0]
        data = scope.algebra.reduce(kind, value.data, axis, size)
        reading = f"the sum over {limit.letter} {ENTRIES}"
        rows = None if axis == ROW else value.rows
        columns = None if axis == COLUMN else value.columns
        return Value(data, rows, columns, readings=(*value.readings, reading))
    known = limit.first is None or first is not None
    if kind == "sum" and last is not None and known and not limit.conditions:
        count = scope.algebra.number(last - (scope.base if first is None else first) + 1)
        return value.mapped(scope.algebra.multiply(count, value.data))
    what = f"nothing under the {kind} depends on {limit.letter}"
    if limit.conditions and value.is_scalar:
        what = f"nothing says how far {limit.letter} runs"
    raise Misfit("index-size", what, *node.head)


def inner(node: Group, scope: Scope) -> Value:
    r"""Return ``\langle a, b \rangle``: the sum of the products of the entries.

    Raises
    ------
    Misfit
        If the two have not one shape.
    """
    left, right = (mean(item, scope) for item in node.items)
    if node.separators == (":",) and left.is_scalar and right.is_scalar:
        what = "a colon between numbers has no one meaning"
        raise Misfit("unreadable", what, node.start, node.end)
    if left.shape != right.shape:
        what = f"an inner product of shapes {shape_text(left)} and {shape_text(right)}"
        raise Misfit("shape", what, node.start, node.end)
    return over_all("sum", elementwise(scope.algebra, left, right), scope)


def over_all(kind: str, value: Value, scope: Scope) -> Value:
    """Return the sum, or another reduction, of all entries."""
    data = value.data
    for axis, size in ((ROW, value.rows), (COLUMN, value.columns)):
        if size is not None:
            data = scope.algebra.reduce(kind, data, axis, size)
    return Value(data, readings=value.readings)


def _without_limits(kind: str, node: BigOperator, scope: Scope) -> Value:
    """Return ``max(a, b)``, or the sum of all entries of a vector."""
    from derive.notes.calls import extreme

    if kind in ("max", "min") and isinstance(node.body, Group) and len(node.body.items) > 1:
        return extreme(kind, node.body, scope)
    value = mean(node.body, scope)
    if value.is_scalar:
        raise Misfit("unreadable", f"a {kind} without an index over a number", *node.head)
    reading = f"a {kind} without an index read over all entries"
    return replace(over_all(kind, value, scope), readings=(*value.readings, reading))
