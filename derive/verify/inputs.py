"""Inputs at which floating point is known to fail, for any layer.

Normal draws at three scales, a grid from -1000 to 1000, zeros, subnormal numbers, entries that
are all equal (also far out, on either side), one entry that dominates the rest; labels at 0 and 1,
and in between. Where it is declared which values a tensor has, they are large (of those between 0
and 1: near 1), small, and both at once. All numbers but the subnormal ones are such that float32
holds them exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.index.arrays import Array
from derive.index.terms import tensors
from derive.layer.model import Role
from derive.layer.sample import sample
from derive.verify.floats import PRECISIONS, singles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from derive.index.terms import Size
    from derive.layer.model import Layer

__all__ = ["Case", "cases"]


_SCALES = (1.0, 30.0, 300.0)
_DRAWS = 2
#: The greatest magnitude in the grid.
_GRID = 1000.0
_Change = Callable[[Array], Array]
#: By what is declared of a tensor: its values farther from 0, by a factor.
_FAR: dict[str, Callable[[Array, Any], Array]] = {
    "positive": lambda array, factor: array * factor,
    "nonzero": lambda array, factor: array * factor,
    "unit": lambda array, factor: 1 - array / factor,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One choice of all inputs.

    Parameters
    ----------
    title : str
        What is special about it.
    arrays : mapping of str to array
        By name: what the layer is given.
    precisions : tuple of str
        Which precisions hold these numbers exactly: ``f64``, ``f32``.
    """

    title: str
    arrays: Mapping[str, Array]
    precisions: tuple[str, ...] = tuple(PRECISIONS)

    @property
    def ordinary(self) -> bool:
        """Tell whether nothing is special about the numbers but their scale."""
        return self.title.startswith(("normal", "inputs normal", "any labels"))


def cases(
    layer: Layer, sizes: Mapping[Size, int], generator: np.random.Generator
) -> Iterator[Case]:
    """Yield the inputs at which a layer is judged.

    Parameters
    ----------
    layer : Layer
        Without a batch.
    sizes : mapping of Size to int
        The sizes.
    generator : numpy.random.Generator
        Of the random numbers.
    """
    real = [t.name for t in layer.tensors if t.role is not Role.INDEX]
    spoken_of = {domain.tensor for domain in layer.domains} | _in_facts(layer)
    # In the layer's order: random numbers are drawn for one after the other.
    bound = [t.name for t in layer.tensors if t.name in spoken_of]
    free = [name for name in real if name not in bound]
    inputs = [t.name for t in layer.tensors if t.role is Role.INPUT and t.name in free]

    def case(title: str, change: _Change, names: list[str]) -> Case:
        arrays = sample(layer, sizes, generator)
        arrays.update({name: change(arrays[name]) for name in names})
        arrays.update({name: _one_hot(layer, name, arrays[name], generator) for name in bound})
        return Case(title, singles(arrays))

    for scale in _SCALES if free else _SCALES[:1]:
        for _ in range(_DRAWS):
            yield case(f"normal, scale {scale:g}", partial(_times, scale), free)
            if inputs and scale != 1:
                yield case(f"inputs normal, scale {scale:g}", partial(_times, scale), inputs)
    yield Case("any labels", singles(sample(layer, sizes, generator)))
    for name in free:
        yield case(f"{name} on a grid to ±{_GRID:g}", partial(_grid, generator), [name])
    if inputs:
        yield case("inputs 0", partial(_times, 0.0), inputs)
    if free:
        yield case("all 0", partial(_times, 0.0), free)
        yield case("all entries equal", _equal, free)
    if inputs:
        yield case("inputs equal", _equal, inputs)
    for name in free:
        yield case(f"one entry of {name} dominates", partial(_dominated, generator), [name])
    if inputs:
        yield from _subnormal(case("", _equal, []).arrays, inputs)
        for far in (far for scale in _SCALES[1:] for far in (scale, -scale)):
            yield case(f"inputs equal, near {far:g}", partial(_near, generator, far), inputs)
    yield from _declared(layer, sizes, generator)


def _subnormal(arrays: Mapping[str, Array], inputs: list[str]) -> Iterator[Case]:
    for precisions, tiny in ((tuple(PRECISIONS), 2.0**-140), (("f64",), 2.0**-1060)):
        small = {
            name: np.sign(arrays[name]) * np.ceil(8 * np.abs(arrays[name])) * tiny
            for name in inputs
        }
        yield Case("subnormal inputs", {**arrays, **small}, precisions)


def _declared(
    layer: Layer, sizes: Mapping[Size, int], generator: np.random.Generator
) -> Iterator[Case]:
    """Yield inputs with values far out in what is declared of them, and close to its ends."""
    summed = _in_facts(layer)
    kinds = {
        d.tensor: d.values for d in layer.domains if d.values in _FAR and d.tensor not in summed
    }

    def case(title: str, change: Callable[[str, Array], Array]) -> Case:
        arrays = sample(layer, sizes, generator)
        arrays.update({name: change(kind, arrays[name]) for name, kind in kinds.items()})
        return Case(title, singles(arrays))

    def mixed(kind: str, array: Array) -> Array:
        factor = _SCALES[-1] ** generator.uniform(size=array.shape)
        up = generator.integers(2, size=array.shape) == 1
        return np.where(up, _FAR[kind](array, factor), array / factor)

    if kinds:
        for scale in _SCALES[1:]:
            far = partial(lambda scale, kind, array: _FAR[kind](array, scale), scale)
            yield case(f"declared values far out, scale {scale:g}", far)
        yield case("declared values small", lambda _, array: array / _SCALES[-1])
        yield case("declared values far out and small", mixed)


def _in_facts(layer: Layer) -> set[str]:
    """Return the tensors that declared equations speak of."""
    return {name for fact in layer.facts for name in tensors(fact.left)}


def _times(factor: float, array: Array) -> Array:
    return np.asarray(factor * array)


def _equal(array: Array) -> Array:
    return np.full(array.shape, array.flat[0])


def _near(generator: np.random.Generator, far: float, array: Array) -> Array:
    return np.full(array.shape, far * generator.uniform(0.5, 1.5))


def _grid(generator: np.random.Generator, array: Array) -> Array:
    points = np.linspace(-_GRID, _GRID, max(array.size, 2))[: array.size]
    return np.asarray(generator.permutation(points).reshape(array.shape))


def _dominated(generator: np.random.Generator, array: Array) -> Array:
    result: Array = array.copy()
    result.flat[generator.integers(array.size)] += generator.choice([20.0, 90.0, 600.0])
    return result


def _one_hot(layer: Layer, name: str, array: Array, generator: np.random.Generator) -> Array:
    """Return labels that are 0 or 1, where the layer's facts say that they add to 1."""
    if not any(name in tensors(fact.left) and fact.right == 1 for fact in layer.facts):
        return array
    hit = generator.integers(array.shape[-1], size=array.shape[:-1])
    return np.asarray(np.eye(array.shape[-1])[hit])
