"""What a generated module promises its caller: the same for NumPy and for C."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import io
import subprocess
import sys
import tokenize
import tracemalloc
import typing
from functools import cache

import numpy as np
import pytest

from derive import Definition, exp, relu, softmax, sum_over, tanh
from derive.emit.names import python_name
from derive.errors import DeriveError
from derive.layers import binary_mlp, quantizer, softmax_mlp, softmax_mlp_rows
from derive.verify.load import build, find_compiler
from tests.calculus.layers import LAYERS
from tests.emit.modules import call, case, expected, imported, written

try:
    find_compiler()
    TARGETS = ["numpy", "c"]
except DeriveError:
    TARGETS = ["numpy"]


def attention_of_two():
    """Return a layer with two outputs, one of them a scalar, that saves nodes."""
    d = Definition("two", 'A layer whose "doc" has quotes """ and a \\ in it,\nover two lines.')
    N, M = d.sizes("N M")
    x, W = d.input("x", N), d.param("W", M, N, doc='weights """ \\')
    s = d.node("s", tanh(W @ x))
    d.output("p", softmax(s))
    d.output("total", s @ s)
    return d.build()


def nasty():
    """Return a quantizer with a softmax on top, all names of which somebody else wants."""
    d = Definition("lambda", "Names that are taken.")
    np_, rows = d.sizes("np rows")
    dtype, X_r = d.input("dtype", np_), d.input("X_r", np_)
    lambda_, out, block = d.params("lambda out block", rows)
    lambda__, X, None_ = d.params("lambda_ X None_", rows)
    save, min_ = d.param("save"), d.param("min")
    low, high = d.indices("low high")
    t1, u1, s1 = d.node("t1", np_), d.node("u1", np_), d.node("s1", np_)
    t1[low] = sum_over(
        high, lambda_[high] * tanh(out[high] * (dtype[low] * X_r[low] - block[high]))
    )
    u1[low] = t1[low] + sum_over(high, lambda__[high] * exp(-((X[high] - X_r[low]) ** 2)))
    s1[low] = tanh(u1[low]) * save.at() + min_.at() * sum_over(high, None_[high] * t1[low])
    saved = d.output("saved", np_)
    saved[low] = s1[low] * u1[low]
    d.output("Saved", softmax(s1))
    d.output("Gradients", sum_over(low, t1[low] * relu(s1[low])))
    return d.build()


def lookup():
    d = Definition("lookup")
    T, K, E = d.sizes("T K E")
    words, table, W = d.integers("words", T), d.param("table", K, E), d.param("W", E)
    t, e = d.indices("t e")
    y = d.output("y", T)
    y[t] = tanh(sum_over(e, W[e] * table[words[t], e]))
    return d.build()


def square_length():
    """Return a layer that is given an array of length N*N, which tells N to nobody."""
    d = Definition("square_length")
    N = d.sizes("N")
    x = d.input("x", N * N)
    i, j = d.indices("i j")
    y = d.output("y", N)
    y[i] = sum_over(j, x[i * N + j], size=N)
    return d.build()


MADE = {
    "quantizer": quantizer.layer.build,
    "binary_mlp": binary_mlp.layer.build,
    "softmax_mlp": softmax_mlp.layer.build,
    "softmax_mlp_rows": softmax_mlp_rows.layer.build,
    "strided": LAYERS["convolution_symbolic_stride"],
    "pooling": LAYERS["max_pooling"],
    "two": attention_of_two,
    "nasty": nasty,
    "lookup": lookup,
    "scalars": LAYERS["scalars"],
}
layer_of = cache(lambda name: MADE[name]())


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("generated")


@pytest.fixture(scope="session")
def source(folder):
    """Return the path of a layer's module of a target, generated and compiled once."""

    @cache
    def path(target, name):
        layer = layer_of(name)
        made = written(layer, folder / name, target)
        if target == "c":
            build(made / f"{layer.name}.c", made / "_build", blas=False)
        return made / f"{layer.name}.py"

    return path


