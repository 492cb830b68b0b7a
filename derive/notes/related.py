"""Comparisons of index expressions, and what is selected by them."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.index.functions import Select
from derive.index.terms import Delta

__all__ = ["related", "selected"]

_RELATIONS: dict[str, Any] = {
    "<": sp.Lt,
    "<=": sp.Le,
    ">": sp.Gt,
    ">=": sp.Ge,
    "==": sp.Eq,
    "!=": sp.Ne,
}


def related(relation: str, left: sp.Expr, right: sp.Expr) -> sp.Basic:
    """Return a comparison; that a delta is not 0 is one of its two indices.

    >>> from derive.index.terms import Index
    >>> related("!=", Delta(Index("i"), Index("j")), sp.S.Zero)
    Eq(i, j)
    """
    if relation == "!=" and right == 0:
        if isinstance(left, Delta):
            return sp.Eq(*left.args)
        if isinstance(left, Select) and left.args[1:] == (1, 0):
            return left.args[0]
    return _RELATIONS[relation](left, right)


def selected(condition: sp.Basic, yes: sp.Expr, no: sp.Expr) -> sp.Expr:
    """Return one of two values; an exponential or else 1 is an exponential of what may be 0.

    So a product of exponentials over a part of an axis is one like any other.

    >>> x = sp.Symbol("x", real=True)
    >>> selected(sp.Lt(x, 2), sp.exp(x), sp.S.One)
    exp((x if x < 2 else 0))
    """
    if no == 1 and isinstance(yes, sp.exp):
        return sp.exp(Select(condition, yes.args[0], 0))
    return Select(condition, yes, no)
