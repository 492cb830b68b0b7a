"""Functions of numbers, of scalars in index notation, and of arrays alike: ``sigmoid(r)``.

Those of one number apply to every entry of an array; sums and maxima run over an index.
"""

from __future__ import annotations

import operator
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from derive.errors import DeriveError
from derive.index import functions
from derive.index.terms import Delta, Entry, Index, IndexMax, IndexProduct, IndexSum, fresh
from derive.layer.check import index_sizes, smallest, unknown_size
from derive.layer.operators import Array, lift, mistake, noted, number

__all__ = [
    "absolute",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cos",
    "cosh",
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
    "product_over",
    "relu",
    "sech",
    "select",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "sum_over",
    "tan",
    "tanh",
]


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


def sinh(x: Any) -> Any:
    """Return the hyperbolic sine, elementwise."""
    return lift(sp.sinh, x)


def cosh(x: Any) -> Any:
    """Return the hyperbolic cosine, elementwise."""
    return lift(sp.cosh, x)


def tan(x: Any) -> Any:
    """Return the tangent, elementwise."""
    return lift(sp.tan, x)


def asin(x: Any) -> Any:
    """Return the inverse of the sine, elementwise."""
    return lift(sp.asin, x)


def acos(x: Any) -> Any:
    """Return the inverse of the cosine, elementwise."""
    return lift(sp.acos, x)


def atan(x: Any) -> Any:
    """Return the inverse of the tangent, elementwise."""
    return lift(sp.atan, x)


def asinh(x: Any) -> Any:
    """Return the inverse of the hyperbolic sine, elementwise."""
    return lift(sp.asinh, x)


def acosh(x: Any) -> Any:
    """Return the inverse of the hyperbolic cosine, elementwise."""
    return lift(sp.acosh, x)


def atanh(x: Any) -> Any:
    """Return the inverse of the hyperbolic tangent, elementwise."""
    return lift(sp.atanh, x)


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
        return noted(mistake(f"{condition!r} is not a condition", hint), x, y)
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
            raise mistake(f"{index} is not an index", hint)
        scalar = number(body)
        if size is None:
            candidates = index_sizes(scalar, index)
            size = smallest(candidates)
            if size is None:
                size = unknown_size(index, candidates)
        return kind(scalar, index, number(size))
    except DeriveError as error:
        return noted(error, body, index).at()


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
    return -_reduce(IndexMax, index, lift(operator.neg, body), size)


def mean_over(index: Index, body: Any, size: sp.Expr | None = None) -> sp.Expr:
    """Return the mean over the index; see :func:`sum_over`."""
    total = sum_over(index, body, size)
    return total / total.size if isinstance(total, IndexSum) else total


def softmax(x: Array) -> Array:
    """Return the softmax along the last axis."""
    if not (isinstance(x, Array) and x.shape):
        return noted(mistake("softmax needs an axis to run along"), x)
    return Array(x.shape, lambda *i: sp.exp(x.at(*i)) / _sum_exp(x, i[:-1]), notebook=x.notebook)


def logsumexp(x: Array) -> Any:
    """Return ``log Σ exp`` along the last axis."""
    if not (isinstance(x, Array) and x.shape):
        return noted(mistake("logsumexp needs an axis to run along"), x)
    if len(x.shape) == 1:
        return sp.log(_sum_exp(x, ()))
    return Array(x.shape[:-1], lambda *i: sp.log(_sum_exp(x, i)), notebook=x.notebook)


def _sum_exp(x: Array, lead: tuple[sp.Expr, ...]) -> sp.Expr:
    k = fresh()
    return IndexSum(sp.exp(x.at(*lead, k)), k, x.shape[-1])
