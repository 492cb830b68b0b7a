"""Functions of which nothing is said but that they can be differentiated.

``φ(u)`` has the derivatives ``φ'(u)``, ``φ''(u)`` …, and no other property: what is true of it is
true of every function. To compare numbers it has values, too, those of a sample; which sample
depends on its name, so that two functions are not taken for one.
"""

from __future__ import annotations

import zlib
from functools import cache, partial
from typing import Any

import mpmath
import numpy as np
import sympy as sp  # noqa: TC002 (an example reads it)

from derive.index.elementary import FUNCTIONS
from derive.index.functions import RealFunction
from derive.index.normal import normal, rule
from derive.index.ring import Polynomial, Ring, expression_of, single

__all__ = ["Unspecified", "unspecified"]


class Unspecified(RealFunction):
    """A function of one number that may be any; ``order`` counts its primes."""

    nargs = 1
    stem = ""
    order = 0

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the function with one prime more."""
        return unspecified(self.stem, self.order + 1)(self.args[0])


@cache
def unspecified(name: str, order: int = 0) -> type[Unspecified]:
    """Return a function by its name, or a derivative of it.

    >>> x = sp.Symbol("x", real=True)
    >>> unspecified("phi")(x**2).diff(x)
    2*x*phi'(x**2)
    """
    kind = type(name + "'" * order, (Unspecified,), {"stem": name, "order": order})
    phase = zlib.crc32(name.encode()) % 1000 / 500
    FUNCTIONS[kind] = (
        partial(_sample, np, order, phase),
        partial(_sample, mpmath, order, phase),
    )
    return kind


def _sample(numbers: Any, order: int, phase: float, x: Any) -> Any:
    """Return a derivative of ``sin(√2 x + phase) + exp(x/5)/2``."""
    root = numbers.sqrt(2)
    wave = root**order * numbers.sin(root * x + phase + order * numbers.pi / 2)
    return wave + numbers.exp(x / 5) / (2 * 5**order)


@rule.register
def _(expression: Unspecified, ring: Ring) -> Polynomial:
    """Bring what it is applied to into its normal form; it is a letter itself."""
    value = expression.func(expression_of(ring, normal(expression.args[0], ring)))
    number = ring.letter(value)
    ring.memo[value] = single(number)
    return single(number)
