"""A layer with many axes is judged at sizes that the judges can afford, the others as ever."""

import math

import numpy as np
import pytest

from derive import Definition, exp, sum_over
from derive.errors import DeriveError
from derive.layer.model import Layer
from derive.layer.sample import extents, sample_sizes
from derive.verify.draw import Draw
from tests.calculus.layers import LAYERS
from tests.emit.modules import programs


def attention() -> Layer:
    """Return the attention of several heads: four sizes, three inputs of three axes."""
    layer = Definition("attention", "Attention.")
    h, n, m, d = layer.sizes("h n m d")
    q, k, v = layer.input("Q", h, n, d), layer.input("K", h, m, d), layer.input("V", h, m, d)
    a, i, j, c = layer.indices("a i j c")
    s = layer.node("S", h, n, m)
    s[a, i, j] = exp(sum_over(c, q[a, i, c] * k[a, j, c]))
    y = layer.output("O", h, n, d)
    y[a, i, c] = sum_over(j, s[a, i, j] * v[a, j, c]) / sum_over(j, s[a, i, j])
    return layer.build()


def test_many_axes_get_small_sizes() -> None:
    layer = attention()
    for number in range(3):
        draw = Draw(programs(layer), number)
        moved = sum(math.prod(extents(t, draw.sizes)) for t in draw.forward.wrt)
        assert moved <= 400


def test_few_axes_keep_the_sizes_that_are_drawn_first() -> None:
    suite = programs(LAYERS["quantizer"]())
    draw = Draw(suite, 0)
    every = dict(suite.layers)["vjp_many"]
    first = sample_sizes(every, np.random.default_rng([0, 0]), ones=False)
    own = [size for size in first if size.name not in (suite.batch, suite.many)]
    assert [draw.sizes[size] for size in own] == [first[size] for size in own]


def test_sizes_stay_below_a_bound_and_repeat_where_they_must() -> None:
    layer = attention()
    for seed in range(20):
        generator = np.random.default_rng(seed)
        found = sorted(sample_sizes(layer, generator, ones=False, top=3).values())
        assert found == [2, 2, 3, 3]


def test_a_layer_that_fits_no_sizes_is_called_by_its_own_name() -> None:
    d = Definition("contrary", "Each of two sizes is to be greater than the other.")
    N, M = d.sizes("N M")
    x, z, i = d.input("x", N), d.input("z", M), d.indices("i")
    y = d.output("y", N)
    y[i] = x[i] * x[M] * z[N]
    with pytest.raises(DeriveError, match="every axis of contrary has an entry"):
        Draw(programs(d.build()), 0)
