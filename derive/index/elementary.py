"""Scalar functions as numbers: in floats, in complex floats, and in mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy as sp

from derive.index.functions import (
    erfc,
    expm1,
    grouped,
    log1p,
    logaddexp,
    maximum,
    minimum,
    relu,
    sigmoid,
    softplus,
    step,
)

if TYPE_CHECKING:
    from derive.index.arrays import Array

__all__ = ["FUNCTIONS", "elementary"]


def _complex_abs(x: Array) -> Array:
    """|x| continued along the real axis, so that a complex step goes through it."""
    result: Array = x * np.sign(x.real)
    return result


def _sigmoid(x: Array) -> Array:
    if x.dtype.kind == "c":
        result: Array = 0.5 * (1 + np.tanh(0.5 * x))
        return result
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, small) / (1 + small))


def _softplus(x: Array) -> Array:
    if x.dtype.kind == "c":
        return np.asarray(np.log(1 + np.exp(x)))
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def _logaddexp(x: Array, y: Array) -> Array:
    if x.dtype.kind == "c" or y.dtype.kind == "c":
        return np.asarray(np.log(np.exp(x) + np.exp(y)))
    return np.asarray(np.logaddexp(x, y))


def _sech(x: Array) -> Array:
    if x.dtype.kind == "c":
        return np.asarray(1 / np.cosh(x))
    small = np.exp(-np.abs(x))
    return np.asarray(2 * small / (1 + small * small))


def _by_mpmath(function: Callable[[Any], Any]) -> Callable[[Array], Array]:
    def each(x: Array) -> Array:
        kind: type = complex if x.dtype.kind == "c" else float
        # The imaginary part of a complex step is tiny, and would be lost beside the real one.
        with mpmath.workdps(50):
            result: Array = np.vectorize(lambda v: kind(function(v)), otypes=[kind])(x)
        return result

    return each


def _erfc(x: Any) -> Any:
    # mpmath's asks how many terms that takes, in a float.
    return mpmath.erfc(x) if abs(x) < 1e9 else 1 - mpmath.erf(x)


_Pair = tuple[Callable[..., Any], Callable[..., Any]]

#: Each scalar function twice: on arrays of floats or complex numbers, and on one mpmath number.
FUNCTIONS: dict[type[sp.Basic], _Pair] = {
    sp.exp: (np.exp, mpmath.exp),
    sp.log: (np.log, mpmath.log),
    log1p: (np.log1p, mpmath.log1p),
    logaddexp: (_logaddexp, lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y))),
    expm1: (np.expm1, mpmath.expm1),
    grouped: (lambda x: x, lambda x: x),
    sp.tanh: (np.tanh, mpmath.tanh),
    sp.sinh: (np.sinh, mpmath.sinh),
    sp.cosh: (np.cosh, mpmath.cosh),
    sp.sech: (_sech, mpmath.sech),
    sp.sin: (np.sin, mpmath.sin),
    sp.cos: (np.cos, mpmath.cos),
    sp.tan: (np.tan, mpmath.tan),
    sp.atan: (np.arctan, mpmath.atan),
    sp.asin: (np.arcsin, mpmath.asin),
    sp.acos: (np.arccos, mpmath.acos),
    sp.asinh: (np.arcsinh, mpmath.asinh),
    sp.acosh: (np.arccosh, mpmath.acosh),
    sp.atanh: (np.arctanh, mpmath.atanh),
    sp.erf: (_by_mpmath(mpmath.erf), mpmath.erf),
    erfc: (_by_mpmath(_erfc), _erfc),
    sp.Abs: (_complex_abs, abs),
    sp.sign: (lambda x: np.sign(x.real), mpmath.sign),
    sigmoid: (_sigmoid, lambda x: 1 / (1 + mpmath.exp(-x))),
    softplus: (_softplus, lambda x: mpmath.log1p(mpmath.exp(x))),
    relu: (lambda x: x * (x.real > 0), lambda x: x if x > 0 else mpmath.mpf(0)),
    step: (lambda x: 1.0 * (x.real > 0), lambda x: mpmath.mpf(1 if x > 0 else 0)),
    maximum: (
        lambda x, y: np.where(x.real >= y.real, x, y),
        lambda x, y: x if x >= y else y,
    ),
    minimum: (
        lambda x, y: np.where(x.real <= y.real, x, y),
        lambda x, y: x if x <= y else y,
    ),
}


def elementary(kind: type[sp.Basic]) -> Callable[..., Any]:
    """Return a scalar function on arrays of floats.

    Raises
    ------
    TypeError
        If the function is not known.
    """
    if kind not in FUNCTIONS:
        raise TypeError(f"cannot evaluate a {kind.__name__}")
    return FUNCTIONS[kind][0]
