"""Rules for differences that roots and half angles write without a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, grouped
from derive.program.examples import X, entry
from derive.program.norm_rules import flat
from derive.program.rules import DLMF, HIGHAM, Rule, over

if TYPE_CHECKING:
    from derive.program.rules import Around

__all__ = ["ALWAYS", "BEFORE", "FIRST", "LAST"]


def _root(term: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Return ``c`` and the sum ``S`` of ``c sqrt(S)``."""
    for factor in sp.Mul.make_args(term):
        base, power = factor.as_base_exp()
        if power == sp.S.Half and base.is_Add:
            return over(term, factor), base
    return None


def _square_of(taken: sp.Expr) -> sp.Expr | None:
    """Return the square of what is not negative by its form; None of anything else."""
    square = sp.S.One
    for factor in sp.Mul.make_args(taken):
        base, power = factor.as_base_exp()
        if isinstance(base, sp.Abs):
            square *= base.args[0] ** (2 * power)
        elif power == sp.S.Half or (factor.is_Rational and factor > 0):
            square *= factor**2
        else:
            return None
    return square


def _difference(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c sqrt(S) - c r``, where ``r²`` is a term of S."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        scale, total = _root(term) or (term, sp.S.Zero)
        for other in expression.args:
            taken = -other / scale
            square = None if total == 0 else _square_of(taken)
            if square is not None and square in total.args:
                root = sp.sqrt(total)
                rest = expression - term - other
                return rest + scale * (total - square) / (root + taken)
    return None


def _signed(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c sqrt(S) - c r``, where ``r²`` is a term of S and r has any sign."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        scale, total = _root(term) or (term, sp.S.Zero)
        for other in expression.args if total != 0 else ():
            r = -other / scale
            if r**2 in total.args:
                root = sp.sqrt(total)
                apart = Select(sp.Gt(r, 0), (total - r**2) / (root + r), grouped(root) - r)
                return expression - term - other + scale * apart
    return None


def _square_over(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``x² / (sqrt(x² + S) + r)``: a square that overflows, and its quotient does not."""
    factors = sp.Mul.make_args(expression)
    for below in factors:
        base, power = below.as_base_exp()
        if not (base.is_Add and power.is_Integer and power < 0):
            continue
        totals = [found[1] for found in map(_root, base.args) if found]
        for above in factors:
            x, two = above.as_base_exp()
            if two == 2 and any(_has(total, above) for total in totals):
                rest = over(expression, above * below)
                ratio = grouped(x / base)
                return rest * (x * ratio if power == -1 else ratio**2 * base ** (power + 2))
    return None


def _has(total: sp.Expr, square: sp.Expr) -> bool:
    """Tell whether a multiple of a square is a term of a sum."""
    return any(square in sp.Mul.make_args(term) for term in total.args)


def _rest(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c - c s / S``, where s is a term of the sum S; each may have a name."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for scale in expression.args:
            ratio = flat(-over(term, scale), around)
            for below in sp.Mul.make_args(ratio) if scale != term else ():
                base, power = below.as_base_exp()
                total = around.meaning(base)
                part = over(ratio, below)
                if power == -1 and isinstance(total, sp.Add) and part in total.args:
                    # The sum itself, not its name: so its derivative is one expression, too. Of a
                    # multiple of the sum nothing is to be divided by it.
                    multiple = base in sp.Mul.make_args(scale)
                    times = over(scale, base) if multiple else scale / total
                    return expression - term - scale + times * (total - part)
    return None


def _area(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``log(x + sqrt(x² ± c))`` and ``log((1 + x) / (1 - x))``."""
    inside = expression.args[0] if isinstance(expression, sp.log) else sp.S.Zero
    if isinstance(inside, sp.Add) and len(inside.args) == 2:
        for root, x in (inside.args, inside.args[::-1]):
            scale, total = _root(root) or (sp.S.Zero, root)
            rest = total - x**2
            if scale == 1 and rest.is_Rational and rest != 0:
                r = sp.sqrt(abs(rest))
                function = sp.asinh if rest > 0 else sp.acosh
                return function(x / r) + sp.log(r)
    above, below = inside.as_numer_denom()
    if isinstance(above, sp.Add) and isinstance(below, sp.Add):
        both = above + below
        if both.is_Rational and both > 0:
            return 2 * sp.atanh(sp.expand(above - below) / both)
    return None


def _area_near_one(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``acosh(1 + u)``."""
    inside = expression.args[0] if isinstance(expression, sp.acosh) else sp.S.Zero
    if isinstance(inside, sp.Add) and sp.S.One in inside.args:
        return 2 * sp.asinh(sp.sqrt((inside - 1) / 2))
    return None


def _half_angle(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c - c cos(x)`` and ``c cosh(x) - c``."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for factor in sp.Mul.make_args(term):
            for known, function, sign in ((sp.cos, sp.sin, -1), (sp.cosh, sp.sinh, 1)):
                scale = over(term, factor)
                if isinstance(factor, known) and -scale in expression.args:
                    rest = expression - term + scale
                    return rest + 2 * sign * scale * function(factor.args[0] / 2) ** 2
    return None


#: Before differentiation.
BEFORE = (
    Rule(
        "difference of roots",
        "sqrt(S) - r, r² a term of S",
        "(S - r²) / (sqrt(S) + r)",
        "r² that outweighs the other terms: the difference cancels",
        f"{HIGHAM}, section 1.7",
        _difference,
        lambda: sp.sqrt(1 + X**2) - 1,
    ),
    Rule(
        "rest of a quotient",
        "1 - s / S, s a term of the sum S",
        "(S - s) / S",
        "s that outweighs the other terms: the difference cancels",
        "the common denominator; S - s is the sum of the other terms",
        _rest,
        lambda: 1 - entry(0) ** 2 / (entry(0) ** 2 + entry(1) ** 2),
    ),
    Rule(
        "inverse hyperbolic functions",
        "log(x + sqrt(x² + 1)), log(x + sqrt(x² - 1)), log((1 + x) / (1 - x))",
        "asinh(x), acosh(x), 2 atanh(x)",
        "x → 0, x → -∞: the sum cancels; |x| > 1e154: the square overflows",
        f"{DLMF}, chapter 4",
        _area,
        lambda: sp.log(X + sp.sqrt(X**2 + 1)),
    ),
    Rule(
        "acosh near 1",
        "acosh(1 + u)",
        "2 asinh(sqrt(u / 2))",
        "u → 0: 1 + u loses the digits of u",
        "cosh(2 t) = 1 + 2 sinh(t)²",
        _area_near_one,
        lambda: sp.acosh(1 + X**2),
    ),
    Rule(
        "half angles",
        "1 - cos(x), cosh(x) - 1",
        "2 sin(x/2)², 2 sinh(x/2)²",
        "x → 0: the difference cancels",
        f"{DLMF}, chapter 4",
        _half_angle,
        lambda: 1 - sp.cos(X),
    ),
)
#: Before differentiation, after the others.
LAST = (
    Rule(
        "root less what is under it",
        "sqrt(S) - r, r² a term of S",
        "(S - r²) / (sqrt(S) + r) where r > 0",
        "r² that outweighs the other terms, r > 0: the difference cancels",
        f"{HIGHAM}, section 1.7",
        _signed,
        lambda: sp.sqrt(1 + X**2) - X,
    ),
)
#: On definitions and on gradients, before the roots have other forms.
FIRST = (
    Rule(
        "square over a root",
        "x² / (sqrt(x² + S) + r)",
        "x (x / (sqrt(x² + S) + r))",
        "|x| > 1e154: the square overflows; |x| < 1e-154: it loses digits, or is 0",
        f"{HIGHAM}, section 1.7",
        _square_over,
        lambda: entry(0) ** 2 / (sp.sqrt(entry(0) ** 2 + entry(1) ** 2) + 1),
    ),
)
#: On definitions and on gradients.
ALWAYS = (BEFORE[-1],)
