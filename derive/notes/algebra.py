"""Two algebras that a formula can be read in: index expressions, and arrays of numbers.

The reader of meanings (:mod:`derive.notes.meaning`) is written once and takes either. Both
know three kinds of axes: letters (the indices that the note writes), and the rows and columns
of matrix notation. In :class:`Symbols` an axis is an index; in :class:`Numbers` it is an axis
of the array, at a fixed place for all values, so that values meet by plain broadcasting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import sympy as sp

from derive.index.evaluate import RELATIONS
from derive.index.functions import Select
from derive.index.inverses import inverse_name
from derive.index.limits import TooLarge, within_limit
from derive.index.local import scaled
from derive.index.scalars import apply
from derive.index.terms import Delta, Entry, Index, IndexMax, IndexProduct, IndexSum, substitute
from derive.notes.places import COLUMN, INNER, ROW, At, OutOfRange
from derive.notes.related import related, selected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.index.arrays import Array

__all__ = ["COLUMN", "INNER", "ROW", "Algebra", "At", "Numbers", "Symbols"]


class Algebra(Protocol):
    """What the reader of meanings needs of numbers."""

    def number(self, value: sp.Expr) -> Any:
        """Return a constant or a size."""

    def letter(self, name: str, size: sp.Expr | None = None) -> Any:
        """Return an index as a number, counted from the note's base."""

    def entry(self, tensor: str, places: Sequence[At]) -> Any:
        """Return a tensor's entry."""

    def add(self, left: Any, right: Any) -> Any:
        """Return the sum."""

    def multiply(self, left: Any, right: Any) -> Any:
        """Return the product."""

    def power(self, base: Any, exponent: sp.Expr) -> Any:
        """Return a constant power."""

    def apply(self, function: sp.Expr, letter: sp.Symbol, value: Any) -> Any:
        """Return a scalar function, given as an expression in a letter, of a value."""

    def reduce(self, kind: str, value: Any, letter: str, size: sp.Expr) -> Any:
        """Return the sum, product or max over a letter (or ROW, COLUMN)."""

    def swap(self, value: Any) -> Any:
        """Return the transpose."""

    def product(self, left: Any, right: Any, size: sp.Expr) -> Any:
        """Return the matrix product; columns of the left meet rows of the right."""

    def move(self, value: Any, source: str, target: str) -> Any:
        """Return the value with an axis renamed."""

    def fix(self, value: Any, axis: str, place: sp.Expr | int) -> Any:
        """Return the value at one place of an axis."""

    def inverse(self, value: Any) -> Any:
        """Return the inverse of a matrix."""

    def delta(self, left: At, right: At, size: sp.Expr | None = None) -> Any:
        """Return Kronecker's delta; the size is that of both axes, for ROW and COLUMN."""

    def select(self, relation: str, left: Any, right: Any, yes: Any, no: Any) -> Any:
        """Return one of two values, by a comparison."""

    def unit(self, axis: str, size: sp.Expr, place: int) -> Any:
        """Return 1 at one place of an axis, from its start or its end, 0 at the others."""


#: How long an exact power may get; for powers of formulas, an exponent of 100.
_BITS = 10_000
_REDUCTIONS = {"sum": IndexSum, "prod": IndexProduct, "max": IndexMax}


