"""SymPy's own spellings are taken for what they say."""

import numpy as np
import pytest
import sympy as sp

from derive import Definition
from derive.layer.run import run

X = np.array([0.3, -1.25, 2.0])
Z = np.array([-0.7, -1.25, 3.5])
SPELLINGS = {
    "Max": (lambda x, z: sp.Max(x, z, 0), np.maximum(np.maximum(X, Z), 0)),
    "Min": (lambda x, z: sp.Min(x, z, 1), np.minimum(np.minimum(X, Z), 1)),
    "Piecewise": (
        lambda x, z: sp.Piecewise((x, x > 1), (z, x < 0), (7, True)),
        np.where(X > 1, X, np.where(X < 0, Z, 7)),
    ),
    "sec": (lambda x, z: sp.sec(x), 1 / np.cos(X)),
    "csc": (lambda x, z: sp.csc(x), 1 / np.sin(X)),
    "cot": (lambda x, z: sp.cot(x), 1 / np.tan(X)),
    "csch": (lambda x, z: sp.csch(x), 1 / np.sinh(X)),
    "coth": (lambda x, z: sp.coth(x), 1 / np.tanh(X)),
    "acot": (lambda x, z: sp.acot(x), np.arctan(1 / X)),
    "asinh": (lambda x, z: sp.asinh(x), np.arcsinh(X)),
    "below a function": (lambda x, z: sp.exp(-sp.Max(x, z)), np.exp(-np.maximum(X, Z))),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_function_of_sympy_is_what_it_says(name):
    body, expected = SPELLINGS[name]
    d = Definition("spelled")
    N = d.sizes("N")
    x, z, i, y = d.input("x", N), d.input("z", N), d.indices("i"), d.output("y", N)
    y[i] = body(x[i], z[i])
    found = run(d.build(), {"x": X, "z": Z}, {N: 3})["y"]
    np.testing.assert_allclose(found, expected, rtol=1e-14)
