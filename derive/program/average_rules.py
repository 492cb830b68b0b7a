"""The rules for averages with the weights of a softmax: subtract before averaging, not after.

Let ``g_k = exp(t_k) / Σ_j exp(t_j)`` and let ``p`` be the position of the largest. An average is
subtracted from one of its values ``a_k`` in gradients and tangents of every softmax. Where ``g_p``
is nearly 1 the average is nearly ``a_p``; taken of ``a_j - a_p``, it has only small terms. A mean
whose weights are exponentials is such an average, too, and is written as one before it is
differentiated.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, grouped
from derive.index.rewrite import matches, rewrite
from derive.index.terms import Entry, Index, IndexSum, Size, substitute, symbols
from derive.program.exponents import exponent
from derive.program.rules import Rule, over
from derive.program.softmax import exponentials, powers, scaled_sum, softmax_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.program.rules import Around
    from derive.program.softmax import Softmax

__all__ = ["BEFORE", "CENTRED", "DIFFERENCE", "REST"]


@dataclass(frozen=True, slots=True)
class _Average:
    """``scale · Σ_j g_j a_j``, with ``a`` at any position."""

    scale: sp.Expr
    softmax: Softmax
    a: sp.Expr
    j: Index

    def at(self, position: sp.Expr) -> sp.Expr:
        return substitute(self.a, {self.j: position})

    @property
    def largest(self) -> sp.Expr:
        return self.at(self.softmax.largest)

    @property
    def centred(self) -> sp.Expr:
        """``Σ_j g_j (a_j - a_p)``."""
        gap = grouped(self.a - self.largest)
        return scaled_sum(gap, self.softmax.value(self.j), self.j, self.softmax.size)


def _average(term: sp.Expr, around: Around) -> _Average | None:
    """Return the average with weights of a softmax that a term is a multiple of."""
    for total in sp.Mul.make_args(term):
        if not isinstance(total, IndexSum):
            continue
        body, j = total.open()
        others = term / total
        if any(isinstance(factor, grouped) for factor in sp.Mul.make_args(body)):
            continue  # centred already
        for factor in sp.Mul.make_args(body):
            if j not in symbols(body / factor):
                continue
            found = softmax_of(factor, around)
            if found is not None and found.at == j:
                return _Average(others, found, body / factor, j)
            if isinstance(factor, sp.exp):
                for below in sp.Mul.make_args(others):
                    found = softmax_of(factor * below, around)
                    if found is not None and found.at == j:
                        return _Average(others / below, found, body / factor, j)
    return None


def _centre(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        average = _average(term, around)
        if average is None:
            continue
        for other in expression.args:
            gap = _gap(-other / average.scale, average, around)
            if gap is not None:
                rest = expression - term - other
                return rest + average.scale * (average.centred - gap)
    return _merged_centre(expression, around)


def _gap(other: sp.Expr, average: _Average, around: Around) -> sp.Expr | None:
    """Return ``a_k - a_p`` where the other is ``a_k``, or the average of that by labels."""
    for _ in matches(average.a, other, frozenset({average.j})):
        return grouped(other - average.largest)
    if not isinstance(other, IndexSum) or other.size != average.softmax.size:
        return None
    body, k = other.open()
    weight = body / average.at(k)
    total = IndexSum(weight, k, other.size)
    if any(rewrite(total, fact.left, fact.right) == 1 for fact in around.facts):
        gap = grouped(average.at(k) - average.largest)
        return IndexSum(weight * gap, k, other.size)
    return None


def _merged_centre(expression: sp.Add, around: Around) -> sp.Expr | None:
    """Centre within the sum over samples of two terms that are summed one by one."""
    sums = [t for t in expression.args if any(isinstance(f, IndexSum) for f in _factors(t))]
    for place, first in enumerate(sums):
        for second in sums[place + 1 :]:
            merged = _merged(first, second)
            new = None if merged is None else _centre(merged[0], around)
            if merged is not None and new is not None:
                _, index, size = merged
                return expression - first - second + IndexSum(new, index, size)
    return None


def _factors(term: sp.Expr) -> tuple[sp.Expr, ...]:
    return tuple(sp.Mul.make_args(term))


def _merged(first: sp.Expr, second: sp.Expr) -> tuple[sp.Expr, Index, sp.Expr] | None:
    """Return the sum of two sums over one range as one body."""
    one = next(f for f in _factors(first) if isinstance(f, IndexSum))
    two = next(f for f in _factors(second) if isinstance(f, IndexSum))
    if one.size != two.size:
        return None
    body, index = one.open()
    other, _ = two.open(index)
    total = first / one * body + second / two * other
    return (total, index, one.size) if isinstance(total, sp.Add) else None


def _weighted(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``Σ_j e_j a_j / Σ_k e_k``, where ``e_k = exp(t_k)``, or 0."""
    for below in sp.Mul.make_args(expression):
        found = exponentials(1 / below, around)
        if found is None:
            continue
        logit, k, total = found
        for above in sp.Mul.make_args(over(expression, below)):
            mean = around.meaning(above)
            if not isinstance(mean, IndexSum):
                continue
            body, j = mean.open()
            for weight, value in _weights(body):
                score = exponent(weight, around)
                if score is not None and any(
                    binding.get(k) == j for binding in matches(logit, score, frozenset({k}))
                ):
                    average = IndexSum(value * sp.exp(score) / total, j, mean.size)
                    return over(over(expression, below), above) * average
    return None


