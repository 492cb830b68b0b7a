"""What holds only under a condition: comparisons, indicators and case distinctions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.notes.indexing import place
from derive.notes.meaning import letter_of, mean, negated, number, register
from derive.notes.scope import Scope  # noqa: TC001 (dispatch reads it)
from derive.notes.tree import Cases, Indicator, Node, Relation, Scripted
from derive.notes.values import Misfit, Value, added, elementwise, multiplied

if TYPE_CHECKING:
    from derive.notes.algebra import At

__all__ = ["truth"]


@register
def _(node: Indicator, scope: Scope) -> Value:
    result = number(scope, sp.S.One)
    for condition in node.conditions:
        result = multiplied(scope.algebra, result, truth(condition, scope))
    return result


@register
def _(node: Cases, scope: Scope) -> Value:
    result: Value | None = None
    for case in reversed(node.rows):
        value = mean(case.value, scope)
        conditions = [item for c in case.conditions if c.word != "otherwise" for item in c.items]
        if result is None and not conditions:
            result = value
            continue
        flag = number(scope, sp.S.One)
        for condition in conditions:
            flag = multiplied(scope.algebra, flag, truth(condition, scope))
        rest = number(scope, sp.S.Zero) if result is None else result
        # flag is 0 or 1: a selection without branches, which both algebras have.
        off = added(scope.algebra, number(scope, sp.S.One), negated(scope, flag))
        result = added(
            scope.algebra,
            elementwise(scope.algebra, flag, value),
            elementwise(scope.algebra, off, rest),
        )
    assert result is not None
    return result


_RELATIONS = {
    "=": "=", r"\neq": "!=", r"\ne": "!=", "<": "<", ">": ">", r"\le": "<=", r"\leq": "<=",
    r"\ge": ">=", r"\geq": ">=",
}  # fmt: skip


def truth(node: Node, scope: Scope) -> Value:
    """Return 1 where a comparison holds, else 0.

    Raises
    ------
    Misfit
        If it is no comparison of two numbers.
    """
    if not isinstance(node, Relation) or len(node.sides) != 2:
        raise Misfit("unreadable", "a condition that is no comparison", node.start, node.end)
    relation = _RELATIONS.get(node.relations[0].text)
    if relation is None:
        raise Misfit("unreadable", f"the relation {node.relations[0].text} in a condition")
    if relation in ("=", "!="):
        places = [_index(side, scope) for side in node.sides]
        one, two = places
        if one is not None and two is not None:
            same = Value(scope.algebra.delta(one, two))
            if relation == "=":
                return same
            return added(scope.algebra, number(scope, sp.S.One), negated(scope, same))
    left, right = (mean(side, scope) for side in node.sides)
    if not (left.is_scalar and right.is_scalar):
        raise Misfit("unreadable", "a comparison of vectors", node.start, node.end)
    algebra = scope.algebra
    one, zero = algebra.number(sp.S.One), algebra.number(sp.S.Zero)
    return Value(algebra.select(relation, left.data, right.data, one, zero))


def _index(node: Node, scope: Scope) -> At | None:
    """Return the side of a comparison as an index, None where it is none."""
    letter = letter_of(node)
    if letter is not None and letter in (*scope.sizes, *scope.values):
        return None
    if letter is None and not isinstance(node, Scripted):
        return None
    try:
        found = place(node, scope)
    except Misfit:
        return None
    if found.letter:
        scope.letters.used.add(found.letter)
    return found
