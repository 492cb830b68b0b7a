"""The precisions of generated code, and numbers that all of them hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.index.arrays import Array

__all__ = ["PRECISIONS", "singles"]


#: The precisions of generated code, by name.
PRECISIONS: dict[str, Any] = {"f64": np.float64, "f32": np.float32}


def singles(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return arrays of float64 whose numbers float32 holds exactly; integers as they are.

    >>> found = singles({"x": np.array([0.5, 0.1]), "t": np.array([1, 2])})
    >>> found["x"].dtype, found["x"] == [0.5, 0.1], found["t"]
    (dtype('float64'), array([ True, False]), array([1, 2]))
    """
    return {
        name: array if array.dtype.kind == "i" else array.astype(np.float32).astype(np.float64)
        for name, array in arrays.items()
    }
