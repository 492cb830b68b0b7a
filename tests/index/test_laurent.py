"""Series about 0: their coefficients are those of the function, poles included."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive.index.functions import erfc, expm1, grouped, log1p, sigmoid, softplus
from derive.index.laurent import laurent

Z = sp.Symbol("z", real=True)
PLAIN = {expm1: lambda u: sp.exp(u) - 1, log1p: lambda u: sp.log(1 + u), grouped: lambda u: u}
PLAIN[sigmoid] = lambda u: 1 / (1 + sp.exp(-u))
PLAIN |= {softplus: lambda u: sp.log(1 + sp.exp(u)), erfc: lambda u: 1 - sp.erf(u)}

SERIES = [
    sp.sin(Z) / Z,
    sp.cos(3 * Z) / Z**2,
    expm1(Z) / Z,
    Z / expm1(-2 * Z),
    1 / sp.tanh(Z) - 1 / Z,
    log1p(Z) / Z**3,
    sp.log(1 + sp.sin(Z)),
    (1 - sp.sqrt(1 - Z)) / Z,
    (1 + Z) ** sp.Rational(-2, 3) - 1,
    (2 + Z) ** 3 - 8,
    sp.sinh(Z) / Z + sp.cosh(Z),
    sp.tan(Z) - sp.asin(Z) + sp.atan(Z) * sp.atanh(Z),
    sp.asinh(2 * Z + Z**2) / Z,
    sigmoid(Z) - sp.Rational(1, 2),
    grouped(sp.exp(Z) - 1) - Z,
    sp.exp(Z**2) / (1 - Z),
    sp.erf(Z) / Z,
    (1 - erfc(2 * Z)) * sp.erf(Z - Z**2) / Z**3,
    (softplus(Z) - softplus(grouped(-3 * Z))) / Z,
    softplus(-Z) * sp.erf(sp.tanh(Z)),
]


@pytest.mark.parametrize("function", SERIES, ids=str)
def test_a_series_has_the_values_of_its_function(function):
    found = laurent(function, Z, 40)
    assert found.coefficients[0] != 0
    plain = function
    for kind, meaning in PLAIN.items():
        plain = plain.replace(kind, meaning)
    with mpmath.workdps(60):
        for at in (mpmath.mpf("0.01"), mpmath.mpf("-0.02")):
            want = sp.lambdify(Z, plain, "mpmath")(at)
            terms = enumerate(found.coefficients, found.order)
            got = sum(mpmath.mpf(c.evalf(60)) * at**power for power, c in terms)
            assert abs(got - want) < mpmath.mpf(10) ** -45 * abs(want)


def test_what_cancels_leaves_fewer_terms_not_wrong_ones():
    found = laurent(sp.sin(Z) - Z + Z**3 / 6, Z, 10)
    assert (found.order, len(found.coefficients)) == (5, 5)
    assert found.coefficients[:3] == (sp.Rational(1, 120), 0, sp.Rational(-1, 5040))


@pytest.mark.parametrize(
    "function",
    [
        sp.log(Z),
        sp.sqrt(Z),
        sp.Abs(Z),
        sp.exp(1 / Z),
        sp.cos(1 + Z),
        sp.sqrt(2 + Z),
        sp.gamma(Z),
        1 / softplus(Z),
        sp.sin(softplus(Z)),
        sp.sin(sp.Symbol("w")) * Z,
        sp.sqrt(2) * Z,
        1 / (sp.sin(Z) - sp.sin(grouped(Z))),
    ],
    ids=str,
)
def test_a_function_without_such_a_series_has_none(function):
    assert laurent(function, Z, 10) is None
