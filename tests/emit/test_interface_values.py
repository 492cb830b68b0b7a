"""What a generated module computes: the same for NumPy and for C."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from derive.emit.names import python_name
from derive.verify.call import Caller
from tests.emit.made import MADE, layer_of, mlp_arguments, numbers, parameters, quantizer_arguments
from tests.emit.modules import call, case, expected, imported


@pytest.mark.parametrize("name", MADE)
def test_every_function_agrees_with_the_interpreter(module, name):
    made, at = module(name), case(layer_of(name), 4)
    for kind in at.layers:
        want = expected(at, kind)
        for dtype, tolerance in ((np.float64, 1e-11), (np.float32, 2e-4)):
            for result, value in call(made, at, kind, dtype).items():
                reference = want[result]
                scale = np.max(np.abs(reference), initial=1.0)
                assert value.dtype == dtype
                assert value.shape == reference.shape
                np.testing.assert_allclose(
                    value, reference, rtol=0, atol=tolerance * scale, err_msg=f"{kind} {result}"
                )


@pytest.mark.parametrize("lead", [(), (4,), (2, 3), (1, 2, 1)])
def test_leading_batch_dimensions_are_kept_and_parameter_gradients_summed(module, lead):
    q, arguments = module("quantizer"), quantizer_arguments(*lead)
    X, *rest = arguments
    dZ = numbers(*X.shape, seed=7)
    result = q.forward_backward(dZ, *arguments)
    assert result.Z.shape == result.dX.shape == X.shape
    pairs = zip(dZ.reshape(-1, 5), X.reshape(-1, 5), strict=True)
    samples = [q.forward_backward(z, x, *rest) for z, x in pairs]
    for name in ("da", "db", "dc"):
        total = np.sum([getattr(sample, name) for sample in samples], axis=0)
        np.testing.assert_allclose(getattr(result, name), total, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(
        result.dX.reshape(-1, 5), [sample.dX for sample in samples], rtol=1e-12
    )


@pytest.mark.parametrize("lead", [(0,), (2, 0)])
def test_an_empty_batch_gives_empty_results_and_zero_parameter_gradients(module, lead):
    q, arguments = module("quantizer"), quantizer_arguments(*lead)
    dZ = np.empty((*lead, 5))
    assert q.forward(*arguments).shape == (*lead, 5)
    assert q.jvp(*arguments, da=numbers(3)).shape == (*lead, 5)
    result = q.forward_backward(dZ, *arguments)
    assert result.dX.shape == (*lead, 5)
    for gradient in (*result[2:], *q.backward(dZ, *arguments)[1:]):
        np.testing.assert_array_equal(gradient, np.zeros(3))
    many = q.vjp_many(np.empty((2, *lead, 5)), *arguments)
    assert many.dX.shape == (2, *lead, 5)
    np.testing.assert_array_equal(many.db, np.zeros((2, 3)))
    mlp, given = module("softmax_mlp"), mlp_arguments(*lead)
    assert mlp.backward(*given).dW.tolist() == np.zeros((2, 5)).tolist()
    np.testing.assert_array_equal(mlp.sgd_step(*given, gamma=0.5).W, given[1])


def test_no_cotangents_at_all_give_gradients_without_rows(module):
    many = module("quantizer").vjp_many(np.empty((0, 2, 5)), *quantizer_arguments(2))
    assert many.dX.shape == (0, 2, 5)
    assert many.da.shape == (0, 3)


@pytest.mark.parametrize("name", ["quantizer", "softmax_mlp", "two", "nasty", "lookup"])
def test_saving_changes_no_value(module, name):
    made, at = module(name), case(layer_of(name), 8)
    names = [python_name(tensor.name) for tensor in at.suite.layer.tensors]
    arrays = [at.arrays[tensor.name] for tensor in at.suite.layer.tensors]
    plain, (value, saved) = made.forward(*arrays), made.forward(*arrays, save=True)
    for one, other in zip(as_tuple(plain), as_tuple(value), strict=True):
        np.testing.assert_array_equal(one, other)
    assert saved._fields == tuple(map(python_name, at.suite.saved))
    assert parameters(made.forward)[: len(names)] == names
    kept, again = call(made, at, "backward"), _with_saved(made, at, saved)
    for result, gradient in again.items():
        np.testing.assert_array_equal(kept[result], gradient)


def _with_saved(made, at, saved):
    return Caller(made, at.suite)("backward", at.arrays, at.sizes, np.float64, saved=saved)


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("name", ["quantizer", "softmax_mlp", "two", "nasty", "pooling"])
def test_one_pass_is_forward_and_backward(module, name):
    made, at = module(name), case(layer_of(name), 9)
    both = call(made, at, "forward_backward")
    for kind in ("forward", "backward"):
        for result, value in call(made, at, kind).items():
            np.testing.assert_allclose(both[result], value, rtol=1e-12, atol=1e-13)


def test_many_cotangents_are_each_a_backward(module):
    q, arguments = module("quantizer"), quantizer_arguments(2)
    dZ = numbers(4, 2, 5, seed=6)
    many = q.vjp_many(dZ, *arguments)
    for p in range(4):
        for name, one in q.backward(dZ[p], *arguments)._asdict().items():
            np.testing.assert_allclose(getattr(many, name)[p], one, rtol=1e-12, atol=1e-14)


def test_a_tangent_that_is_not_given_is_zero(module):
    q, (X, a, b, c) = module("quantizer"), quantizer_arguments(2)
    db = numbers(3, seed=5)
    zero = np.zeros(3)
    whole = q.jvp(X, a, b, c, dX=np.zeros_like(X), da=zero, db=db, dc=zero)
    np.testing.assert_array_equal(q.jvp(X, a, b, c, db=db), whole)
    np.testing.assert_array_equal(q.jvp(X, a, b, c), np.zeros_like(X))


def test_the_cotangent_of_a_loss_is_1_or_a_number_or_one_for_each_sample(module):
    mlp, arguments = module("softmax_mlp"), mlp_arguments(4)
    plain, each = mlp.backward(*arguments), np.array([0.5, -2.0, 3.0, 0.25])
    for one in (1, 1.0, np.float32(1), np.ones(4), np.ones(())):
        np.testing.assert_array_equal(mlp.backward(*arguments, dR=one).dW, plain.dW)
    np.testing.assert_allclose(mlp.backward(*arguments, dR=3).dV, 3 * plain.dV, rtol=1e-13)
    got = mlp.backward(*arguments, dR=each)
    np.testing.assert_allclose(got.dx, each[:, None] * plain.dx, rtol=1e-13)


def test_an_update_step_moves_against_the_summed_gradient(module):
    mlp, arguments = module("softmax_mlp"), mlp_arguments(4)
    gradients, gamma = mlp.backward(*arguments), 0.125
    step = mlp.sgd_step(*arguments, gamma=gamma)
    for name, before in zip("WwVv", arguments[1:5], strict=True):
        after = before - gamma * getattr(gradients, f"d{name}")
        np.testing.assert_allclose(getattr(step, name), after, rtol=1e-12, atol=1e-14)


def counted_tanh(monkeypatch, made):
    """Count the elements that go through ``np.tanh`` in a module."""
    count = []

    class Counting:
        def __getattr__(self, name):
            return getattr(np, name)

        def tanh(self, x, **keywords):
            count.append(x.size)
            return np.tanh(x, **keywords)

    monkeypatch.setattr(made, "np", Counting())
    return count


@pytest.mark.parametrize("kind", ["forward", "backward", "forward_backward", "jvp", "vjp_many"])
def test_each_pair_of_value_and_code_word_goes_through_tanh_once(source, monkeypatch, kind):
    made = imported(source("numpy", "quantizer"))
    B, N, M = 40, 70, 60
    arguments = quantizer_arguments(B, N=N, M=M)
    extra = {"backward": (B, N), "forward_backward": (B, N), "vjp_many": (3, B, N)}.get(kind)
    leading = [numbers(*extra)] if extra else []
    count = counted_tanh(monkeypatch, made)
    getattr(made, kind)(*leading, *arguments)
    assert sum(count) == B * N * M


@pytest.mark.parametrize("kind", ["forward", "backward", "forward_backward", "jvp"])
def test_no_temporary_has_an_entry_for_each_sample_value_and_code_word(source, kind):
    made = imported(source("numpy", "quantizer"))
    B, N, M = 64, 500, 64
    arguments = quantizer_arguments(B, N=N, M=M)
    leading = [numbers(B, N)] if "backward" in kind else []
    function = getattr(made, kind)
    function(*leading, *arguments)
    tracemalloc.start()
    try:
        function(*leading, *arguments)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Blocks of 1 MiB, and arrays of the size of X: together well below one large temporary.
    assert peak < B * N * M * 8 / 2