@dataclass(frozen=True, slots=True)
class Symbols:
    """Values are index expressions.

    Parameters
    ----------
    shapes : mapping
        From a tensor's name to its shape.
    base : int
        What the note's indices count from.
    counts : tuple of sympy expressions
        What is never negative at the sizes that the note means.
    """

    shapes: Mapping[str, tuple[sp.Expr, ...]]
    base: int = 1
    counts: tuple[sp.Expr, ...] = ()

    def number(self, value: sp.Expr) -> sp.Expr:
        """Return a constant or a size."""
        return value

    def letter(self, name: str, size: sp.Expr | None = None) -> sp.Expr:
        """Return an index as a number."""
        return Index(name) + self.base

    def _place(self, at: At) -> sp.Expr:
        if at.data is not None:
            return self.entry(*at.data) + at.offset
        return sp.Add(*(scale * Index(name) for name, scale in at.letters), at.offset, at.size)

    def entry(self, tensor: str, places: Sequence[At]) -> sp.Expr:
        """Return a tensor's entry."""
        return Entry(tensor, self.shapes[tensor], *map(self._place, places))

    def add(self, left: sp.Expr, right: sp.Expr) -> sp.Expr:
        """Return the sum."""
        return left + right

    def multiply(self, left: sp.Expr, right: sp.Expr) -> sp.Expr:
        """Return the product."""
        return left * right

    def power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """Return a constant power.

        Raises
        ------
        TooLarge
            If it has too many digits or terms to be computed with.
        """
        if exponent.is_Rational:
            digits = base.p.bit_length() + base.q.bit_length() if base.is_Rational else _BITS / 100
            if abs(exponent) * digits > _BITS:
                raise TooLarge(f"the power {exponent} is too large to be computed with")
        return base**exponent

    def apply(self, function: sp.Expr, letter: sp.Symbol, value: sp.Expr) -> sp.Expr:
        """Return a scalar function of a value."""
        return function.xreplace({letter: value})

    def reduce(self, kind: str, value: sp.Expr, letter: str, size: sp.Expr) -> sp.Expr:
        """Return a reduction."""
        if kind == "min":
            return -IndexMax(scaled(sp.S.NegativeOne, value), Index(letter), size)
        if kind == "prod" and isinstance(value, sp.exp):
            # A product of exponentials overflows where a sum of exponents does not.
            return sp.exp(IndexSum(value.args[0], Index(letter), size))
        return _REDUCTIONS[kind](value, Index(letter), size)

    def swap(self, value: sp.Expr) -> sp.Expr:
        """Return the transpose."""
        return substitute(value, {Index(ROW): Index(COLUMN), Index(COLUMN): Index(ROW)})

    def product(self, left: sp.Expr, right: sp.Expr, size: sp.Expr) -> sp.Expr:
        """Return the matrix product."""
        inner = Index(INNER[0])
        return IndexSum(
            substitute(left, {Index(COLUMN): inner}) * substitute(right, {Index(ROW): inner}),
            inner,
            size,
        )

    def move(self, value: sp.Expr, source: str, target: str) -> sp.Expr:
        """Return the value with an axis renamed."""
        return substitute(value, {Index(source): Index(target)})

    def fix(self, value: sp.Expr, axis: str, place: sp.Expr | int) -> sp.Expr:
        """Return the value at one place of an axis."""
        return substitute(value, {Index(axis): sp.S.Zero + place})

    def inverse(self, value: sp.Expr) -> sp.Expr:
        """Return the inverse of a given matrix; ValueError if it is no whole matrix of a tensor."""
        whole = isinstance(value, Entry) and value.indices[-2:] == (Index(ROW), Index(COLUMN))
        if not whole:
            raise ValueError("the inverse of an expression")
        return Entry(inverse_name(value.tensor), value.shape, *value.indices)

    def delta(self, left: At, right: At, size: sp.Expr | None = None) -> sp.Expr:
        """Return Kronecker's delta."""
        one, two = self._place(left), self._place(right)
        if isinstance(one, Index) and isinstance(two, Index):
            return Delta(one, two)
        return Select(sp.Eq(one, two), 1, 0)

    def select(
        self, relation: str, left: sp.Expr, right: sp.Expr, yes: sp.Expr, no: sp.Expr
    ) -> sp.Expr:
        """Return one of two values, by a comparison."""
        return selected(related(relation, left, right), yes, no)

    def unit(self, axis: str, size: sp.Expr, place: int) -> sp.Expr:
        """Return 1 at one place of an axis, 0 at the others."""
        there = place if place >= 0 else size + place
        return Select(sp.Eq(Index(axis), there), sp.S.One, sp.S.Zero)


