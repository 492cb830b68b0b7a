"""Sizes and values to compare formulas at: usual ones, and such as lie beside a formula's kinks.

A threshold may be of any size: what :mod:`derive.notes.straddling` finds out of it is in a
:class:`Far`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import sympy as sp

from derive.errors import DeriveError
from derive.index.functions import KINKED
from derive.index.terms import IndexMax
from derive.layer.sample import fits, readable, summed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from derive.index.terms import Size
    from derive.layer.model import Layer

    _Values: TypeAlias = Callable[[int, int], tuple[Mapping[str, "Array"], Mapping[Size, int]]]

__all__ = [
    "APART",
    "KINKS",
    "MANY",
    "TRIES",
    "USUAL",
    "Bounds",
    "Drawn",
    "Far",
    "Move",
    "allowance",
    "cornered",
    "definite",
    "has_kinks",
    "moved",
    "ordered",
    "sizes_at",
    "spread",
    "within",
]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

#: How many draws there are of a choice of sizes; and how many where there are kinks.
USUAL, MANY = 2, 24
#: Before which draw what has a sum may have all of it in one entry.
_CORNERED = 8
#: How far the seeds of one choice of sizes are from those of the next.
APART = 1000
#: How often sizes and values are drawn again for all that has to hold.
TRIES = 400
#: From which seed on sizes grow with it.
_GREAT = 4
#: What has other derivatives on both sides of a place: the usual values may all be on one.
KINKS = (*KINKED, IndexMax, sp.Piecewise)
_TOLERANCE = 1e-7
#: Values are of the order of 1: differences below this are rounding, where all cancels.
_ROUNDING = 1e-12


@lru_cache(maxsize=4096)
def has_kinks(expression: sp.Expr) -> bool:
    """Tell whether an expression has other derivatives on both sides of a place."""
    return bool(expression.has(*KINKS))


@dataclass(frozen=True, slots=True)
class Move:
    """How far off values are: beside a number, or some number of times as large.

    Where they are larger, they may all be of one sign.
    """

    shift: float = 0.0
    scale: float = 1.0
    sign: int = 0

    @property
    def reach(self) -> float:
        """How far values get from the usual ones, about; or how near to 0."""
        return max(abs(self.shift), self.scale, 1 / self.scale)

    def of(self, values: Array) -> Array:
        """Return usual values moved.

        >>> Move(shift=30).of(np.array([0.5, -1])), Move(scale=16, sign=-1).of(np.array([0.5, -1]))
        (array([30.5, 29. ]), array([ -8., -16.]))
        """
        signed = self.sign * np.abs(values) if self.sign else values
        return np.asarray(signed * self.scale + self.shift)


class Far:
    """The draws of a note beyond those that every note has; there may come more, none goes."""

    def __init__(self) -> None:
        self.moves: list[Move] = []
        #: What was compared in the formulas that have been looked at.
        self.known: set[object] = set()


class Drawn(dict[str, Array]):
    """The values of several draws, one beside the other, of what is asked for.

    Parameters
    ----------
    values : callable
        From the seeds of values and of sizes to the values of everything, and the sizes.
    seeds : tuple of int
        Of the values.
    size_seed : int
        Of the sizes.
    """

    def __init__(self, values: _Values, seeds: tuple[int, ...], size_seed: int) -> None:
        super().__init__()
        self._of = (values, seeds, size_seed)

    def __missing__(self, name: str) -> Array:
        values, seeds, size_seed = self._of
        self[name] = np.stack([values(seed, size_seed)[0][name] for seed in seeds])
        return self[name]


def spread(values: Array, draw: int, far: Far | None = None) -> Array:
    """Return the values of a draw: of the order of 1, or far from 0, all of one sign, or larger.

    >>> [float(spread(np.array([0.5]), draw)[0]) for draw in range(10)]
    [0.5, 0.5, 7.5, -6.5, -1.5, 1.5, 2.0, 4.0, 0.5, 0.5]
    """
    if far is not None and 0 <= draw - MANY < len(far.moves):
        return far.moves[draw - MANY].of(values)
    size = np.abs(values)
    later = (values + 7, values - 7, -3 * size, 3 * size, 4 * values, 8 * values)
    return np.asarray(later[draw - USUAL] if 0 <= draw - USUAL < len(later) else values)


def cornered(values: Array, layer: Layer, draw: int) -> Array:
    """Return values that have a sum: of the order of 1, or all of it in one entry.

    Parameters
    ----------
    values : array
        The usual ones.
    layer : Layer
        Of these values alone: with what is said of them.
    draw : int
        Its number; some draws beyond the first have such corners.
    """
    if layer.domains or len(layer.facts) != 1 or not USUAL <= draw < _CORNERED:
        return values
    _, axis = summed(layer.facts[0])
    greatest = values.argmax(axis=axis, keepdims=True)
    here = np.arange(values.shape[axis]).reshape([-1, *[1] * (values.ndim - axis - 1)]) == greatest
    return np.where(here, values.sum(axis=axis, keepdims=True), 0.0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers that a quantity may be: between two, or some only."""

    low: float | None = None
    high: float | None = None
    choices: tuple[float, ...] = ()

    def hold(self, array: Array) -> bool:
        """Tell whether values are within the bounds."""
        if self.choices:
            return bool(np.isin(array, self.choices).all())
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return bool(((array >= low) & (array <= high)).all())

    def fitted(self, array: Array) -> Array:
        """Return values within the bounds, made of any numbers."""
        if self.choices:
            which = np.floor(1e3 * np.abs(array)).astype(int) % len(self.choices)
            return np.asarray(np.take(np.asarray(self.choices), which))
        if self.low is not None and self.high is not None:
            return self.low + (self.high - self.low) * (0.5 + np.arctan(array) / np.pi)
        if self.low is not None:
            return self.low + np.exp(array)
        return array if self.high is None else self.high - np.exp(array)


