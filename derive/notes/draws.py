"""Values to compare formulas at: usual ones, and such as lie on both sides of a formula's kinks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import sympy as sp

from derive.index.functions import KINKED
from derive.index.terms import IndexMax

__all__ = ["APART", "MANY", "USUAL", "allowance", "definite", "has_kinks", "spread"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

#: How many draws there are of a choice of sizes; and how many where there are kinks.
USUAL, MANY = 2, 24
#: How far the seeds of one choice of sizes are from those of the next.
APART = 1000
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