@dataclass(slots=True)
class Numbers:
    """Values are arrays: one axis for the draws, then one for each letter, rows and columns.

    Parameters
    ----------
    arrays : mapping
        From a tensor's name to its values; the first axis counts the draws.
    sizes : mapping
        From a size to its number.
    letters : mapping
        All letters that may occur, with the size of the axes on which each stands.
    base : int
        What the note's indices count from.
    outside : float
        What is read outside a tensor's range, by an index such as i + 1.
    strayed : set of (str, str)
        What has been read there: a name, and what is to be said of it.
    """

    arrays: Mapping[str, Array]
    sizes: Mapping[sp.Symbol, int]
    letters: Mapping[str, sp.Expr]
    base: int = 1
    outside: float = 0.0
    strayed: set[tuple[str, str]] = field(default_factory=set)
    axis: dict[str, int] = field(default_factory=dict)
    known: dict[tuple[str, tuple[At, ...]], Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give every axis its place."""
        names = (ROW, COLUMN, *INNER, *self.letters)
        self.axis = {name: place for place, name in enumerate(names, 1)}

    def extent(self, size: sp.Expr) -> int:
        """Return the number that a size is."""
        return int(size.xreplace(dict(self.sizes)))

    def number(self, value: sp.Expr) -> Any:
        """Return a constant or a size."""
        return float(value.xreplace(dict(self.sizes)))

    def _count(self, letter: str, size: sp.Expr | None = None) -> int:
        """Return how many values a letter takes; refuse one that stands on no axis."""
        if size is None and letter not in self.letters:
            from derive.notes.values import Misfit  # which reads this module

            raise Misfit("index-size", f"the size of index {letter} is not known")
        return self.extent(self.letters[letter] if size is None else size)

    def _along(self, values: Array, axis: str) -> Array:
        shape = [1] * (len(self.axis) + 1)
        shape[self.axis[axis]] = len(values)
        return values.reshape(shape)

    def letter(self, name: str, size: sp.Expr | None = None) -> Any:
        """Return an index as a number."""
        return self._along(np.arange(self._count(name, size), dtype=float) + self.base, name)

    def entry(self, tensor: str, places: Sequence[At]) -> Any:
        """Return a tensor's entry."""
        key = (tensor, tuple(places))
        if key not in self.known:
            self.known[key] = self._entry(tensor, places)
        return self.known[key]

    def _entry(self, tensor: str, places: Sequence[At]) -> Array:
        array = self.arrays[tensor]
        positions = []
        outside = np.asarray(False)
        for place, extent in zip(places, array.shape[1:], strict=True):
            where = self._position(place, extent)
            stray = (where < 0) | (where >= extent)
            if stray.any():
                if not place.letter:
                    raise OutOfRange(f"{tensor} is read out of its range")
                outside = outside | stray
                where = np.clip(where, 0, extent - 1)
            positions.append(where)
        shape = [1] * (len(self.axis) + 1)
        shape[0] = len(array)
        draws = np.arange(len(array)).reshape(shape)
        within_limit(draws.shape, *(position.shape for position in positions))
        places_: tuple[Any, ...] = (draws, *positions)
        found = np.asarray(array[places_])
        if outside.any():
            self.strayed.add((tensor, "is read outside its range"))
            found = np.where(outside, self.outside, found)
        return found

    def _position(self, place: At, extent: int) -> Array:
        if place.data is not None:
            return np.asarray(self.entry(*place.data)).astype(int) + place.offset
        if place.plain:
            size = self.letters.get(place.letter)
            count = extent if size is None else min(extent, self.extent(size))
            return self._along(np.arange(count), place.letter)
        found = np.asarray(place.offset + self.extent(place.size))
        for letter, scale in place.letters:
            count = self._count(letter)
            found = found + self._along(np.arange(count) * scale, letter)
        return found

    def add(self, left: Any, right: Any) -> Any:
        """Return the sum."""
        within_limit(np.shape(left), np.shape(right))
        with np.errstate(all="ignore"):
            return left + right

    def multiply(self, left: Any, right: Any) -> Any:
        """Return the product."""
        within_limit(np.shape(left), np.shape(right))
        with np.errstate(all="ignore"):
            return left * right

    def power(self, base: Any, exponent: sp.Expr) -> Any:
        """Return a constant power."""
        with np.errstate(all="ignore"):
            return np.power(np.asarray(base, float), float(exponent.xreplace(dict(self.sizes))))

    def apply(self, function: sp.Expr, letter: sp.Symbol, value: Any) -> Any:
        """Return a scalar function of a value; it may have numbers of the note in it."""
        known = {entry: self.entry(entry.tensor, ()) for entry in function.atoms(Entry)}
        return apply(function, {letter: np.asarray(value, float), **known})

    def reduce(self, kind: str, value: Any, letter: str, size: sp.Expr) -> Any:
        """Return a reduction."""
        place, count = self.axis[letter], self.extent(size)
        array = np.asarray(value, float)
        if array.ndim == 0 or array.shape[place] == 1 != count:
            if kind == "sum":
                return array * count
            return array**count if kind == "prod" else array
        operation: Any = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min}[kind]
        with np.errstate(all="ignore"):
            return operation(array, axis=place, keepdims=True)

    def swap(self, value: Any) -> Any:
        """Return the transpose."""
        array = np.asarray(value)
        return array if array.ndim == 0 else array.swapaxes(self.axis[ROW], self.axis[COLUMN])

    def product(self, left: Any, right: Any, size: sp.Expr) -> Any:
        """Return the matrix product."""
        joined = self.multiply(self.move(left, COLUMN, INNER[0]), self.move(right, ROW, INNER[0]))
        return self.reduce("sum", joined, INNER[0], size)

    def move(self, value: Any, source: str, target: str) -> Any:
        """Return the value with an axis renamed."""
        array, pair = np.asarray(value), (self.axis[source], self.axis[target])
        if array.ndim == 0 or 1 in (array.shape[pair[0]], array.shape[pair[1]]):
            return array if array.ndim == 0 else array.swapaxes(*pair)
        # Both axes there become one: ``(AB)_{ii}``.
        both = np.moveaxis(array, pair, (-2, -1)).diagonal(axis1=-2, axis2=-1)
        return np.moveaxis(both[..., None, :], (-2, -1), pair)

    def fix(self, value: Any, axis: str, place: sp.Expr | int) -> Any:
        """Return the value at one place of an axis."""
        array = np.asarray(value)
        if array.ndim == 0 or array.shape[self.axis[axis]] == 1:
            return array
        number = self.extent(sp.S.Zero + place)
        if not 0 <= number < array.shape[self.axis[axis]]:
            raise OutOfRange("an expression is read out of its range")
        return array.take([number], axis=self.axis[axis])

    def inverse(self, value: Any) -> Any:
        """Return the inverse of a matrix."""
        places = (self.axis[ROW], self.axis[COLUMN])
        stacked = np.moveaxis(np.asarray(value, float), places, (-2, -1))
        return np.moveaxis(np.linalg.inv(stacked), (-2, -1), places)

    def delta(self, left: At, right: At, size: sp.Expr | None = None) -> Any:
        """Return Kronecker's delta."""
        one, two = (self._anywhere(place, size) for place in (left, right))
        return 1.0 * (one == two)

    def _anywhere(self, place: At, size: sp.Expr | None) -> Array:
        """Return the values of a place for every value of its letter."""
        if not place.plain:
            return self._position(place, 0)
        return self._along(np.arange(self._count(place.letter, size)), place.letter)

    def select(self, relation: str, left: Any, right: Any, yes: Any, no: Any) -> Any:
        """Return one of two values, by a comparison."""
        return np.where(RELATIONS[relation](left, right), yes, no)

    def unit(self, axis: str, size: sp.Expr, place: int) -> Any:
        """Return 1 at one place of an axis, 0 at the others."""
        count = self.extent(size)
        there = place if place >= 0 else count + place
        return self._along(1.0 * (np.arange(count) == there), axis)
