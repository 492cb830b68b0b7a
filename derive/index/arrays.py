"""Arrays of numbers: floats, complex numbers and integers, or objects that are mpmath's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Array", "objects"]

Array = np.ndarray[Any, np.dtype[Any]]


def objects(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return arrays with the very same values as mpmath numbers; integers and truths stay.

    >>> found = objects({"x": np.array([0.5]), "t": np.array([1])})
    >>> found["x"], found["t"]
    (array([mpf('0.5')], dtype=object), array([1]))
    """
    return {
        name: array if array.dtype.kind in "iub" else _objects(array)
        for name, array in arrays.items()
    }


def _objects(array: Array) -> Array:
    result: Array = np.empty(array.shape, object)
    for where in np.ndindex(array.shape):
        value = array[where]
        result[where] = value if isinstance(value, mpmath.mpf) else mpmath.mpf(float(value))
    return result
