"""Expressions as they are computed: how often something is multiplied, and what is shared."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from derive.index.terms import Entry, Index, Size
from derive.program.freeze import freeze
from derive.program.ir import Axis, Call, Extent, Load, Number

N, index, axis = Size("N"), Index("n"), Axis("i_N", Extent("N"))
a, b = (Entry(name, (N,), index) for name in "ab")
A, B = (Load(name, (axis,)) for name in "ab")
DIFFERENCE = Call("sub", (A, B))


def number(value):
    return Number(Fraction(value))


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (2 * (a - b), Call("mul", (number(2), DIFFERENCE))),
        (-2 * (a - b), Call("mul", (number(2), Call("sub", (B, A))))),
        ((a - b) / 3, Call("div", (DIFFERENCE, number(3)))),
        (sp.exp(2 * a - 2 * b), Call("exp", (Call("mul", (number(2), DIFFERENCE)),))),
        (2 * a - 3 * b, Call("sub", (Call("mul", (number(2), A)), Call("mul", (number(3), B))))),
        (a - b, DIFFERENCE),
    ],
    ids=str,
)
def test_a_number_before_all_terms_of_a_sum_is_multiplied_once(expression, wanted):
    assert freeze(expression, {index: axis}) == wanted


def test_a_number_before_a_sum_joins_the_other_numbers():
    product = sp.Mul(3, a, 2 * a - 2 * b, evaluate=False)
    found = freeze(product, {index: axis})
    assert found == Call("mul", (Call("mul", (number(6), A)), DIFFERENCE))
