"""The binding of generated C to Python: which calls it takes, and that it changes nothing."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from derive.verify import load
from tests.calculus.layers import LAYERS
from tests.emit.modules import call, case, imported, written

pytestmark = pytest.mark.skipif(not load.python_flags(), reason="needs the headers of Python")
KINDS = ("forward", "backward", "forward_backward", "jvp", "vjp_many")


def made(name, folder):
    layer = LAYERS[name]()
    package = written(layer, folder, "c")
    load.build(package / f"{name}.c", package / "_build", blas=False)
    return layer, imported(package / f"{name}.py")


@pytest.fixture(scope="module")
def quantizing(tmp_path_factory):
    return made("quantizer", tmp_path_factory.mktemp("quantizer"))[1]


def plain(dtype=np.float64):
    generator = np.random.default_rng(2)
    X, dZ = generator.normal(size=(2, 3, 2, 5)).astype(dtype)
    a, b, c = generator.normal(size=(3, 4)).astype(dtype)
    return dZ, X, a, b, c


@pytest.mark.parametrize("name", ["quantizer", "softmax_mlp", "attention"])
def test_a_call_that_it_takes_gives_what_the_same_call_gives_without_it(
    name, tmp_path, monkeypatch
):
    layer, module = made(name, tmp_path / "with")
    taken = []
    for kind in KINDS:
        original = getattr(module._FAST, kind, lambda *arguments: None)

        def counted(*arguments, original=original, kind=kind):
            result = original(*arguments)
            if result is not None:
                taken.append(kind)
            return result

        setattr(module._FAST, kind, counted)
    monkeypatch.setattr(load, "python_flags", lambda: ())
    _, without = made(name, tmp_path / "without")
    assert type(without._FAST).__name__ == "SimpleNamespace"
    at = case(layer, 3)
    for kind in KINDS:
        for dtype in (np.float64, np.float32):
            got, want = (call(each, at, kind, dtype) for each in (module, without))
            assert got.keys() == want.keys()
            for key, value in got.items():
                assert value.dtype == want[key].dtype
                np.testing.assert_array_equal(value, want[key], err_msg=f"{kind} {key}")
    assert set(taken) >= {"forward", "forward_backward", "vjp_many"}


def test_results_are_of_the_types_that_the_module_declares(quantizing):
    result = quantizing.forward_backward(*plain())
    assert type(result) is quantizing.Pass
    assert type(quantizing.forward(*plain()[1:])) is np.ndarray
    room = tuple(result)
    before = [sys.getrefcount(each) for each in room]
    for _ in range(5):
        assert quantizing.forward_backward(*plain(), out=room).Z is room[0]
    assert [sys.getrefcount(each) for each in room] == before


def swapped(x):
    return x.astype(x.dtype.newbyteorder())


def readonly(x):
    x = x.copy()
    x.flags.writeable = False
    return x


NOT_PLAIN = {
    "a list": lambda dZ, X, a, b, c: (dZ, X.tolist(), a, b, c),
    "another dtype": lambda dZ, X, a, b, c: (dZ, X, a.astype(np.float32), b, c),
    "integers": lambda dZ, X, a, b, c: tuple(x.astype(int) for x in (dZ, X, a, b, c)),
    "swapped bytes": lambda dZ, X, a, b, c: (swapped(dZ), X, a, b, c),
    "another order": lambda dZ, X, a, b, c: (dZ, np.asfortranarray(X), a, b, c),
    "too short": lambda dZ, X, a, b, c: (dZ, X, a, b[:3], c),
    "another batch": lambda dZ, X, a, b, c: (dZ[:2], X, a, b, c),
    "no axes": lambda dZ, X, a, b, c: (dZ, np.float64(1.0), a, b, c),
    "no samples": lambda dZ, X, a, b, c: (dZ[:0], X[:0], a, b, c),
    "nothing": lambda dZ, X, a, b, c: (None, X, a, b, c),
    "a subclass": lambda dZ, X, a, b, c: (dZ, X.view(np.ma.MaskedArray), a, b, c),
}


@pytest.mark.parametrize("what", NOT_PLAIN)
def test_a_call_that_is_not_plain_is_left_to_the_module(quantizing, what):
    assert quantizing._FAST.forward_backward(*NOT_PLAIN[what](*plain()), None) is None


def test_room_that_does_not_fit_is_left_to_the_module(quantizing):
    arguments = plain()
    room = [np.empty_like(x) for x in (arguments[1], *arguments[1:])]
    fast = quantizing._FAST.forward_backward
    assert fast(*arguments, tuple(room)) is not None
    for wrong in (
        room,  # a list
        tuple(room[:4]),
        (*room[:4], room[3]),
        (arguments[1], *room[1:]),
        (*room[:4], np.empty(5)),
        (*room[:4], np.empty(4, np.float32)),
        (*room[:4], readonly(room[4])),
        (room[0], room[0].reshape(-1)[::-1].reshape(room[0].shape), *room[2:]),
    ):
        assert fast(*arguments, wrong) is None


def test_a_wrong_number_of_arguments_is_left_to_the_module(quantizing):
    assert quantizing._FAST.forward() is None
    assert quantizing._FAST.forward_backward(*plain()) is None
