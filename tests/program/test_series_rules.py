"""What is 0/0 at 0 gets a polynomial there, and nothing else does."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive.index.functions import Select, erfc, expm1, grouped, log1p, softplus
from derive.index.terms import Entry
from derive.program.rules import Around, Rules
from derive.program.series_rules import BEFORE

X, Y = Entry("x", ()), Entry("y", ())


def rewritten(expression):
    return Rules(BEFORE, Around())(expression)


def test_the_function_itself_is_taken_far_from_zero():
    quotient = sp.sin(X) / X
    condition, near, far = rewritten(quotient).args
    assert (condition, far) == (sp.Lt(sp.Abs(X), 2), quotient)
    assert sp.expand(near).coeff(X, 4) == sp.Rational(1, 120)


def test_other_factors_stay_outside():
    inner = rewritten(sp.sin(X) / X)
    assert rewritten(Y**2 * sp.sin(X) / X) == Y**2 * inner


def test_of_a_product_divided_by_a_factor_the_other_is_within():
    (choice,) = rewritten(expm1(X * Y) / X).atoms(Select)
    condition, near, far = choice.args
    assert (condition.lhs, far) == (sp.Abs(X * Y), expm1(X * Y) / X)
    plain = near.replace(grouped, lambda inside: inside)
    assert sp.expand(plain).coeff(X, 1) == Y**2 / 2


def test_a_choice_that_was_made_within_is_looked_through():
    _, near, far = rewritten((1 - sp.cos(X)) / X**2).args
    assert far == (1 - sp.cos(X)) / X**2
    assert sp.expand(near).subs(X, 0) == sp.Rational(1, 2)


def test_a_choice_that_was_written_is_not_looked_through():
    written = Select(sp.Lt(sp.Abs(X), 2), X, sp.sin(X))
    assert rewritten(written / X) == written / X


def test_poles_absolute_values_and_plain_quotients_are_left_as_they_are():
    for expression in (
        sp.cos(X) / X,
        sp.tanh(sp.Abs(X)) / X,
        sp.exp(X) / (1 + sp.exp(X)),
        X / (1 + X),
        sp.sin(X) / Y,
        1 - sp.tanh(X),
        X - X**2,
        sp.log(X) / X,
        sp.tanh(X) * X,
    ):
        assert rewritten(expression) == expression


def test_what_is_divided_by_with_other_variables_is_left_where_it_is():
    for expression in (
        sp.sinh(X) ** 2 / (1 + sp.sinh(X) ** 2 * sp.sech(Y) ** 2),
        sp.sin(X) / (X + Y * sp.cos(X)),
    ):
        assert rewritten(expression) == expression


PLAIN = {
    expm1: lambda u: sp.exp(u) - 1,
    log1p: lambda u: sp.log(1 + u),
    softplus: lambda u: sp.log(1 + sp.exp(u)),
    erfc: lambda u: 1 - sp.erf(u),
}
QUOTIENTS = [
    *(sp.sin(X) / X, sp.tanh(X) / X, sp.atan(X) / X, sp.asinh(X) / X, X / expm1(X)),
    *(X / sp.tan(X), 1 / sp.tanh(X) - 1 / X, sp.sin(10 * X) / X, sp.sin(X) / (X * (X - 1))),
    *(sp.sin(X) / (X + X**9), expm1(X**6) / X**6, sp.tanh(X**8) / X**8, sp.tanh(X**20) / X**20),
    *(X - sp.tanh(X), log1p(X) / X, sp.erf(X) / X, (softplus(X) - softplus(-2 * X)) / X),
    *(sp.erf(X / sp.sqrt(2)) / X, (1 - erfc(3 * X)) / X),
]


@pytest.mark.parametrize("quotient", QUOTIENTS, ids=str)
def test_a_polynomial_is_the_function_wherever_it_is_taken(quotient):
    new = rewritten(quotient)
    plain = quotient
    for kind, meaning in PLAIN.items():
        plain = plain.replace(kind, meaning)
    for choice in new.atoms(Select):
        condition, near, _ = choice.args
        radius = condition.rhs / condition.lhs.xreplace({X: sp.S.One})
        z = sp.Symbol("z")
        with mpmath.workdps(60):
            got, want = (
                sp.lambdify(z, each.replace(grouped, lambda u: u).xreplace({X: z}), "mpmath")
                for each in (new.xreplace({choice: near}), plain)
            )
            for place in (-0.999, -0.5, -0.01, 0.02, 0.7, 0.999):
                x = mpmath.mpf(place) * mpmath.mpf(radius.evalf(60))
                assert abs(got(x) - want(x)) < mpmath.mpf("1e-16") * abs(want(x))


@pytest.mark.parametrize(
    "expression",
    [
        sp.exp(X - Y) - X + Y - 1,
        Y**2 + sp.exp(X) - X - 1,
        sp.exp(-Y) * (sp.exp(X) + Y**2) - X + Y - 1,
    ],
    ids=str,
)
def test_terms_that_cancel_are_found_among_others(expression):
    new = rewritten(expression)
    (choice,) = new.atoms(Select)
    _, near, far = choice.args
    x, y = sp.symbols("x y")
    for branch in (near, far):
        written = [new.xreplace({choice: branch}).replace(grouped, lambda u: u), expression]
        got, want = (sp.lambdify((x, y), e.xreplace({X: x, Y: y}), "mpmath") for e in written)
        with mpmath.workdps(50):
            for at in ((0.5, 0.25), (0.25, 0.5), (0.001, 0.0)):
                point = [mpmath.mpf(value) for value in at]
                assert abs(got(*point) - want(*point)) < 1e-17 * abs(want(*point))
