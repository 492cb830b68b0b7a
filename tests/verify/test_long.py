"""Long axes: what is done for many values at once is judged by the derived formulas."""

from __future__ import annotations

import numpy as np
import pytest

from derive import Definition
from derive.verify.call import Caller, imported
from derive.verify.long import Long
from tests.calculus.layers import LAYERS
from tests.emit.modules import programs, written


def draws(name):
    return {draw.long.name: draw for draw in Long.each(programs(LAYERS[name]()))}


def test_every_size_of_a_layer_and_its_batch_is_long_once():
    found = draws("quantizer")
    assert set(found) == {"B", "N", "M"}
    for name, draw in found.items():
        sizes = {size.name: number for size, number in draw.sizes.items()}
        assert sizes.pop(name) > 128
        assert max(sizes.values()) < 10
    assert found["B"].lead == (found["B"].sizes[found["B"].long],)


def test_sizes_beside_a_long_one_are_large_enough_for_what_is_read():
    d = Definition("third", "The third value, which no gradient needs.")
    N, K = d.sizes("N K")
    x, w, i = d.input("x", K), d.param("w", N), d.indices("i")
    y = d.output("y", N)
    y[i] = w[i] + x[2]
    found = {draw.long.name: draw for draw in Long.each(programs(d.build()))}
    assert set(found) == {"B", "N", "K"}
    assert min(draw.sizes[K] for draw in found.values()) > 2


def test_what_even_the_formulas_cannot_afford_is_left_out():
    assert set(draws("convolution_2d")) == {"B", "C"}


@pytest.mark.parametrize("name", ["quantizer", "softmax_cross_entropy", "attention", "rbf"])
def test_generated_numpy_agrees_on_long_axes(name, tmp_path):
    layer = LAYERS[name]()
    made = programs(layer)
    caller = Caller(imported(written(layer, tmp_path, "numpy") / f"{layer.name}.py"), made)
    for draw in Long.each(made):
        findings = draw.findings({"numpy": caller})
        assert {f.precision for f in findings} >= {"f64"}
        assert [str(f) for f in findings if f.wrong] == []


def test_a_result_beyond_a_precision_is_not_judged_in_it():
    draw = draws("rbf")["D"]
    largest = max(np.abs(value).max() for value in draw.expected["forward"].values())
    assert largest > np.finfo(np.float32).max
    assert not draw._holds("forward", np.float32) and draw._holds("forward", np.float64)
