"""Rewrites that keep digits: equal in exact arithmetic, better in floating point.

They run on the definitions and gradients before these are frozen into a program.

    Σ_j w_j exp(g_j)      =   exp(m) Σ_j w_j exp(g_j - m),   m = max_j g_j
    exp(a) s + exp(a) t   =   exp(a) (s + t)
    log(exp(a) s)         →   a + log(s)
    exp(a) s exp(b)       →   exp(a + b) s

The equations alone gain nothing, and are used where an arrow follows: where the factor
``exp(m)`` meets a logarithm, or other exponentials in a product. That makes every softmax and
every log-sum-exp safe from overflow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.terms import Entry, IndexMax, IndexSum, Reduction

if TYPE_CHECKING:
    from derive.layer.model import Layer

__all__ = ["shifted", "stabilise"]


def stabilise(layer: Layer) -> Layer:
    """Return the layer with every definition rewritten; its values are the same."""
    return replace(
        layer, nodes=tuple(replace(node, body=shifted(node.body)) for node in layer.nodes)
    )


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
        if len({exponent for exponent, _ in parts}) == 1:
            return parts[0][0], sp.Add(*(rest for _, rest in parts))
    if isinstance(expression, sp.Pow) and expression.exp.is_Rational:
        exponent, rest = _split(expression.base)
        return expression.exp * exponent, rest**expression.exp
    if isinstance(expression, IndexSum):
        body, index = expression.open()
        exponent, rest = _split(body)
        if index in exponent.free_symbols:
            top = IndexMax(exponent, index, expression.size)
            return top, IndexSum(rest * sp.exp(exponent - top), index, expression.size)
        return exponent, IndexSum(rest, index, expression.size)
    return sp.S.Zero, shifted(expression)
