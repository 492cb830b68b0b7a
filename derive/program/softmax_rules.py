"""Rules for softmax and log-sum-exp: what is left when one exponential outweighs the others.

Let ``g_k = exp(t_k) / Σ_j exp(t_j)`` and let ``p`` be the position of the largest. Whatever
subtracts ``g_p`` from 1 is written with the sum over the other positions, which nothing has been
added to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp
from sympy.utilities.iterables import sift

from derive.index.functions import Select, grouped, log1p, sigmoid
from derive.index.rewrite import matches
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexArgmax,
    IndexMax,
    IndexSum,
    Size,
    symbols,
)
from derive.program.examples import entry, exponential_sum
from derive.program.exponents import exponent, logarithm
from derive.program.rules import Rule, over
from derive.program.scalar_rules import sigmoid_of
from derive.program.softmax import exponentials, log_sum, softmax_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.program.rules import Around
    from derive.program.softmax import Softmax

__all__ = ["ALWAYS", "BEFORE", "LAST"]


def _by_parts(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if isinstance(expression, sp.log):
        found = exponentials(expression.args[0], around, logarithm)
        if found is None:
            return None
        logit, j, total = found
        own, other = sift(sp.Add.make_args(logit), lambda term: j in symbols(term), binary=True)
        return sp.log(IndexSum(sp.exp(sp.Add(*own)), j, total.size)) + sp.Add(*other)
    if not isinstance(expression, sp.Mul):
        return None
    for below in expression.args:
        found = exponentials(1 / below, around)
        for above in expression.args:
            other = None if found is None else exponent(above, around)
            if found is None or other is None:
                continue
            logit, j, total = found
            if any(True for _ in matches(logit, other, frozenset({j}))):
                return over(over(expression, below), above) * sp.exp(other) / total
    return None


def _log_exp(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Part the logarithm of a product: from what is positive by its form, the rest."""
    if not isinstance(expression, sp.log):
        return None
    result, rest = [], []
    for factor in sp.Mul.make_args(around.meaning(expression.args[0])):
        found = None if factor.is_Number else logarithm(factor, around)
        if found is None or found == expression:
            rest.append(factor)
        elif isinstance(factor, sp.exp):
            result.append(_whole(found))
        else:
            result.append(found)
    return sp.Add(*result, sp.log(sp.Mul(*rest))) if result else None


