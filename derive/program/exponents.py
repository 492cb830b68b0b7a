"""Logarithms of what is positive by its form: of products of exponentials, sigmoids and softmaxes.

Such a product may underflow, or one of its factors overflow, where its logarithm is an ordinary
number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, sigmoid, softplus
from derive.index.terms import IndexSum

if TYPE_CHECKING:
    from derive.program.rules import Around

__all__ = ["exponent", "logarithm"]


def exponent(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Return t where the expression is, or stands for, exp(t); -∞ where it is 0 instead."""
    meaning = around.meaning(expression)
    if isinstance(meaning, Select) and meaning.args[2] == 0:
        condition, value, _ = meaning.args
        inner = exponent(value, around)
        return None if inner is None else Select(condition, inner, -sp.oo)
    return meaning.args[0] if isinstance(meaning, sp.exp) else None


def logarithm(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Return the logarithm of a product of positive numbers and of what is positive by its form.

    >>> from derive.program.rules import Around
    >>> x = sp.Symbol("x", real=True)
    >>> logarithm(2 * sp.exp(x) / sigmoid(x), Around())
    x + softplus(-x) + log(2)
    >>> logarithm(x * sp.exp(x), Around()) is None
    True
    """
    masked = exponent(expression, around)
    if masked is not None:
        return masked
    total = sp.S.Zero
    for factor in sp.Mul.make_args(around.meaning(expression)):
        base, power = (factor.base, factor.exp) if isinstance(factor, sp.Pow) else (factor, 1)
        part = _of_one(base, around)
        if part is None:
            return None
        total += power * part
    return total


def _of_one(base: sp.Expr, around: Around) -> sp.Expr | None:
    """Return the logarithm of one factor."""
    if base.is_Rational and base > 0:
        return sp.log(base)
    meaning = around.meaning(base)
    if isinstance(meaning, sp.exp):
        return meaning.args[0]
    if isinstance(meaning, sigmoid):
        return -softplus(-meaning.args[0])
    other = around.meaning(1 - base)
    if isinstance(other, sigmoid):
        return -softplus(other.args[0])
    if isinstance(meaning, sp.cosh):
        return sp.log(meaning)
    if isinstance(meaning, IndexSum) and isinstance(meaning.args[0], sp.exp):
        return sp.log(meaning)
    return None if meaning == base else logarithm(meaning, around)
