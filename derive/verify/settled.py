"""A reference that has settled: the precision is doubled until nothing changes any more.

Together with the values come their *magnitudes*, the greatest of ``|out|``,

    Σ_e |e · ∂out / ∂e|    over all real inputs e,

which is how much the result moves, relative to the roundings of its inputs, and, where the result
is defined as a sum, the sum of the magnitudes of its terms. Of a sum of inputs all three say the
sum of the magnitudes, of a product its own magnitude, of ``f(x)`` it is ``|x f'(x)|``. No method
in floating point can be expected to be much better than ``eps`` times that, and one that is as
good is called backward stable. (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd
ed., SIAM 2002, sections 1.5 to 1.7.) The *slopes*, ``Σ_e |∂out / ∂e|``, say the same of inputs
that move by the least number there is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import mpmath
import numpy as np

from derive.index.arrays import objects
from derive.layer.batch import batch
from derive.layer.model import Role
from derive.layer.run import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.index.arrays import Array
    from derive.index.terms import Size
    from derive.layer.model import Layer

__all__ = ["Settled", "settled"]


#: Enough to see what is left of a number near 1 after 1 is taken from it, if float64 holds that.
_FIRST_DIGITS = 400
_MOST_DIGITS = 6400
_FEWER_DIGITS = (70, 150)
#: By how much an input is moved, relatively, and how well two precisions have to agree for that.
_STEP = mpmath.mpf(10) ** -25
_AGREE = mpmath.mpf(10) ** -45
#: What is below the least number of float64 by far counts as 0.
_NOTHING = mpmath.mpf(10) ** -340


@dataclass(frozen=True, slots=True)
class Settled:
    """The values of one result, their magnitudes and slopes; not numbers where it has no value."""

    values: Array
    magnitudes: Array
    slopes: Array


def settled(
    layer: Layer, arrays: Mapping[str, Array], sizes: Mapping[Size, int]
) -> dict[str, Settled]:
    """Return the outputs of a layer (a gradient is one) at numbers that are taken as exact.

    Parameters
    ----------
    layer : Layer
        Without a batch.
    arrays : mapping of str to array
        What it is given, by name. Labels that are 0 or 1 are exact: they do not move.
    sizes : mapping of Size to int
        The sizes.
    """
    every = batch(_with_terms(layer))
    given = {t.name: np.asarray(arrays[t.name]) for t in layer.tensors}
    moves = [
        (t.name, where)
        for t in layer.tensors
        if t.role is not Role.INDEX
        for where in np.ndindex(given[t.name].shape)
        if given[t.name][where] != 0 and not (t.role is Role.LABEL and given[t.name][where] == 1)
    ]
    digits, here = _FIRST_DIGITS, _values(every, given, sizes, [], _FIRST_DIGITS)
    while digits < _MOST_DIGITS:
        finer = _values(every, given, sizes, [], 2 * digits)
        if all(_agree(here[name], finer[name]) for name in layer.outputs):
            break
        digits, here = 2 * digits, finer
    # Most of the work is in what follows: it takes as few digits as give the same values.
    few = (d for d in _FEWER_DIGITS if _same(here, _values(every, given, sizes, [], d)))
    digits = next(few, digits)
    moved = _values(every, given, sizes, moves, digits)
    with mpmath.workdps(digits):
        inputs = [abs(mpmath.mpf(float(given[name][where]))) for name, where in moves]
        return {
            name: _result(moved[name], inputs, [v[0] for t, v in moved.items() if _of(t) == name])
            for name in layer.outputs
        }


def _with_terms(layer: Layer) -> Layer:
    """Return the layer with everything real an input, and with the terms of each result."""
    roles = {t.name: t.role if t.role is Role.INDEX else Role.INPUT for t in layer.tensors}
    tensors = tuple(replace(t, role=roles[t.name]) for t in layer.tensors)
    terms = [
        replace(node, tensor=replace(node.tensor, name=f"{node.name}~{number}"), body=term)
        for node in layer.nodes
        if node.name in layer.outputs and node.body.is_Add
        for number, term in enumerate(node.body.args)
    ]
    outputs = (*layer.outputs, *(node.name for node in terms))
    nodes = (*layer.nodes, *terms)
    return replace(layer, tensors=tensors, nodes=nodes, outputs=outputs, facts=())


def _of(name: str) -> str:
    """Return the result whose term has this name; none of a result itself."""
    head, _, number = name.rpartition("~")
    return head if number else ""


def _values(
    layer: Layer,
    given: Mapping[str, Array],
    sizes: Mapping[Size, int],
    moves: list[tuple[str, tuple[int, ...]]],
    digits: int,
) -> dict[str, Array]:
    """Return the outputs for the inputs as they are, and with each of the moves alone."""
    count = 1 + len(moves)
    with mpmath.workdps(digits):
        arrays = {
            name: np.repeat(array[None], count, axis=0) for name, array in objects(given).items()
        }
        for copy, (name, where) in enumerate(moves, start=1):
            place = (copy, *where)
            arrays[name][place] *= 1 + _STEP
        found = run(layer, arrays, {**sizes, layer.sizes[0]: count})
        batched = {
            name for name in layer.outputs if layer.tensor(name).shape[:1] == layer.sizes[:1]
        }
        # What depends on none of the copies is the same in all of them.
        return {
            name: found[name] if name in batched else np.repeat(found[name][None], count, axis=0)
            for name in layer.outputs
        }


def _agree(old: Array, new: Array) -> bool:
    return all(
        bool(mpmath.isfinite(b)) and abs(a - b) <= _AGREE * max(abs(b), _NOTHING)
        for a, b in zip(old.flat, new.flat, strict=True)
    )


def _same(wanted: Mapping[str, Array], got: Mapping[str, Array]) -> bool:
    """Tell whether all values agree, those that are no numbers too."""
    return all(
        abs(a - b) <= _AGREE * max(abs(a), _NOTHING) if mpmath.isfinite(a) else repr(a) == repr(b)
        for name, values in wanted.items()
        for a, b in zip(values.flat, got[name].flat, strict=True)
    )


def _result(moved: Array, inputs: list[mpmath.mpf], terms: list[Array]) -> Settled:
    here = np.asarray(moved[0], object)
    weighted, slopes = np.zeros(here.shape, object), np.zeros(here.shape, object)
    for copy, size in zip(moved[1:], inputs, strict=True):
        change = np.abs(copy - here) / _STEP
        weighted, slopes = weighted + change, slopes + change / size
    total = sum((np.abs(term) for term in terms), np.zeros(here.shape, object))
    magnitudes = np.maximum(np.maximum(np.abs(here), weighted), total)
    return Settled(here, np.asarray(magnitudes, object), np.asarray(slopes, object))
