"""Derivatives by differences in ordinary floating point, of anything that can be called.

Less exact than :mod:`derive.verify.precision`, but it needs no definition: it judges generated
functions as they run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from derive.errors import DeriveError
from derive.layer.run import run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from derive.index.terms import Size
    from derive.layer.model import Layer

__all__ = ["central", "complex_step", "directional", "gradients"]

Array = np.ndarray[Any, np.dtype[Any]]

#: Halvings of the step in Richardson's extrapolation.
_LEVELS = 6


def central(
    function: Callable[[float], float | Array], step: float = 2.0**-4
) -> tuple[Array, float]:
    """Return the derivative of a function of one number at 0, and an estimate of its error.

    Central differences with the steps ``h, h/2, h/4, …``, extrapolated to step 0 (Richardson);
    of all the extrapolations the one is taken that changed least, since a smaller step means
    less truncation but more rounding.

    Parameters
    ----------
    function : callable
        From a float to a float or an array.
    step : float
        The first, largest, step.

    Examples
    --------
    >>> slope, error = central(lambda t: np.exp(2 * t))
    >>> bool(abs(slope - 2) < 1e-11), bool(error < 1e-9)
    (True, True)
    """
    row: list[Array] = []
    best: Array = np.asarray(np.nan)
    least = np.inf
    for level in range(_LEVELS):
        h = step / 2**level
        rise = np.asarray(function(h), np.float64) - np.asarray(function(-h), np.float64)
        new: list[Array] = [np.asarray(rise / (2 * h))]
        for order, old in enumerate(row):
            weight = 4.0 ** (order + 1)
            new.append(np.asarray((weight * new[order] - old) / (weight - 1)))
            change = _largest(new[-1] - old) + _largest(new[-1] - new[order])
            if change <= least:
                best, least = new[-1], change
        row = new
    return best, float(least)


def _largest(array: Array) -> float:
    return float(np.abs(array).max(initial=0.0))


def directional(
    function: Callable[[dict[str, Array]], Mapping[str, Array]],
    arrays: Mapping[str, Array],
    tangents: Mapping[str, Array],
    step: float = 2.0**-4,
) -> dict[str, Array]:
    """Return the derivatives of a function's results along a direction.

    Parameters
    ----------
    function : callable
        From arrays by name to results by name.
    arrays : mapping of str to array
        Where.
    tangents : mapping of str to array
        The direction: an array for each argument that moves.
    step : float
        The largest step.
    """
    names = tuple(function(dict(arrays)))

    def one(name: str) -> Array:
        def along(t: float) -> Array:
            moved = {key: np.asarray(arrays[key] + t * move) for key, move in tangents.items()}
            return np.asarray(function({**arrays, **moved})[name])

        return central(along, step)[0]

    return {name: one(name) for name in names}


def gradients(
    function: Callable[[dict[str, Array]], float],
    arrays: Mapping[str, Array],
    wrt: Sequence[str],
    step: float = 2.0**-4,
) -> dict[str, Array]:
    """Return the gradients of a number, entry by entry.

    Parameters
    ----------
    function : callable
        From arrays by name to one number.
    arrays : mapping of str to array
        Where.
    wrt : sequence of str
        The arrays to differentiate by.
    step : float
        The largest step.
    """
    result = {}
    for name in wrt:
        slopes = np.empty(arrays[name].shape)
        for where in np.ndindex(slopes.shape):
            unit = np.zeros(slopes.shape)
            unit[where] = 1.0

            def along(t: float, name: str = name, unit: Array = unit) -> float:
                return function({**arrays, name: np.asarray(arrays[name] + t * unit)})

            slopes[where] = central(along, step)[0]
        result[name] = slopes
    return result


def complex_step(
    layer: Layer,
    arrays: Mapping[str, Array],
    cotangents: Mapping[str, Array],
    sizes: Mapping[Size, int],
    wrt: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Return the gradients of ``Σ cotangent · output``, exact to rounding: no difference is taken.

    The definition is evaluated at ``x + i h`` with ``h = 10^-30``; the imaginary part of the
    result is ``h`` times the derivative.

    Parameters
    ----------
    layer : Layer
        The definition.
    arrays : mapping of str to array
        What it is given, by name.
    cotangents : mapping of str to array
        One array for each output, by the output's name.
    sizes : mapping of Size to int
        The sizes.
    wrt : sequence of str, optional
        Tensors to differentiate by; the layer's inputs and parameters if not given.

    Raises
    ------
    DeriveError
        If the layer has kinks: it cannot be continued to complex numbers.
    """
    if layer.kinks:
        raise DeriveError(f"{layer.name}: no complex step goes through {', '.join(layer.kinks)}")
    step = 1e-30
    given = {
        name: array if np.issubdtype(array.dtype, np.integer) else array.astype(np.complex128)
        for name, array in arrays.items()
    }
    result = {}
    for name in layer.wrt_names(wrt):
        slopes = np.empty(given[name].shape)
        for where in np.ndindex(slopes.shape):
            moved = given[name].copy()
            moved[where] += 1j * step
            values = run(layer, {**given, name: moved}, sizes)
            total = sum(np.sum(cotangents[of] * values[of].imag) for of in layer.outputs)
            slopes[where] = total / step
        result[name] = slopes
    return result
