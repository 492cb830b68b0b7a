"""Random values for what a layer is given, such that its declared facts hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from derive.errors import DeriveError
from derive.index.terms import Entry, IndexSum, Size
from derive.layer.check import subscript_sizes
from derive.layer.model import Fact, Layer, Role, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["extents", "fits", "impose", "sample", "sample_sizes"]

Array = np.ndarray[Any, np.dtype[Any]]

#: How often sizes are drawn.
_TRIES = 100


def extents(tensor: Tensor, sizes: Mapping[Size, int]) -> tuple[int, ...]:
    """Return the numbers in a tensor's shape."""
    return tuple(int(size.xreplace(dict(sizes))) for size in tensor.shape)


def sample_sizes(
    layer: Layer, generator: np.random.Generator, ones: bool, top: int | None = None
) -> dict[Size, int]:
    """Return a number for each size: all different, or many of them 1.

    Every axis has an entry then, those of ``n - k + 1`` values too.

    Parameters
    ----------
    layer : Layer
        Whose sizes.
    generator : numpy.random.Generator
        Of the random numbers.
    ones : bool
        Whether many are to be 1.
    top : int, optional
        The greatest number, where it need not be exceeded; sizes are equal then if they must.

    Raises
    ------
    DeriveError
        If no such numbers are found.
    """
    count = max(4, len(layer.sizes)) if top is None else top - 1
    for more in range(_TRIES):
        if ones and more < _TRIES // 2:
            sizes = {size: int(generator.choice([1, 1, 2, 3])) for size in layer.sizes}
        else:
            choices = generator.permutation(np.arange(2, 2 + count + more // count))
            values = np.resize(choices, len(layer.sizes))
            sizes = {size: int(value) for size, value in zip(layer.sizes, values, strict=True)}
        if fits(layer, sizes):
            return sizes
    raise DeriveError(f"no sizes are known at which every axis of {layer.name} has an entry")


def fits(layer: Layer, sizes: Mapping[Size, int]) -> bool:
    """Tell whether every axis has an entry at some sizes."""
    shapes = (extents(tensor, sizes) for tensor in layer.by_name.values())
    return all(extent > 0 for shape in shapes for extent in shape)


def sample(
    layer: Layer, sizes: Mapping[Size, int], generator: np.random.Generator, scale: float = 1.0
) -> dict[str, Array]:
    """Return an array (float64, or int64 for subscripts) for each given tensor.

    Real values are normal; declared domains and facts of the form ``Σ_k y_k = constant`` are
    imposed. Integers are drawn from the range of the axes on which they stand.

    Raises
    ------
    DeriveError
        If a declared fact is of another form: no values are known to satisfy it.
    """
    arrays: dict[str, Array] = {}
    for tensor in layer.tensors:
        shape = extents(tensor, sizes)
        if tensor.role is Role.INDEX:
            drawn = generator.integers(0, _range(layer, tensor, sizes), shape)
            arrays[tensor.name] = np.asarray(drawn)
        else:
            arrays[tensor.name] = np.asarray(scale * generator.standard_normal(shape))
    for domain in layer.domains:
        shape = arrays[domain.tensor].shape
        uniform = generator.uniform(0.05, 0.95, shape)
        values = {
            "binary": np.round(uniform),
            "unit": uniform,
            "positive": np.exp(generator.standard_normal(shape)),
            "nonzero": np.sign(uniform - 0.5) * (0.1 + uniform),
        }[domain.values]
        arrays[domain.tensor] = np.asarray(values)
    for fact in layer.facts:
        name, _ = _summed(fact)
        arrays[name] = np.exp(generator.standard_normal(arrays[name].shape))
    return _dyadic(layer, impose(layer, arrays))


def _dyadic(layer: Layer, arrays: dict[str, Array]) -> dict[str, Array]:
    """Round what facts speak of so that they hold exactly, in float32 as well: in 4096ths."""
    for fact in layer.facts:
        name, axis = _summed(fact)
        total = float(_constant(fact, arrays[name]))
        values = np.floor(arrays[name] * 4096) / 4096
        largest = values == values.max(axis=axis, keepdims=True)
        first = largest & (np.cumsum(largest, axis=axis) == 1)
        missing = total - values.sum(axis=axis, keepdims=True)
        arrays[name] = values + np.where(first, missing, 0.0)
    return arrays


def impose(layer: Layer, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays, scaled so that the layer's facts hold in their own kind of number.

    Raises
    ------
    DeriveError
        If a fact is of another form than ``Σ_k y_k = constant``.
    """
    result = dict(arrays)
    for fact in layer.facts:
        name, axis = _summed(fact)
        if name in result:
            values = result[name]
            result[name] = values * _constant(fact, values) / values.sum(axis=axis, keepdims=True)
    return result


def _summed(fact: Fact) -> tuple[str, int]:
    """Return the tensor and the axis of which the fact gives the sum."""
    body = fact.left.args[0] if isinstance(fact.left, IndexSum) else None
    if not (isinstance(body, Entry) and fact.right.is_Rational):
        raise DeriveError(f"no values are known that satisfy the fact {fact.text}")
    return body.tensor, body.indices.index(fact.left.args[1])


def _constant(fact: Fact, like: Array) -> Any:
    """Return the right side in the numbers of an array."""
    numerator, denominator = int(fact.right.p), int(fact.right.q)
    if like.dtype == object:
        return mpmath.mpf(numerator) / denominator
    return numerator / denominator


def _range(layer: Layer, tensor: Tensor, sizes: Mapping[Size, int]) -> int:
    """Return how many values a subscript may take: the smallest axis on which it stands."""
    found = [
        int(size.xreplace(dict(sizes)))
        for node in layer.nodes
        for size in subscript_sizes(node.body, tensor.name, node.sizes)
    ]
    return min(found, default=1)
