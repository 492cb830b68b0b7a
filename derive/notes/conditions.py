"""What holds only under a condition: comparisons, indicators and case distinctions."""

from __future__ import annotations

from functools import partial, reduce
from itertools import pairwise
from typing import TYPE_CHECKING

import sympy as sp

from derive.notes.meaning import letter_of, mean, negated, number, register
from derive.notes.names import spellings
from derive.notes.scope import Scope  # noqa: TC001 (dispatch reads it)
from derive.notes.subscripts import place
from derive.notes.tree import Add, Cases, Indicator, Node, Relation, Scripted
from derive.notes.values import (
    Misfit,
    Value,
    added,
    elementwise,
    paired,
    shape_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.algebra import At

__all__ = ["COMPARISONS", "restricted", "truth"]


@register
def _(node: Indicator, scope: Scope) -> Value:
    result = number(scope, sp.S.One)
    for condition in node.conditions:
        result = elementwise(scope.algebra, result, truth(condition, scope))
    return result


@register
def _(node: Cases, scope: Scope) -> Value:
    result: Value | None = None
    for case in reversed(node.rows):
        if any(c.word in ("unless", "for some", "even for") for c in case.conditions):
            raise Misfit("unreadable", "a case that is no comparison", case.start, case.end)
        value = mean(case.value, scope)
        conditions = [item for c in case.conditions if c.word != "otherwise" for item in c.items]
        if result is None and not conditions:
            result = value
            continue
        rest = number(scope, sp.S.Zero) if result is None else result
        for condition in conditions:
            value = _chosen(condition, value, rest, scope)
        result = value
    assert result is not None
    return result


def _chosen(condition: Node, value: Value, rest: Value, scope: Scope) -> Value:
    """Return a value where a condition holds, and another one elsewhere, entry by entry."""
    if isinstance(condition, Relation) and len(condition.sides) > 2:
        for part in _comparisons(condition):
            value = _chosen(part, value, rest, scope)
        return value
    algebra = scope.algebra
    same = _same(condition, scope)
    if same is not None:
        other = added(algebra, number(scope, sp.S.One), negated(scope, same))
        parts = elementwise(algebra, same, value), elementwise(algebra, other, rest)
        return added(algebra, *parts)
    relation, left, right = _compared(condition, scope)
    like = reduce(partial(added, algebra), (left, right, value, rest))
    # All in one shape.
    blank = like.mapped(algebra.number(sp.S.Zero))
    data = [added(algebra, blank, part).data for part in (left, right, value, rest)]
    return like.mapped(algebra.select(relation, *data))


def restricted(condition: Node, value: Value, rest: sp.Expr, scope: Scope) -> Value:
    """Return a value where a condition holds, and a number, which may be infinite, elsewhere."""
    assert isinstance(condition, Relation)
    for part in _comparisons(condition):
        algebra = scope.algebra
        same = _same(part, scope, "==")
        like, other = value, value.mapped(algebra.number(rest))
        if same is None:
            relation, left, right = _compared(part, scope)
            like = reduce(partial(added, algebra), (left, right, value))
            sides: tuple[Value, ...] = (left, right)
        else:
            relation, sides = "!=", (same, number(scope, sp.S.Zero))
            if _sign(part) == "!=":
                value, other = other, value
        data = [side.data for side in (*sides, value, other)]
        value = like.mapped(algebra.select(relation, *data))
    return value


def _comparisons(node: Relation) -> Iterator[Relation]:
    """Yield the comparisons of a chain of them."""
    for (left, right), sign in zip(pairwise(node.sides), node.relations, strict=True):
        yield Relation(left.start, right.end, (left, right), (sign,))


#: The relations of a condition, as programs write them.
COMPARISONS = {
    "=": "==", r"\neq": "!=", r"\ne": "!=", "<": "<", ">": ">", r"\le": "<=", r"\leq": "<=",
    r"\leqslant": "<=", r"\ge": ">=", r"\geq": ">=", r"\geqslant": ">=",
}  # fmt: skip


def truth(node: Node, scope: Scope) -> Value:
    """Return 1 where a comparison holds, else 0; of vectors entry by entry.

    Raises
    ------
    Misfit
        If it is no comparison, or one of shapes that do not agree.
    """
    algebra = scope.algebra
    if isinstance(node, Relation) and len(node.sides) > 2:
        # ``a ≤ t ≤ b`` says both.
        parts = [truth(part, scope) for part in _comparisons(node)]
        return reduce(partial(elementwise, algebra), parts)
    same = _same(node, scope)
    if same is not None:
        return same
    relation, left, right = _compared(node, scope)
    one, zero = algebra.number(sp.S.One), algebra.number(sp.S.Zero)
    like = right if left.is_scalar else left
    return like.mapped(algebra.select(relation, left.data, right.data, one, zero))


def _sign(node: Node) -> str:
    if not isinstance(node, Relation):
        raise Misfit("unreadable", "a condition that is no comparison", node.start, node.end)
    relation = COMPARISONS.get(node.relations[0].text)
    if relation is None:
        raise Misfit("unreadable", f"the relation {node.relations[0].text} in a condition")
    return relation


def _same(node: Node, scope: Scope, asked: str = "") -> Value | None:
    """Return whether two indices are equal, or differ, as a delta; None of other comparisons.

    ``asked`` may be ``==``: whether they are equal, though it is said that they differ.
    """
    relation = _sign(node)
    if relation not in ("==", "!="):
        return None
    relation = asked or relation
    assert isinstance(node, Relation)
    one, two = (_index(side, scope) for side in node.sides)
    if one is None or two is None:
        return None
    same = Value(scope.algebra.delta(one, two))
    if relation == "==":
        return same
    return added(scope.algebra, number(scope, sp.S.One), negated(scope, same))


def _compared(node: Node, scope: Scope) -> tuple[str, Value, Value]:
    """Return the relation of a comparison, and its sides in one shape."""
    assert isinstance(node, Relation)
    left, right = (mean(side, scope) for side in node.sides)
    both = paired(scope.algebra, left, right)
    if both is None:
        message = f"shapes {shape_text(left)} and {shape_text(right)} are compared"
        raise Misfit("shape", message, node.start, node.end)
    return _sign(node), *both


def _index(node: Node, scope: Scope) -> At | None:
    """Return the side of a comparison as an index, None where it is none."""
    letter = letter_of(node)
    known = (*scope.sizes, *scope.values, *scope.tensors)
    if letter is not None and letter in (*scope.sizes, *scope.values):
        return None
    if isinstance(node, Add):
        # ``l + m - 1``: of letters alone.
        names = spellings(node)
        if not names or not names.isdisjoint(known):
            return None
    elif letter is None and not isinstance(node, Scripted):
        return None
    try:
        found = place(node, scope)
    except Misfit:
        return None
    scope.letters.used.update(letter for letter, _ in found.letters)
    return found
