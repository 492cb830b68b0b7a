"""Rules for logarithms, and quotients, of what underflows."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, erfc, expm1, grouped, log1p, sigmoid, softplus
from derive.index.terms import Entry, Index, IndexProduct, IndexSum, Size
from derive.program.examples import X, exponential_sum
from derive.program.exponents import logarithm
from derive.program.rules import DLMF, MAECHLER, Rule, over

if TYPE_CHECKING:
    from derive.program.rules import Around

__all__ = ["ALWAYS", "BEFORE"]

#: Below it, exp(t) is nothing beside 1, and exp(t) / 2 nothing beside t, in double precision.
_FAR = sp.Integer(-40)
#: From where on the series of erfc is taken: erfc(8) is still a number of single precision, and
#: the twenty-first term less than a unit in the last place of the sum.
_TAIL = sp.Integer(8)
_TERMS = 20
#: What is left out there, relatively: less than any double shows.
_ROUNDING = 1e-17


def _inside(expression: sp.Expr, kind: type[sp.Function]) -> tuple[sp.Expr, sp.Expr] | None:
    """Return ``c`` and ``x`` of ``log(c f(x))``, c a number; None of anything else."""
    if not isinstance(expression, sp.log):
        return None
    scale, value = expression.args[0].as_coeff_Mul()
    return (scale, value.args[0]) if isinstance(value, kind) else None


def _log_expm1(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``log(exp(x) - 1)`` and ``log(1 - exp(-exp(t)))``."""
    scale, x = _inside(expression, expm1) or (sp.S.Zero, sp.S.Zero)
    if scale > 0 and not x.is_number:
        far = x + log1p(-sp.exp(-x)) + sp.log(scale)
        return Select(sp.Gt(x, 1), far, sp.log(grouped(expression.args[0])))
    if scale == -1 and isinstance(-x, sp.exp):
        (t,) = (-x).args
        return Select(sp.Lt(t, _FAR), t, expression)
    return None


