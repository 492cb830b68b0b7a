"""Rules for what is 0 beside what overflows: a step, a label, a softmax, an exponential within."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, expm1, grouped, sigmoid, step
from derive.index.terms import Entry, Index, IndexSum, Reduction, Size
from derive.program.examples import X, entry
from derive.program.norm_rules import flat
from derive.program.rules import NOTHING, Rule, over
from derive.program.softmax import quotient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.program.rules import Around

__all__ = ["ALWAYS"]

#: What overflows.
_STEEP = (sp.exp, sp.cosh, sp.sinh, expm1)


def _beside_step(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``step(x) f``, where f is steep."""
    if not isinstance(expression, sp.Mul) or not expression.has(*_STEEP):
        return None
    for factor in expression.args:
        rest = over(expression, factor)
        if isinstance(factor, step) and rest.has(*_STEEP):
            return Select(sp.Gt(factor.args[0], 0), rest, 0)
    return None


def _beside_label(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``t exp(x)``, t a label: it is 0 where the label is."""
    if not isinstance(expression, sp.Mul):
        return None
    labels = (f for f in expression.args if isinstance(f, Entry) and f.tensor in around.labels)
    if any(isinstance(factor, sp.exp) for factor in expression.args):
        for label in labels:
            return Select(sp.Ne(label, 0), grouped(label) * over(expression, label), 0)
    return None


def _beside_share(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``g_k f``, where g is a softmax and f steep, and sums of it."""
    if not isinstance(expression, sp.Mul):
        return None
    for share in _shares(expression, around):
        if _is_steep(over(expression, share), around):
            return Select(sp.Ne(grouped(share), 0), grouped(expression), 0)
    for total in expression.args:
        if isinstance(total, IndexSum):
            body, j = total.open()
            for below in sp.Mul.make_args(over(expression, total)):
                new = _beside_share(body * below, around)
                if isinstance(1 / below, IndexSum) and new is not None:
                    return over(over(expression, total), below) * IndexSum(new, j, total.size)
    return None


def _shares(product: sp.Mul, around: Around) -> Iterator[sp.Expr]:
    """Yield entries of a softmax among factors, and what stands for a product that has one."""
    for factor in product.args:
        if isinstance(factor, Entry) and any(_softmaxes(flat(factor, around))):
            yield factor
    yield from _softmaxes(product)


def _softmaxes(product: sp.Expr) -> Iterator[sp.Expr]:
    pairs = combinations(sp.Mul.make_args(product), 2)
    return (sp.Mul(*pair) for pair in pairs if quotient(sp.Mul(*pair)) is not None)


def _is_steep(expression: sp.Expr, around: Around) -> bool:
    """Tell whether exponentials are in it, or in what its entries stand for."""
    if expression.has(*_STEEP):
        return not expression.has(Reduction)
    meanings = ((entry, around.meaning(entry)) for entry in expression.atoms(Entry))
    return any(meaning != entry and _is_steep(meaning, around) for entry, meaning in meanings)


def _vanishing(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``exp(t) h``, where h is 0 sooner than ``exp(t)`` is infinite: it holds it."""
    if not isinstance(expression, sp.Mul):
        return None
    for factor in expression.args:
        base, power = factor.as_base_exp()
        depth = _depth(around.meaning(factor if isinstance(factor, sp.exp) else base))
        rest = over(expression, factor)
        if depth is not None and power.is_Rational and power > 0 and rest.has(*_STEEP):
            return Select(sp.Gt(depth, NOTHING), grouped(expression), 0)
    return None


def _depth(function: sp.Expr) -> sp.Expr | None:
    """Return about the logarithm of what vanishes for a large ``exp(t)`` within it."""
    if isinstance(function, sp.sech):
        depth = -sp.Abs(function.args[0])
    elif isinstance(function, (sp.exp, sigmoid)):
        (depth,) = function.args
    else:
        return None
    terms = (term.as_coeff_Mul() for term in sp.Add.make_args(depth))
    steep = any(isinstance(value, sp.exp) and number < 0 for number, value in terms)
    return depth if steep else None


def _no_step(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c - c step(x)`` beside other terms."""
    if not isinstance(expression, sp.Add) or len(expression.args) < 3:
        return None
    for term in expression.args:
        for factor in sp.Mul.make_args(term):
            scale = -over(term, factor)
            if isinstance(factor, step) and scale in expression.args:
                off = Select(sp.Gt(factor.args[0], 0), 0, scale)
                return expression - term - scale + off
    return None


def _share_and_exp() -> sp.Expr:
    size, k, j = Size("K"), Index("k"), Index("j")
    total = IndexSum(sp.exp(-(entry(j) ** 2)), j, size)
    return sp.exp(-(entry(k) ** 2)) / total * sp.exp(3 * entry(k))


def _label_and_exp() -> sp.Expr:
    t = entry(Index("k"))
    n = Entry("n", ())
    return n * sp.exp(8 * t)


#: On definitions and on gradients.
ALWAYS = (
    Rule(
        "step beside what overflows",
        "step(x) f",
        "f where x > 0, else 0",
        "f overflows where the step is 0: 0 · ∞ is not a number",
        "the definition of the step",
        _beside_step,
        lambda: 1 + step(-X) * sp.exp(X),
    ),
    Rule(
        "label beside what overflows",
        "t exp(x), t a label",
        "0 where t = 0",
        "exp(x) overflows where the label is 0: 0 · ∞ is not a number",
        "0 · exp(x) = 0",
        _beside_label,
        _label_and_exp,
    ),
    Rule(
        "softmax beside what overflows",
        "g_k f, g a softmax, f of exponentials",
        "0 where g_k = 0",
        "f overflows where the softmax is 0: 0 · ∞ is not a number",
        "0 · f = 0",
        _beside_share,
        _share_and_exp,
    ),
    Rule(
        "exp beside what vanishes",
        "exp(t) h, h = sech(exp(t))², exp(-exp(t)), σ(-exp(t)), …",
        "0 where log h < -1500",
        "t > 709: exp(t) overflows and h is 0: 0 · ∞ is not a number",
        "v exp(-v) → 0 for v → ∞",
        _vanishing,
        lambda: sp.exp(X) * sp.sech(sp.exp(X)) ** 2,
    ),
    Rule(
        "1 - step",
        "1 - step(x) + y",
        "y where x > 0, else 1 + y",
        "x > 0: 1 + y loses the digits of y before 1 is taken away",
        "the definition of the step",
        _no_step,
        lambda: 1 - step(-X) + step(-X) * sp.exp(X),
    ),
)
