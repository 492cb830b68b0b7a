"""Rules for hyperbolic functions, and for differences and powers of sigmoids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select, expm1, grouped, log1p, sigmoid, softplus
from derive.index.terms import IndexSum
from derive.program.examples import X, entry
from derive.program.exponents import logarithm
from derive.program.rules import DLMF, MAECHLER, NOTHING, Rule, over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.program.rules import Around

__all__ = ["ALWAYS", "BEFORE"]


def _written_out(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``exp(x) + exp(-x)`` and ``exp(x) - exp(-x)``."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for factor in sp.Mul.make_args(term):
            if not isinstance(factor, sp.exp) or factor.args[0].could_extract_minus_sign():
                continue
            scale, x = over(term, factor), factor.args[0]
            for sign, function in ((1, sp.cosh), (-1, sp.sinh)):
                other = sign * scale * sp.exp(-x)
                if other in expression.args:
                    return expression - term - other + 2 * scale * function(x)
    return None


def _quotient(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``1 / cosh(x)`` and ``sinh(x) / cosh(x)``."""
    for factor in sp.Mul.make_args(expression):
        base, power = factor.as_base_exp()
        if isinstance(base, sp.cosh) and power.is_Rational and power < 0:
            return expression / factor * sp.sech(base.args[0]) ** -power
        if isinstance(base, sp.sinh) and power.is_Integer and power > 0:
            sech = sp.sech(base.args[0])
            powers = dict(f.as_base_exp() for f in sp.Mul.make_args(expression))
            if powers.get(sech, sp.S.Zero).is_Rational and powers.get(sech, 0) >= power:
                return expression / factor / sech**power * sp.tanh(base.args[0]) ** power
        if isinstance(base, sp.sech) and power.is_Rational and power >= 1:
            rest = over(expression, base)
            for total in sp.Mul.make_args(rest):
                terms = [_over_cosh(term, base.args[0]) for term in sp.Add.make_args(total)]
                if len(terms) > 1 and None not in terms:
                    return over(rest, total) * sp.Add(*terms)
    return None


def _over_cosh(term: sp.Expr, x: sp.Expr) -> sp.Expr | None:
    """Return ``c tanh(x)`` where a term is ``c sinh(x)``."""
    found = sp.sinh(x) in sp.Mul.make_args(term)
    return over(term, sp.sinh(x)) * sp.tanh(x) if found else None


def _written_tanh(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``(exp(x) - 1) / (exp(x) + 1)``, which has come as ``expm1(x) σ(-x)``."""
    factors = sp.Mul.make_args(expression)
    for factor in factors:
        if isinstance(factor, expm1):
            (x,) = factor.args
            for other in factors:
                base, power = other.as_base_exp()
                if base == sigmoid(-x) and power.is_Rational and power >= 1:
                    return over(expression, factor * base) * sp.tanh(x / 2)
    return None


def _over_difference(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``exp(x) / (exp(x) - 1)`` and ``cosh(x) / sinh(x)``, of the terms of a sum, too."""
    factors = sp.Mul.make_args(expression)
    for below in factors:
        base, power = below.as_base_exp()
        if not (isinstance(base, (expm1, sp.sinh)) and power.is_Rational and power <= -1):
            continue
        (x,) = base.args
        if x.is_nonpositive:
            if isinstance(-x, sp.exp) and isinstance(base, expm1) and sp.exp(x) in factors:
                near = over(expression, sp.exp(x) / base) / -expm1(-x)
                return Select(sp.Gt(x, NOTHING), grouped(near), 0)
            continue
        above, quotient = (sp.cosh(x), 1 / sp.tanh(x))
        if isinstance(base, expm1):
            above, quotient = (sp.exp(x), -1 / expm1(-x))
        for factor in factors:
            terms = sp.Add.make_args(factor)
            if any(above in sp.Mul.make_args(term) for term in terms):
                new = (
                    over(term, above) * quotient if above in sp.Mul.make_args(term) else term / base
                    for term in terms
                )
                return over(expression, factor / base) * sp.Add(*new)
    return None


def _tanhs(term: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr, sp.Expr]]:
    """Yield ``c``, a and b where a term is ``c tanh(a) tanh(b)``."""
    factors = [f for f in sp.Mul.make_args(term) if isinstance(f, sp.tanh)]
    for place, one in enumerate(factors):
        for two in factors[place + 1 :]:
            yield over(term, one * two), one.args[0], two.args[0]


