"""The shift of exponentials by the greatest exponent, that makes a softmax safe from overflow.

    Σ_j w_j exp(g_j)      =   exp(m) Σ_j w_j exp(g_j - m),   m = max_j g_j
    exp(a) s + exp(a) t   =   exp(a) (s + t)
    exp(a) s + exp(b) t   =   exp(c) (exp(a - c) s + exp(b - c) t),   c = max(a, b)
    log(exp(a) s)         →   a + log(s)
    exp(a) s exp(b)       →   exp(a + b) s

The equations alone gain nothing, and are used where an arrow follows: where the factor
``exp(m)`` meets a logarithm, or other exponentials in a product.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, maximum
from derive.index.terms import Entry, Index, IndexMax, IndexSum, Reduction, Size
from derive.program.rules import Rule

if TYPE_CHECKING:
    from derive.program.rules import Around

__all__ = ["SHIFT", "shifted"]


def shifted(expression: sp.Expr) -> sp.Expr:
    """Apply the rewrites wherever they gain something.

    >>> from derive.index.terms import Index, Size
    >>> K, k = Size("K"), Index("k")
    >>> total = IndexSum(sp.exp(Entry("t", (K,), k)), k, K)
    >>> shifted(sp.log(total))
    log(Σ(exp(t[_2] - max(t[_1], _1<K)), _2<K)) + max(t[_1], _1<K)
    >>> shifted(2 * total) == 2 * total
    True
    """
    if _untouched(expression):
        return expression
    if isinstance(expression, Reduction):
        body, index = expression.open()
        return expression.func(shifted(body), index, expression.size)
    if isinstance(expression, sp.log):
        exponent, rest = _split(expression.args[0])
        return exponent + sp.log(rest)
    if isinstance(expression, sp.Mul):
        parts = [(factor, *_split(factor)) for factor in expression.args]
        met = [factor for factor, exponent, _ in parts if exponent != 0]
        if len(met) > 1 and any(isinstance(factor, (sp.exp, sp.Pow)) for factor in met):
            exponent = sp.Add(*(exponent for _, exponent, _ in parts))
            return sp.Mul(*(rest for _, _, rest in parts), sp.exp(exponent))
    return expression.func(*(shifted(argument) for argument in expression.args))


def _untouched(expression: sp.Basic) -> bool:
    return not expression.args or isinstance(expression, Entry) or not expression.has(sp.exp)


def _split(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return an exponent and a rest that is safe: the expression is ``exp(exponent) rest``."""
    if _untouched(expression):
        return sp.S.Zero, expression
    if isinstance(expression, sp.exp):
        return shifted(expression.args[0]), sp.S.One
    if isinstance(expression, sp.Mul):
        parts = [_split(factor) for factor in expression.args]
        return sp.Add(*(e for e, _ in parts)), sp.Mul(*(rest for _, rest in parts))
    if isinstance(expression, sp.Add):
        parts = [_split(term) for term in expression.args]
        exponents = dict.fromkeys(exponent for exponent, _ in parts)
        if len(exponents) == 1:
            return parts[0][0], sp.Add(*(rest for _, rest in parts))
        # Two maxima may be over one set of entries: then they are equal, and nothing is lost.
        top = reduce(maximum, exponents)
        return top, sp.Add(*(rest * sp.exp(exponent - top) for exponent, rest in parts))
    if isinstance(expression, sp.Pow):
        exponent, rest = _split(expression.base)
        power = shifted(expression.exp)
        return power * exponent, rest**power
    if isinstance(expression, Select) and expression.args[2] == 0:
        condition, value, _ = expression.args
        exponent, rest = _split(value)
        return exponent, Select(condition, rest, 0)
    if isinstance(expression, IndexSum):
        body, index = expression.open()
        exponent, rest = _split(body)
        if index in exponent.free_symbols:
            top = IndexMax(exponent, index, expression.size)
            scaled = _times(rest, sp.exp(exponent - top))
            return top, IndexSum(scaled, index, expression.size)
        return exponent, IndexSum(rest, index, expression.size)
    return sp.S.Zero, shifted(expression)


def _times(value: sp.Expr, factor: sp.Expr) -> sp.Expr:
    """Return the product; of what is 0 elsewhere, where it is not."""
    if isinstance(value, Select) and value.args[2] == 0:
        condition, inside, _ = value.args
        return Select(condition, inside * factor, 0)
    return value * factor


def _rewrite(expression: sp.Expr, around: Around) -> sp.Expr | None:
    return shifted(expression)


def _softmax() -> sp.Expr:
    size, k = Size("K"), Index("k")
    t = Entry("t", (size,), k)
    return sp.exp(t) / IndexSum(sp.exp(t), k, size)


SHIFT = Rule(
    "max shift",
    "exp(t_k) / Σ_j exp(t_j)",
    "exp(t_k - m) / Σ_j exp(t_j - m), m = max t",
    "t > 709: the exponentials overflow; t < -745: they are all 0",
    "P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax "
    "functions, IMA J. Numer. Anal. 41, 2021",
    _rewrite,
    _softmax,
)