def _power(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Put together ``exp(q t_k) (Σ_j exp(t_j))^(-q)``, where q is no integer."""
    for below in sp.Mul.make_args(expression):
        base, power = below.as_base_exp()
        found = None if power.is_Integer else log_sum(sp.log(base))
        if found is None:
            continue
        logit, j, _ = found
        for above in sp.Mul.make_args(over(expression, below)):
            score = -above.args[0] / power if isinstance(above, sp.exp) else sp.S.NaN
            if any(True for _ in matches(logit, score, frozenset({j}))):
                whole = sp.exp(-power * grouped(score - sp.log(base)))
                return over(over(expression, below), above) * whole
    return None


def _whole(logit: sp.Expr) -> sp.Expr:
    return grouped(logit) if isinstance(logit, sp.Add) else logit


def _beyond(logit: sp.Expr, j: Index, size: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return the greatest of the logits, and what the log of the sum of exponentials adds to it."""
    top = IndexMax(logit, j, size)
    other = Select(sp.Ne(j, IndexArgmax(logit, j, size)), sp.exp(logit - top), 0)
    return top, log1p(IndexSum(other, j, size))


def _log_softmax(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        scale, logarithm = term.as_coeff_Mul()
        found = log_sum(logarithm)
        if found is None:
            continue
        logit, j, _ = found
        for other in expression.args:
            for value, rest in _multiples(-other, scale):
                if any(True for _ in matches(_whole(logit), value, frozenset({j}))):
                    top, more = _beyond(*found)
                    return expression - term - other - rest + scale * (grouped(top - value) + more)
    return None


def _multiples(term: sp.Expr, scale: sp.Rational) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Yield what a term is so many times, and the rest where it is more.

    >>> x = sp.Symbol("x")
    >>> list(_multiples(x, sp.Rational(1, 2)))
    [(2*x, 0), (x, x/2)]
    """
    yield term / scale, sp.S.Zero
    number, value = term.as_coeff_Mul()
    if number / scale > 1:
        yield value, (number - scale) * value


def _log_sum_exp(expression: sp.Expr, around: Around) -> sp.Expr | None:
    found = log_sum(expression)
    return None if found is None else sp.Add(*_beyond(*found))


def _residual(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        scale, p = term.as_coeff_Mul()
        less = _one_minus(p, around)
        if less is None:
            continue
        for other in expression.args:
            for y, rest in _multiples(-other, scale):
                if isinstance(y, Delta):
                    new = Select(sp.Eq(*y.args), -less, p)
                elif isinstance(y, Entry) and y.tensor in around.labels:
                    new = _less_label(p, y, less, softmax_of(p, around))
                else:
                    continue
                return expression - term - other - rest + scale * new
    return None


def _less_label(p: sp.Expr, y: Entry, less: sp.Expr, softmax: Softmax | None) -> sp.Expr:
    """Return a probability minus a label, from what both are less than 1."""
    if softmax is None or softmax.at not in y.indices:
        return p * (1 - y) - y * less
    # The largest alone can be near 1; its place is one, and what stands there is found once.
    top = softmax.largest
    label = y.xreplace({softmax.at: top})
    difference = softmax.most * (1 - label) - label * softmax.others
    return Select(sp.Eq(softmax.at, top), difference, p - y)


def _one_minus(p: sp.Expr, around: Around) -> sp.Expr | None:
    """Return one minus a probability, with all digits."""
    x = sigmoid_of(p, around)
    if x is not None:
        return sigmoid(-x)
    found = softmax_of(p, around)
    return None if found is None else found.complement


def _softmax_complement(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for sign in (1, -1):
            found = softmax_of(-sign * term, around) if sign in expression.args else None
            if found is not None:
                return expression - term - sign + sign * found.complement
    return None


def _softmax() -> sp.Expr:
    k = Index("k")
    return sp.exp(entry(k)) / exponential_sum()


def _masked(logit: Entry) -> sp.Expr:
    return Select(sp.Ne(logit.indices[0], 0), sp.exp(logit), 0)


_K = Index("k")
_BLANCHARD = (
    "P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax "
    "functions, IMA J. Numer. Anal. 41, 2021"
)

#: Before differentiation.
BEFORE = (
    Rule(
        "softmax by parts",
        "e_k / Σ_j e_j, log Σ_j e_j; e_j = exp(t_j), or 0",
        "exp(t_k) / Σ_j exp(t_j), log Σ_j exp(t_j); t_j = -∞ where e_j = 0",
        "t > 709: e overflows before a shift can meet it; masked t that outweigh the others",
        _BLANCHARD,
        _by_parts,
        lambda: _masked(entry(Index("k"))) / IndexSum(_masked(entry(_K)), _K, Size("K")),
    ),
    Rule(
        "log of a softmax",
        "log(exp(t_k) / Σ_j exp(t_j))",
        "t_k - log Σ_j exp(t_j)",
        "a quotient that underflows, exponentials that overflow",
        _BLANCHARD,
        _log_exp,
        lambda: sp.log(_softmax()),
    ),
    Rule(
        "power of a softmax",
        "exp(q t_k) (Σ_j exp(t_j))^(-q), q no integer",
        "exp(q (t_k - log Σ_j exp(t_j)))",
        "t > 709: the exponentials overflow; t < -745: they are all 0",
        _BLANCHARD,
        _power,
        lambda: _softmax() ** sp.Rational(7, 10),
    ),
)
#: On definitions and on gradients.
ALWAYS = (
    Rule(
        "log-softmax",
        "log Σ_j exp(t_j) - t_k",
        "(t_p - t_k) + log1p(Σ_{j≠p} exp(t_j - t_p)), p = argmax t",
        "t_k far above the others: the two terms cancel; t > 709: the exponentials overflow",
        _BLANCHARD,
        _log_softmax,
        lambda: sp.log(exponential_sum()) - entry(Index("k")),
    ),
    Rule(
        "probability minus label",
        "g_k - y_k",
        "g_p (1 - y_p) - y_p Σ_{j≠p} g_j at k = p = argmax g; σ(x) (1 - y) - y σ(-x)",
        "y_k = 1, g_k near 1: the difference cancels",
        "Σ_j g_j = 1",
        _residual,
        lambda: _softmax() - Delta(Entry("n", ()), Index("k")),
    ),
    Rule(
        "1 - softmax",
        "1 - g_k",
        "Σ_{j≠p} g_j at k = p",
        "g_k near 1: the difference cancels",
        "Σ_j g_j = 1",
        _softmax_complement,
        lambda: 1 - _softmax(),
    ),
)
#: Where the others have found nothing.
LAST = (
    Rule(
        "log-sum-exp",
        "log Σ_j exp(t_j)",
        "t_p + log1p(Σ_{j≠p} exp(t_j - t_p)), p = argmax t",
        "t > 709: the exponentials overflow; t < -745: they are all 0",
        _BLANCHARD,
        _log_sum_exp,
        lambda: sp.log(exponential_sum()),
    ),
)
