"""Rules for a few terms that are written out: exponentials, and squares.

The sums of :mod:`derive.program.softmax_rules` and :mod:`derive.program.norm_rules` run over an
index; these are ``exp(a) + exp(b)`` and ``x² + y²``, and may have such sums among their terms.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import (
    Select,
    expm1,
    grouped,
    log1p,
    logaddexp,
    maximum,
    sigmoid,
    softplus,
)
from derive.index.terms import IndexMax, IndexSum
from derive.program.examples import X, entry
from derive.program.exponents import joined, log_of_sum, logarithm
from derive.program.norm_rules import flat, nonzero
from derive.program.rules import MAECHLER, Rule, over

if TYPE_CHECKING:
    from derive.program.rules import Around

__all__ = ["ALWAYS", "BEFORE", "CHOICES", "FIRST", "RECIPROCALS"]


def _few(total: sp.Expr) -> bool:
    """Tell whether it is a sum with exponentials, other than ``1 + exp(x)``: that has own rules."""
    return (
        isinstance(total, sp.Add)
        and not isinstance(total - 1, sp.exp)
        and any(isinstance(f, sp.exp) for term in total.args for f in sp.Mul.make_args(term))
    )


def _log_of_terms(expression: sp.Expr, around: Around) -> sp.Expr | None:
    total = expression.args[0] if isinstance(expression, sp.log) else sp.S.Zero
    return log_of_sum(total, around) if isinstance(total, sp.Add) else None


def _log_of_choice(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``log(A where c, else B)``; what is 0 has rules of its own."""
    value = expression.args[0] if isinstance(expression, sp.log) else None
    if not isinstance(value, Select):
        return None
    condition, *branches = value.args
    if any(branch.is_number and not branch.is_positive for branch in branches):
        return None
    logs = [_log_of_choice(sp.log(branch), around) or sp.log(branch) for branch in branches]
    return Select(condition, *logs)