def _less_product(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c - c Π_j f_j``, f positive by its form."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for factor in sp.Mul.make_args(term):
            scale = -over(term, factor)
            if isinstance(factor, IndexProduct) and scale in expression.args:
                whole = logarithm(factor, around)
                if whole is not None:
                    return expression - term - scale - scale * expm1(whole)
    return None


def _log_softplus(expression: sp.Expr, around: Around) -> sp.Expr | None:
    scale, x = _inside(expression, softplus) or (sp.S.Zero, sp.S.Zero)
    if not scale > 0:
        return None
    return Select(sp.Lt(x, _FAR), x + sp.log(scale), sp.log(grouped(expression.args[0])))


def _log_one_less_erf(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``log(1 ± erf(x))``."""
    scale, x = _one_and_erf(expression) or (sp.S.Zero, sp.S.Zero)
    return sp.log(scale * erfc(x)) if scale > 0 else None


def _log_erfc(expression: sp.Expr, around: Around) -> sp.Expr | None:
    scale, x = _inside(expression, erfc) or (sp.S.Zero, sp.S.Zero)
    if not scale > 0:
        return None
    tail = -(x**2) - sp.log(x) - sp.log(sp.pi) / 2 + log1p(_series(x)) + sp.log(scale)
    branches = (
        (-sp.S.Half, log1p(-erfc(-x) / 2) + sp.log(2 * scale)),
        (sp.S.Half, log1p(-sp.erf(x)) + sp.log(scale)),
        (_TAIL, sp.log(grouped(erfc(x))) + sp.log(scale)),
    )
    return reduce(lambda rest, each: Select(sp.Lt(x, each[0]), each[1], rest), branches[::-1], tail)


def _series(x: sp.Expr) -> sp.Expr:
    """Return ``S = -1/(2x²) + 1·3/(2x²)² - …`` of ``erfc(x) = exp(-x²) / (x sqrt(π)) (1 + S)``."""
    u = 1 / (2 * x**2)
    return reduce(lambda rest, n: -(2 * n - 1) * u * (1 + rest), range(_TERMS, 0, -1), sp.S.Zero)


def _over_erfc(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite powers of ``exp(-x²) / erfc(x)``, and of its inverse."""
    factors = sp.Mul.make_args(expression)
    for below in factors:
        base, power = below.as_base_exp()
        if not (isinstance(base, erfc) and power.is_Integer):
            continue
        (x,) = base.args
        for above in factors:
            if isinstance(above, sp.exp) and sp.expand(above.args[0] - power * x**2) == 0:
                rest = over(over(expression, below), above)
                near = grouped(sp.exp(-(x**2))) / base
                far = sp.sqrt(sp.pi) * x / (1 + _series(x))
                if power > 0:
                    near, far = grouped(sp.exp(x**2)) * base, 1 / far
                return rest * Select(sp.Lt(x, _TAIL), near, far) ** abs(power)
    return None


def _one_and_erf(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Return ``c`` and ``x`` of ``log(c - c erf(x))``, which is ``log(c erfc(x))``."""
    total = expression.args[0] if isinstance(expression, sp.log) else sp.S.Zero
    if isinstance(total, sp.Add) and len(total.args) == 2:
        scale, rest = total.as_coeff_Add()
        factor, value = rest.as_coeff_Mul()
        if isinstance(value, sp.erf) and abs(factor) == scale:
            return scale, -factor / scale * value.args[0]
    return None


def _log_of_one_and_product(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``log1p(P)``, P a product of exponentials, their sums, squares, what is positive."""
    factors = sp.Mul.make_args(expression.args[0] if isinstance(expression, log1p) else 0)
    if len(factors) == 1 or not any(isinstance(f, (sp.exp, IndexSum)) for f in factors):
        return None
    logs = [_log_of_factor(factor, around) for factor in factors]
    if None in logs:
        return None
    # The roots are multiplied: no product of some of them overflows where that of all does not.
    roots = (base ** (power / 2) for base, power in (f.as_base_exp() for f in factors))
    return _beyond_one(grouped(sp.Mul(*roots)) ** 2, sp.Add(*logs))


def _log_of_factor(factor: sp.Expr, around: Around) -> sp.Expr | None:
    base, power = factor.as_base_exp()
    if isinstance(factor, sp.exp):
        return factor.args[0]
    if isinstance(base, sp.Rational | Entry | IndexSum) and power.is_Rational:
        found = logarithm(base, around)
        if found is not None:
            return power * found
    even = power.is_Integer and power % 2 == 0
    return power * sp.log(sp.Abs(base)) if even else None


def _log_of_one_and_sum(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``log1p(Σ_j exp(t_j))``."""
    total = expression.args[0] if isinstance(expression, log1p) else None
    t = logarithm(total, around) if isinstance(total, IndexSum) else None
    return None if t is None else _beyond_one(total, t)


def _beyond_one(product: sp.Expr, t: sp.Expr) -> sp.Expr:
    """Return ``log1p(P)``, from the logarithm of P where that is greater than 0."""
    # What is 0 times infinite is not less than 2 either.
    return Select(sp.Lt(product, 2), log1p(product), t + log1p(sp.exp(-t)))


def _squares(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``a² / x²``."""
    powers = [(f, *f.as_base_exp()) for f in sp.Mul.make_args(expression)]
    for below, x, negative in powers:
        if not (isinstance(x, Entry) and negative.is_Integer and negative <= -2):
            continue
        for above, a, positive in powers:
            if positive.is_Integer and positive >= 2:
                power = min(positive, -negative)
                ratio = grouped(a / x) ** power
                return (
                    over(expression, above * below)
                    * ratio
                    * a ** (positive - power)
                    * x ** (negative + power)
                )
    return None


def _product() -> sp.Expr:
    size, k = Size("K"), Index("k")
    return IndexProduct(sigmoid(Entry("t", (size,), k)), k, size)


#: Before differentiation.
BEFORE = (
    Rule(
        "log of expm1",
        "log(exp(x) - 1), log(1 - exp(-exp(t)))",
        "x + log1p(-exp(-x)) where x > 1; t where t < -40",
        "x > 709: the exponential overflows; t < -745: it is 0",
        MAECHLER,
        _log_expm1,
        lambda: sp.log(-expm1(-sp.exp(X))),
        within=_ROUNDING,
    ),
    Rule(
        "1 - a product",
        "1 - Π_j f_j, f positive by its form",
        "-expm1(Σ_j log f_j)",
        "f near 1: the difference cancels",
        "the logarithm of a product",
        _less_product,
        lambda: 1 - _product(),
    ),
    Rule(
        "log of 1 and a product",
        "log(1 + P), P = x² exp(s) …",
        "log1p(P) where P < 2, else log P + log1p(1 / P)",
        "s > 709, x² that is small beside it, or the other way: P overflows, or is 0 · ∞",
        "the logarithm of P (1 + 1/P)",
        _log_of_one_and_product,
        lambda: log1p(X**2 * sp.exp(8 * X)),
    ),
    Rule(
        "log of softplus",
        "log(softplus(x))",
        "x where x < -40",
        "x < -745: softplus(x) is 0",
        "softplus(x) = exp(x) (1 - exp(x) / 2 + …)",
        _log_softplus,
        lambda: sp.log(softplus(X)),
        within=_ROUNDING,
    ),
    Rule(
        "log of 1 - erf",
        "log(1 - erf(x)), log(1 + erf(x))",
        "log(erfc(x)), log(erfc(-x))",
        "x > 6, or x < -6: the difference is 0",
        f"{DLMF}, 7.2",
        _log_one_less_erf,
        lambda: sp.log(1 - sp.erf(X)),
    ),
)
#: On definitions and on gradients.
ALWAYS = (
    Rule(
        "log of 1 and a sum of exponentials",
        "log(1 + P), P = Σ_j exp(t_j)",
        "log1p(P) where P < 2, else log P + log1p(1 / P)",
        "t > 709: P overflows",
        "the logarithm of P (1 + 1/P)",
        _log_of_one_and_sum,
        lambda: log1p(exponential_sum()),
    ),
    Rule(
        "log of erfc",
        "log(erfc(x))",
        "log(2) + log1p(-erfc(-x)/2) where x < -1/2; of the series where x ≥ 8",
        "x > 26: erfc(x) is 0; x → -∞: it is 2",
        f"{DLMF}, 7.12.1",
        _log_erfc,
        lambda: sp.log(erfc(X)),
        within=_ROUNDING,
    ),
    Rule(
        "Gaussian over erfc",
        "exp(-x²) / erfc(x), exp(x²) erfc(x), powers of these",
        "sqrt(π) x / (1 - 1/(2x²) + 1·3/(2x²)² - …) where x ≥ 8, and one over it",
        "x > 26: both are 0, or one is infinite",
        f"{DLMF}, 7.12.1",
        _over_erfc,
        lambda: sp.exp(-(X**2)) / erfc(X),
        within=_ROUNDING,
    ),
    Rule(
        "quotient of squares",
        "a² / x²",
        "(a / x)²",
        "|x| < 1e-162: x² underflows, and a²/x² is not a number, or infinite",
        "the rule for powers of quotients",
        _squares,
        lambda: sp.sin(3 * X) ** 2 / X**2,
    ),
)
