"""The judges themselves: they are right on known functions, and report every wrong gradient."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.errors import DeriveError
from derive.gradient.reverse import reverse
from derive.index.terms import Entry
from derive.layer.run import exact, run
from derive.layer.sample import extents, sample, sample_sizes
from derive.layers import quantizer, softmax_mlp
from derive.verify import differences, precision
from tests.calculus.layers import LAYERS


@pytest.fixture
def numbers():
    """Return a layer with random numbers for everything it is given, and a cotangent."""

    def of(layer, seed=11):
        random = np.random.default_rng(seed)
        sizes = sample_sizes(layer, random, ones=False)
        arrays = sample(layer, sizes, random)
        cotangents = {
            name: np.asarray(random.standard_normal(extents(layer.tensor(name), sizes)))
            for name in layer.outputs
        }
        return sizes, arrays, cotangents

    return of


def test_the_reference_knows_fifty_digits_of_a_derivative():
    layer = LAYERS["scalars"]()
    arrays = {"x": np.array(0.7), "w": np.array(-1.3), "b": np.array(0.4)}
    (found,) = precision.gradients(layer, arrays, {"y": np.array(2.0)}, {}, ("b",)).values()
    with mpmath.workdps(70):
        x, w, b = (mpmath.mpf(float(arrays[name])) for name in "xwb")
        s = w * x + b
        assert abs(found[()] / (2 * x * 2 * s / (1 + s**2)) - 1) < mpmath.mpf(10) ** -50


def test_all_references_agree_with_one_another(numbers):
    layer = softmax_mlp.layer.build()
    sizes, arrays, cotangents = numbers(layer)
    gradients = precision.gradients(layer, arrays, cotangents, sizes, digits=40)
    jacobians = precision.jacobians(layer, arrays, sizes, digits=40)
    random = np.random.default_rng(5)
    tangents = {n: np.asarray(random.standard_normal(g.shape)) for n, g in gradients.items()}
    along = precision.directional(layer, arrays, tangents, sizes, digits=40)
    with mpmath.workdps(60):
        total = sum((g * tangents[n]).sum() for n, g in gradients.items())
        assert abs(total - cotangents["R"] * along["R"]) < mpmath.mpf(10) ** -38
    for name, gradient in gradients.items():
        with mpmath.workdps(60):
            expected = jacobians["R", name] * mpmath.mpf(float(cotangents["R"]))
        assert precision.worst(name, gradient, expected).relative < 1e-38


def test_a_declared_fact_holds_to_all_digits(numbers):
    layer = softmax_mlp.layer.build()
    _, arrays, _ = numbers(layer)
    with mpmath.workdps(80):
        assert abs(exact(layer, arrays)["y"].sum() - 1) < mpmath.mpf(10) ** -78


def test_complex_step_and_differences_agree_with_the_reference(numbers):
    layer = quantizer.layer.build()
    sizes, arrays, cotangents = numbers(layer)
    reference = precision.gradients(layer, arrays, cotangents, sizes, digits=30)
    stepped = differences.complex_step(layer, arrays, cotangents, sizes)

    def terms(given):
        return cotangents["Z"] * run(layer, given, sizes)["Z"]

    differenced, errors = differences.gradients(terms, arrays, tuple(reference))
    for name, expected in reference.items():
        assert precision.worst(name, stepped[name], expected).ulps < 64
        assert precision.worst(name, differenced[name], expected).relative < 1e-9
        gap = np.abs(differenced[name] - expected.astype(float)).max()
        assert gap <= errors[name] < 1e-6


def test_a_small_slope_of_a_large_sum_is_as_exact_as_its_error_says():
    weights = np.array([1e6, 1.0, -1.0])

    def terms(given):
        return weights * np.array([given["x"], np.sin(given["y"]), given["y"]])

    given = {"x": np.array(0.3), "y": np.array(0.01)}
    slopes, errors = differences.gradients(terms, given, ("y",), step=2.0**-16)
    # cos(0.01) - 1, a difference of terms beside which a million stands still.
    assert abs(slopes["y"] + 2 * np.sin(0.005) ** 2) < 1e-10
    assert abs(slopes["y"] + 2 * np.sin(0.005) ** 2) < errors["y"]
    _, doubted = differences.gradients(terms, given, ("y",), step=2.0**-16, lost=1e-3)
    assert doubted["y"] > 1


def test_directional_differences_agree_with_the_reference(numbers):
    layer = quantizer.layer.build()
    sizes, arrays, _ = numbers(layer)
    tangents = {name: np.sin(np.arange(1, array.size + 1.0)) for name, array in arrays.items()}
    reference = precision.directional(layer, arrays, tangents, sizes, digits=30)
    found = differences.directional(lambda given: run(layer, given, sizes), arrays, tangents)
    assert precision.worst("Z", found["Z"], reference["Z"]).relative < 1e-10


def test_a_complex_step_through_a_kink_is_refused(numbers):
    layer = LAYERS["kinks"]()
    sizes, arrays, cotangents = numbers(layer)
    with pytest.raises(DeriveError, match="no complex step goes through Abs, maximum"):
        differences.complex_step(layer, arrays, cotangents, sizes)


def wrong_index(body):
    """Return the body with the first entry of c read at another place."""
    entry = next(e for e in body.atoms(Entry) if e.tensor == "c")
    return body.subs(entry, Entry("c", entry.shape, sp.S.Zero))


def wrong_sign(body):
    return -body


def wrong_square(body):
    return body.replace(lambda e: e.is_Pow and e.exp == 2, lambda e: e.base)


@pytest.mark.parametrize("wrong", [wrong_index, wrong_sign, wrong_square])
def test_a_wrong_gradient_is_reported_with_its_worst_entry_and_both_values(numbers, wrong):
    layer = quantizer.layer.build()
    sizes, arrays, cotangents = numbers(layer)
    derived = reverse(layer, ("b",))
    broken = replace(
        derived, nodes=tuple(replace(node, body=wrong(node.body)) for node in derived.nodes)
    )
    given = {**arrays, "dZ": cotangents["Z"]}
    (reference,) = precision.gradients(layer, arrays, cotangents, sizes, ("b",)).values()
    right = precision.worst("db", run(derived, given, sizes)["db"], reference)
    found = precision.worst("db", run(broken, given, sizes)["db"], reference)
    assert right.relative < 1e-14
    assert found.relative > 1e-3
    assert found.reference == reference[found.index]
    assert str(found).startswith(f"db[{found.index[0]}] = ")


def test_a_transposed_gradient_is_refused_for_its_shape():
    with pytest.raises(DeriveError, match=r"dW: expected shape \(3, 2\), got \(2, 3\)"):
        precision.worst("dW", np.ones((2, 3)), np.ones((3, 2)))


def test_a_value_that_is_not_a_number_is_the_worst_of_all():
    found = precision.worst("y", np.array([1.0, np.nan, 9.0]), np.array([1.0, 2.0, 3.0]))
    assert found.index == (1,)
    assert found.relative == np.inf


def test_nothing_is_worst_where_there_is_nothing():
    assert precision.worst("y", np.ones((0, 3)), np.ones((0, 3))) is None
    assert precision.worst_of([None]) is None


def test_ulps_are_counted_in_the_precision_that_is_judged():
    one = np.float32(1)
    found = precision.worst("y", np.nextafter(one, 2 * one), np.array(1.0), np.float32)
    assert found.ulps == 1


def test_a_missing_array_and_a_wrong_shape_are_named():
    layer = quantizer.layer.build()
    N, M = layer.sizes
    arrays = {"X": np.zeros(3), "a": np.zeros(2), "b": np.zeros(4)}
    with pytest.raises(DeriveError, match=r"b: expected shape \(2,\), got \(4,\)"):
        run(layer, arrays, {N: 3, M: 2})
    del arrays["a"]
    with pytest.raises(DeriveError, match="no value for a"):
        run(layer, arrays, {N: 3, M: 2})
