"""Random values for what a layer is given, such that its declared facts hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy as sp

from derive.errors import DeriveError
from derive.index.terms import Delta, Entry, IndexSum, Size
from derive.layer.model import Fact, Layer, Role, Tensor
from derive.layer.positions import Read, reach, reads, values_in_range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from derive.index.arrays import Array

__all__ = ["extents", "fits", "impose", "readable", "sample", "sample_sizes", "summed"]


#: The greatest of the integers that are numbers, and no positions.
_SMALL = 3
#: How often sizes are drawn.
_TRIES = 100


def extents(tensor: Tensor, sizes: Mapping[Size, int]) -> tuple[int, ...]:
    """Return the numbers in a tensor's shape."""
    return tuple(int(size.xreplace(dict(sizes))) for size in tensor.shape)


def sample_sizes(
    layer: Layer, generator: np.random.Generator, ones: bool, top: int | None = None
) -> dict[Size, int]:
    """Return a number for each size: all different, or many of them 1.

    Every axis has an entry then, those of ``n - k + 1`` values too, and every entry that is read
    without a guard is there.

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
    limits = _limits(layer)
    for turn in range(_TRIES):
        # In the end they grow fast: who reads the 50th entry needs as many.
        more = turn + max(0, turn - _TRIES // 2) ** 2
        if ones and turn < _TRIES // 2:
            sizes = {size: int(generator.choice([1, 1, 2, 3])) for size in layer.sizes}
        else:
            choices = generator.permutation(np.arange(2, 2 + count + more // count))
            values = np.resize(choices, len(layer.sizes))
            sizes = {size: int(value) for size, value in zip(layer.sizes, values, strict=True)}
        if fits(layer, sizes) and _there(layer, limits, sizes):
            return sizes
    raise DeriveError(
        f"no sizes are known at which every axis of {layer.name} has an entry, "
        "and all that is read is there"
    )


def readable(layer: Layer, sizes: Mapping[Size, int]) -> bool:
    """Tell whether every axis has an entry, and all that is read is there, at some sizes."""
    return fits(layer, sizes) and _there(layer, _limits(layer), sizes)


def _limits(layer: Layer) -> tuple[sp.Expr, ...]:
    """Return what may not be negative where all that is read without a guard is there."""
    found: dict[sp.Expr, None] = {}
    for read in _reads(layer):
        reached = None if read.guarded or isinstance(read.where, Delta) else reach(read)
        if reached is not None and not reached.data:
            found |= {reached.low: None, sp.expand(read.size - 1 - reached.high): None}
    return tuple(limit for limit in found if not limit.is_nonnegative)


def _there(layer: Layer, limits: tuple[sp.Expr, ...], sizes: Mapping[Size, int]) -> bool:
    """Tell whether no limit is negative, and there are integers for every subscript."""
    if any(limit.xreplace(dict(sizes)) < 0 for limit in limits):
        return False
    return all(first <= last for first, last in _in_range(layer, sizes).values())


def _reads(layer: Layer) -> Iterator[Read]:
    for node in layer.nodes:
        yield from reads(node.body, node.sizes)


def _in_range(layer: Layer, sizes: Mapping[Size, int]) -> dict[str, tuple[int, int]]:
    """Return the values that tensors of integers may have where no guard looks after them."""
    names = [tensor.name for tensor in layer.tensors if tensor.role is Role.INDEX]
    if not names:
        return {}
    every = [read for read in _reads(layer) if not read.guarded]
    return values_in_range(every, names, sizes)


def fits(layer: Layer, sizes: Mapping[Size, int]) -> bool:
    """Tell whether every axis has an entry at some sizes, and as many as facts say are 1."""
    shapes = {name: extents(tensor, sizes) for name, tensor in layer.by_name.items()}
    if not all(extent > 0 for shape in shapes.values() for extent in shape):
        return False
    return all(total <= shapes[name][axis] for name, axis, total in _counted(layer))


def _counted(layer: Layer) -> Iterator[tuple[str, int, int]]:
    """Yield tensors of zeros and ones along an axis of which a fact says how many are 1."""
    binary = {domain.tensor for domain in layer.domains if domain.values == "binary"}
    for fact in layer.facts if binary else ():
        name, axis = summed(fact)
        if name in binary and fact.right.is_Integer and fact.right >= 0:
            yield name, axis, int(fact.right)


def sample(
    layer: Layer, sizes: Mapping[Size, int], generator: np.random.Generator
) -> dict[str, Array]:
    """Return an array (float64, or int64 for subscripts) for each given tensor.

    Real values are normal; declared domains and facts of the form ``Σ_k y_k = constant`` are
    imposed, both where zeros and ones have a sum. Integers are drawn such that they are positions
    of the axes on which they stand; those that stand on none are small.

    Raises
    ------
    DeriveError
        If a declared fact is of another form: no values are known to satisfy it.
    """
    arrays: dict[str, Array] = {}
    ranges = _in_range(layer, sizes)
    for tensor in layer.tensors:
        shape = extents(tensor, sizes)
        if tensor.role is Role.INDEX:
            first, last = ranges.get(tensor.name) or (0, _most(layer, tensor, sizes))
            # They are counted from 0, if they can be.
            drawn = generator.integers(max(first, min(0, last)), last + 1, shape)
            arrays[tensor.name] = np.asarray(drawn)
        else:
            arrays[tensor.name] = np.asarray(generator.standard_normal(shape))
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
        name, _ = summed(fact)
        arrays[name] = np.exp(generator.standard_normal(arrays[name].shape))
    for name, axis, total in _counted(layer):
        ranks = arrays[name].argsort(axis=axis).argsort(axis=axis)
        arrays[name] = np.where(ranks < total, 1.0, 0.0)
    return _dyadic(layer, impose(layer, arrays))


def _dyadic(layer: Layer, arrays: dict[str, Array]) -> dict[str, Array]:
    """Round what facts speak of so that they hold exactly, in float32 as well: in 4096ths."""
    for fact in layer.facts:
        name, axis = summed(fact)
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
        name, axis = summed(fact)
        if name in result:
            values = result[name]
            result[name] = values * _constant(fact, values) / values.sum(axis=axis, keepdims=True)
    return result


def summed(fact: Fact) -> tuple[str, int]:
    """Return the tensor and the axis of which a fact gives the sum.

    Raises
    ------
    DeriveError
        If it is a fact of another form.
    """
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


def _most(layer: Layer, tensor: Tensor, sizes: Mapping[Size, int]) -> int:
    """Return the last position of the smallest axis on which a guarded subscript stands."""
    found = [
        int(read.size.xreplace(dict(sizes))) - 1
        for read in _reads(layer)
        if any(entry.tensor == tensor.name for entry in read.position.atoms(Entry))
    ]
    return min(found, default=_SMALL)
