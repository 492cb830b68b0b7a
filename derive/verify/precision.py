"""The reference: a definition, and its derivatives by differences, at fifty digits.

Nothing here uses a derived formula. A derivative is a central difference of the definition
itself, in mpmath, with a step so small that its error lies beyond the digits that are asked
for, and with so many working digits that the cancellation does not reach them:

    (L(x + h) - L(x - h)) / 2h  =  L'(x) + O(h²)

with ``h = 10^-(digits/2 + 4)``, and ``digits/2 + 14`` guard digits. A difference below
``10^-digits`` of the values themselves is all rounding: it is returned as 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from derive.errors import DeriveError
from derive.index.arrays import Array
from derive.layer.run import exact, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from derive.index.terms import Size
    from derive.layer.model import Layer

__all__ = [
    "Worst",
    "directional",
    "gradients",
    "hessian_vector",
    "jacobians",
    "values",
    "worst",
    "worst_of",
]

Arrays = dict[str, Array]


def values(
    layer: Layer, arrays: Mapping[str, Array], sizes: Mapping[Size, int], *, digits: int = 50
) -> Arrays:
    """Return the outputs of a layer, as mpmath numbers that hold at least ``digits`` digits.

    Parameters
    ----------
    layer : Layer
        The definition.
    arrays : mapping of str to array
        What it is given, by name: float arrays (taken as exact), integer arrays for subscripts.
    sizes : mapping of Size to int
        The sizes.
    digits : int
        How many digits are wanted.

    Returns
    -------
    dict of str to array of objects
        By the names of the outputs.
    """
    with mpmath.workdps(digits + 15):
        results = run(layer, exact(layer, arrays), sizes)
        return {name: results[name] for name in layer.outputs}


def gradients(
    layer: Layer,
    arrays: Mapping[str, Array],
    cotangents: Mapping[str, Array],
    sizes: Mapping[Size, int],
    wrt: Sequence[str] | None = None,
    *,
    digits: int = 50,
) -> Arrays:
    """Return the gradients of ``Σ cotangent · output``.

    Parameters
    ----------
    layer, arrays, sizes, digits
        As for :func:`values`.
    cotangents : mapping of str to array
        One array for each output, by the output's name.
    wrt : sequence of str, optional
        Tensors to differentiate by; the layer's inputs and parameters if not given.

    Returns
    -------
    dict of str to array of objects
        By the names of the tensors.
    """
    step_digits = digits // 2 + 4
    with mpmath.workdps(digits + step_digits + 10):
        step = mpmath.mpf(10) ** -step_digits
        given, weights = exact(layer, arrays), exact(layer, cotangents)
        here = _loss(layer, given, weights, sizes)

        def slope(up: Arrays, down: Arrays) -> mpmath.mpf:
            rise = _loss(layer, up, weights, sizes) - _loss(layer, down, weights, sizes)
            return _settled(rise / (2 * step), here, digits)

        return {name: _each(given, name, step, slope) for name in layer.wrt_names(wrt)}


def jacobians(
    layer: Layer,
    arrays: Mapping[str, Array],
    sizes: Mapping[Size, int],
    wrt: Sequence[str] | None = None,
    *,
    digits: int = 50,
) -> dict[tuple[str, str], Array]:
    """Return the Jacobians of all outputs; the axes of the output come first.

    One difference for each entry of a tensor serves all outputs at once.

    Parameters
    ----------
    layer, arrays, sizes, wrt, digits
        As for :func:`gradients`.

    Returns
    -------
    dict of (str, str) to array of objects
        By the names of the output and of the tensor.
    """
    step_digits = digits // 2 + 4
    result: dict[tuple[str, str], Array] = {}
    with mpmath.workdps(digits + step_digits + 10):
        step = mpmath.mpf(10) ** -step_digits
        given = exact(layer, arrays)
        for name in layer.wrt_names(wrt):
            columns: list[Arrays] = []
            for where in np.ndindex(given[name].shape):
                up = run(layer, _moved(given, name, where, step), sizes)
                down = run(layer, _moved(given, name, where, -step), sizes)
                columns.append(_slopes(layer, up, down, step, digits))
            for of in layer.outputs:
                stacked = np.stack([column[of] for column in columns], axis=-1)
                shape = (*stacked.shape[:-1], *given[name].shape)
                result[of, name] = stacked.reshape(shape)
    return result


def directional(
    layer: Layer,
    arrays: Mapping[str, Array],
    tangents: Mapping[str, Array],
    sizes: Mapping[Size, int],
    *,
    digits: int = 50,
) -> Arrays:
    """Return the derivatives of the outputs along a direction: two evaluations in all.

    Parameters
    ----------
    layer, arrays, sizes, digits
        As for :func:`values`.
    tangents : mapping of str to array
        The direction: an array for each tensor that moves, by the tensor's name.

    Returns
    -------
    dict of str to array of objects
        By the names of the outputs.
    """
    step_digits = digits // 2 + 4
    with mpmath.workdps(digits + step_digits + 10):
        step = mpmath.mpf(10) ** -step_digits
        given, direction = exact(layer, arrays), exact(layer, tangents)
        up = run(layer, _along(given, direction, step), sizes)
        down = run(layer, _along(given, direction, -step), sizes)
        return _slopes(layer, up, down, step, digits)


def hessian_vector(
    layer: Layer,
    arrays: Mapping[str, Array],
    cotangents: Mapping[str, Array],
    tangents: Mapping[str, Array],
    sizes: Mapping[Size, int],
    *,
    digits: int = 50,
) -> Arrays:
    """Return the Hessian of ``Σ cotangent · output`` times a vector, by second differences.

    Parameters
    ----------
    layer, arrays, cotangents, sizes, digits
        As for :func:`gradients`.
    tangents : mapping of str to array
        The vector; the result has an array for each of its tensors.

    Returns
    -------
    dict of str to array of objects
        By the names of the tensors.
    """
    step_digits = digits // 2 + 4
    with mpmath.workdps(digits + 2 * step_digits + 10):
        step = mpmath.mpf(10) ** -step_digits
        given, weights = exact(layer, arrays), exact(layer, cotangents)
        direction = exact(layer, tangents)
        ahead, behind = _along(given, direction, step), _along(given, direction, -step)

        here = _loss(layer, given, weights, sizes)

        def rise(up: Arrays, down: Arrays) -> mpmath.mpf:
            return _loss(layer, up, weights, sizes) - _loss(layer, down, weights, sizes)

        def bend(name: str) -> Array:
            change = _each(ahead, name, step, rise) - _each(behind, name, step, rise)
            return _apply(lambda c: _settled(c / (4 * step**2), here, digits), change)

        return {name: bend(name) for name in tangents}


@dataclass(frozen=True, slots=True)
class Worst:
    """The entry of an array that is farthest from its reference.

    Parameters
    ----------
    name : str
        What was compared.
    index : tuple of int
        The entry's place.
    got, reference : number
        The two values.
    relative : float
        Their distance, divided by the largest magnitude in the reference array (by 1 where the
        whole array is 0): small entries of an array are sums of large terms, and cannot be
        better. Infinite where one of the two is not a number.
    ulps : float
        Their distance in units of the last place of the reference entry, in the precision that
        was compared.
    """

    name: str
    index: tuple[int, ...]
    got: Any
    reference: Any
    relative: float
    ulps: float

    def __str__(self) -> str:
        """Return one line for a report."""
        place = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        return (
            f"{self.name}{place} = {mpmath.nstr(self.got, 17)}, reference "
            f"{mpmath.nstr(self.reference, 17)}: relative error {self.relative:.1e}, "
            f"{self.ulps:.3g} ulp"
        )


def worst(
    name: str, got: Array, reference: Array, dtype: Any = np.float64, floor: float = 0.0
) -> Worst | None:
    """Return the worst entry of an array, or None where the arrays have no entry.

    Parameters
    ----------
    name : str
        What is compared.
    got : array
        Computed values, of floats or mpmath numbers.
    reference : array
        The values they should have.
    dtype : dtype
        The precision in which an ULP is measured.
    floor : float
        The least magnitude to compare with, for a reference that is itself rounded: where the
        true value is 0, nothing relative can be said of it.

    Raises
    ------
    DeriveError
        If the shapes differ.

    Examples
    --------
    >>> print(worst("dX", np.array([1.0, 2.5]), np.array([1.0, 2.0])))
    dX[1] = 2.5, reference 2.0: relative error 2.5e-01, 1.13e+15 ulp
    """
    got, reference = np.asarray(got), np.asarray(reference)
    if got.shape != reference.shape:
        raise DeriveError(f"{name}: expected shape {reference.shape}, got {got.shape}")
    if not reference.size:
        return None
    place: tuple[int, ...] = ()
    with mpmath.workdps(200):  # two values that agree in sixty digits are to be told apart
        rounded = reference.dtype.kind == got.dtype.kind == "f"
        largest = np.abs(reference).max() if rounded else max(map(_size, reference.flat))
        scale = max(mpmath.mpmathify(largest), mpmath.mpf(floor)) or mpmath.mpf(1)
        distance = mpmath.mpf(-1)
        for where in [_farthest(got, reference)] if rounded else np.ndindex(reference.shape):
            gap = abs(mpmath.mpmathify(got[where]) - mpmath.mpmathify(reference[where]))
            gap = mpmath.inf if mpmath.isnan(gap) else gap
            if gap > distance:
                place, distance = where, gap
        last = np.spacing(np.abs(np.asarray(float(reference[place]), dtype)))
        relative, ulps = float(distance / scale), float(distance / mpmath.mpf(float(last)))
    return Worst(name, place, got[place], reference[place], relative, ulps)


def _size(value: Any) -> mpmath.mpf:
    return abs(mpmath.mpmathify(value))


def _farthest(got: Array, reference: Array) -> tuple[int, ...]:
    """Return where two arrays of floats are farthest apart; what is no number is farther."""
    gap = np.abs(np.asarray(got, np.float64) - reference)
    place = np.argmax(np.where(np.isnan(gap), np.inf, gap))
    return tuple(int(at) for at in np.unravel_index(place, reference.shape))


def worst_of(found: Iterable[Worst | None]) -> Worst | None:
    """Return the one with the greatest relative error, None where nothing was compared."""
    return max((w for w in found if w is not None), key=lambda w: w.relative, default=None)


def _loss(layer: Layer, given: Arrays, weights: Arrays, sizes: Mapping[Size, int]) -> mpmath.mpf:
    results = run(layer, given, sizes)
    return mpmath.fsum(
        weight * value
        for name in layer.outputs
        for weight, value in zip(weights[name].flat, results[name].flat, strict=True)
    )


def _slopes(layer: Layer, up: Arrays, down: Arrays, step: mpmath.mpf, digits: int) -> Arrays:
    """Return the central differences of all outputs."""
    return {
        name: _apply(
            lambda high, low: _settled((high - low) / (2 * step), high, digits),
            up[name],
            down[name],
        )
        for name in layer.outputs
    }


def _settled(slope: mpmath.mpf, value: mpmath.mpf, digits: int) -> mpmath.mpf:
    """Return a difference's quotient, or 0 where it is nothing but the rounding of the value."""
    noise = mpmath.mpf(10) ** -digits * max(1, abs(value))
    return slope if abs(slope) > noise else mpmath.mpf(0)


def _apply(function: Any, *arrays: Array) -> Array:
    """Apply a function of numbers to arrays of objects; the result is an array at any rank."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), object)


def _moved(given: Arrays, name: str, where: tuple[int, ...], step: mpmath.mpf) -> Arrays:
    """Return the arrays with one entry moved."""
    moved = given[name].copy()
    moved[where] = moved[where] + step
    return {**given, name: moved}


def _along(given: Arrays, direction: Arrays, step: mpmath.mpf) -> Arrays:
    return {
        **given,
        **{name: np.asarray(given[name] + step * move) for name, move in direction.items()},
    }


def _each(given: Arrays, name: str, step: mpmath.mpf, difference: Any) -> Array:
    """Return the array of a difference between two points, for each entry of a tensor."""
    result: Array = np.empty(given[name].shape, object)
    for where in np.ndindex(result.shape):
        result[where] = difference(
            _moved(given, name, where, step), _moved(given, name, where, -step)
        )
    return result