def _tanh_rest(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c - c tanh(a) tanh(b)`` and ``c tanh(a) - c tanh(b)``."""
    if not isinstance(expression, sp.Add):
        return None
    for term in expression.args:
        for scale, a, b in _tanhs(term):
            if -scale in expression.args:
                return expression - term + scale - 2 * scale * _apart(2 * a, 2 * b)
    found = [
        (term, over(term, f), f.args[0])
        for term in expression.args
        for f in sp.Mul.make_args(term)
        if isinstance(f, sp.tanh)
    ]
    for one, scale, a in found:
        for two, other, b in found:
            if scale == -other and not scale.could_extract_minus_sign() and a != -b:
                return expression - one - two + 2 * scale * _apart(2 * a, 2 * b) * sp.tanh(a - b)
    return None


def _apart(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """Return ``σ(a) + σ(b) - 2 σ(a) σ(b)``, as a sum of what is positive."""
    return sigmoid(a) * sigmoid(-b) + sigmoid(-a) * sigmoid(b)


def _log_cosh(expression: sp.Expr, around: Around) -> sp.Expr | None:
    if not (isinstance(expression, sp.log) and isinstance(expression.args[0], sp.cosh)):
        return None
    (x,) = expression.args[0].args
    far = sp.Abs(x) + log1p(sp.exp(-2 * sp.Abs(x))) - sp.log(2)
    return Select(sp.Lt(sp.Abs(x), 1), log1p(2 * sp.sinh(x / 2) ** 2), far)


def _difference(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``c σ(a) - c σ(b)``, and ``c - 2 c σ(x)``."""
    if not isinstance(expression, sp.Add):
        return None
    found = [each for term in expression.args for each in _sigmoids(term)]
    for one, scale, a in found:
        if -scale / 2 in expression.args:
            return expression - one + scale / 2 + scale / 2 * sp.tanh(a / 2)
        for two, other, b in found:
            if scale == -other and not scale.could_extract_minus_sign():
                slope = sp.tanh(a / 2) if a == -b else _apart(a, b) * sp.tanh((a - b) / 2)
                return expression - one - two + scale * slope
    return None


def _sigmoids(term: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr, sp.Expr]]:
    """Yield a term with ``c`` and ``x`` where it is ``c σ(x)``."""
    for factor in sp.Mul.make_args(term):
        if isinstance(factor, sigmoid):
            yield term, over(term, factor), factor.args[0]


def _log_difference(expression: sp.Expr, around: Around) -> sp.Expr | None:
    total = expression.args[0] if isinstance(expression, sp.log) else None
    if not (isinstance(total, sp.Add) and len(total.args) == 2):
        return None
    for one, two in (total.args, total.args[::-1]):
        if isinstance(one, sigmoid) and isinstance(-two, sigmoid):
            a, b = one.args[0], (-two).args[0]
            return -softplus(-a) - softplus(b) + sp.log(-expm1(b - a))
    return None