@pytest.fixture(params=TARGETS)
def module(request, source):
    """Return the module of a layer, for each target."""
    load = cache(lambda name: imported(source(request.param, name)))
    return load


def numbers(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


def quantizer_arguments(*lead, N=5, M=3, dtype=np.float64):
    x = [numbers(*lead, N, seed=1, dtype=dtype)]
    return x + [numbers(M, seed=n, dtype=dtype) for n in (2, 3, 4)]


def mlp_arguments(*lead, dtype=np.float64):
    D, H, K = 5, 2, 3
    y = np.abs(numbers(*lead, K, seed=9)) + 0.1
    y = y / y.sum(-1, keepdims=True)
    arrays = [(*lead, D), (H, D), (H,), (K, H), (K,)]
    found = [numbers(*shape, seed=n, dtype=dtype) for n, shape in enumerate(arrays)]
    return [*found, y.astype(dtype)]


def parameters(function):
    return [p.name for p in inspect.signature(function).parameters.values()]


def keywords(function):
    every = inspect.signature(function).parameters.values()
    return [p.name for p in every if p.kind is p.KEYWORD_ONLY]


# The signature.


def test_arguments_are_the_names_of_the_definition_in_its_order(module):
    q = module("quantizer")
    assert parameters(q.forward) == ["X", "a", "b", "c", "save", "out"]
    assert parameters(q.backward) == ["dZ", "X", "a", "b", "c", "saved", "out"]
    assert parameters(q.forward_backward) == ["dZ", "X", "a", "b", "c", "out"]
    assert parameters(q.jvp) == ["X", "a", "b", "c", "dX", "da", "db", "dc", "out"]
    assert parameters(q.vjp_many) == ["dZ", "X", "a", "b", "c", "out"]
    assert keywords(q.backward) == ["saved", "out"]
    assert q.Gradients._fields == ("dX", "da", "db", "dc")
    assert q.Pass._fields == ("Z", "dX", "da", "db", "dc")


def test_the_cotangent_of_a_scalar_is_a_keyword(module):
    mlp = module("softmax_mlp")
    assert parameters(mlp.backward)[:6] == ["x", "W", "w", "V", "v", "y"]
    assert keywords(mlp.backward) == ["dR", "saved", "out"]
    assert keywords(mlp.sgd_step) == ["gamma", "out"]
    assert mlp.Step._fields == ("W", "w", "V", "v")
    assert parameters(module("two").backward)[:3] == ["dp", "x", "W"]
    assert keywords(module("two").backward) == ["dtotal", "saved", "out"]


@pytest.mark.parametrize("name", MADE)
def test_type_hints_resolve_and_docstrings_have_shapes_and_formulas(module, name):
    made, layer = module(name), layer_of(name)
    for kind in ("forward", "backward", "forward_backward", "jvp", "vjp_many"):
        function = getattr(made, kind)
        assert typing.get_type_hints(function)["return"]
        for parameter in parameters(function):
            assert f"\n    {parameter} : " in function.__doc__
    for node in layer.nodes:
        if node.name in layer.outputs:
            assert f"{node.name}{'[' if node.indices else ' ='}" in made.forward.__doc__
    assert " of shape " in made.backward.__doc__


def test_the_formula_of_each_gradient_stands_in_the_docstring(module):
    text = " ".join(module("quantizer").backward.__doc__.split())
    assert "db : array of shape (M,) db[i] = a[i]*c[i]*sum_" in text
    assert "dX : array of shape (*batch, N) dX[i] = dZ[i]*sum_" in text
    assert "X : array of shape (*batch, N), float32 or float64 values to quantize" in text


# Values.


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
    from derive.verify.call import Caller

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


# Arrays of the caller.


def test_results_go_where_the_caller_says(module):
    q, arguments = module("quantizer"), quantizer_arguments(2)
    Z = np.full((2, 5), np.nan)
    assert q.forward(*arguments, out=Z) is Z
    np.testing.assert_array_equal(Z, q.forward(*arguments))
    room = q.Gradients(*(np.full_like(array, np.nan) for array in arguments))
    dZ = numbers(2, 5)
    got = q.backward(dZ, *arguments, out=room)
    for mine, given, plain in zip(got, room, q.backward(dZ, *arguments), strict=True):
        assert mine is given
        np.testing.assert_array_equal(given, plain)


READ_ONLY = np.zeros((2, 5))
READ_ONLY.flags.writeable = False
UNALIGNED = np.frombuffer(bytearray(8 * 10 + 1), np.uint8)[1:].view(np.float64).reshape(2, 5)
BAD_ROOM = {
    "another shape": (np.zeros((5, 2)), ValueError, r"out: Z: expected shape \(2, 5\), got"),
    "another dtype": (np.zeros((2, 5), "f4"), TypeError, "out: Z: expected float64, got float32"),
    "read-only": (READ_ONLY, ValueError, "out: Z: expected a writeable array in C order"),
    "Fortran order": (np.zeros((5, 2)).T, ValueError, "out: Z: expected a writeable array in C"),
    "unaligned": (UNALIGNED, ValueError, "out: Z: expected a writeable array in C order"),
    "a list": ([[0.0]], TypeError, "out: Z: expected a plain NumPy array, got list"),
    "a number": (7, TypeError, "out: expected a tuple of 1 arrays, got int"),
    "masked": (np.ma.zeros((2, 5)), TypeError, "out: Z: expected a plain NumPy array, got Masked"),
    "too many": ((np.zeros((2, 5)),) * 2, ValueError, "out: expected 1 arrays, got 2"),
}


@pytest.mark.parametrize("what", BAD_ROOM)
def test_room_that_does_not_fit_is_refused(module, what):
    out, error, message = BAD_ROOM[what]
    with pytest.raises(error, match=message):
        module("quantizer").forward(*quantizer_arguments(2), out=out)


def test_room_that_shares_memory_is_refused(module):
    q, arguments = module("quantizer"), quantizer_arguments(2)
    dZ, X = numbers(2, 5), arguments[0]
    message = "shares memory with another argument"
    with pytest.raises(ValueError, match=f"out: Z: {message}"):
        q.forward(*arguments, out=X)
    room = [np.empty_like(array) for array in arguments]
    with pytest.raises(ValueError, match=f"out: db: {message}"):
        q.backward(dZ, *arguments, out=(room[0], room[1], room[1], room[3]))
    both = np.zeros(5)
    with pytest.raises(ValueError, match=f"out: db: {message}"):
        q.backward(dZ, *arguments, out=(room[0], both[:3], both[2:], room[3]))
    with pytest.raises(ValueError, match=f"out: dZ: {message}"):
        q.jvp(*arguments, dX=dZ, out=dZ)
    mlp, given = module("softmax_mlp"), mlp_arguments(2)
    _, saved = mlp.forward(*given, save=True)
    fresh = [np.empty_like(array) for array in given[:5]]
    view = saved.t.reshape(-1)[:3]
    with pytest.raises(ValueError, match=f"out: dv: {message}"):
        mlp.backward(*given, saved=saved, out=(*fresh[:4], view))


@pytest.mark.parametrize("layout", ["strided", "Fortran", "read-only", "reversed", "unaligned"])
def test_inputs_of_every_layout_are_taken_and_left_alone(module, layout):
    q, (X, a, b, c) = module("quantizer"), quantizer_arguments(2)
    given = {
        "strided": lambda: np.repeat(X, 3, axis=1)[:, ::3],
        "Fortran": lambda: np.asfortranarray(X),
        "read-only": lambda: X.copy(),
        "reversed": lambda: X[::-1, ::-1].copy()[::-1, ::-1],
        "unaligned": lambda: np.frombuffer(b"x" + X.tobytes(), "u1")[1:].view("f8").reshape(2, 5),
    }[layout]()
    if layout == "read-only":
        given.flags.writeable = False
    before = given.copy()
    np.testing.assert_array_equal(q.forward(given, a, b, c), q.forward(X, a, b, c))
    np.testing.assert_array_equal(given, before)


# What is refused, and how.

WRONG = {
    "shape": (2, numbers(8), ValueError, "b: expected shape (M,) with M = 16 from a, got (8,)"),
    "rank": (1, numbers(4, 4), ValueError, "a: expected shape (M,), got (4, 4)"),
    "rank too low": (0, np.array(1.0), ValueError, "X: expected shape (*batch, N), got ()"),
    "integers": (
        1,
        np.arange(16),
        TypeError,
        "a: expected float64, as the other arrays, got int64",
    ),
    "half": (0, numbers(5).astype("f2"), TypeError, "X: expected float32 or float64, got float16"),
    "mixed": (
        3,
        numbers(16, dtype="f4"),
        TypeError,
        "c: expected float64, as the other arrays, got",
    ),
    "complex": (
        1,
        numbers(16) + 0j,
        TypeError,
        "a: expected float64, as the other arrays, got com",
    ),
    "objects": (
        0,
        numbers(5).astype(object),
        TypeError,
        "X: expected float32 or float64, got object",
    ),
    "byte-swapped": (
        2,
        numbers(16).astype(">f8"),
        TypeError,
        "b: expected float64, as the other arr",
    ),
    "booleans": (
        1,
        numbers(16) > 0,
        TypeError,
        "a: expected float64, as the other arrays, got bool",
    ),
    "list": (1, [1.0] * 16, TypeError, "a: expected a plain NumPy array, got list"),
    "None": (2, None, TypeError, "b: expected a plain NumPy array, got NoneType"),
    "number": (0, 3.0, TypeError, "X: expected a plain NumPy array, got float"),
    "string": (0, "abc", TypeError, "X: expected a plain NumPy array, got str"),
    "masked": (0, np.ma.zeros(5), TypeError, "X: expected a plain NumPy array, got MaskedArray"),
    "matrix": (
        1,
        np.rec.array(numbers(16)),
        TypeError,
        "a: expected a plain NumPy array, got recarr",
    ),
    "empty axis": (0, np.empty((3, 0)), ValueError, "size N must be at least 1, got 0"),
    "empty parameter": (1, np.empty(0), ValueError, "size M must be at least 1, got 0"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_argument_is_named_with_what_was_expected(module, what):
    place, value, error, message = WRONG[what]
    arguments = quantizer_arguments(N=5, M=16)
    arguments[place] = value
    room = np.full(5, 7.0)
    with pytest.raises(error) as caught:
        module("quantizer").forward(*arguments, out=room)
    assert str(caught.value).startswith(message)
    assert str(caught.value).count("expected") <= 1
    np.testing.assert_array_equal(room, 7.0)


def test_a_batch_that_differs_is_named_with_where_it_comes_from(module):
    q, arguments = module("quantizer"), quantizer_arguments(3)
    with pytest.raises(ValueError) as caught:
        q.backward(numbers(4, 5), *arguments)
    assert str(caught.value) == (
        "dZ: expected shape (*batch, N) with batch = (3,) from X, N = 5 from X, got (4, 5)"
    )
    with pytest.raises(ValueError, match=r"dZ: expected shape \(P, \*batch, N\)"):
        q.vjp_many(numbers(3, 5), *arguments)
    with pytest.raises(
        ValueError, match=r"dc: expected shape \(M,\) with M = 3 from a, got \(2,\)"
    ):
        q.jvp(*arguments, dc=numbers(2))


def test_every_function_checks_what_it_is_given(module):
    q, (X, a, _, c) = module("quantizer"), quantizer_arguments(2)
    short = numbers(2)
    calls = [
        lambda: q.backward(X, X, a, short, c),
        lambda: q.forward_backward(X, X, a, short, c),
        lambda: q.jvp(X, a, short, c),
        lambda: q.vjp_many(X[None], X, a, short, c),
    ]
    for attempt in calls:
        with pytest.raises(ValueError, match=r"^b: expected shape \(M,\) with M = 3 from a, got"):
            attempt()


WRONG_COTANGENTS = {
    "None": (None, TypeError, "dR: expected a number or an array, got NoneType"),
    "text": ("1", TypeError, "dR: expected a number or an array, got str"),
    "list": ([1.0, 2.0], TypeError, "dR: expected a number or an array, got list"),
    "complex": (1j, TypeError, "dR: expected a number or an array, got complex"),
    "other dtype": (np.ones(2, "f4"), TypeError, "dR: expected float64, as the other arrays, got"),
    "shape": (np.ones(3), ValueError, r"dR: expected a number or shape \(2,\), got shape \(3,\)"),
}


@pytest.mark.parametrize("what", WRONG_COTANGENTS)
def test_a_wrong_cotangent_of_a_loss_is_refused(module, what):
    value, error, message = WRONG_COTANGENTS[what]
    with pytest.raises(error, match=message):
        module("softmax_mlp").backward(*mlp_arguments(2), dR=value)


def test_a_learning_rate_is_one_number(module):
    mlp, arguments = module("softmax_mlp"), mlp_arguments(2)
    with pytest.raises(ValueError, match=r"gamma: expected a number, got shape \(2,\)"):
        mlp.sgd_step(*arguments, gamma=np.ones(2))
    with pytest.raises(TypeError, match="gamma: expected a number or an array, got NoneType"):
        mlp.sgd_step(*arguments, gamma=None)
    with pytest.raises(TypeError, match="gamma"):
        mlp.sgd_step(*arguments)


def test_wrong_saved_values_are_refused(module):
    mlp, arguments = module("softmax_mlp"), mlp_arguments(2)
    _, saved = mlp.forward(*arguments, save=True)
    _, other = mlp.forward(*mlp_arguments(4), save=True)
    with pytest.raises(ValueError, match=r"saved: s: expected shape \(2, 2\), got \(4, 2\)"):
        mlp.backward(*arguments, saved=other)
    with pytest.raises(TypeError, match=r"saved: expected what forward\(…, save=True\) returned"):
        mlp.backward(*arguments, saved=True)
    with pytest.raises(ValueError, match="saved: expected 3 arrays, got 1"):
        mlp.backward(*arguments, saved=saved[:1])
    with pytest.raises(TypeError, match="saved: t: expected float64"):
        mlp.backward(*arguments, saved=(saved.s, saved.z, saved.t.astype("f4")))
    with pytest.raises(ValueError, match="saved: expected 0 arrays, got 3"):
        q = module("quantizer")
        q.backward(numbers(2, 5), *quantizer_arguments(2), saved=saved)


def test_positions_outside_a_table_are_refused(module):
    made, table, W = module("lookup"), numbers(4, 3), numbers(3)
    good = np.array([[0, 3, 1], [2, 2, 0]])
    assert made.forward(good, table, W).shape == (2, 3)
    np.testing.assert_array_equal(
        made.forward(good.astype(np.uint8), table, W), made.forward(good, table, W)
    )
    for bad, what in ((good - 1, "-1 to 2"), (good + 1, "1 to 4")):
        with pytest.raises(ValueError, match=f"words: expected positions from 0 to 3, got {what}"):
            made.forward(bad, table, W)
        with pytest.raises(ValueError, match="words: expected positions from 0 to 3"):
            made.backward(numbers(2, 3), bad, table, W)
    with pytest.raises(TypeError, match="words: expected an array of integers, got float64"):
        made.forward(good.astype(float), table, W)
    assert made.forward(np.empty((0, 3), int), table, W).shape == (0, 3)


def test_a_stride_is_an_integer_argument(module):
    made, w, b = module("strided"), numbers(3), np.asarray(0.5)
    X = numbers(2, 2 * 3 + 3)
    Y = made.forward(X, w, b, s=2)
    assert Y.shape == (2, 4)
    np.testing.assert_array_equal(made.forward(X, w, b, s=np.int64(2)), Y)
    for s, kind in ((2.0, "float"), (None, "NoneType"), (True, "bool")):
        with pytest.raises(TypeError, match=f"s: expected an int, got {kind}"):
            made.forward(X, w, b, s=s)
    with pytest.raises(ValueError, match="size s must be at least 1, got 0"):
        made.forward(X, w, b, s=0)
    with pytest.raises(ValueError, match=r"X: expected shape \(\*batch, "):
        made.forward(X[:, :-1], w, b, s=2)
    with pytest.raises(TypeError, match="s"):
        made.forward(X, w, b)


def test_a_size_that_no_shape_tells_is_an_argument(tmp_path):
    made = imported(written(square_length(), tmp_path, "numpy") / "square_length.py")
    x = numbers(3, 16)
    np.testing.assert_allclose(made.forward(x, N=4), x.reshape(3, 4, 4).sum(-1))
    with pytest.raises(ValueError, match=r"x: expected shape \(\*batch, N \* N\) with"):
        made.forward(x, N=3)


def test_a_parameter_without_axes_may_be_a_numpy_scalar(module):
    made = module("scalars")
    x, w, b = numbers(3), np.float64(0.3), np.asarray(-0.2)
    assert made.forward(x, w, b).shape == (3,)
    np.testing.assert_array_equal(made.forward(x, w, b), made.forward(x, np.asarray(w), b))
    with pytest.raises(TypeError, match="w: expected a plain NumPy array, got float"):
        made.forward(x, 0.3, b)


# The text.


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", MADE)
def test_the_text_is_tidy(source, target, name):
    text = source(target, name).read_text(encoding="utf-8")
    ast.parse(text)
    lines = text.splitlines()
    assert text.endswith("\n") and not text.endswith("\n\n")
    assert not [line for line in lines if line != line.rstrip()]
    assert "\n\n\n\n" not in text and "\t" not in text
    # An array operation, or a message within quotes, stays on its line.
    assert not [line for line in lines if len(line) > 120 and "np." not in line and '"' not in line]
    names = {t.string for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == 1}
    assert not names & {"einsum", "eval", "exec", "sympy", "derive", "jinja2"}


BLOCKED = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("sympy", "jinja2", "derive", "mpmath", "lark", "scipy"):
            raise ImportError(f"{name} is not to be imported")
sys.meta_path.insert(0, Blocker())
sys.path += sys.argv[2:]
import importlib.util
spec = importlib.util.spec_from_file_location("made", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import numpy as np
x = np.linspace(-1, 1, 6).reshape(2, 3)
print(module.forward(x, *(np.array([0.5, -1.0]),) * 3).shape)
"""


@pytest.mark.parametrize("target", TARGETS)
def test_a_module_needs_numpy_alone(source, target):
    where = importlib.util.find_spec("numpy").origin.rsplit("numpy", 1)[0]
    command = [sys.executable, "-S", "-I", "-W", "error", "-c", BLOCKED]
    result = subprocess.run(
        [*command, str(source(target, "quantizer")), where],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.strip() == "(2, 3)", result.stderr
    assert result.stderr == ""


def test_a_module_that_is_copied_alone_works(source, tmp_path):
    copy = tmp_path / "somewhere" / "q.py"
    copy.parent.mkdir()
    copy.write_bytes(source("numpy", "quantizer").read_bytes())
    arguments = quantizer_arguments(2)
    np.testing.assert_array_equal(
        imported(copy).forward(*arguments),
        imported(source("numpy", "quantizer")).forward(*arguments),
    )


# The quantizer's work.


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
