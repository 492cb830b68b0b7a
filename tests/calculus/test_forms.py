"""Forms that the gradients of the notes' layers must have, letter by letter."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from derive import Definition, log, sigmoid, softmax, sum_over
from derive.gradient import edges
from derive.gradient.jacobian import jacobian
from derive.gradient.reverse import reverse
from derive.index.terms import Delta, Entry, Index, IndexSum
from derive.index.terms import sum_over as summed
from derive.layer.run import run
from derive.layers import binary_mlp, quantizer, softmax_mlp, softmax_mlp_rows
from tests.calculus.layers import LAYERS

ROOT = Path(__file__).parents[2]


def vector(name, size):
    return lambda index: Entry(name, (size,), index)


def test_the_gradient_by_the_places_of_the_quantizer_is_the_corrected_formula_of_the_note():
    layer = quantizer.layer.build()
    N, M = layer.sizes
    node = reverse(layer).node("db")
    (i,), m = node.indices, Index("m")
    X, dZ = vector("X", N), vector("dZ", N)
    a, b, c = (vector(name, M) for name in "abc")
    inner = (sp.tanh(c(i) * (X(m) - b(i))) ** 2 - 1) * dZ(m)
    assert node.body == a(i) * c(i) * summed(m, N, inner)


def test_the_jacobian_of_the_quantizer_by_its_input_is_diagonal_and_known_to_be():
    layer = quantizer.layer.build()
    structures = {name: jacobian(layer, "Z", name).structure.value for name in "Xabc"}
    assert structures == {"X": "diagonal", "a": "dense", "b": "dense", "c": "dense"}
    found = jacobian(layer, "Z", "X")
    assert Delta(*found.rows, *found.columns) in sp.Mul.make_args(found.body)


@pytest.mark.parametrize(
    ("module", "logits", "predicted"),
    [(softmax_mlp_rows, "theta", "y_hat"), (softmax_mlp, "t", "g")],
)
def test_with_labels_that_sum_to_one_softmax_cross_entropy_gives_prediction_minus_label(
    module, logits, predicted
):
    layer = module.layer.build()
    node = reverse(layer, (logits,)).node(f"d{logits}")
    K = layer.tensor(logits).shape[0]
    (i,), loss = node.indices, Entry(f"d{layer.outputs[0]}", ())
    assert node.body == loss * (vector(predicted, K)(i) - vector("y", K)(i))
    assert node.facts == ("Σ_k y_k = 1",)


def test_without_the_fact_softmax_cross_entropy_keeps_the_sum_of_the_labels():
    d = Definition("cross_entropy")
    K = d.sizes("K")
    theta, y, k = d.input("theta", K), d.label("y", K), d.indices("k")
    y_hat = d.node("y_hat", softmax(theta))
    d.output("J", -sum_over(k, y[k] * log(y_hat[k])))
    node = reverse(d.build()).node("dtheta")
    (i,), label, predicted = node.indices, vector("y", K), vector("y_hat", K)
    total = IndexSum(label(k), k, K)
    expected = Entry("dJ", ()) * (predicted(i) * total - label(i))
    assert sp.expand(node.body - expected) == 0
    assert node.facts == ()


def test_binary_cross_entropy_gives_prediction_minus_label():
    layer = binary_mlp.layer.build()
    node = reverse(layer, ("theta",)).node("dtheta")
    assert node.body == Entry("dL", ()) * (Entry("y_hat", ()) - Entry("y", ()))


def test_a_parameter_that_the_loss_does_not_depend_on_has_a_gradient_of_zeros_of_its_shape():
    layer = LAYERS["unused_parameter"]()
    N, M = layer.sizes
    derived = reverse(layer, ("dead",))
    assert derived.node("ddead").body == 0
    arrays = {"x": np.ones(3), "w": np.ones(3), "dead": np.ones((2, 3)), "dy": np.array(2.0)}
    result = run(derived, arrays, {N: 3, M: 2})["ddead"]
    np.testing.assert_array_equal(result, np.zeros((2, 3)))


def test_the_gradient_by_an_output_is_its_cotangent_and_what_flows_back_to_it():
    layer = LAYERS["several_outputs"]()
    N, M = layer.sizes
    derived = reverse(layer, ("h", "y"))
    random = np.random.default_rng(3)
    arrays = {"x": random.normal(size=3), "W": random.normal(size=(2, 3))}
    arrays |= {"dh": random.normal(size=2), "dy": random.normal(size=2)}
    arrays |= {"dtotal": np.array(0.7), "dnorm": np.array(0.3)}
    result = run(derived, arrays, {N: 3, M: 2})
    h = result["h"] if "h" in result else run(layer, arrays, {N: 3, M: 2})["h"]
    flows = arrays["dh"] + 2 * h * arrays["dy"] + 0.7 * (np.sin(h) + h * np.cos(h))
    np.testing.assert_allclose(result[derived.outputs[0]], flows, rtol=1e-13)
    np.testing.assert_array_equal(result[derived.outputs[1]], arrays["dy"])


def test_saturated_units_have_a_derivative_written_with_the_saved_value():
    d = Definition("unit")
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("h", sigmoid(x))
    node = reverse(d.build()).node("dx")
    (i,), h = node.indices, vector("h", N)
    assert node.body == Entry("dh", (N,), i) * h(i) * (1 - h(i))


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_derived_alike_whatever_was_derived_before(name):
    layer = LAYERS[name]()

    def printed():
        return [(str(node.entry), str(node.body)) for node in reverse(layer).nodes]

    first = printed()
    assert printed() == first
    edges._edge.cache_clear()
    assert printed() == first


PRINT_ALL = """
from tests.calculus.layers import LAYERS
from derive.gradient.forward import forward
from derive.gradient.reverse import reverse
for name, build in LAYERS.items():
    for derived in (reverse(build()), forward(build())):
        for node in derived.nodes:
            print(name, node.entry, node.body, node.facts)
"""


def test_derived_layers_are_the_same_bytes_under_every_hash_seed():
    def printed(seed):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PRINT_ALL]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, check=True
        ).stdout

    first, second = printed("1"), printed("4242")
    assert first.count(b"\n") > 100
    assert first == second
