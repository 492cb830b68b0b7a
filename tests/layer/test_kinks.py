"""Which functions of a layer have a kink in what it is derived by."""

from __future__ import annotations

import pytest

from derive import Definition, absolute, exp, max_over, relu, select, sum_over
from derive.layer.model import Layer


def layer(formula) -> Layer:
    d = Definition("one", "")
    n = d.sizes("N")
    x, e, t = d.input("x", n), d.label("e", n), d.integers("t", n)
    i, j = d.indices("i j")
    y = d.output("y", n)
    y[i] = formula(x, e, t, i, j)
    return d.build()


@pytest.mark.parametrize(
    "formula",
    [
        lambda x, e, t, i, j: sum_over(j, select(j >= i, exp(x[j]), 0)),
        lambda x, e, t, i, j: select(e[i] > 0, x[i], x[i] ** 2),
        lambda x, e, t, i, j: select(t[i] > 0, x[i], x[i] ** 2),
        lambda x, e, t, i, j: relu(e[i]) * x[i] + absolute(e[i]) * max_over(j, e[j]) * x[i],
    ],
)
def test_a_condition_of_indices_or_labels_is_no_kink(formula):
    assert layer(formula).kinks == ()


@pytest.mark.parametrize(
    ("formula", "kinks"),
    [
        (lambda x, e, t, i, j: select(x[i] > 0, x[i], 0), ("Select",)),
        (lambda x, e, t, i, j: select(x[i] > e[i], 1, e[i]), ("Select",)),
        (lambda x, e, t, i, j: sum_over(j, select(j >= i, relu(x[j]), 0)), ("relu",)),
        (lambda x, e, t, i, j: max_over(j, e[j] * x[j]), ("IndexMax",)),
    ],
)
def test_what_the_inputs_decide_is_a_kink(formula, kinks):
    assert layer(formula).kinks == kinks


def test_a_kink_of_what_an_input_is_made_into_is_one():
    d = Definition("two", "")
    n = d.sizes("N")
    x = d.input("x", n)
    h = d.node("h", exp(x) - 1)
    d.output("y", relu(h))
    assert d.build().kinks == ("relu",)
