"""What is written without indices, and its operators: ``w + W @ x``, ``2 * x``.

An :class:`Array` knows its shape and its entry at given indices; that is all that matrix
notation is. One without axes is a scalar like any other.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import sympy as sp

from derive.errors import DeriveError
from derive.index.terms import Entry, IndexSum, fresh
from derive.layer.check import UNKNOWN
from derive.layer.place import caller

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Array", "lift", "mistake", "notebook_of", "noted", "number"]


#: What to write instead of an infinity; 0 among the logits of a softmax would mask nothing.
_MASK = (
    "to mask a softmax, give its logits a large negative number, select(condition, s[i, j], -1e9), "
    "or leave out exponentials, e[i, j] = select(condition, exp(s[i, j]), 0), and divide "
    "by sum_over(j, e[i, j]); to leave terms out of a sum, select(condition, x[i, j], 0)"
)


class Notebook(Protocol):
    """Whoever collects the mistakes of a layer that is being written."""

    def note(self, error: DeriveError) -> None:
        """Keep a mistake for the end of the definition."""


@dataclass(frozen=True, eq=False)
class Array:
    """A shape, and the entry at given indices.

    ``notebook`` belongs to the layer of which the array is made; mistakes go there, so that
    the definition can be read to its end.
    """

    shape: tuple[sp.Expr, ...]
    at: Callable[..., sp.Expr]
    notebook: Notebook | None = field(default=None, kw_only=True)

    #: Makes NumPy leave mixed operators to us.
    __array_ufunc__ = None

    def __getitem__(self, indices: Any) -> sp.Expr:
        """Return the entry at these indices."""
        where = indices if isinstance(indices, tuple) else (indices,)
        try:
            if len(where) != len(self.shape):
                raise mistake(f"{len(where)} indices for an array of rank {len(self.shape)}")
            return self.at(*(number(i) for i in where))
        except DeriveError as error:
            return noted(error, self).at()

    def __repr__(self) -> str:
        """Return what it is, in words."""
        return f"an array of shape {self.shape}"

    def __iter__(self) -> NoReturn:
        """Refuse: Python would ask for the entries one by one, without end."""
        raise TypeError("an array of symbolic size cannot be iterated over")

    def __add__(self, other: Any) -> Any:
        return lift(lambda x, y: x + y, self, other)

    def __radd__(self, other: Any) -> Any:
        return lift(lambda x, y: y + x, self, other)

    def __sub__(self, other: Any) -> Any:
        return lift(lambda x, y: x - y, self, other)

    def __rsub__(self, other: Any) -> Any:
        return lift(lambda x, y: y - x, self, other)

    def __mul__(self, other: Any) -> Any:
        return lift(lambda x, y: x * y, self, other)

    def __rmul__(self, other: Any) -> Any:
        return lift(lambda x, y: y * x, self, other)

    def __truediv__(self, other: Any) -> Any:
        return lift(lambda x, y: x / y, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return lift(lambda x, y: y / x, self, other)

    def __pow__(self, other: Any) -> Any:
        return lift(lambda x, y: x**y, self, other)

    def __rpow__(self, other: Any) -> Any:
        return lift(lambda x, y: y**x, self, other)

    def __neg__(self) -> Any:
        return lift(lambda x: -x, self)

    def __abs__(self) -> Any:
        return lift(sp.Abs, self)

    def __lt__(self, other: Any) -> Any:
        return self._compared(operator.lt, other)

    def __le__(self, other: Any) -> Any:
        return self._compared(operator.le, other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(operator.gt, other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(operator.ge, other)

    def _compared(self, relation: Callable[[Any, Any], Any], other: Any) -> Any:
        """Compare a scalar; what has axes is compared entry by entry."""
        if self.shape or (isinstance(other, Array) and other.shape):
            return NotImplemented
        return lift(relation, self, other)

    def _sympy_(self) -> sp.Expr:
        """Return the entry of a scalar, for SymPy's own functions and comparisons."""
        if self.shape:
            raise sp.SympifyError(self)
        return self.at()

    def __matmul__(self, other: Array) -> Any:
        """Return the matrix product, matrix or vector on either side."""
        if not (isinstance(other, Array) and self.shape and other.shape):
            error = mistake("a matrix product needs vectors or matrices; use * for a scalar")
            return noted(error, self, other)
        inner, other_axis = self.shape[-1], max(len(other.shape) - 2, 0)
        left = len(self.shape) - 1
        shape = (
            *self.shape[:-1],
            *(size for axis, size in enumerate(other.shape) if axis != other_axis),
        )
        if other.shape[other_axis] != inner:
            error = mistake(
                f"a matrix product of shapes {self.shape} and {other.shape}: "
                f"{inner} meets {other.shape[other_axis]}"
            )
            return noted(error, self, other, shape=shape)

        def at(*indices: sp.Expr) -> sp.Expr:
            k, rest = fresh(), indices[left:]
            first = self.at(*indices[:left], k)
            return IndexSum(first * other.at(*rest[:other_axis], k, *rest[other_axis:]), k, inner)

        return at() if not shape else Array(shape, at, notebook=notebook_of(self, other))

    @property
    def T(self) -> Array:
        """The array with its axes reversed."""
        return Array(
            self.shape[::-1], lambda *indices: self.at(*indices[::-1]), notebook=self.notebook
        )


