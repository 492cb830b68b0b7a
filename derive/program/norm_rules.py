"""Rules for norms of vectors, and for what is perpendicular to a vector.

Let ``m = max |t|``. Of ``t / m`` no square overflows, and none that counts is lost.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, grouped
from derive.index.rewrite import matches
from derive.index.terms import (
    Entry,
    Index,
    IndexArgmax,
    IndexMax,
    IndexSum,
    Reduction,
    Size,
    substitute,
    symbols,
)
from derive.program.examples import power_sum
from derive.program.rules import HIGHAM, Rule, over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from derive.program.rules import Around

__all__ = ["AT_ZERO", "LAST", "NORMS", "flat", "nonzero"]


#: Indices with their sizes, the outer first.
_Axes = tuple[tuple[Index, sp.Expr], ...]
#: What is squared, and the axes it is summed over.
_Squares = list[tuple[sp.Expr, _Axes]]


def _squared(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr, _Axes] | None:
    """Return ``c``, ``t`` and the axes of ``c Σ_i Σ_j t_ij²``: of one sum, or of sums of sums."""
    scale, axes = sp.S.One, list[tuple[Index, sp.Expr]]()
    while isinstance(expression, IndexSum):
        body, index = expression.open()
        axes.append((index, expression.size))
        bound = {index for index, _ in axes}
        factors = sp.Mul.make_args(body)
        scale *= sp.Mul(*(factor for factor in factors if not symbols(factor) & bound))
        expression = sp.Mul(*(factor for factor in factors if symbols(factor) & bound))
    powers = [factor.as_base_exp() for factor in sp.Mul.make_args(expression)]
    if not axes or any(power != 2 or isinstance(base, grouped) for base, power in powers):
        return None
    return scale, sp.Mul(*(base for base, _ in powers)), tuple(axes)


def _norm(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not (
        isinstance(expression, sp.Pow) and expression.exp.is_Rational and expression.exp.q == 2
    ):
        return None
    result = rest = sp.S.One
    for factor in sp.Mul.make_args(expression.base):
        found = _squared(factor)
        if found is None:
            rest *= factor
            continue
        weight, *inside = found
        rest *= weight
        scale, scaled = _parts(*inside)
        if around.derived and expression.exp < 0:
            scaled = Select(scale.args[0], scaled, 1)
        result *= (scale * sp.sqrt(scaled)) ** (2 * expression.exp)
    if result == 1 or rest.as_coeff_Mul()[0] < 0:
        return None
    return result * rest**expression.exp


def nonzero(length: sp.Expr) -> sp.Expr:
    """Return what is not negative, with 1 in the place of 0: something to divide by."""
    return Select(sp.Gt(length, 0), length, 1)


def _parts(t: sp.Expr, axes: _Axes) -> tuple[sp.Expr, sp.Expr]:
    """Return ``m`` and ``Σ (t/m)²``."""
    scale = nonzero(_over(IndexMax, sp.Abs(t), axes))
    return scale, _over(IndexSum, grouped(t / scale) ** 2, axes)


def _over(reduction: type[Reduction], body: sp.Expr, axes: _Axes) -> sp.Expr:
    """Return a body reduced over axes, over the last of them first."""
    return reduce(lambda inner, axis: reduction(inner, *axis), reversed(axes), body)


def _scaled_sum(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Mul):
        return None
    for factor in expression.args:
        scale, power = factor.as_base_exp()
        top = scale.args[1] if isinstance(scale, Select) else None
        if not (isinstance(top, IndexMax) and power < 0):
            continue
        indices = []
        while isinstance(top, IndexMax):
            top, k = top.open()
            indices.append(k)
        if not isinstance(top, sp.Abs):
            continue
        for other in expression.args:
            new = _divided(other, top.args[0], indices, scale)
            rest = expression * scale / other
            if new is not None and (rest != 1 or isinstance(other, IndexSum)):
                return rest * new
    return None


def _by_length(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``a t_i / n³``, n a length with t among its parts: by its name, or one over it."""
    if not isinstance(expression, sp.Mul):
        return None
    for factor in expression.args:
        found = _length(factor, expression, around)
        if found is None:
            continue
        length, times, squares = found
        others = sp.Mul.make_args(over(expression, factor))
        divided = {other: _by_one(other, length, squares) for other in others}
        chosen = [other for other in others if divided[other] is not None][:times]
        if chosen and (len(others) > 1 or times > 1):
            result = sp.Mul(*(divided[other] if other in chosen else other for other in others))
            return result * factor * length ** len(chosen)
    return _spread(expression, around)


def _spread(product: sp.Mul, around: Around) -> sp.Expr | None:
    """Multiply a sum out where that brings what is divided and its length together."""
    for total in product.args:
        if isinstance(total, sp.Add):
            terms = [over(product, total) * term for term in total.args]
            new = [_by_length(term, around) for term in terms]
            if any(each is not None for each in new):
                return sp.Add(*(b if b is not None else a for a, b in zip(terms, new, strict=True)))
    return None


