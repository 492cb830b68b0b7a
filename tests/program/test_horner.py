"""Polynomials from the inside out: the same values, other sums as they were."""

from __future__ import annotations

import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from derive.index.terms import Entry
from derive.program.horner import horner

X, Y = Entry("x", ()), Entry("y", ())


@given(
    st.dictionaries(st.integers(0, 30), st.fractions(max_denominator=50), min_size=4, max_size=9),
    st.integers(0, 2),
)
def test_a_polynomial_keeps_its_value(numbers, beside):
    total = sp.Add(*(sp.Rational(c) * X**power * Y**beside for power, c in numbers.items()))
    if isinstance(total, sp.Add):
        assert sp.expand(horner(total) - total) == 0


def test_of_even_powers_the_square_is_taken():
    total = 1 + 2 * X**2 + 3 * X**4 + 4 * X**6
    assert horner(total) == 1 + X**2 * (2 + X**2 * (3 + 4 * X**2))


def test_a_common_factor_stays_outside():
    total = sum(Y * sp.Integer(n + 1) * X**n for n in range(4))
    assert horner(total) == Y * (1 + X * (2 + X * (3 + 4 * X)))


def test_other_sums_are_left_as_they_are():
    for total in (1 + X + X**2, 1 + X + Y + X * Y, X + sp.exp(X) + X**2 + X**3):
        assert horner(total) == total
