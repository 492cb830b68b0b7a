"""What keeps digits changes no value, and keeps softmax and its kin from overflow."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive import (
    Definition,
    exp,
    log,
    max_over,
    maximum,
    mean_over,
    min_over,
    select,
    sigmoid,
    softmax,
    sqrt,
    sum_over,
)
from derive.gradient.reverse import reverse
from derive.index.evaluate import evaluate
from derive.index.terms import Entry, Index, IndexMax, IndexSum, Size
from derive.layer.batch import batch
from derive.layer.run import exact, run
from derive.layer.sample import extents, sample, sample_sizes
from derive.program.shift import shifted
from derive.program.stabilise import prepare, stabilise
from derive.program.suite import suite
from tests.calculus.layers import LAYERS
from tests.emit.modules import imported, written

K, N = Size("K"), Size("N")
k, n = Index("k"), Index("n")
EXPONENTIALS = sorted(
    name for name, build in LAYERS.items() if any(x.body.has(sp.exp) for x in build().nodes)
)


@pytest.mark.parametrize("name", EXPONENTIALS)
def test_no_value_changes(name):
    layer = reverse(LAYERS[name](), keep_outputs=True)
    generator = np.random.default_rng(3)
    sizes = sample_sizes(layer, generator, ones=False)
    arrays = sample(layer, sizes, generator)
    want, got = run(layer, arrays, sizes), run(stabilise(layer), arrays, sizes)
    for node, value in want.items():
        np.testing.assert_allclose(got[node], value, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", EXPONENTIALS)
def test_no_maximum_runs_over_the_batch(name):
    layer = LAYERS[name]()
    sample_count = batch(layer).sizes[0]
    for node in stabilise(reverse(batch(layer))).nodes:
        assert sample_count not in {top.size for top in node.body.atoms(IndexMax)}


def test_a_sum_of_exponentials_by_itself_is_left_alone():
    total = IndexSum(Entry("w", (K,), k) * sp.exp(Entry("t", (K,), k)), k, K)
    assert shifted(total) == total
    assert shifted(3 * total + 1) == 3 * total + 1
    assert shifted(total * Entry("x", ())) == total * Entry("x", ())


def test_a_quotient_of_sums_has_one_shift_for_both():
    t = Entry("t", (K,), k)
    quotient = IndexSum(Entry("v", (K,), k) * sp.exp(t), k, K) / IndexSum(sp.exp(t), k, K)
    (top,) = shifted(quotient).atoms(IndexMax)
    # The two factors exp(m) and exp(-m) are gone.
    assert not any(isinstance(f, sp.exp) for f in sp.Mul.make_args(shifted(quotient)))
    assert top == IndexMax(t, k, K)


@pytest.mark.parametrize(
    "power", [sp.Integer(2), sp.Rational(7, 10), sp.Float(0.7), Entry("q", ())]
)
def test_a_power_of_a_sum_is_shifted_with_what_it_meets(power):
    t = Entry("t", (K,), k)
    whole = sp.exp(power * t) * IndexSum(sp.exp(t), k, K) ** -power
    arrays = {"t": np.array([900.5, 899.0, 700.0]), "q": np.array(0.3)}
    with np.errstate(over="raise", invalid="raise"):
        found = evaluate(shifted(whole), (k,), arrays, {K: 3}, (3,))
    shares = np.exp(arrays["t"] - 900.5) / np.exp(arrays["t"] - 900.5).sum()
    given = 0.3 if power.has(Entry) else float(power)
    np.testing.assert_allclose(found.astype(float), shares**given, rtol=1e-12)


def divergence(d: Definition) -> None:
    K = d.sizes("K")
    x, z, k = d.input("x", K), d.input("z", K), d.indices("k")
    p, q = d.node("p", softmax(x)), d.node("q", softmax(z))
    one, two = (a[k] * log(2 * a[k] / (p[k] + q[k])) / 2 for a in (p, q))
    d.output("y", sum_over(k, one + two))


def divergence_of_two(d: Definition) -> None:
    N = d.sizes("N")
    x, z = d.input("x", N), d.input("z", N)
    p, q = sigmoid(x), sigmoid(z)
    d.output("y", p * log(2 * p / (p + q)) / 2 + q * log(2 * q / (p + q)) / 2)


@pytest.mark.parametrize("define", [divergence, divergence_of_two])
def test_a_divergence_is_finite_where_probabilities_underflow(define, tmp_path):
    definition = Definition(define.__name__, "A divergence of two distributions.")
    define(definition)
    layer = definition.build()
    made = imported(written(layer, tmp_path, "numpy") / f"{layer.name}.py")
    x, z = np.array([-900.0, 800.0, 3.0]), np.array([-1000.0, -20.0, 900.0])
    seeds = [np.ones(3)] if define is divergence_of_two else []
    for arrays in ((x, z), (z, x), (x, x), (0 * x, 0 * x)):
        value, *gradients = made.forward_backward(*seeds, *arrays)
        assert np.isfinite(value).all()
        assert all(np.isfinite(gradient).all() for gradient in gradients)
        if arrays[0] is arrays[1] or not arrays[0].any():
            assert not value.any()


def test_no_softmax_is_read_beyond_what_it_holds(tmp_path):
    d = Definition("beyond", "Exponentials over a sum of only some of them.")
    size = d.sizes("K")
    x, i, j = d.input("x", size + 1), *d.indices("i j")
    total = sum_over(j, exp(x[j]), size=size)
    y = d.output("y", size + 1)
    y[i] = x[0] * exp(x[i]) / total
    d.output("u", sum_over(i, exp(x[i]) * x[i]) / total)
    layer = d.build()
    assert {node.name for node in prepare(layer).nodes} == {"y", "u"}
    made = imported(written(layer, tmp_path, "numpy") / "beyond.py")
    given = np.array([0.5, -0.25, 0.75, 1.5])
    found = made.forward(given)
    weights = np.exp(given) / np.exp(given[:-1]).sum()
    np.testing.assert_allclose(found[0], given[0] * weights, rtol=1e-12)
    np.testing.assert_allclose(found[1], given @ weights, rtol=1e-12)


@pytest.mark.parametrize(
    "name", ["softmax_alone", "softmax_rows", "log_sum_exp", "attention", "attention_nested"]
)
def test_large_inputs_give_finite_results(name, tmp_path):
    layer = LAYERS[name]()
    made = imported(written(layer, tmp_path, "numpy") / f"{layer.name}.py")
    generator = np.random.default_rng(5)
    sizes = sample_sizes(layer, generator, ones=False)
    arrays = [300 * sample(layer, sizes, generator)[t.name] for t in layer.tensors]
    (output,) = layer.outputs
    shape = extents(layer.tensor(output), sizes)
    with np.errstate(over="raise", invalid="raise"):
        leading = [generator.standard_normal(shape)] if shape else []
        result = made.forward_backward(*leading, *arrays)
    assert all(np.isfinite(value).all() for value in result)


@pytest.mark.parametrize("name", ["cosine_similarity", "unit_vector"])
@pytest.mark.parametrize("scale", [1e200, 1e160, 1e-180, 1e-290])
def test_gradients_of_directions_keep_their_digits_far_from_1(name, scale):
    layer = reverse(LAYERS[name](), keep_outputs=True)
    generator = np.random.default_rng(7)
    sizes = sample_sizes(layer, generator, ones=False)
    arrays = sample(layer, sizes, generator)
    arrays["u"] = scale * arrays["u"]
    with mpmath.workdps(50):
        want = run(layer, exact(layer, arrays), sizes)
    with np.errstate(under="ignore"):
        got = run(stabilise(layer), arrays, sizes)
    for output in layer.outputs:
        value = want[output].astype(float)
        np.testing.assert_allclose(got[output], value, rtol=0, atol=1e-14 * np.abs(value).max())


def test_sums_over_the_same_pairs_in_another_order_are_shifted_together():
    d = Definition("pairs")
    N = d.sizes("N")
    a, A = d.input("a", N), d.param("A", N, N)
    i, j = d.indices("i j")
    d.output("z", log(sum_over(i, sum_over(j, exp(a[i] + A[i, j])))))
    jvp = dict(suite(d.build()).computed)["jvp"]
    batch, size = jvp.sizes
    arrays = {"a": np.array([[1000.0, 999.0]]), "A": np.array([[0.0, 1.0], [2.0, 0.5]])}
    slopes = {"da": np.ones((1, 2)), "dA": np.zeros((2, 2))}
    found = run(jvp, {**arrays, **slopes}, {batch: 1, size: 2})["dz"]
    np.testing.assert_allclose(found, [1.0], rtol=1e-15)


def test_a_variance_over_two_axes_keeps_its_digits():
    d = Definition("spread")
    P, Q = d.sizes("P Q")
    x, p, q = d.input("x", P, Q), *d.indices("p q")
    mean = mean_over(p, mean_over(q, x[p, q]))
    d.output("v", mean_over(p, mean_over(q, x[p, q] ** 2)) - mean**2)
    forward = dict(suite(d.build()).computed)["forward"]
    at = {size: number for size, number in zip(forward.sizes, (1, 3, 4), strict=True)}
    small = np.arange(12.0).reshape(1, 3, 4)
    found = run(forward, {"x": small + 2.0**40}, at)["v"]
    np.testing.assert_allclose(found, [small.var()], rtol=1e-12)


def distances():
    d = Definition(
        "distances", "A kernel of distances, 0 on the diagonal, and a guarded direction."
    )
    K = d.sizes("K")
    k, j, q = d.indices("k j q")
    x, z = d.input("x", K, 2), d.input("z", K)
    r, s = d.node("r", K, K), d.node("s", K, K)
    r[k, j] = sqrt(sum_over(q, (x[k, q] - x[j, q]) ** 2))
    s[k, j] = sqrt((z[k] - z[j]) ** 2 + (x[k, 0] - x[j, 0]) ** 2)
    y, u = d.output("y", K), d.output("u", K)
    y[k] = sum_over(j, (1 + r[k, j]) * exp(-r[k, j]) + (1 + s[k, j]) * exp(-s[k, j]))
    u[k] = z[k] / maximum(sqrt(sum_over(j, z[j] ** 2)), 0.5)
    return d.build()


def test_what_is_left_of_a_sum_is_not_divided_by_it(tmp_path):
    d = Definition("residual")
    size, i = d.sizes("N"), d.indices("i")
    x, z, y = d.input("x", size), d.input("z", size), d.output("y", size)
    r, s = d.output("r", size), d.output("s", size)
    y[i] = x[i] + z[i]
    r[i] = y[i] - x[i]
    s[i] = 3 * z[i] - 3 * y[i]
    module = imported(written(d.build(), tmp_path, "numpy") / "residual.py")
    values = np.array([0.0, 1.0, 1.0]), np.array([0.0, -1.0, 1e-20])
    assert module.forward(*values).r.tolist() == values[1].tolist()
    assert module.forward(*values).s.tolist() == (-3 * values[0]).tolist()


def test_the_derivative_of_a_length_is_0_where_it_is_0(tmp_path):
    layer = distances()
    module = imported(written(layer, tmp_path, "numpy") / f"{layer.name}.py")
    generator = np.random.default_rng(1)
    x, z, dy, du = (generator.normal(size=shape) for shape in ((3, 2), 3, 3, 3))
    found = module.backward(dy, du, x, z)
    step = 1e-6
    for array, gradient in ((x, found.dx), (z, found.dz)):
        for place in np.ndindex(array.shape):
            ends = []
            for sign in (1, -1):
                moved = array.copy()
                moved[place] += sign * step
                y, u = module.forward(*((moved, z) if array is x else (x, moved)))
                ends.append(dy @ y + du @ u)
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-8)
    np.testing.assert_allclose(module.backward(0 * dy, du, x, 0 * z).dz, 2 * du)


def test_a_direction_of_nothing_is_still_no_number(tmp_path):
    layer = LAYERS["unit_vector"]()
    module = imported(written(layer, tmp_path, "numpy") / f"{layer.name}.py")
    assert np.isnan(module.forward(np.zeros(3))).all()


@pytest.mark.parametrize("power", [2, 3])
@pytest.mark.parametrize("named", [True, False])
def test_what_powers_of_a_softmax_lack_keeps_its_digits(named, power, tmp_path):
    d = Definition("impurity", "One minus the powers of probabilities (Gini's for squares).")
    size = d.sizes("K")
    t, j = d.input("t", size), d.indices("j")
    g = d.node("g", softmax(t)) if named else softmax(t)
    d.output("u", 1 - sum_over(j, g[j] ** power))
    layer = d.build()
    made = imported(written(layer, tmp_path, "numpy") / "impurity.py")
    for logits in ([0.0, 60.0, -700.0], [1.5, 0.5, -1.0], [800.0]):
        with mpmath.workdps(400):
            exponentials = [mpmath.exp(logit) for logit in logits]
            shares = [each / mpmath.fsum(exponentials) for each in exponentials]
            moment = [mpmath.fsum(p**q for p in shares) for q in range(power + 1)]
            lacks = 1 - moment[power]
            slope = [power * p * (moment[power] - p ** (power - 1)) for p in shares]
        value, gradient = made.forward_backward(np.array(logits))
        np.testing.assert_allclose(value, float(lacks), rtol=1e-14)
        np.testing.assert_allclose(gradient, np.array(slope, float), rtol=1e-13)


def test_the_log_of_one_and_sums_of_exponentials_is_finite(tmp_path):
    d = Definition("pairs", "One and a sum of exponentials; one and a product of two such sums.")
    size = d.sizes("K")
    x, z, i = d.input("x", size), d.input("z", size), d.indices("i")
    d.output("u", log(1 + sum_over(i, exp(x[i]))))
    d.output("v", log(1 + sum_over(i, exp(x[i])) * sum_over(i, exp(z[i]))))
    layer = d.build()
    made = imported(written(layer, tmp_path, "numpy") / "pairs.py")
    for x, z in (
        ([1000.0, 0.0], [-3.0, 2.0]),
        ([-800.0, 900.0], [-950.0, -999.0]),
        ([1, 2], [3, -1]),
    ):
        with mpmath.workdps(1000):
            one, two = (mpmath.fsum(mpmath.exp(each) for each in array) for array in (x, z))
            want = [mpmath.log(1 + one), mpmath.log(1 + one * two)]
            share = [mpmath.exp(a) * (1 / (1 + one) + two / (1 + one * two)) for a in x]
        got = made.forward(np.array(x, float), np.array(z, float))
        np.testing.assert_allclose(got, np.array(want, float), rtol=1e-14)
        gradient = made.backward(np.array(x, float), np.array(z, float))
        np.testing.assert_allclose(gradient.dx, np.array(share, float), rtol=1e-12)


@pytest.mark.parametrize(
    "of",
    [
        lambda x, v, i, k: sum_over(k, v[k] * exp(x[i - 1, k])) / sum_over(k, exp(x[i - 1, k])),
        lambda x, v, i, k: log(sum_over(k, exp(v[k] * x[i - 1, k]))),
        lambda x, v, i, k: max_over(k, v[k] * x[i - 1, k]),
        lambda x, v, i, k: min_over(k, x[i - 1, k]) * v[0],
    ],
)
def test_what_a_selection_guards_is_not_read_where_it_is_not_selected(of, tmp_path):
    d = Definition("before", "Of the row before each.")
    N, K = d.sizes("N K")
    x, v = d.input("x", N, K), d.param("v", K)
    i, k = d.indices("i k")
    y = d.output("y", N)
    y[i] = select(i >= 1, of(x, v, i, k), 0)
    layer = d.build()
    made = imported(written(layer, tmp_path, "numpy") / "before.py")
    rows, values = np.array([[1.0, 4.0], [3.0, 2.0], [0.5, 0.25]]), np.array([0.5, 2.0])
    value, dx, dv = made.forward_backward(np.ones(3), rows, values)
    arrays = {"x": rows, "v": values, "dy": np.ones(3)}
    want = run(reverse(layer, keep_outputs=True), arrays, {layer.sizes[0]: 3, layer.sizes[1]: 2})
    np.testing.assert_allclose(value, want["y"], rtol=1e-12)
    np.testing.assert_allclose(dx, want["dx"], rtol=1e-12)
    np.testing.assert_allclose(dv, want["dv"], rtol=1e-12)
    assert value[0] == 0 and value[1:].all() and not dx[2].any()
