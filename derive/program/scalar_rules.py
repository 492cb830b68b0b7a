"""Rules for functions of one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, erfc, expm1, grouped, log1p, sigmoid, softplus
from derive.index.terms import Delta, Entry, Index, IndexMax, Size, symbols
from derive.program.examples import X
from derive.program.rules import DLMF, HIGHAM, MAECHLER, Rule, over

if TYPE_CHECKING:
    from derive.program.rules import Around

__all__ = ["ALWAYS", "BEFORE", "EXPM1", "complement", "sigmoid_of"]

#: Strictly, wherever they are defined.
_INCREASING = (sp.tanh, sp.exp, sp.log, sp.erf, sp.atan, sp.sinh, sigmoid, softplus, expm1, log1p)


def sigmoid_of(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Return x where the expression is, or stands for, the sigmoid of x."""
    meaning = around.meaning(expression)
    return meaning.args[0] if isinstance(meaning, sigmoid) else None


def _tanh_of(expression: sp.Expr, around: Around) -> sp.Expr | None:
    meaning = around.meaning(expression)
    return meaning.args[0] if isinstance(meaning, sp.tanh) else None


def complement(total: sp.Expr, around: Around) -> sp.Expr | None:
    """Return ``c - c tanh(x)²``, ``c ± c tanh(x)`` and ``c - c σ(x) σ(y)`` without a difference.

    Parameters
    ----------
    total : sympy expression
        A sum.
    around : Around
        What surrounds it.
    """
    for rewrite in (_sech, _tanh_complement, _complement_of_all):
        found = rewrite(total, around)
        if found is not None:
            return found
    return None


def _one_plus(expression: sp.Expr) -> sp.Expr | None:
    """Return the rest of ``1 + rest``."""
    if isinstance(expression, sp.Add) and sp.S.One in expression.args:
        return expression - 1
    return None


