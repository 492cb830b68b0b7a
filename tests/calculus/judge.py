"""Random cases of a layer, and the comparison of anything derived with the reference."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from derive.gradient.jacobian import Jacobian, jacobian
from derive.index.terms import Size
from derive.layer.model import Layer
from derive.layer.run import exact, run
from derive.layer.sample import extents, sample, sample_sizes
from derive.verify import precision
from tests.calculus.layers import LAYERS

#: A derived gradient, evaluated with many digits, may differ from the reference by this much.
TOLERANCE = 1e-30
SHAPES = ("different", "with ones", "all one")

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Case:
    """A layer with numbers for everything, and the reference Jacobians of its outputs."""

    layer: Layer
    sizes: dict[Size, int]
    arrays: Arrays
    cotangents: Arrays
    tangents: Arrays
    jacobians: dict[tuple[str, str], np.ndarray]

    @property
    def wrt(self) -> tuple[str, ...]:
        return tuple(tensor.name for tensor in self.layer.wrt)

    def pulled(self, cotangents: Mapping[str, np.ndarray]) -> Arrays:
        """Return the reference of the gradients, of P at once if the cotangents are P."""
        return {
            name: total(
                np.tensordot(
                    cotangents[of], self.jacobians[of, name], len(self.layer.tensor(of).shape)
                )
                for of in self.layer.outputs
            )
            for name in self.wrt
        }


@cache
def derived(mode: Callable[..., Layer], name: str, transform: Any = None, **options: Any) -> Layer:
    """Return a derived layer; it is the same for all numbers, so it is derived once."""
    layer = LAYERS[name]()
    return mode(transform(layer) if transform else layer, **options)


@cache
def derived_jacobian(name: str, of: str, wrt: str) -> Jacobian:
    return jacobian(LAYERS[name](), of, wrt)


def total(parts: Any) -> np.ndarray:
    return np.asarray(sum(np.asarray(part, object) for part in parts), object)


def generator(*words: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(" ".join(map(str, words)).encode()))


def normal(random: np.random.Generator, *shape: int) -> np.ndarray:
    return np.asarray(random.standard_normal(shape))


@cache
def case(name: str, shapes: str) -> Case:
    layer, random = LAYERS[name](), generator(name, shapes)
    sizes = (
        dict.fromkeys(layer.sizes, 1)
        if shapes == "all one"
        else sample_sizes(layer, random, ones=True)
        if shapes == "with ones"
        else dict(zip(layer.sizes, random.permutation(len(layer.sizes)) + 2, strict=True))
    )
    arrays = sample(layer, sizes, random)
    return Case(
        layer,
        sizes,
        arrays,
        exact(layer, {n: normal(random, *shape(layer, n, sizes)) for n in layer.outputs}),
        exact(layer, {t.name: normal(random, *extents(t, sizes)) for t in layer.wrt}),
        precision.jacobians(layer, arrays, sizes, digits=36),
    )


def shape(layer: Layer, name: str, sizes: Mapping[Size, int]) -> tuple[int, ...]:
    return extents(layer.tensor(name), sizes)


def evaluated(
    derived: Layer, arrays: Mapping[str, np.ndarray], sizes: Mapping[Size, int]
) -> Arrays:
    """Return the outputs of a derived layer."""
    results = run(derived, exact(derived, arrays), sizes)
    return {name: results[name] for name in derived.outputs}


def assert_close(name: str, got: np.ndarray, reference: np.ndarray) -> None:
    found = precision.worst(name, got, reference)
    assert found is None or found.relative < TOLERANCE, str(found)
