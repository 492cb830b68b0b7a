"""Logarithms of what is positive by its form: of products of exponentials, sigmoids and softmaxes.

Such a product may underflow, or one of its factors overflow, where its logarithm is an ordinary
number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, logaddexp, sigmoid, softplus
from derive.index.terms import Entry, IndexProduct, IndexSum
from derive.program.scalar_rules import complement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.program.rules import Around

__all__ = ["exponent", "joined", "log_of_sum", "logarithm"]


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
    if isinstance(base, sp.Rational | sp.NumberSymbol) and base > 0:
        return sp.log(base)
    if isinstance(base, Entry) and around.is_positive(base):
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
    if isinstance(meaning, sp.sech):
        return -sp.log(sp.cosh(meaning.args[0]))
    if isinstance(meaning, IndexProduct):
        body, j = meaning.open()
        part = logarithm(body, around)
        return None if part is None else IndexSum(part, j, meaning.size)
    if isinstance(meaning, IndexSum) and isinstance(meaning.args[0], sp.exp):
        return sp.log(meaning)
    if isinstance(meaning, sp.Add):
        return log_of_sum(meaning, around)
    product = meaning != base or isinstance(base, sp.Mul)
    return logarithm(meaning, around) if product else None


def log_of_sum(total: sp.Add, around: Around) -> sp.Expr | None:
    """Return the logarithm of a sum of positive terms that may overflow, or all underflow.

    >>> from derive.program.rules import Around
    >>> x, y = sp.symbols("x y", real=True)
    >>> log_of_sum(sp.exp(x) + sigmoid(y), Around())
    logaddexp(x, -softplus(-y))
    >>> log_of_sum(1 + sigmoid(y), Around()) is None
    True
    """
    product = complement(total, around)
    if product is not None:
        return logarithm(product, around)
    factors = [factor for term in total.args for factor in sp.Mul.make_args(term)]
    if any(term.is_number for term in total.args) and not any(
        isinstance(factor, sp.exp) for factor in factors
    ):
        return None
    logs = [logarithm(term, around) for term in total.args]
    return None if None in logs else joined(logs)


def joined(logs: Sequence[sp.Expr]) -> sp.Expr:
    """Return the logarithm of the sum of what has these logarithms."""
    first, *others = logs
    if not others:
        return first
    return softplus(joined(others)) if first == 0 else logaddexp(first, joined(others))
