"""Arrays that are written without indices: ``w + W @ x``, ``sigmoid(r)``, ``softmax(t)``.

An :class:`Array` knows its shape and its entry at given indices; that is all that matrix
notation is. Functions here take numbers, scalars in index notation, and arrays alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import sympy as sp
from sympy.logic.boolalg import Boolean

from derive.errors import DeriveError
from derive.index import functions
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexMax,
    IndexProduct,
    IndexSum,
    fresh,
)
from derive.layer.check import UNKNOWN, index_sizes, smallest, unknown_size
from derive.layer.place import caller

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Array",
    "absolute",
    "cos",
    "delta",
    "erf",
    "exp",
    "log",
    "logsumexp",
    "max_over",
    "maximum",
    "mean_over",
    "min_over",
    "minimum",
    "number",
    "product_over",
    "relu",
    "sech",
    "select",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "softplus",
    "sqrt",
    "sum_over",
    "tanh",
]

Scalar = Any  # a number, a SymPy expression, or an Array of rank 0


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
                raise _mistake(f"{len(where)} indices for an array of rank {len(self.shape)}")
            return self.at(*(number(i) for i in where))
        except DeriveError as error:
            return _noted(error, self).at()

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
        return absolute(self)

    def __matmul__(self, other: Array) -> Any:
        """Return the matrix product, matrix or vector on either side."""
        if not (isinstance(other, Array) and self.shape and other.shape):
            error = _mistake("a matrix product needs vectors or matrices; use * for a scalar")
            return _noted(error, self, other)
        inner, other_axis = self.shape[-1], max(len(other.shape) - 2, 0)
        left = len(self.shape) - 1
        shape = (
            *self.shape[:-1],
            *(size for axis, size in enumerate(other.shape) if axis != other_axis),
        )
        if other.shape[other_axis] != inner:
            error = _mistake(
                f"a matrix product of shapes {self.shape} and {other.shape}: "
                f"{inner} meets {other.shape[other_axis]}"
            )
            return _noted(error, self, other, shape=shape)

        def at(*indices: sp.Expr) -> sp.Expr:
            k, rest = fresh(), indices[left:]
            first = self.at(*indices[:left], k)
            return IndexSum(first * other.at(*rest[:other_axis], k, *rest[other_axis:]), k, inner)

        return at() if not shape else Array(shape, at, notebook=_notebook(self, other))

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
            raise _mistake(f"{Array.__repr__(value)} where a scalar is needed")
        return value.at()
    if isinstance(value, bool) or not isinstance(value, (int, float, sp.Expr)):
        raise _mistake(f"{value!r} is not a number or an expression")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _mistake(f"{value} is not a number", "to mask, use select(condition, …, 0)")
        return sp.Rational(repr(value))
    return sp.Integer(value) if isinstance(value, int) else value


def lift(function: Callable[..., sp.Expr], *operands: Any) -> Any:
    """Apply a scalar function elementwise; arrays of one shape, or scalars beside them."""
    shapes = list(dict.fromkeys(o.shape for o in operands if isinstance(o, Array) and o.shape))
    try:
        if len(shapes) > 1:
            shown = " and ".join(map(str, shapes))
            raise _mistake(f"an elementwise operation between shapes {shown}")
        parts = [o if isinstance(o, Array) and o.shape else number(o) for o in operands]
    except DeriveError as error:
        return _noted(error, *operands, shape=shapes[0] if shapes else ())
    if not shapes:
        return function(*parts)

    def at(*indices: sp.Expr) -> sp.Expr:
        return function(*(p.at(*indices) if isinstance(p, Array) else p for p in parts))

    return Array(shapes[0], at, notebook=_notebook(*operands))


def _mistake(message: str, hint: str = "") -> DeriveError:
    return DeriveError(message, caller(), hint)


def _notebook(*operands: Any) -> Notebook | None:
    found = (o.notebook for o in operands if isinstance(o, Array) and o.notebook is not None)
    return next(found, None)


def _noted(error: DeriveError, *operands: Any, shape: tuple[sp.Expr, ...] = ()) -> Array:
    """Note a mistake and return an array to go on with; raise it where no layer is known."""
    notebook = _notebook(*operands)
    if notebook is None:
        raise error
    notebook.note(error)
    return Array(shape, lambda *indices: Entry(UNKNOWN, shape, *indices), notebook=notebook)


def exp(x: Any) -> Any:
    """Return the exponential, elementwise."""
    return lift(sp.exp, x)


def log(x: Any) -> Any:
    """Return the natural logarithm, elementwise."""
    return lift(sp.log, x)


def sqrt(x: Any) -> Any:
    """Return the square root, elementwise."""
    return lift(sp.sqrt, x)


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent, elementwise."""
    return lift(sp.tanh, x)


def sech(x: Any) -> Any:
    """Return ``1 / cosh``, elementwise."""
    return lift(sp.sech, x)


def sin(x: Any) -> Any:
    """Return the sine, elementwise."""
    return lift(sp.sin, x)


def cos(x: Any) -> Any:
    """Return the cosine, elementwise."""
    return lift(sp.cos, x)