def _one_less_powers(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c - c Σ_j g_j^q``, where q is a whole number."""
    constant, rest = expression.as_coeff_Add()
    for term in sp.Add.make_args(rest) if constant else ():
        scale, total = term.as_coeff_Mul()
        if scale != -constant or not isinstance(total, IndexSum):
            continue
        body, j = total.open()
        base, power = body.as_base_exp()
        for (logit, i, below, at), q in powers(body):
            base, power = sp.exp(substitute(logit, {i: at})) / below, sp.Integer(q)
        found = softmax_of(base, around) if base**power == body and power.is_Integer else None
        if found is not None and power > 1 and found.at == j and found.size == total.size:
            more = sp.Add(*(base**i for i in range(int(power) - 1)))
            lacks = IndexSum(base * grouped(1 - base) * more, j, total.size)
            return rest - term + constant * lacks
    return None


def _weights(body: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Yield the factors of a product, each with the product of the others."""
    if isinstance(body, Select) and body.args[2] == 0:
        condition, inside, _ = body.args
        for weight, value in _weights(inside):
            yield Select(condition, weight, 0), Select(condition, value, 0)
        return
    for factor in sp.Mul.make_args(body):
        yield factor, over(body, factor)


def _rest(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``a_k - g_k Σ_j a_j`` at the position of the largest."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for total in filter(_is_sum, sp.Mul.make_args(term)):
            body, j = total.open()
            for softmax, scale in _softmaxes(over(term, total), around):
                here = substitute(body, {j: softmax.at})
                if softmax.size != total.size or -scale * here not in expression.args:
                    continue
                top = softmax.largest
                less = substitute(body, {j: top}) * softmax.others
                among = IndexSum(Select(sp.Ne(j, top), body, 0), j, total.size)
                gap = less - softmax.most * among
                part = Select(sp.Eq(softmax.at, top), gap, here - over(term, scale))
                return expression - term + scale * here - scale * part
    return None


def _apart(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``g_k - h_k`` at the position of the largest of both."""
    if not isinstance(expression, sp.Add):
        return None
    for term, other in itertools.permutations(expression.args, 2):
        for one, scale in _softmaxes(term, around):
            two = softmax_of(over(-around.meaning(other), scale), around)
            if two is None or two.at != one.at:
                continue
            both = sp.And(sp.Eq(one.at, one.largest), sp.Eq(two.at, two.largest))
            gap = Select(both, two.others - one.others, one.value(one.at) - two.value(two.at))
            return expression - term - other + scale * gap
    return None


def _is_sum(factor: sp.Expr) -> bool:
    return isinstance(factor, IndexSum)


def _softmaxes(product: sp.Expr, around: Around) -> Iterator[tuple[Softmax, sp.Expr]]:
    """Yield every softmax that is a factor, with the rest."""
    factors = sp.Mul.make_args(product)
    for part in (*factors, *(one * two for one, two in itertools.combinations(factors, 2))):
        found = softmax_of(part, around)
        if found is not None:
            yield found, over(product, part)


def _two() -> sp.Expr:
    size, k = Size("K"), Index("k")
    t = Entry("t", (size,), k)
    g, h = (sp.exp(u) / IndexSum(sp.exp(u), k, size) for u in (t, t / 8))
    return g - h


def _root_of_softmax() -> sp.Expr:
    size, k = Size("K"), Index("k")
    t, x = Entry("t", (size,), k), Entry("x", (size,), k)
    g = sp.exp(t) / IndexSum(sp.exp(t), k, size)
    a = x * sp.exp(t / 2 - sp.log(IndexSum(sp.exp(t), k, size)) / 2)
    return a - g * IndexSum(a, k, size)


def _mean() -> sp.Expr:
    size, k = Size("K"), Index("k")
    t, x = Entry("t", (size,), k), Entry("x", (size,), k)
    return IndexSum(sp.exp(t) * x, k, size) / IndexSum(sp.exp(t), k, size)


def _impurity() -> sp.Expr:
    size, k = Size("K"), Index("k")
    t = Entry("t", (size,), k)
    return 1 - IndexSum((sp.exp(t) / IndexSum(sp.exp(t), k, size)) ** 2, k, size)


def _example() -> sp.Expr:
    size, k = Size("K"), Index("k")
    t, x = Entry("t", (size,), k), Entry("x", (size,), k)
    return x - IndexSum(sp.exp(t) * x, k, size) / IndexSum(sp.exp(t), k, size)


#: Before differentiation.
BEFORE = (
    Rule(
        "mean with exponential weights",
        "Σ_j e_j a_j / Σ_j e_j; e_j = exp(t_j), or 0",
        "Σ_j g_j a_j, g_j = exp(t_j) / Σ_k exp(t_k); t_j = -∞ where e_j = 0",
        "t > 709: e overflows before a shift can meet it; masked t that outweigh the others",
        "P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and "
        "softmax functions, IMA J. Numer. Anal. 41, 2021",
        _weighted,
        _mean,
    ),
    Rule(
        "1 - powers of a softmax",
        "1 - Σ_j g_j^q, q = 2, 3, …",
        "Σ_j g_j (1 - g_j) (1 + g_j + … + g_j^(q-2))",
        "g_k near 1: the difference cancels",
        "Σ_j g_j = 1",
        _one_less_powers,
        _impurity,
    ),
)
CENTRED = Rule(
    "centred average",
    "a_k - Σ_j g_j a_j",
    "(a_k - a_p) - Σ_j g_j (a_j - a_p), p = argmax g",
    "g_k near 1: the difference cancels",
    "Σ_j g_j = 1",
    _centre,
    _example,
)
DIFFERENCE = Rule(
    "difference of two softmaxes",
    "g_k - h_k",
    "Σ_{j≠k} h_j - Σ_{j≠k} g_j where k = argmax g = argmax h",
    "g_k and h_k near 1: the difference cancels",
    "Σ_j g_j = Σ_j h_j = 1",
    _apart,
    _two,
)
REST = Rule(
    "less its share of the sum",
    "a_k - g_k Σ_j a_j",
    "a_p Σ_{j≠p} g_j - g_p Σ_{j≠p} a_j at k = p = argmax g",
    "g_k near 1 and a_k above the others: the difference cancels",
    "Σ_j g_j = 1",
    _rest,
    _root_of_softmax,
)
