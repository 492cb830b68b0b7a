"""Right results come without a word from NumPy, whichever functions they are made of."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sympy as sp

from derive import Definition, exp, log, select, sum_over, tanh
from tests.emit.modules import imported, written

#: What is infinite on the way, or not computed for its value, and is 0 or 1 in the end.
BODIES = {
    "a square of cosh": (lambda x: 1 / sp.cosh(x) ** 2, [0, 0, 1, 0]),
    "a logistic function by hand": (lambda x: 1 / (1 + exp(-x)), [1, 0, 0.5, 1]),
    "a denominator": (lambda x: 1 / (1 + x**2), [1e-6, 1e-6, 1, 0]),
    "a branch not taken": (lambda x: select(x > 0, 0, exp(log(select(x < 0, 1, 1)))), [0, 1, 1, 0]),
    "an exponential": (lambda x: exp(-exp(x)), [0, 1, np.exp(-1), 0]),
}
VALUES = np.array([1000.0, -1000.0, 0.0, 1e200])


@pytest.mark.parametrize("name", BODIES)
def test_numpy_says_nothing_of_what_is_right(name, tmp_path):
    body, expected = BODIES[name]
    d = Definition("quiet")
    N = d.sizes("N")
    x, i, y = d.input("x", N), d.indices("i"), d.output("y", N)
    y[i] = body(x[i])
    module = imported(written(d.build(), tmp_path, "numpy") / "quiet.py")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(module.forward(VALUES), expected, atol=2e-6)


def test_what_overflows_to_its_own_value_is_not_silenced_at_a_price(tmp_path):
    d = Definition("plain")
    N, M = d.sizes("N M")
    x, w, i, j = d.input("x", N), d.param("w", M), *d.indices("i j")
    y = d.output("y", N)
    y[i] = sum_over(j, w[j] * tanh(x[i] * w[j]))
    path = written(d.build(), tmp_path, "numpy") / "plain.py"
    assert "errstate(all=" not in path.read_text(encoding="utf-8")
