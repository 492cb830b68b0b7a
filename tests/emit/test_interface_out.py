"""Whose memory a generated module reads and writes: the same for NumPy and for C."""

from __future__ import annotations

import numpy as np
import pytest

from tests.emit.made import mlp_arguments, numbers, quantizer_arguments


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
    "read-only": (READ_ONLY, ValueError, "out: Z: expected a writeable, aligned array in C order"),
    "Fortran order": (np.zeros((5, 2)).T, ValueError, "expected a writeable, aligned array in C"),
    "unaligned": (UNALIGNED, ValueError, "out: Z: expected a writeable, aligned array in C order"),
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
