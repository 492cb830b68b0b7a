"""Sizes and values to compare formulas at: usual ones, and such as lie beside a formula's kinks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import sympy as sp

from derive.errors import DeriveError
from derive.index.functions import KINKED
from derive.index.terms import IndexMax
from derive.layer.sample import fits

if TYPE_CHECKING:
    from derive.index.terms import Size
    from derive.layer.model import Layer

__all__ = [
    "APART",
    "MANY",
    "TRIES",
    "USUAL",
    "allowance",
    "definite",
    "has_kinks",
    "sizes_at",
    "spread",
]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

#: How many draws there are of a choice of sizes; and how many where there are kinks.
USUAL, MANY = 2, 24
#: How far the seeds of one choice of sizes are from those of the next.
APART = 1000
#: How often sizes and values are drawn again for all that has to hold.
TRIES = 400
#: From which seed on sizes grow with it.
_GREAT = 4
#: What has other derivatives on both sides of a place: the usual values may all be on one.
_KINKS = (*KINKED, IndexMax, sp.Piecewise)
_TOLERANCE = 1e-7
#: Values are of the order of 1: differences below this are rounding, where all cancels.
_ROUNDING = 1e-12


@lru_cache(maxsize=4096)
def has_kinks(expression: sp.Expr) -> bool:
    """Tell whether an expression has other derivatives on both sides of a place."""
    return bool(expression.has(*_KINKS))


def spread(values: Array, draw: int) -> Array:
    """Return the values of a draw: of the order of 1, or far from 0, all of one sign, or larger.

    >>> [float(spread(np.array([0.5]), draw)[0]) for draw in range(10)]
    [0.5, 0.5, 7.5, -6.5, -1.5, 1.5, 2.0, 4.0, 0.5, 0.5]
    """
    size = np.abs(values)
    later = (values + 7, values - 7, -3 * size, 3 * size, 4 * values, 8 * values)
    return np.asarray(later[draw - USUAL] if 0 <= draw - USUAL < len(later) else values)


def definite(array: Array) -> Array:
    """Return symmetric matrices with positive eigenvalues, so that they have inverses."""
    swapped = array.swapaxes(-1, -2)
    return np.asarray(array @ swapped / array.shape[-1] + np.eye(array.shape[-1]))


def allowance(values: Array) -> float:
    """Return by how much something may be off from such values and still agree with them.

    >>> f"{allowance(np.array([0.5, -3.0])):g}", allowance(np.array([]))
    ('3.00001e-07', 1e-12)
    """
    return _TOLERANCE * float(np.max(np.abs(values), initial=0.0)) + _ROUNDING


def sizes_at(seed: int, layer: Layer, counts: tuple[sp.Expr, ...] = ()) -> dict[Size, int]:
    """Return numbers for the sizes, at which every axis has an entry.

    Parameters
    ----------
    seed : int
        The sizes are the same for the same; great seeds are for great sizes.
    layer : Layer
        Whose sizes.
    counts : tuple of sympy expressions
        What is no number of values where it is negative: it is not, if that can be.

    Raises
    ------
    DeriveError
        If no such numbers were found.
    """
    for wanted in dict.fromkeys((counts, ())):
        generator = np.random.default_rng([seed, 7])
        names = layer.sizes
        least = 2 if seed < _GREAT else seed
        for more in range(TRIES):
            if seed % 2 and more < TRIES // 2:
                sizes = {size: int(generator.choice([1, 2, 3])) for size in names}
            else:
                most = max(3, len(names)) + more // 10
                numbers = generator.permutation(np.arange(least, least + most))
                sizes = {size: int(value) for size, value in zip(names, numbers, strict=False)}
            if fits(layer, sizes) and all(count.xreplace(sizes) >= 0 for count in wanted):
                return sizes
    raise DeriveError("no sizes were found at which every axis has an entry")