def _logistic(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if isinstance(expression, sp.Pow) and expression.exp.is_Rational and expression.exp < 0:
        rest = _one_plus(expression.base)
        return sigmoid(-rest.args[0]) ** -expression.exp if isinstance(rest, sp.exp) else None
    if isinstance(expression, sp.Mul):
        for factor in expression.args:
            other = sigmoid(-factor.args[0]) if isinstance(factor, sp.exp) else None
            powers = [f.as_base_exp()[1] for f in expression.args if f.as_base_exp()[0] == other]
            if any(power.is_Rational and power > 0 for power in powers):
                return over(expression, factor * other) * sigmoid(factor.args[0])
    return None


def _softplus(expression: sp.Expr, around: Around) -> sp.Expr | None:
    rest = _one_plus(expression.args[0]) if isinstance(expression, sp.log) else None
    return softplus(rest.args[0]) if isinstance(rest, sp.exp) else None


def _log_sigmoid(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.log):
        return None
    x = sigmoid_of(expression.args[0], around)
    if x is not None:
        return -softplus(-x)
    rest = _one_plus(expression.args[0])
    x = None if rest is None else sigmoid_of(-rest, around)
    return None if x is None else -softplus(x)


def _log1p(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``log(1 + x)`` and ``log|1 + x|``."""
    if not isinstance(expression, sp.log):
        return None
    (inside,) = expression.args
    if isinstance(inside, sp.Abs):
        (signed,) = inside.args
        rest = _one_plus(signed) or _one_plus(-signed)
        far = sp.log(grouped(inside))
        return None if rest is None else Select(sp.Gt(rest, -sp.S.Half), log1p(rest), far)
    rest = _one_plus(inside)
    return None if rest is None else log1p(rest)


def _adds(rest: sp.Expr, around: Around) -> bool:
    """Tell whether a sum is of positive numbers, and of what is declared to be positive."""
    factors = (f.as_base_exp()[0] for t in sp.Add.make_args(rest) for f in sp.Mul.make_args(t))
    return all(around.is_positive(base) for base in factors)


def _power_less_one(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c (1 + u)^p - c``, where ``1 + u`` is positive and p no number."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for factor in sp.Mul.make_args(term):
            base, power = factor.as_base_exp()
            rest, scale = _one_plus(base), over(term, factor)
            if rest is None or power.is_number or not (base.is_positive or _adds(rest, around)):
                continue
            if -scale in expression.args:
                return expression - term + scale + scale * expm1(power * log1p(rest))
    return None


def _expm1(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if isinstance(expression, sp.Add):
        for term in expression.args:
            for factor in sp.Mul.make_args(term):
                scale = over(term, factor)
                if isinstance(factor, sp.exp) and -scale in expression.args:
                    return expression - term + scale + scale * expm1(factor.args[0])
    return None


def _sech(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for factor in sp.Mul.make_args(term):
            if isinstance(factor, sp.Pow) and factor.exp == 2:
                x = _tanh_of(factor.base, around)
                scale = sp.S.Zero if x is None else -over(term, factor)
                if x is not None and scale in expression.args:
                    return expression - term - scale + scale * sp.sech(x) ** 2
    return None


def _tanh_complement(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        scale, value = term.as_coeff_Mul()
        x = _tanh_of(value, around)
        if x is None:
            continue
        for other in expression.args:
            one = abs(other / scale)
            if one == 1:
                side = other / scale
                return expression - term - other + 2 * scale * side * sigmoid(2 * side * x)
            if isinstance(-other / scale, Delta):
                hit = sp.Eq(*(-other / scale).args)
                new = Select(hit, -2 * sigmoid(-2 * x), value)
                return expression - term - other + scale * new
    return None


def _erf_complement(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for factor in sp.Mul.make_args(term):
            meaning = around.meaning(factor)
            if not isinstance(meaning, sp.erf):
                continue
            scale, x = over(term, factor), meaning.args[0]
            for side in (1, -1):
                if side * scale in expression.args:
                    return expression - term - side * scale + side * scale * erfc(-side * x)
    return None


def _complement(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for factor in sp.Mul.make_args(term):
            x, scale = sigmoid_of(factor, around), -over(term, factor)
            if x is not None and scale in expression.args:
                return expression - term - scale + scale * sigmoid(-x)
    return None


def _complement_of_all(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c - c σ(x) σ(y) …`` as a sum of what is positive."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        factors = sp.Mul.make_args(term)
        found = [sigmoid_of(factor, around) for factor in factors]
        scale = -sp.Mul(*(f for f, x in zip(factors, found, strict=True) if x is None))
        arguments = [x for x in found if x is not None]
        if len(arguments) > 1 and scale in expression.args:
            # The first that is off, after others that are on.
            on, off = sp.S.One, sp.S.Zero
            for x in arguments:
                off += on * sigmoid(-x)
                on *= sigmoid(x)
            return expression - term - scale + scale * off
    return None


def _greatest(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, IndexMax):
        return None
    body, index = expression.open()
    if not isinstance(body, _INCREASING) or index not in symbols(body):
        return None
    return body.func(IndexMax(body.args[0], index, expression.size))


def _x_log_x(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Mul):
        return None
    for factor in expression.args:
        x = factor.args[0] if isinstance(factor, sp.log) else None
        if x is not None and x in expression.args:
            return over(expression, factor) * sp.log(Select(sp.Ne(x, 0), x, 1))
    return None


def _top() -> IndexMax:
    size, index = Size("K"), Index("k")
    return IndexMax(sigmoid(Entry("t", (size,), index)), index, size)


EXPM1 = Rule(
    "expm1",
    "exp(x) - 1",
    "expm1(x)",
    "x → 0: the difference cancels",
    f"{HIGHAM}, section 1.14.1",
    _expm1,
    lambda: sp.exp(X) - 1,
)
#: Before differentiation: they give better derivatives, too.
BEFORE = (
    Rule(
        "logistic function",
        "1 / (1 + exp(-x)), exp(x) / (1 + exp(x))",
        "σ(x)",
        "large |x|: the exponential overflows",
        f"{HIGHAM}, section 1.18",
        _logistic,
        lambda: sp.exp(X) / (1 + sp.exp(X)),
    ),
    Rule(
        "softplus",
        "log(1 + exp(x))",
        "max(x, 0) + log1p(exp(-|x|))",
        "x → -∞: 1 + exp(x) is 1; x > 709: the exponential overflows",
        MAECHLER,
        _softplus,
        lambda: sp.log(1 + sp.exp(X)),
    ),
    Rule(
        "log of a sigmoid",
        "log σ(x), log(1 - σ(x))",
        "-softplus(-x), -softplus(x)",
        "x → -∞: σ(x) is 0; x → ∞: 1 - σ(x) is 0",
        MAECHLER,
        _log_sigmoid,
        lambda: sp.log(1 - sigmoid(X)),
    ),
    Rule(
        "log1p",
        "log(1 + x), log|1 + x|",
        "log1p(x), where x > -1/2 in the second",
        "x → 0: 1 + x loses the digits of x",
        f"{HIGHAM}, section 1.14.1",
        _log1p,
        lambda: sp.log(1 + X**2),
    ),
    EXPM1,
    Rule(
        "power less 1",
        "(1 + u)^p - 1, 1 + u positive by its form or what is declared",
        "expm1(p log1p(u))",
        "u → 0, p → 0: the difference cancels",
        f"{HIGHAM}, section 1.14.1",
        _power_less_one,
        lambda: (1 + X**2) ** sp.sin(X) - 1,
    ),
    Rule(
        "maximum of an increasing function",
        "max_j f(t_j)",
        "f(max_j t_j)",
        "f(t_j) that are all 1, or 0: the gradient goes to the first of them, not to the greatest",
        "f is increasing",
        _greatest,
        lambda: 1 - _top(),
    ),
)

#: On definitions and on gradients.
ALWAYS = (
    Rule(
        "1 - tanh²",
        "1 - tanh(x)²",
        "sech(x)² = 4e / (1 + e)², e = exp(-2|x|)",
        "|x| > 3: the difference cancels; |x| > 19: it is 0",
        "the identity cosh² - sinh² = 1",
        _sech,
        lambda: 1 - sp.tanh(X) ** 2,
    ),
    Rule(
        "1 - tanh",
        "1 - tanh(x), 1 + tanh(x)",
        "2 σ(-2 x), 2 σ(2 x)",
        "|x| > 3: the difference cancels; |x| > 19: it is 0",
        "tanh x = 2 σ(2 x) - 1",
        _tanh_complement,
        lambda: 1 - sp.tanh(X),
    ),
    Rule(
        "1 - erf",
        "1 - erf(x), 1 + erf(x)",
        "erfc(x), erfc(-x)",
        "|x| > 1: the difference cancels; |x| > 6: it is 0",
        f"{DLMF}, section 7.2",
        _erf_complement,
        lambda: 1 + sp.erf(X),
    ),
    Rule(
        "1 - σ",
        "1 - σ(x)",
        "σ(-x)",
        "x > 3: the difference cancels; x > 37: it is 0",
        "the symmetry of the logistic function",
        _complement,
        lambda: 1 - sigmoid(X),
    ),
    Rule(
        "1 - σ σ",
        "1 - σ(x) σ(y)",
        "σ(-x) + σ(x) σ(-y)",
        "x and y > 3: the difference cancels; both > 37: it is 0",
        "the symmetry of the logistic function",
        _complement_of_all,
        lambda: 1 - sigmoid(X) * sigmoid(2 * X + 1),
    ),
    Rule(
        "x log x",
        "x log x",
        "0 at x = 0",
        "x = 0: 0 · (-∞) is not a number",
        "the limit for x → 0",
        _x_log_x,
        lambda: X * sp.log(X),
    ),
)