def _log_rest(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``log(1 - exp(x))``, which has come as ``log(-expm1(x))``."""
    part = -expression.args[0] if isinstance(expression, sp.log) else None
    if not isinstance(part, expm1) or part.args[0].is_number:
        return None
    (x,) = part.args
    # The condition keeps the rule from its own result.
    near = sp.log(grouped(-part))
    return Select(sp.Gt(x, -sp.log(2)), near, log1p(-sp.exp(x)))


def _power(expression: sp.Expr, around: Around) -> sp.Expr | None:
    """Rewrite ``σ(x)^p`` and its kin, where p is no integer."""
    if not isinstance(expression, sp.Pow) or expression.exp.is_Integer:
        return None
    # Of a sum alone the logarithm may be large: its digits are those of the power.
    if isinstance(expression.base, (sp.exp, sp.Add, IndexSum)) or expression.base.is_Number:
        return None
    found = logarithm(expression.base, around)
    if found is None:
        return None
    # In parentheses: SymPy would make exp(p log Σ) a power of the sum again.
    return sp.exp(expression.exp * (grouped(found) if found.has(sp.log) else found))


#: Before differentiation.
BEFORE = (
    Rule(
        "hyperbolic functions",
        "exp(x) + exp(-x), exp(x) - exp(-x)",
        "2 cosh(x), 2 sinh(x)",
        "x → 0: the difference cancels",
        f"{DLMF}, chapter 4",
        _written_out,
        lambda: sp.exp(X) - sp.exp(-X),
    ),
    Rule(
        "hyperbolic quotients",
        "1 / cosh(x), sinh(x) / cosh(x)",
        "sech(x), tanh(x)",
        "|x| > 710: cosh and sinh overflow",
        f"{DLMF}, chapter 4",
        _quotient,
        lambda: sp.sinh(X) / sp.cosh(X),
    ),
    Rule(
        "tanh, written out",
        "(exp(x) - 1) / (exp(x) + 1)",
        "tanh(x / 2)",
        "x > 709: the exponential overflows",
        f"{DLMF}, chapter 4",
        _written_tanh,
        lambda: expm1(X) * sigmoid(-X),
    ),
    Rule(
        "exp over expm1",
        "exp(x) / (exp(x) - 1), cosh(x) / sinh(x)",
        "1 / (1 - exp(-x)), 1 / tanh(x)",
        "x > 709: both overflow",
        f"{DLMF}, chapter 4",
        _over_difference,
        lambda: sp.exp(X) / expm1(X),
    ),
    Rule(
        "log of a difference of sigmoids",
        "log(σ(a) - σ(b))",
        "-softplus(-a) - softplus(b) + log(1 - exp(b - a))",
        "a and b both above 37, or both below -745: the difference is 0",
        "1 / (1 + u) - 1 / (1 + v) = (v - u) / ((1 + u) (1 + v)), u = exp(-a), v = exp(-b)",
        _log_difference,
        lambda: sp.log(sigmoid(X + 1) - sigmoid(X)),
    ),
    Rule(
        "power of a sigmoid",
        "σ(x)^p, p no integer; of a softmax, too",
        "exp(-p softplus(-x))",
        "x → -∞: σ(x) is 0, and the derivative of its power 0 times infinity",
        "the definition of a power",
        _power,
        lambda: sp.sqrt(sigmoid(X)),
    ),
)
#: On definitions and on gradients.
ALWAYS = (
    BEFORE[1],
    BEFORE[3],
    Rule(
        "difference of sigmoids",
        "σ(a) - σ(b), 1 - 2 σ(x)",
        "(σ(a) σ(-b) + σ(-a) σ(b)) tanh((a - b) / 2), -tanh(x / 2)",
        "a near b, or both above 37: the difference cancels",
        "tanh(x / 2) = 2 σ(x) - 1, and tanh of a difference",
        _difference,
        lambda: sigmoid(entry(0)) - sigmoid(entry(1)),
    ),
    Rule(
        "difference of tanh",
        "1 - tanh(a) tanh(b), tanh(a) - tanh(b)",
        "2 s, 2 s tanh(a - b), s = σ(2a) σ(-2b) + σ(-2a) σ(2b)",
        "a near b, or both above 19: the difference cancels",
        "tanh(x) = 2 σ(2x) - 1, and tanh of a difference",
        _tanh_rest,
        lambda: sp.tanh(entry(0)) - sp.tanh(entry(1)),
    ),
    Rule(
        "log(1 - exp)",
        "log(1 - exp(x))",
        "log(-expm1(x)); log1p(-exp(x)) where x < -log(2)",
        "x → 0: the difference cancels; x → -∞: it is 1",
        MAECHLER,
        _log_rest,
        lambda: sp.log(-expm1(-1 - X**2)),
    ),
    Rule(
        "log cosh",
        "log(cosh(x))",
        "log1p(2 sinh(x/2)²); |x| + log1p(exp(-2|x|)) - log(2) where |x| ≥ 1",
        "|x| > 710: cosh overflows; x → 0: cosh(x) is 1",
        "cosh(x) = 1 + 2 sinh(x/2)²",
        _log_cosh,
        lambda: sp.log(sp.cosh(X)),
    ),
)
