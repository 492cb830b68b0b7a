"""The binding of generated C to Python: which calls it takes, and that it changes nothing."""

from __future__ import annotations

import inspect
import pickle
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
    left = []
    for kind in KINDS:
        plain = getattr(module, kind).__wrapped__

        def counted(*arguments, plain=plain, kind=kind, **more):
            left.append(kind)
            return plain(*arguments, **more)

        setattr(module, kind, again(module, kind, counted))
    monkeypatch.setattr(load, "python_flags", lambda: ())
    _, without = made(name, tmp_path / "without")
    assert inspect.isfunction(without.forward)
    at = case(layer, 3)
    for kind in KINDS:
        for dtype in (np.float64, np.float32):
            got, want = (call(each, at, kind, dtype) for each in (module, without))
            assert got.keys() == want.keys()
            for key, value in got.items():
                assert value.dtype == want[key].dtype
                np.testing.assert_array_equal(value, want[key], err_msg=f"{kind} {key}")
    assert not {"forward", "forward_backward", "jvp", "vjp_many"} & set(left)


def again(module, kind, plain):
    """Return the function of the extension, with another one behind it."""
    return type(getattr(module, kind))(kind, plain, vars(module))


def taken(module, kind, *arguments, **named):
    """Tell whether the extension takes a call."""
    return again(module, kind, lambda *arguments, **named: None)(*arguments, **named) is not None


def test_results_are_of_the_types_that_the_module_declares(quantizing):
    result = quantizing.forward_backward(*plain())
    assert type(result) is quantizing.Pass
    assert type(quantizing.forward(*plain()[1:])) is np.ndarray
    room = tuple(result)
    before = [sys.getrefcount(each) for each in room]
    for _ in range(5):
        assert quantizing.forward_backward(*plain(), out=room).Z is room[0]
    assert [sys.getrefcount(each) for each in room] == before
    assert taken(quantizing, "forward_backward", *plain(), out=result)
    assert quantizing.forward_backward(*plain(), out=result) is result


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
    assert taken(quantizing, "forward_backward", *plain())
    assert not taken(quantizing, "forward_backward", *NOT_PLAIN[what](*plain()))


def test_room_that_does_not_fit_is_left_to_the_module(quantizing):
    arguments = plain()
    room = [np.empty_like(x) for x in (arguments[1], *arguments[1:])]
    assert taken(quantizing, "forward_backward", *arguments, out=tuple(room))
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
        assert not taken(quantizing, "forward_backward", *arguments, out=wrong)


def test_arguments_may_be_given_by_name(quantizing):
    dZ, X, a, b, c = plain()
    want = quantizing.forward_backward(dZ, X, a, b, c)
    for given, named in (
        ((), {"c": c, "X": X, "dZ": dZ, "b": b, "a": a}),
        ((dZ, X), {"b": b, "c": c, "a": a, "out": None}),
    ):
        assert taken(quantizing, "forward_backward", *given, **named)
        got = quantizing.forward_backward(*given, **named)
        assert all(np.array_equal(one, other) for one, other in zip(got, want, strict=True))


def test_arguments_that_are_missing_or_too_many_are_left_to_the_module(quantizing):
    dZ, X, a, b, c = plain()
    for given, named in (
        ((), {}),
        ((dZ, X, a, b), {}),
        ((dZ, X, a, b, c, None), {}),
        ((dZ, X, a, b, c), {"c": c}),
        ((dZ, X, a, b), {"out": None}),
        ((dZ, X, a, b, c), {"save": False}),
    ):
        assert not taken(quantizing, "forward_backward", *given, **named)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'c'"):
        quantizing.forward_backward(dZ, X, a, b)


def test_a_loss_has_cotangent_1_unless_another_is_given(tmp_path):
    layer, module = made("softmax_mlp", tmp_path)
    arrays = case(layer, 3).arrays
    given = [arrays[t.name] for t in layer.tensors]
    (loss,) = layer.outputs
    want = module.forward_backward(*given)
    assert taken(module, "forward_backward", *given)
    for cotangent, factor in ((1, 1), (-2.0, -2)):
        assert taken(module, "forward_backward", *given, **{f"d{loss}": cotangent})
        got = module.forward_backward(*given, **{f"d{loss}": cotangent})
        np.testing.assert_array_equal(got[0], want[0])
        np.testing.assert_allclose(got[1], factor * want[1])


def test_a_function_of_the_extension_shows_itself_as_the_one_behind_it(quantizing):
    function = quantizing.forward_backward
    plain = function.__wrapped__
    assert inspect.isfunction(plain) and inspect.isroutine(function)
    assert function.__doc__ == plain.__doc__ and "Z" in function.__doc__
    assert inspect.signature(function) == inspect.signature(plain)
    sys.modules[quantizing.__name__] = quantizing
    try:
        assert pickle.loads(pickle.dumps(function)) is function
    finally:
        del sys.modules[quantizing.__name__]