def within(domain: str) -> Callable[[Array], bool]:
    """Return what tells whether values are in a domain of a layer."""
    if domain == "positive":
        return lambda values: bool((values > 0).all())
    return lambda values: domain == "nonzero" and bool((values != 0).all())


def moved(values: Array, hold: Callable[[Array], bool], draw: int, far: Far) -> Array:
    """Return values that may not be any: those of a draw far off where they may be there."""
    new = spread(values, draw, far) if draw >= MANY else values
    return new if hold(new) else values


def ordered(arrays: dict[str, Array], orders: Collection[tuple[str, str]]) -> bool:
    """Exchange entries until all is less than what it is to be; tell whether that can be.

    What is less than itself is so entry by entry: each than the next one.
    """
    for _ in range(len(orders) ** 2 + 1):
        changed = False
        for small, great in orders:
            low, high = arrays[small], arrays[great]
            new = np.sort(low, axis=-1) if small == great else np.minimum(low, high)
            changed |= not np.array_equal(new, low)
            arrays[small], arrays[great] = new, new if small == great else np.maximum(low, high)
        if not changed:
            return True
    return False


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
    """Return numbers for the sizes: every axis has an entry then, and all that is read is there.

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
    for wanted in (counts, None):
        generator = np.random.default_rng([seed, 7])
        names = layer.sizes
        least = 2 if seed < _GREAT else seed
        for more in range(TRIES):
            if seed % 2 and more < TRIES // 2:
                sizes = {size: int(generator.choice([1, 2, 3])) for size in names}
            else:
                # Of sizes that are tied to one another some should be free.
                most = max(3, len(names)) + 2 * bool(counts) + more // 10
                numbers = generator.permutation(np.arange(least, least + most))
                sizes = {size: int(value) for size, value in zip(names, numbers, strict=False)}
            there = fits(layer, sizes) and all(count.xreplace(sizes) >= 0 for count in wanted or ())
            if there and (wanted is None or readable(layer, sizes)):
                return sizes
    raise DeriveError("no sizes were found at which every axis has an entry")
