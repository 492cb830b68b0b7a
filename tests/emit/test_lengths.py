"""Gradients by vectors over their length: their scale changes nothing but the scale of these."""

import numpy as np
import pytest

from derive import Definition, mean_over, sqrt, sum_over
from tests.emit.modules import imported, written


def weight_normalisation():
    d = Definition("weight_normalisation")
    D, K = d.sizes("D K")
    x, V, g = d.input("x", D), d.param("V", K, D), d.param("g", K)
    k, i, e = d.indices("k i e")
    y = d.output("y", K)
    y[k] = sum_over(i, g[k] * V[k, i] / sqrt(sum_over(e, V[k, e] ** 2)) * x[i])
    return d.build()


def root_mean_square():
    d = Definition("root_mean_square")
    D = d.sizes("D")
    x, g, i = d.input("x", D), d.param("g", D), d.indices("i")
    r = d.node("r", 1 / sqrt(mean_over(i, x[i] ** 2) + 1e-40))
    y = d.output("y", D)
    y[i] = x[i] * r[()] * g[i]
    return d.build()


def direction():
    d = Definition("direction")
    D = d.sizes("D")
    x, g, i = d.input("x", D), d.param("g", D), d.indices("i")
    n = d.node("n", sqrt(sum_over(i, x[i] ** 2)))
    y = d.output("y", D)
    y[i] = g[i] * x[i] / n[()]
    return d.build()


@pytest.mark.parametrize("define", [weight_normalisation, root_mean_square, direction])
def test_the_scale_of_a_vector_changes_the_scale_of_its_gradient_alone(define, tmp_path):
    layer = define()
    made = imported(written(layer, tmp_path, "numpy") / f"{layer.name}.py")
    arrays = {
        "x": np.array([1.0, 2.0, -2.0]),
        "V": np.array([[1.0, 2.0, 2.0]]),
        "g": np.array([0.5]) if define is weight_normalisation else np.array([0.5, 1.0, 2.0]),
        "dy": np.array([1.0]) if define is weight_normalisation else np.array([1.0, 0.3, -0.7]),
    }
    of = "V" if define is weight_normalisation else "x"
    names = [name for name in ("dy", "x", "V", "g") if name in {"dy", *layer.names}]

    def gradient(scale):
        given = [(arrays[n] * (scale if n == of else 1)).astype(np.float32) for n in names]
        return getattr(made.backward(*given), f"d{of}").astype(float) * scale

    want = gradient(1.0)
    assert np.all(np.abs(want) > 0.01)
    for scale in (1e-15, 1e-13, 1e12, 1e14, 1e15, 1e17):
        np.testing.assert_allclose(gradient(scale), want, rtol=1e-5)