def number(value: Any) -> sp.Expr:
    """Return a value as an exact SymPy scalar: 0.1 is one tenth.

    >>> number(0.1), number(3)
    (1/10, 3)
    """
    if isinstance(value, Array):
        if value.shape:
            raise mistake(f"{Array.__repr__(value)} where a scalar is needed")
        return value.at()
    if isinstance(value, bool) or not isinstance(value, (int, float, sp.Expr)):
        raise mistake(f"{value!r} is not a number or an expression")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise mistake(f"{value} is not a number", "" if math.isnan(value) else _MASK)
        return sp.Rational(repr(value))
    return sp.Integer(value) if isinstance(value, int) else value


def lift(function: Callable[..., sp.Expr], *operands: Any) -> Any:
    """Apply a scalar function elementwise; arrays of one shape, or scalars beside them."""
    shapes = list(dict.fromkeys(o.shape for o in operands if isinstance(o, Array) and o.shape))
    try:
        if len(shapes) > 1:
            shown = " and ".join(map(str, shapes))
            hint = "name the axes, as in y[i, j] = x[i, j] + b[j]"
            raise mistake(f"an elementwise operation between shapes {shown}", hint)
        parts = [o if isinstance(o, Array) and o.shape else number(o) for o in operands]
    except DeriveError as error:
        return noted(error, *operands, shape=shapes[0] if shapes else ())
    if not shapes:
        return function(*parts)

    def at(*indices: sp.Expr) -> sp.Expr:
        return function(*(p.at(*indices) if isinstance(p, Array) else p for p in parts))

    return Array(shapes[0], at, notebook=notebook_of(*operands))


def mistake(message: str, hint: str = "") -> DeriveError:
    """Return a mistake at the line of the user."""
    return DeriveError(message, caller(), hint)


def notebook_of(*operands: Any) -> Notebook | None:
    """Return the first notebook that one of the operands belongs to."""
    found = (o.notebook for o in operands if isinstance(o, Array) and o.notebook is not None)
    return next(found, None)


def noted(error: DeriveError, *operands: Any, shape: tuple[sp.Expr, ...] = ()) -> Array:
    """Note a mistake and return an array to go on with; raise it where no layer is known."""
    notebook = notebook_of(*operands)
    if notebook is None:
        raise error
    notebook.note(error)
    return Array(shape, lambda *indices: Entry(UNKNOWN, shape, *indices), notebook=notebook)
