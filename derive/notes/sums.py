"""Sums, products and maxima over indices."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

import sympy as sp

from derive.notes import tree
from derive.notes.algebra import COLUMN, ROW
from derive.notes.conditions import truth
from derive.notes.meaning import constant, letter_of, mean, register
from derive.notes.scope import Letters, Scope
from derive.notes.tree import BigOperator, Group, Node, Relation
from derive.notes.values import Misfit, Value, elementwise, shape_text, two_axes

#: How a sum is read whose index is not written in its body.
ENTRIES = "read as the sum of the entries"

_WORDS = {"sum": "sum", "prod": "prod", "max": "max", "min": "min"}


@dataclass(frozen=True, slots=True)
class _Limit:
    """One index of a big operator: its letter, where it starts and ends, and conditions on it."""

    letter: str
    first: Node | None
    last: Node | None
    conditions: tuple[Relation, ...]


@register
def _(node: BigOperator, scope: Scope) -> Value:
    kind = _WORDS.get(node.operator)
    if kind is None:
        raise Misfit("unreadable", f"the operator {node.operator}", *node.head)
    limits = _limits(node)
    if not limits:
        return _without_limits(kind, node, scope)
    for limit in limits:
        _refuse_own(limit)
    letters = scope.letters
    outside = {limit.letter: letters.sizes.get(limit.letter) for limit in limits}
    if not letters.fixed:
        for limit in limits:
            letters.sizes.pop(limit.letter, None)
        for limit in limits:
            _compared_first(limit.letter, node.body, scope)
    free = set(letters.used)
    own = {limit.letter for limit in limits} & {*scope.sizes}
    value = mean(node.body, replace(scope, bound=scope.bound | own) if own else scope)
    two_axes(value)
    for limit in reversed(limits):
        value = _bound(kind, value, limit, node, scope)
    if not letters.fixed:
        letters.used = free | (letters.used - {limit.letter for limit in limits})
        for letter, size in outside.items():
            letters.sizes.pop(letter, None)
            if size is not None:
                letters.sizes[letter] = size
    return value


def _compared_first(letter: str, body: Node, scope: Scope) -> None:
    """Note on which axis a letter stands that is compared before: ``[l > 1] p_l``."""
    below = [part for part in tree.walk(body) if isinstance(part, Relation)]
    if not any(letter_occurs(part, letter) for part in below):
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


def _limits(node: BigOperator) -> list[_Limit]:
    """Return the indices, in the order in which they are written.

    Raises
    ------
    Misfit
        If a limit is not read.
    """
    found: list[_Limit] = []
    pending: list[str] = []
    upper = node.upper[0] if len(node.upper) == 1 else None
    for item in node.lower:
        if isinstance(item, Relation) and len(item.sides) == 2:
            relation = item.relations[0].text
            left = tree.juxtaposed((item.sides[0],))
            names = [letter_of(part) for part in left]
            if relation in ("=", r"\in") and all(names):
                first = item.sides[1] if relation == "=" else None
                for name in (*pending, *names):
                    assert name is not None
                    found.append(_Limit(name, first, upper if relation == "=" else None, ()))
                pending = []
                continue
            known = [limit.letter for limit in found] + pending
            names += [letter_of(part) for part in tree.juxtaposed((item.sides[1],))]
            bound = next((n for n in names if n in known), names[0])
            if bound is None or not all(names):
                raise Misfit("unreadable", "a limit that is not read", item.start, item.end)
            if bound not in known:
                found.append(_Limit(bound, None, None, (item,)))
            else:
                if bound in pending:
                    pending.remove(bound)
                    found.append(_Limit(bound, None, None, ()))
                place = next(n for n, limit in enumerate(found) if limit.letter == bound)
                old = found[place]
                found[place] = replace(old, conditions=(*old.conditions, item))
            continue
        for part in tree.juxtaposed((item,)):
            name = letter_of(part)
            if name is None:
                raise Misfit("unreadable", "a limit that is not read", part.start, part.end)
            pending.append(name)
    return found + [_Limit(name, None, upper, ()) for name in pending]


def _refuse_own(limit: _Limit) -> None:
    """Refuse an index that its own first or last value depends on."""
    for end in (limit.first, limit.last):
        for part in tree.walk(end) if end is not None else ():
            if letter_of(part) == limit.letter:
                what = f"index {limit.letter} stands in its own limit"
                raise Misfit("unbound-index", what, part.start, part.end)


def _bound(kind: str, value: Value, limit: _Limit, node: BigOperator, scope: Scope) -> Value:
    """Return the reduction over one letter."""
    algebra, letters = scope.algebra, scope.letters
    letter = limit.letter
    last = None if limit.last is None else constant(limit.last, scope)
    size = letters.sizes.get(letter)
    if size is None and last is not None and _start(limit, scope) == scope.base:
        # As in a sum over a delta alone: the limits tell.
        size = last - scope.base + 1
        letters.sizes[letter] = letters.every.setdefault(letter, size)
    stands = letter in letters.used if not letters.fixed else letter_occurs(node.body, letter)
    if not stands:
        return _of_entries(kind, value, limit, last, node, scope)
    if size is None:
        raise Misfit("index-size", f"the size of index {letter} is not known", *node.head)
    conditions = list(limit.conditions)
    if kind != "sum" and (conditions or _partial(limit, last, size, scope)):
        raise Misfit("unreadable", "a product or maximum over part of an axis", *node.head)
    if limit.conditions and not letters.fixed:
        for part in (p for c in limit.conditions for p in tree.walk(c)):
            name = letter_of(part)
            if name is not None and name != letter and name not in scope.tensors:
                letters.used.add(name)
                letters.sizes.setdefault(name, size)
                letters.every.setdefault(name, size)
    for condition in conditions:
        value = elementwise(algebra, truth(condition, scope), value)
    value = _ranged(value, limit, last, size, node, scope)
    return value.mapped(algebra.reduce(kind, value.data, letter, size))


def letter_occurs(node: Node, letter: str) -> bool:
    """Tell whether a letter stands in a formula."""
    return any(letter_of(part) == letter for part in tree.walk(node))


def _start(limit: _Limit, scope: Scope) -> sp.Expr | None:
    return None if limit.first is None else constant(limit.first, scope)


def _partial(limit: _Limit, last: sp.Expr | None, size: sp.Expr, scope: Scope) -> bool:
    first = _start(limit, scope)
    whole = size + scope.base - 1
    return (first is not None and first != scope.base) or (last is not None and last != whole)


def _ranged(
    value: Value,
    limit: _Limit,
    last: sp.Expr | None,
    size: sp.Expr,
    node: BigOperator,
    scope: Scope,
) -> Value:
    """Return the summand, made 0 outside the limits where they are not the whole axis.

    Raises
    ------
    Misfit
        If the upper limit is the size of another axis.
    """
    algebra = scope.algebra
    zero = algebra.number(sp.S.Zero)
    whole = size + scope.base - 1
    first = _start(limit, scope)
    moved = first is not None and first != scope.base and _is_counted(limit.letter, node.body)
    if not moved and _every(first, limit, last, size):
        return value
    if limit.first is not None and first != scope.base:
        if first is not None and (first - scope.base).is_negative:
            axis = f"{limit.letter} stands on an axis that starts at {scope.base}"
            what = f"the {node.operator} starts at {first}, but {axis}"
            raise Misfit("index-range", what, limit.first.start, limit.first.end)
        start = mean(limit.first, scope) if first is None else Value(algebra.number(first))
        at = algebra.letter(limit.letter)
        value = value.mapped(algebra.select(">=", at, start.data, value.data, zero))
    if limit.last is not None and last != whole:
        if last is not None and last in scope.sizes.values() and not (last - size).is_number:
            raise Misfit(
                "index-size",
                f"the sum runs to {last}, but {limit.letter} stands on an axis of {size}",
                limit.last.start,
                limit.last.end,
            )
        if last is not None and (last - whole).is_positive:
            what = f"the sum runs to {last}, but {limit.letter} stands on an axis of {size}"
            raise Misfit("index-range", what, limit.last.start, limit.last.end)
        _refuse_beyond(limit, size, scope)
        end = mean(limit.last, scope) if last is None else Value(algebra.number(last))
        at = algebra.letter(limit.letter)
        value = value.mapped(algebra.select("<=", at, end.data, value.data, zero))
    return value


def _refuse_beyond(limit: _Limit, size: sp.Expr, scope: Scope) -> None:
    """Refuse a sum up to an index that may be greater than the axis is long."""
    letter = None if limit.last is None else letter_of(limit.last)
    most = scope.letters.sizes.get(letter or "")
    if limit.last is None or most is None or letter in scope.tensors or letter in scope.sizes:
        return
    if not (most - size).is_nonpositive:
        axis = f"{limit.letter} stands on an axis of {size}"
        what = f"the sum runs to {letter}, which may be up to {most}, but {axis}"
        raise Misfit("index-range", what, limit.last.start, limit.last.end)


def _is_counted(letter: str, body: Node) -> bool:
    """Tell whether an index is one summand of a position: its first value is no mere name then."""
    return any(
        letter_of(index) != letter and any(letter_of(part) == letter for part in tree.walk(index))
        for part in tree.walk(body)
        if isinstance(part, tree.Scripted)
        for index in tree.indices(part)
    )


def _every(first: sp.Expr | None, limit: _Limit, last: sp.Expr | None, size: sp.Expr) -> bool:
    """Tell whether limits are those of a whole axis, whatever its first index is called."""
    if limit.conditions or (limit.first is not None and first not in (0, 1)):
        return False
    if limit.last is None:
        return True
    starts = (0, 1) if first is None else (first,)
    return any(last == size + start - 1 for start in starts)


def _of_entries(
    kind: str, value: Value, limit: _Limit, last: sp.Expr | None, node: BigOperator, scope: Scope
) -> Value:
    """Return a reduction whose index is not written in its body: over a vector's entries.

    A body without any axis is added up as often as the limits say.
    """
    first = _start(limit, scope)
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
    raise Misfit("index-size", f"nothing under the {kind} depends on {limit.letter}", *node.head)


def inner(node: Group, scope: Scope) -> Value:
    r"""Return ``\langle a, b \rangle``: the sum of the products of the entries.

    Raises
    ------
    Misfit
        If the two have not one shape.
    """
    left, right = (mean(item, scope) for item in node.items)
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
