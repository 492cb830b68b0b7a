"""Which arguments a generated module refuses, and how: the same for NumPy and for C."""

from __future__ import annotations

import numpy as np
import pytest

from tests.emit.made import mlp_arguments, numbers, quantizer_arguments, square_length
from tests.emit.modules import imported, written

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
    "truth": (True, TypeError, "dR: expected a number or an array, got bool"),
    "too large": (10**400, ValueError, "dR: expected a number that float64 can hold"),
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
    with pytest.raises(ValueError, match=f"words: expected positions below .*, got {2**63}"):
        made.forward(np.array([2**63, 0, 1], np.uint64), table, W)
    np.testing.assert_array_equal(
        made.forward(good.astype(np.uint64), table, W), made.forward(good, table, W)
    )
    with pytest.raises(TypeError, match="words: expected an array of integers, got float64"):
        made.forward(good.astype(float), table, W)
    assert made.forward(np.empty((0, 3), int), table, W).shape == (0, 3)


@pytest.mark.parametrize("saves", [False, True])
def test_every_function_refuses_a_label_that_the_definition_has_no_place_for(module, saves):
    """A gradient only compares the label, and reads no entry by it."""
    made, x, label = module("labelled"), numbers(4, 3), np.array([2, 0, 1, 1])
    _, saved = made.forward(x, label, save=True)
    kept = saved if saves else None
    assert made.backward(x, label, saved=kept).dx.shape == (4, 3)
    for bad in (-1, 3, 10**15):
        wrong = np.array([2, bad, 1, 1])
        calls = (
            (made.forward, [x, wrong], {}),
            (made.backward, [x, wrong], {"saved": kept}),
            (made.forward_backward, [x, wrong], {}),
            (made.jvp, [x, wrong], {"dx": x}),
            (made.vjp_many, [numbers(2, 4), x, wrong], {}),
        )
        for function, arguments, keywords in calls:
            with pytest.raises(ValueError, match="label: expected positions from 0 to 2, got"):
                function(*arguments, **keywords)


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


def test_what_has_no_axes_may_be_a_python_number(module):
    made = module("scalars")
    x, w, b = numbers(3), np.asarray(0.5), np.asarray(2.0)
    for dtype in (np.float64, np.float32):
        arrays = tuple(array.astype(dtype) for array in (x, w, b))
        found = made.forward(arrays[0], 0.5, 2)
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, made.forward(*arrays))
        np.testing.assert_array_equal(
            made.jvp(arrays[0], 0.5, 2, dw=1), made.jvp(*arrays, dw=np.ones((), dtype))
        )
        assert made.backward(arrays[0], 0.5, 2).dw.dtype == dtype
    alone = made.forward(1.5, 0.5, 2)
    assert alone.shape == () and alone == made.forward(np.asarray(1.5), w, b)
    for bad, kind in ((True, "bool"), ("1", "str"), (1j, "complex"), (None, "NoneType")):
        what = f"expected a number or a plain NumPy array, got {kind}"
        with pytest.raises(TypeError, match=f"w: {what}"):
            made.forward(x, bad, b)
        with pytest.raises(TypeError, match=f"x: {what}"):
            made.forward(bad, w, b)
    large = "expected a number that float64 can hold"
    with pytest.raises(ValueError, match=f"w: {large}"):
        made.forward(x, 10**400, b)
    with pytest.raises(ValueError, match=f"dw: {large}"):
        made.jvp(x, w, b, dw=-(10**400))