def erf(x: Any) -> Any:
    """Return the error function, elementwise."""
    return lift(sp.erf, x)


def sigmoid(x: Any) -> Any:
    """Return ``1 / (1 + exp(-x))``, elementwise."""
    return lift(functions.sigmoid, x)


def softplus(x: Any) -> Any:
    """Return ``log(1 + exp(x))``, elementwise."""
    return lift(functions.softplus, x)


def relu(x: Any) -> Any:
    """Return ``max(x, 0)``, elementwise; its derivative at 0 is 0."""
    return lift(functions.relu, x)


def absolute(x: Any) -> Any:
    """Return ``|x|``, elementwise; its derivative at 0 is 0."""
    return lift(sp.Abs, x)


def sign(x: Any) -> Any:
    """Return -1, 0 or 1, elementwise; its derivative is 0."""
    return lift(sp.sign, x)


def maximum(x: Any, y: Any) -> Any:
    """Return the greater, elementwise; at a tie the derivative belongs to the first."""
    return lift(functions.maximum, x, y)


def minimum(x: Any, y: Any) -> Any:
    """Return the smaller, elementwise; at a tie the derivative belongs to the first."""
    return lift(functions.minimum, x, y)


def select(condition: sp.Basic, x: Any, y: Any) -> Any:
    """Return ``x`` where the condition on indices or entries holds, else ``y``.

    Conditions are SymPy's: ``sp.Lt(i, j)`` or ``i < j``, ``sp.Eq(i, j)`` (never ``i == j``).
    """
    if isinstance(condition, bool) or not isinstance(condition, Boolean):
        hint = "compare with sp.Eq(i, j) and sp.Ne(i, j): == compares the formulas"
        return _noted(_mistake(f"{condition!r} is not a condition", hint), x, y)
    return lift(lambda first, second: functions.Select(condition, first, second), x, y)


def delta(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    """Return 1 where two index expressions agree, else 0.

    An entry of a tensor of integers beside an index promises to be a position of that index.
    """
    left, right = number(left), number(right)
    for access, target in ((left, right), (right, left)):
        if isinstance(target, Index) and isinstance(access, (Index, Entry)):
            return Delta(access, target)
    return functions.Select(sp.Eq(left, right), 1, 0)


def _reduce(kind: type[sp.Expr], index: Index, body: Any, size: sp.Expr | None) -> sp.Expr:
    try:
        if not isinstance(index, Index):
            first = body if isinstance(body, Index) else "i"
            hint = f"the index comes first, one at a time, as in sum_over({first}, …)"
            raise _mistake(f"{index} is not an index", hint)
        scalar = number(body)
        if size is None:
            candidates = index_sizes(scalar, index)
            size = smallest(candidates)
            if size is None:
                size = unknown_size(index, candidates)
        return kind(scalar, index, number(size))
    except DeriveError as error:
        return _noted(error, body, index).at()


def sum_over(index: Index, body: Any, size: sp.Expr | None = None) -> sp.Expr:
    """Return ``Σ_index body``.

    Parameters
    ----------
    index : Index
        What is summed over.
    body : expression
        A scalar in index notation.
    size : expression, optional
        How many values the index takes; found from the axes on which it stands alone.
    """
    return _reduce(IndexSum, index, body, size)


def product_over(index: Index, body: Any, size: sp.Expr | None = None) -> sp.Expr:
    """Return ``∏_index body``; see :func:`sum_over`."""
    return _reduce(IndexProduct, index, body, size)


def max_over(index: Index, body: Any, size: sp.Expr | None = None) -> sp.Expr:
    """Return ``max_index body``; the gradient goes to the first maximum. See :func:`sum_over`."""
    return _reduce(IndexMax, index, body, size)


def min_over(index: Index, body: Any, size: sp.Expr | None = None) -> sp.Expr:
    """Return ``min_index body``; the gradient goes to the first minimum. See :func:`sum_over`."""
    return -_reduce(IndexMax, index, -number(body), size)


def mean_over(index: Index, body: Any, size: sp.Expr | None = None) -> sp.Expr:
    """Return the mean over the index; see :func:`sum_over`."""
    total = sum_over(index, body, size)
    return total / total.size if isinstance(total, IndexSum) else total


def softmax(x: Array) -> Array:
    """Return the softmax along the last axis."""
    if not (isinstance(x, Array) and x.shape):
        return _noted(_mistake("softmax needs an axis to run along"), x)
    return Array(x.shape, lambda *i: sp.exp(x.at(*i)) / _sum_exp(x, i[:-1]), notebook=x.notebook)


def logsumexp(x: Array) -> Any:
    """Return ``log Σ exp`` along the last axis."""
    if not (isinstance(x, Array) and x.shape):
        return _noted(_mistake("logsumexp needs an axis to run along"), x)
    if len(x.shape) == 1:
        return sp.log(_sum_exp(x, ()))
    return Array(x.shape[:-1], lambda *i: sp.log(_sum_exp(x, i)), notebook=x.notebook)


def _sum_exp(x: Array, lead: tuple[sp.Expr, ...]) -> sp.Expr:
    k = fresh()
    return IndexSum(sp.exp(x.at(*lead, k)), k, x.shape[-1])
