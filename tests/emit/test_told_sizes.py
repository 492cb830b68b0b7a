"""A size that stands alone on no axis is solved for where a shape tells it."""

from __future__ import annotations

import numpy as np
import pytest

from derive import Definition
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
