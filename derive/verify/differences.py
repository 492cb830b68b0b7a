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

    from derive.index.arrays import Array
    from derive.index.terms import Size
    from derive.layer.model import Layer

__all__ = ["central", "complex_step", "directional", "gradients"]


#: Halvings of the step in Richardson's extrapolation.
_LEVELS = 6
#: How many roundings of a value, in units of its last place, a difference has to allow for: the
#: value was computed in some steps, and the extrapolation weighs it up to twice.
_ROUNDINGS = 16


def central(
    function: Callable[[float], float | Array], step: float = 2.0**-4
) -> tuple[Array, float]:
    """Return the derivative of a function of one number at 0, and an estimate of its error.

    Central differences with the steps ``h, h/2, h/4, …``, extrapolated to step 0 (Richardson). A
    smaller step means less truncation but more rounding: of all the extrapolations the one is
    taken of which the last change, and the rounding of the values that it is the difference of,
    are least together.

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

    def rise(h: float) -> tuple[Array, float]:
        up, down = (np.asarray(function(t), np.float64) for t in (h, -h))
        return np.asarray(up - down), _rounding(_largest(up) + _largest(down))

    return _extrapolated(rise, step)


def _extrapolated(rise: Callable[[float], tuple[Array, float]], step: float) -> tuple[Array, float]:
    """Return a slope and its error, from rises and what rounding may have made of each.

    A rise is how much more there is ``h`` ahead than ``h`` behind.
    """
    row: list[Array] = []
    best: Array = np.asarray(np.nan)
    least = np.inf
    for level in range(_LEVELS):
        h = step / 2**level
        change, rounding = rise(h)
        new: list[Array] = [np.asarray(change / (2 * h))]
        for order, old in enumerate(row):
            weight = 4.0 ** (order + 1)
            new.append(np.asarray((weight * new[order] - old) / (weight - 1)))
            moved = _largest(new[-1] - old) + _largest(new[-1] - new[order])
            error = moved + rounding / (2 * h)
            if error <= least:
                best, least = new[-1], error
        row = new
    return best, float(least)


def _largest(array: Array) -> float:
    return float(np.abs(array).max(initial=0.0))


def _rounding(size: float) -> float:
    """Return what rounding may add to values of a size."""
    return _ROUNDINGS * float(np.finfo(np.float64).eps) * size


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
    function: Callable[[dict[str, Array]], Array],
    arrays: Mapping[str, Array],
    wrt: Sequence[str],
    step: float = 2.0**-4,
    lost: float = 0.0,
) -> tuple[dict[str, Array], dict[str, float]]:
    """Return the gradients of the sum of some terms, entry by entry, and what they are off by.

    The differences are taken term by term: a sum would be rounded where it is large, and what is
    asked for may be small beside it.

    Parameters
    ----------
    function : callable
        From arrays by name to the array of the terms.
    arrays : mapping of str to array
        Where.
    wrt : sequence of str
        The arrays to differentiate by.
    step : float
        The largest step.
    lost : float
        How far the terms are from what they should be, all together, where that is more than
        their own rounding.

    Returns
    -------
    slopes : dict of str to array
        By the names of the tensors.
    errors : dict of str to float
        An estimate of the greatest error in each; 0 where it has no entry.
    """
    slopes, errors = {}, {}
    for name in wrt:
        found = np.empty(arrays[name].shape)
        error = 0.0
        for where in np.ndindex(found.shape):
            unit = np.zeros(found.shape)
            unit[where] = 1.0

            def rise(h: float, name: str = name, unit: Array = unit) -> tuple[Array, float]:
                up, down = (
                    function({**arrays, name: np.asarray(arrays[name] + t * unit)}) for t in (h, -h)
                )
                size = float(np.sum(np.abs(up)) + np.sum(np.abs(down)))
                return np.asarray(np.sum(up - down)), _rounding(size) + 2 * lost

            found[where], off = _extrapolated(rise, step)
            error = max(error, off)
        slopes[name], errors[name] = found, error
    return slopes, errors


def complex_step(
    layer: Layer,
    arrays: Mapping[str, Array],
    cotangents: Mapping[str, Array],
    sizes: Mapping[Size, int],
    wrt: Sequence[str] | None = None,
    dtype: type[np.complexfloating[Any, Any]] = np.complex128,
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
    dtype : dtype
        The kind of complex number to evaluate it in.

    Raises
    ------
    DeriveError
        If the layer has kinks: it cannot be continued to complex numbers.
    """
    if layer.kinks:
        raise DeriveError(f"{layer.name}: no complex step goes through {', '.join(layer.kinks)}")
    step = 1e-30
    given = {
        name: array if np.issubdtype(array.dtype, np.integer) else array.astype(dtype)
        for name, array in arrays.items()
    }
    result = {}
    for name in layer.wrt_names(wrt):
        slopes = np.empty_like(given[name].real)
        for where in np.ndindex(slopes.shape):
            moved = given[name].copy()
            moved[where] += 1j * step
            values = run(layer, {**given, name: moved}, sizes)
            total = sum(np.sum(cotangents[of] * values[of].imag) for of in layer.outputs)
            slopes[where] = total / step
        result[name] = slopes
    return result
