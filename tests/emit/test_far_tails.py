"""Gradients far out, where the formulas for elsewhere are evaluated as well."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive import Definition, log
from derive.verify.load import build
from tests.emit.modules import imported, written


def probit():
    d = Definition("probit")
    n = d.sizes("N")
    x, i = d.input("x", n), d.indices("i")
    y = d.output("y", n)
    y[i] = log(0.5 * (1 + sp.erf(x[i] / sp.sqrt(2))))
    return d.build()


def mills(x):
    """Return φ(x)/Φ(x)."""
    with mpmath.workdps(60):
        return mpmath.npdf(x) / (mpmath.erfc(-mpmath.mpf(x) / mpmath.sqrt(2)) / 2)


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.filterwarnings("error")
def test_the_logarithm_of_a_tail_has_a_gradient(target, dtype, tmp_path):
    layer = probit()
    folder = written(layer, tmp_path, target)
    if target == "c":
        build(folder / f"{layer.name}.c", folder / "_build")
    x = np.array([0, -1, -5, -11, -12, -13, -20, -100, -1e10, -1e15], dtype)
    got = imported(folder / f"{layer.name}.py").backward(dy=np.ones_like(x), x=x)
    # Far below 0 it is -x to all digits of both precisions.
    true = np.array([float(-v) if v < -1e8 else float(mills(float(v))) for v in x])
    # An exponential of -x²/2 loses x² / 2 roundings.
    slack = np.maximum(4, np.minimum(x * x, 144)) * np.finfo(dtype).eps
    assert np.all(np.abs(np.float64(got) - true) <= slack * true)