def _by_one(factor: sp.Expr, length: sp.Expr, squares: _Squares) -> sp.Expr | None:
    """Return a factor over a length, divided first; None where it has none of what is squared."""
    found = (_divided(factor, t, [index for index, _ in axes], length) for t, axes in squares)
    return next((each for each in found if each is not None), None)


def _length(
    factor: sp.Expr, product: sp.Mul, around: Around
) -> tuple[sp.Expr, int, _Squares] | None:
    """Return a length, by how many of it others are to be divided, and the squares in it."""
    base, power = factor.as_base_exp()
    root, half = around.meaning(base).as_base_exp()
    named = isinstance(base, Entry) and abs(half) == sp.S.Half
    # One of several stays: what is divided by one alone is as good as divided at last.
    sign, stays = (2 * half, 0 if half > 0 else 1) if named else (sp.S.One, 1)
    length, times = (base**sign, -power * sign) if named else (sp.sqrt(base), -2 * power)
    if not (times.is_Integer and times > stays):
        return None
    # A square of it needs no root, unless there is one already.
    if not (named or times.is_odd or product.has(length, 1 / length)):
        return None
    squares: _Squares = []
    for term in sp.Add.make_args(root):
        found = [each[1:] for each in map(_squared, sp.Mul.make_args(term)) if each is not None]
        if not found and not around.is_positive(term):
            return None
        squares += found
    return (length, int(times) - stays, squares) if squares else None


def _divided(
    factor: sp.Expr, t: sp.Expr, indices: Sequence[Index], scale: sp.Expr
) -> sp.Expr | None:
    """Return ``t_i`` or ``Σ_j t_j a_j`` over a scale, divided first; None of anything else."""
    if isinstance(factor, Entry):
        found = any(True for _ in matches(t, factor, frozenset(indices)))
        return grouped(factor / scale) if found else None
    return _divided_inside(factor, t, indices, scale) if isinstance(factor, IndexSum) else None


def _divided_inside(
    product: sp.Expr, t: sp.Expr, indices: Sequence[Index], scale: sp.Expr
) -> sp.Expr | None:
    """Divide ``t`` in a product with as many sums around it as there are indices."""
    if not indices:
        whole = t in sp.Mul.make_args(product)
        return product / t * grouped(t / scale) if whole else None
    for factor in sp.Mul.make_args(product):
        if isinstance(factor, IndexSum):
            body, j = factor.open()
            for k in indices:
                others = [index for index in indices if index != k]
                inside = _divided_inside(body, substitute(t, {k: j}), others, scale)
                if inside is not None:
                    return product / factor * IndexSum(inside, j, factor.size)
    return None


def _below(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Mul):
        return None
    for factor in expression.args:
        found = _squared(1 / factor)
        if found is None:
            continue
        weight, t, axes = found
        scale, scaled = _parts(t, axes)
        indices = [index for index, _ in axes]
        if any(_divided(other, t, indices, scale) is not None for other in expression.args):
            return expression / factor / weight / scale**2 / scaled
    return None


def _sums(term: sp.Expr, around: Around) -> Iterator[tuple[sp.Expr, IndexSum]]:
    """Yield what a term is a multiple of: sums in it, or in what an entry in it stands for."""
    for factor in sp.Mul.make_args(term):
        for inner in sp.Mul.make_args(around.meaning(factor)):
            if isinstance(inner, IndexSum):
                yield term / factor * around.meaning(factor) / inner, inner


def flat(expression: sp.Expr, around: Around) -> sp.Expr:
    """Return a product with quotients and roots in place of the entries that stand for them."""
    factors = []
    for factor in sp.Mul.make_args(expression):
        base, power = factor.as_base_exp()
        meaning = around.meaning(base)
        plain = isinstance(meaning, (sp.Mul, sp.Pow)) and meaning != base
        factors.append(flat(meaning, around) ** power if plain else factor)
    return sp.Mul(*factors)


