"""Sizes are drawn at which every axis has an entry, those of differences too."""

import numpy as np
import pytest

from derive import Definition, sum_over
from derive.errors import DeriveError
from derive.layer.model import Layer
from derive.layer.sample import extents, sample_sizes


def convolution(more: int) -> Layer:
    layer = Definition("conv", "A convolution.")
    n, k = layer.sizes("n k")
    x, w = layer.input("x", n), layer.param("w", k)
    i, j = layer.indices("i j")
    y = layer.output("y", n - k + more)
    y[i] = sum_over(j, w[j] * x[i + j])
    return layer.build()


@pytest.mark.parametrize("ones", [False, True])
def test_differences_of_sizes_are_positive(ones: bool) -> None:
    layer = convolution(1)
    for seed in range(40):
        sizes = sample_sizes(layer, np.random.default_rng(seed), ones)
        assert all(min(extents(t, sizes)) > 0 for t in layer.by_name.values())


def test_sizes_that_there_are_not_are_named() -> None:
    with pytest.raises(DeriveError, match="every axis of conv has an entry"):
        sample_sizes(convolution(-1000), np.random.default_rng(0), ones=False)
