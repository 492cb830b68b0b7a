"""Sizes are drawn at which every axis has an entry, those of differences too."""

import numpy as np
import pytest

from derive import Definition, select, sum_over
from derive.errors import DeriveError
from derive.layer.model import Layer
from derive.layer.run import run
from derive.layer.sample import extents, sample, sample_sizes


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


def read_at(*places: str) -> Layer:
    """Return a layer that reads integers n, and an array x of size K, at these places."""
    layer = Definition("read", "Reads at places.")
    K = layer.sizes("K")
    x, n, k = layer.input("x", K), layer.integers("n", K), layer.indices("k")
    y = layer.output("y", K)
    y[k] = sum(eval(place, {"x": x, "n": n, "k": k, "K": K, "select": select}) for place in places)
    return layer.build()


def ranges(layer: Layer) -> list[tuple[int, int, int]]:
    """Return K, and the least and greatest of many integers, for some draws."""
    found = []
    for seed in range(30):
        generator = np.random.default_rng(seed)
        sizes = sample_sizes(layer, generator, ones=seed % 2 == 1)
        drawn = [sample(layer, sizes, generator)["n"] for _ in range(30)]
        found.append((min(sizes.values()), int(np.min(drawn)), int(np.max(drawn))))
    return found


def test_integers_that_are_no_positions_are_small_numbers() -> None:
    found = ranges(read_at("x[k] ** n[k] + n[k] * x[k]"))
    assert {(low, high) for _, low, high in found} == {(0, 3)}


def test_integers_counted_from_1_are_positions() -> None:
    found = ranges(read_at("x[n[k] - 1]"))
    assert all((low, high) == (1, K) for K, low, high in found)


@pytest.mark.parametrize(
    "place",
    ["x[K - n[k]]", "x[n[k] + 1]", "x[n[n[k]]]", "x[(n[k] + k) - k]", "x[2 * n[k]]"],
)
def test_what_is_read_at_data_is_there(place: str) -> None:
    layer = read_at(place)
    for seed in range(20):
        generator = np.random.default_rng(seed)
        sizes = sample_sizes(layer, generator, ones=seed % 2 == 1)
        run(layer, sample(layer, sizes, generator), sizes, strict=True)


@pytest.mark.parametrize("ones", [False, True])
@pytest.mark.parametrize("last", [2, 7, 40])
def test_sizes_are_large_enough_for_what_is_read(last: int, ones: bool) -> None:
    layer = read_at(f"x[{last}] * n[k]")
    for seed in range(10):
        assert min(sample_sizes(layer, np.random.default_rng(seed), ones).values()) > last


def test_what_a_selection_guards_needs_no_size() -> None:
    layer = read_at("select(K > 7, x[7], 0) * n[k]")
    drawn = [sample_sizes(layer, np.random.default_rng(seed), ones=True) for seed in range(10)]
    assert min(min(sizes.values()) for sizes in drawn) == 1
