"""Scalar functions as expressions in one letter: their values on arrays, their derivatives."""

from __future__ import annotations

from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from derive.index.elementary import elementary
from derive.index.evaluate import RELATIONS
from derive.index.functions import Select, scalar_derivative

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.index.arrays import Array

__all__ = ["LETTER", "apply", "primed"]


#: The letter that scalar functions are written in.
LETTER = sp.Symbol("u ", real=True)


@lru_cache(maxsize=256)
def primed(function: sp.Expr, order: int = 1) -> sp.Expr:
    """Return the derivative of a function of :data:`LETTER`.

    >>> primed(sp.tanh(LETTER)).xreplace({LETTER: sp.Symbol("x", real=True)})
    1 - tanh(x)**2
    """
    for _ in range(order):
        function = scalar_derivative(function, LETTER)
    return function


def apply(function: sp.Expr, values: Mapping[sp.Expr, Array]) -> Array:
    """Return a scalar function of arrays, entry by entry.

    >>> apply(LETTER**2 + 1, {LETTER: np.array([1.0, 2.0])})
    array([2., 5.])
    """
    with np.errstate(all="ignore"):
        return np.asarray(_value(function, values))


def _value(function: sp.Expr, values: Mapping[sp.Expr, Array]) -> Any:
    if function in values:
        return values[function]
    if function.is_Number or isinstance(function, sp.NumberSymbol):
        return float(function)
    parts = [_value(argument, values) for argument in function.args]
    if isinstance(function, sp.Add):
        return reduce(np.add, parts)
    if isinstance(function, sp.Mul):
        return reduce(np.multiply, parts)
    if isinstance(function, sp.Pow):
        return np.power(np.asarray(parts[0], float), parts[1])
    if isinstance(function, Relational):
        return RELATIONS[function.rel_op](*parts)
    if isinstance(function, Select):
        return np.where(*parts)
    return elementary(type(function))(*map(np.asarray, parts))
