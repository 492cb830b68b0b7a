"""A size that stands alone on no axis is solved for where a shape tells it."""

from __future__ import annotations

import numpy as np
import pytest

from derive import Definition, sum_over
from derive.emit.checks import computed_axes
from derive.program.suite import suite
from derive.verify.load import build
from derive.verify.runner import verify
from tests.emit.made import TARGETS, parameters
from tests.emit.modules import imported, written

SHAPES = {
    "more": lambda K, M: M + 1,
    "twice": lambda K, M: 2 * M,
    "difference": lambda K, M: 2 * K - M + 3,
    "product": lambda K, M: K * M,
}


def scaled(shape):
    d = Definition("scaled", "Only the shape of v has M in it.")
    K, M = d.sizes("K M")
    x, v, k = d.input("x", K), d.param("v", SHAPES[shape](K, M)), d.indices("k")
    y = d.output("y", K)
    y[k] = x[k] * v[0] * M
    return d.build()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_function_asks_for_a_size_that_a_shape_tells(shape, target, tmp_path):
    layer = scaled(shape)
    folder = written(layer, tmp_path, target)
    if target == "c":
        build(folder / "scaled.c", folder / "_build", blas=False)
    module = imported(folder / "scaled.py")
    for kind in ("forward", "backward", "vjp_many", "jvp"):
        assert "M" not in parameters(getattr(module, kind))
    assert [str(f) for f in verify(suite(layer), {target: module}, draws=2).wrong] == []


def test_a_shape_that_tells_no_size_is_refused(tmp_path):
    module = imported(written(scaled("twice"), tmp_path, "numpy") / "scaled.py")
    with pytest.raises(ValueError, match=r"v: expected shape \(2 \* M,\) with M = 2 from v"):
        module.forward(np.ones(3), np.ones(5))
    with pytest.raises(ValueError, match=r"size M must be at least 1, got 0"):
        module.forward(np.ones(3), np.ones(1))


def strided():
    """Return a layer whose computed axis has an entry always."""
    d = Definition("strided")
    L, K = d.sizes("L K")
    x, w = d.input("x", 2 * (L - 1) + K), d.param("w", K)
    i, k, y = *d.indices("i k"), d.output("y", L)
    y[i] = sum_over(k, w[k] * x[2 * i + k])
    return d.build()


def windows():
    """Return a layer whose results may have no entry."""
    d = Definition("windows")
    N, K = d.sizes("N K")
    x, w = d.input("x", N), d.param("w", K)
    i, k = d.indices("i k")
    y = d.output("y", N - K + 1)
    y[i] = sum_over(k, w[k] * x[i + k])
    return d.build()


def changes():
    """Return a layer that has fewer entries on the way than in what it is given."""
    d = Definition("changes")
    N = d.sizes("N")
    x, i, h, y = d.input("x", N), d.indices("i"), d.node("h", N - 1), d.output("y")
    h[i] = x[i + 1] - x[i]
    y[()] = sum_over(i, h[i] ** 2)
    return d.build()


@pytest.mark.parametrize("target", TARGETS)
def test_an_axis_that_would_have_no_entry_is_refused_by_its_name(target, tmp_path):
    modules = {}
    for layer in (windows(), changes()):
        folder = written(layer, tmp_path, target)
        if target == "c":
            build(folder / f"{layer.name}.c", folder / "_build", blas=False)
        modules[layer.name] = imported(folder / f"{layer.name}.py")
    made = modules["windows"]
    for N, K, rest in ((1, 4, -2), (2, 3, 0)):
        x, w, dy = np.ones((2, N)), np.ones(K), np.ones((2, 1))
        message = rf"^y: size N \+ 1 - K must be at least 1, got {rest} with N = {N}, K = {K}$"
        for call in (
            lambda x=x, w=w: made.forward(x, w),
            lambda x=x, w=w: made.jvp(x, w),
            lambda x=x, w=w, dy=dy: made.backward(dy, x, w),
            lambda x=x, w=w, dy=dy: made.vjp_many(dy[None], x, w),
        ):
            with pytest.raises(ValueError, match=message):
                call()
    assert made.forward(np.ones((2, 3)), np.ones(3)).shape == (2, 1)
    made, x = modules["changes"], np.ones((3, 1))
    for call in (lambda: made.forward(x), lambda: made.backward(x), lambda: made.jvp(x)):
        with pytest.raises(ValueError, match=r"^h: size N - 1 must be at least 1, got 0 with N"):
            call()


def test_what_cannot_be_empty_is_not_looked_at():
    assert computed_axes(strided()) == {}
    assert list(computed_axes(windows()).values()) == ["y"]