def _share(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``exp(a) / (exp(a) + T)``, and what has several of these above."""
    for factor in sp.Mul.make_args(expression):
        total, power = factor.as_base_exp()
        if power != -1 or not _few(total):
            continue
        for above in sp.Mul.make_args(over(expression, factor)):
            rest = over(over(expression, factor), above)
            # One over a sum is none of these: what is above it has not been met yet.
            share = None if above == 1 else _share_of(above, total, around)
            if share is not None:
                return rest * share
            terms = above.args if isinstance(above, sp.Add) else ()
            if terms and all(_has_one(term, total, around) for term in terms):
                return rest * sp.Add(*(term * factor for term in terms))
    return None


def _share_of_one(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``1 / (1 + T)``."""
    total, power = expression.as_base_exp()
    return _share_of(sp.S.One, total, around) if power == -1 and _few(total) else None


def _share_of(above: sp.Expr, total: sp.Expr, around: Around) -> sp.Expr | None:
    """Return ``c exp(a) / (exp(a) + T)`` with the difference of the exponents."""
    for term in total.args:
        ratio, a = over(above, term), logarithm(term, around)
        if a is not None and ratio.is_Rational and ratio > 0:
            logs = [logarithm(other, around) for other in total.args if other != term]
            return None if None in logs else ratio * sigmoid(a - joined(logs))
    return None


def _has_one(term: sp.Expr, total: sp.Expr, around: Around) -> bool:
    """Tell whether a term is a multiple of a term of a sum."""
    return any(_share_of(factor, total, around) is not None for factor in sp.Mul.make_args(term))


def _less_one(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``logaddexp(a, b) - a`` and ``a + softplus(b - a)``."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        scale, value = term.as_coeff_Mul()
        rest = expression - term
        logs = _logs(value)
        for place, side in enumerate(logs):
            terms = [-scale * part for part in sp.Add.make_args(side)]
            if len(logs) > 1 and side != 0 and all(part in expression.args for part in terms):
                others = joined(logs[:place] + logs[place + 1 :])
                return rest - sp.Add(*terms) + scale * softplus(others - side)
        if isinstance(value, softplus):
            u = value.args[0]
            mirrored = -scale * softplus(-u)
            if mirrored in expression.args:
                return rest - mirrored + scale * u
            a = -sp.Add(*(t for t in sp.Add.make_args(u) if -scale * t in expression.args))
            if a != 0:
                return rest - scale * a + scale * logaddexp(a, a + u)
    return None


def _less_half(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``softplus(x) - log(2)``."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for factor in sp.Mul.make_args(term):
            scale = over(term, factor)
            if isinstance(factor, softplus) and -scale * sp.log(2) in expression.args:
                (x,) = factor.args
                rest = expression - term + scale * sp.log(2)
                far = x + log1p(expm1(-x) / 2)
                return rest + scale * Select(sp.Gt(x, 0), far, log1p(expm1(x) / 2))
    return None


def _logs(value: sp.Expr) -> tuple[sp.Expr, ...]:
    """Return the logarithms of the terms of the sum that it is the logarithm of."""
    if isinstance(value, softplus):
        return (sp.S.Zero, *_logs(value.args[0]))
    if isinstance(value, logaddexp):
        return (*_logs(value.args[0]), *_logs(value.args[1]))
    return (value,)


def _root(term: sp.Expr) -> sp.Expr | None:
    """Return ``t`` of a multiple of ``t²``, or of a sum of such over an index."""
    if isinstance(term, IndexSum):
        body, index = term.open()
        inner = _root(body)
        return None if inner is None else IndexMax(sp.Abs(inner), index, term.size)
    scale, value = term.as_coeff_Mul()
    powers = [factor.as_base_exp() for factor in sp.Mul.make_args(value)]
    if value == 1 or scale < 0 or any(power != 2 for _, power in powers):
        return None
    bases = [base for base, _ in powers]
    return None if any(isinstance(base, grouped) for base in bases) else sp.Mul(*bases)


def _scaled(total: sp.Expr) -> tuple[sp.Expr, sp.Expr, tuple[sp.Expr, ...]] | None:
    """Return ``m`` and ``Σ (t/m)²`` of the sum of squares of a few terms, and the terms."""
    if not isinstance(total, sp.Add):
        return None
    roots = [_root(term) for term in total.args]
    if any(root is None for root in roots):
        return None
    sizes = [root if isinstance(root, IndexMax) else sp.Abs(root) for root in roots]
    top = reduce(maximum, sizes)
    scale = nonzero(top)
    terms = (_over(term, scale) for term in total.args)
    return scale, sp.Add(*terms), tuple(root for root in roots if not isinstance(root, IndexMax))


def _over(term: sp.Expr, scale: sp.Expr) -> sp.Expr:
    """Return a multiple of ``t²`` with ``t`` divided by a scale."""
    if isinstance(term, IndexSum):
        body, index = term.open()
        return IndexSum(_over(body, scale), index, term.size)
    factor, _ = term.as_coeff_Mul()
    return factor * grouped(_root(term) / scale) ** 2


def _length(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``sqrt(x² + y²)``, its inverse, and what is divided by it."""
    for factor in sp.Mul.make_args(expression):
        total, power = factor.as_base_exp()
        rest = over(expression, factor)
        length = around.meaning(total)
        if length != total and power == -1:
            # The length has a place of its own.
            base, half = length.as_base_exp()
            found = _scaled(base) if half == sp.S.Half else None
            new = _divided(rest, total, found[2]) if found else None
            if new is not None:
                return new
        found = _scaled(total) if power in (sp.S.Half, -sp.S.Half, sp.S.NegativeOne) else None
        if found is None:
            continue
        scale, squares, roots = found
        if around.derived and power < 0:
            squares = Select(scale.args[0], squares, 1)
        if power == sp.S.Half:
            return rest * scale * sp.sqrt(squares)
        near = _near(rest, roots)
        if near is None:
            return rest / scale / sp.sqrt(squares) if power == -sp.S.Half else None
        whole = rest / near * grouped(near / scale) * squares**power
        return whole if power == -sp.S.Half else whole / scale
    return None


def _remainder(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c S^p - c s S^(p-1)``, where ``s`` is a term of the sum S."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        plain = flat(term, around)
        for factor in sp.Mul.make_args(plain):
            total, power = factor.as_base_exp()
            if not (isinstance(total, sp.Add) and power.is_Rational and power < 0):
                continue
            for part in total.args:
                taken = part
                if isinstance(part, sp.Abs) and part not in sp.Mul.make_args(plain):
                    taken = part.args[0] * sp.sign(part.args[0])
                wanted = -plain / taken * total
                for other in expression.args:
                    if flat(other, around) == wanted:
                        return expression - term - other + other * _without(part, total)
    return None


def _without(part: sp.Expr, total: sp.Expr) -> sp.Expr:
    """Return how much of a sum the other terms are."""
    found = _scaled(total)
    if found is None:
        return (total - part) / total
    scale, squares, _ = found
    return (squares - _over(part, scale)) / squares


def _divided(product: sp.Expr, length: sp.Expr, roots: tuple[sp.Expr, ...]) -> sp.Expr | None:
    """Return a product, or one with a sum in it, over a length; the root is divided first."""
    near = _near(product, roots)
    if near is not None:
        return product / near * grouped(near / length)
    for factor in sp.Mul.make_args(product):
        if isinstance(factor, sp.Add):
            terms = [_divided(term, length, roots) for term in factor.args]
            return None if None in terms else product / factor * sp.Add(*terms)
    return None


def _near(product: sp.Expr, roots: tuple[sp.Expr, ...]) -> sp.Expr | None:
    """Return the first factor that is one of the numbers whose squares are summed."""
    return next((factor for factor in sp.Mul.make_args(product) if factor in roots), None)


def _two() -> sp.Expr:
    return sp.exp(entry(0)) + sp.exp(entry(1))


#: Before differentiation.
BEFORE = (
    Rule(
        "log of a few exponentials",
        "log(exp(a) + T), T = exp(b) + … or Σ_j exp(t_j); of sigmoids and softmaxes, too",
        "logaddexp(a, log T)",
        "a > 709: the exponential overflows; T far below exp(a): it is lost; all of them are 0",
        MAECHLER,
        _log_of_terms,
        lambda: sp.log(_two()),
    ),
    Rule(
        "log of a few exponentials and one of them",
        "logaddexp(a, b) - a, a + softplus(b - a), softplus(x) - softplus(-x)",
        "softplus(b - a), logaddexp(a, b), x",
        "the two terms cancel",
        MAECHLER,
        _less_one,
        lambda: entry(0) + softplus(entry(1) - entry(0)),
    ),
    Rule(
        "share of a few exponentials",
        "exp(a) / (exp(a) + T), T = exp(b) + … or Σ_j exp(t_j)",
        "σ(a - log T)",
        "a > 709: the exponentials overflow; a < -745: they are all 0",
        "the quotient, divided by exp(a)",
        _share,
        lambda: sp.exp(entry(0)) / _two(),
    ),
)
#: Before all others of these.
CHOICES = (
    Rule(
        "log of a choice",
        "log(A where c, else B)",
        "log(A) where c, else log(B)",
        "A or B that underflows or overflows where its logarithm has a form that does not",
        "the logarithm of the value that is chosen",
        _log_of_choice,
        lambda: sp.log(Select(sp.Lt(entry(0), 0), sp.exp(entry(0)), 1 + entry(0) ** 2)),
    ),
)
#: After all others of these: where exponentials above have found nothing.
RECIPROCALS = (
    Rule(
        "share of 1 in a few exponentials",
        "1 / (1 + T), T = exp(a) s + …, s of sigmoids and exponentials",
        "σ(-log T)",
        "a > 709: the exponential overflows, and what it is multiplied with may be 0",
        "the definition of the logistic function",
        _share_of_one,
        lambda: 1 / (1 + sp.exp(entry(2)) * sigmoid(-entry(2))),
    ),
)
#: On definitions and on gradients, before the others.
FIRST = (
    Rule(
        "rest of a sum",
        "S^p - s S^(p-1), s a term of S",
        "S^p (S - s) / S",
        "s that outweighs the other terms: the difference cancels",
        "the common factor; S - s is the sum of the other terms",
        _remainder,
        lambda: 1 / (1 + entry(0) ** 2) - entry(0) ** 2 / (1 + entry(0) ** 2) ** 2,
    ),
)
#: On definitions and on gradients.
ALWAYS = (
    Rule(
        "log of a mean of two exponentials",
        "softplus(x) - log(2)",
        "log1p(expm1(x) / 2); x + log1p(expm1(-x) / 2) where x > 0",
        "x → 0: the difference cancels",
        "the logarithm of 1 + (exp(x) - 1) / 2",
        _less_half,
        lambda: softplus(X) - sp.log(2),
    ),
    Rule(
        "length of a few numbers",
        "sqrt(x² + y²), x / sqrt(x² + y²), x / (x² + y²)",
        "m sqrt((x/m)² + (y/m)²), m = max(|x|, |y|)",
        "|x| > 1e154: the square overflows; |x| < 1e-154: it loses digits, or is 0",
        "N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002, "
        "section 27.8",
        _length,
        lambda: entry(0) / sp.sqrt(entry(0) ** 2 + entry(1) ** 2),
    ),
)