def _projection(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for outside, total in _sums(term, around):
            body, j = total.open()
            inside = sp.Mul.make_args(flat(body, around))
            if any(isinstance(factor, grouped) for factor in inside):
                continue  # done already
            whole = flat(outside, around) * sp.Mul(*(f for f in inside if j not in symbols(f)))
            for u in (f for f in inside if isinstance(f, Entry) and j in symbols(f)):
                square = IndexSum(u**2, j, total.size)
                a = sp.Mul(*(f for f in inside if f != u and j in symbols(f)))
                if any(f.as_base_exp()[0] == square for f in sp.Mul.make_args(whole)):
                    for other, i in _partners(expression, whole * square, u, a, j, around):
                        at = _beside(u, a, j, total.size)
                        smaller = outside * IndexSum(body / a * at(j), j, total.size)
                        rest = expression - term - other
                        return rest + other / substitute(a, {j: i}) * at(i) + smaller
    return None


def _partners(
    expression: sp.Expr, scale: sp.Expr, u: sp.Expr, a: sp.Expr, j: Index, around: Around
) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Yield the terms ``r a_i``, with ``i``, where the scale is ``-r u_i``."""
    for factor in sp.Mul.make_args(scale):
        for binding in matches(u, factor, frozenset({j})):
            i = binding[j]
            wanted = -scale / factor * substitute(a, {j: i})
            for other in expression.args:
                if flat(other, around) == wanted:
                    yield other, i


def _beside(u: sp.Expr, a: sp.Expr, j: Index, size: sp.Expr) -> Callable[[sp.Expr], sp.Expr]:
    """Return ``a`` less the multiple of ``u`` that agrees with it where u is greatest."""
    top = IndexArgmax(sp.Abs(u), j, size)
    greatest = {name: substitute(each, {j: top}) for name, each in (("a", a), ("u", u))}

    def at(position: sp.Expr) -> sp.Expr:
        ratio = grouped(substitute(u, {j: position}) / greatest["u"])
        return grouped(substitute(a, {j: position}) - greatest["a"] * ratio)

    return at


def _at_zero(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not (isinstance(expression, sp.Pow) and expression.exp == -1):
        return None
    r, length = expression.base, around.meaning(expression.base)
    if r == length or not (isinstance(length, sp.Pow) and length.exp == sp.S.Half):
        return None
    terms = (sp.Mul.make_args(term) for term in sp.Add.make_args(length.base))
    squares = all(any(_squared(f) or f.as_base_exp()[1] == 2 for f in term) for term in terms)
    return 1 / nonzero(r) if squares else None


def _cosine() -> sp.Expr:
    size, k = Size("K"), Index("k")
    t, backwards = Entry("t", (size,), k), Entry("t", (size,), size - 1 - k)
    top = IndexMax(sp.Abs(t), k, size)
    return IndexSum(t * backwards, k, size) / nonzero(top)


def _slope() -> sp.Expr:
    size, k = Size("K"), Index("k")
    return Entry("t", (size,), k) / power_sum(2)


def _bend() -> sp.Expr:
    size, k = Size("K"), Index("k")
    t = Entry("t", (size,), k)
    return t * IndexSum(t, k, size) / (1 + power_sum(2)) ** sp.Rational(3, 2)


def _shadow() -> sp.Expr:
    size, k = Size("K"), Index("k")
    t, x = Entry("t", (size,), k), Entry("x", (size,), k)
    return x - t * IndexSum(t * x, k, size) / power_sum(2)


NORMS = (
    Rule(
        "norm",
        "sqrt(Σ t²), sqrt(Σ Σ t²)",
        "m sqrt(Σ (t/m)²), m = max |t|",
        "squares that overflow or underflow",
        f"{HIGHAM}, section 27.8",
        _norm,
        lambda: sp.sqrt(power_sum(2)),
    ),
    Rule(
        "projection",
        "a_i - t_i Σ_j t_j a_j / Σ_j t_j²",
        "b_i - t_i Σ_j t_j b_j / Σ_j t_j², b_j = a_j - a_p t_j / t_p, p = argmax |t|",
        "t_i that outweighs the others: the difference cancels",
        "what is parallel to t has no part in the result",
        _projection,
        _shadow,
    ),
)

#: When the others have seen the sums of squares as they are.
LAST = (
    Rule(
        "powers of a length below",
        "a t_i / n³, n = sqrt(c + Σ t²)",
        "a (t_i / n) / n²",
        "products that overflow or underflow: n³ of large t, a t_i of small ones",
        f"{HIGHAM}, section 27.8",
        _by_length,
        _bend,
    ),
    Rule(
        "sum of squares below",
        "t_i / Σ t²",
        "(t_i/m) / (m Σ (t/m)²), m = max |t|",
        "squares that overflow or underflow",
        f"{HIGHAM}, section 27.8",
        _below,
        _slope,
    ),
    Rule(
        "scaled sum",
        "t_i / m, Σ t x / m, m = max |t|",
        "(t_i/m), Σ (t/m) x",
        "products that overflow or underflow",
        f"{HIGHAM}, section 27.8",
        _scaled_sum,
        _cosine,
    ),
)
#: On derivatives alone: a length has no derivative where it is 0, and 0 is agreed on, as for |x|.
AT_ZERO = Rule(
    "derivative of a length at 0",
    "1 / r, r = sqrt(Σ t²)",
    "1 / r, 1 at r = 0",
    "r = 0: t_i / r is not a number",
    "the convention for kinks",
    _at_zero,
    lambda: 1 / sp.sqrt(power_sum(2)),
)
