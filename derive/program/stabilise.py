"""Rewrites that keep digits: equal in exact arithmetic, better in floating point.

They run on the definitions and gradients before these are frozen into a program.

    Σ_j w_j exp(g_j)   →   exp(m) Σ_j w_j exp(g_j - m),   m = max_j g_j
    log(exp(a) s)      →   a + log(s)

The first makes every softmax and every log-sum-exp safe from overflow: the factor ``exp(m)``
meets the other exponentials of its product, or the logarithm around it.
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
    """Apply the rewrites from the inside out.

    >>> from derive.index.terms import Index, Size
    >>> K, k = Size("K"), Index("k")
    >>> shifted(sp.log(IndexSum(sp.exp(Entry("t", (K,), k)), k, K)))
    log(Σ(exp(t[_2] - max(t[_1], _1<K)), _2<K)) + max(t[_1], _1<K)
    """
    if not expression.args or isinstance(expression, Entry) or not expression.has(sp.exp):
        return expression
    if isinstance(expression, Reduction):
        body, index = expression.open()
        body = shifted(body)
        if isinstance(expression, IndexSum):
            exponentials = [f for f in sp.Mul.make_args(body) if isinstance(f, sp.exp)]
            exponent = sp.Add(*(f.args[0] for f in exponentials))
            if index in exponent.free_symbols:
                top = IndexMax(exponent, index, expression.size)
                rest = sp.Mul(*(f for f in sp.Mul.make_args(body) if not isinstance(f, sp.exp)))
                inner = rest * sp.exp(exponent - top)
                return sp.exp(top) * IndexSum(inner, index, expression.size)
        return expression.func(body, index, expression.size)
    rebuilt = expression.func(*(shifted(argument) for argument in expression.args))
    if isinstance(rebuilt, sp.Mul):
        # SymPy leaves exp(a) exp(-m) as two factors, of which the first may overflow.
        powers = [f.args[0] for f in rebuilt.args if isinstance(f, sp.exp)]
        if len(powers) > 1:
            rest = [f for f in rebuilt.args if not isinstance(f, sp.exp)]
            rebuilt = sp.Mul(*rest, sp.exp(sp.Add(*powers)))
    if isinstance(rebuilt, sp.log):
        factors = sp.Mul.make_args(rebuilt.args[0])
        powers = [f.args[0] for f in factors if isinstance(f, sp.exp)]
        rest = sp.Mul(*(f for f in factors if not isinstance(f, sp.exp)))
        if powers:
            return sp.Add(*powers) + sp.log(rest)
    return rebuilt
