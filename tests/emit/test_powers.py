"""Powers whose exponent is an index or a parameter, at a base of 0."""

import numpy as np
import pytest

from derive import Definition, absolute, mean_over, relu, sum_over
from derive.verify.load import build
from tests.emit.modules import imported, written


def polynomial():
    d = Definition("polynomial")
    N, K = d.sizes("N K")
    x, c = d.input("x", N), d.param("c", K)
    n, k = d.indices("n k")
    y = d.output("y", N)
    y[n] = sum_over(k, c[k] * x[n] ** k)
    return d.build(), {"dy": [1.0, 1.0], "x": [0.0, 2.0], "c": [3.0, 5.0, 7.0]}


def generalized_mean():
    d = Definition("generalized_mean")
    N = d.sizes("N")
    x, p = d.input("x", N), d.param("p")
    i = d.indices("i")
    d.domain(p, "positive")
    y = d.output("y")
    y[()] = mean_over(i, relu(x[i]) ** p.at())
    return d.build(), {"x": [-1.0, 2.0], "p": 3.0}


def norm():
    d = Definition("norm")
    N = d.sizes("N")
    x, p = d.input("x", N), d.param("p")
    i = d.indices("i")
    d.domain(p, "positive")
    y = d.output("y")
    y[()] = sum_over(i, absolute(x[i]) ** p.at()) ** (1 / p.at())
    return d.build(), {"x": [0.0, 3.0, 4.0], "p": 2.0}


#: ∂y/∂p at p = 2 of the norm: (Σ x² log x / Σ x² − log √Σ x²) y / 2, with 0 for the x that is 0.
SLOPE = ((9 * np.log(3) + 16 * np.log(4)) / 25 - np.log(5)) * 5 / 2
RIGHT = {
    polynomial: {"y": [3.0, 41.0], "dx": [5.0, 33.0], "dc": [2.0, 2.0, 4.0]},
    generalized_mean: {"y": 4.0, "dx": [0.0, 6.0], "dp": 4 * np.log(2.0)},
    norm: {"y": 5.0, "dx": [0.0, 0.6, 0.8], "dp": SLOPE},
}


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("made", RIGHT)
@pytest.mark.filterwarnings("error")
def test_a_power_of_0_has_a_gradient(made, target, tmp_path):
    layer, values = made()
    folder = written(layer, tmp_path, target)
    if target == "c":
        build(folder / f"{layer.name}.c", folder / "_build")
    arrays = {name: np.array(value) for name, value in values.items()}
    found = imported(folder / f"{layer.name}.py").forward_backward(**arrays)
    for name, right in RIGHT[made].items():
        np.testing.assert_allclose(getattr(found, name), right, rtol=1e-14, err_msg=name)
