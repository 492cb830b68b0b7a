"""Laurent series of scalar functions about 0.

SymPy's ring series do the arithmetic: power series truncated to a number of terms, over the
rational numbers and those that erf and softplus bring in, ``2/√π`` and ``log 2``. What they lack
is a pole, kept here beside the series as a power of the variable.
(NIST Digital Library of Mathematical Functions, section 1.10(iii).)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce, singledispatch
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.polys import ring_series as rs

from derive.index.functions import erfc, expm1, grouped, log1p, sigmoid, softplus

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Laurent", "laurent"]

#: The variable, and what stands for two numbers that no fraction is.
_RING, _Z, _ERF, _LOG2 = sp.ring("z e l", sp.QQ)
_NUMBERS = (2 / sp.sqrt(sp.pi), sp.log(2))


@dataclass(frozen=True, slots=True)
class Laurent:
    """``z^order (c_0 + c_1 z + …)``, ``c_0`` not 0 unless all are.

    Parameters
    ----------
    order : int
        The least power.
    coefficients : tuple of sympy.Expr
        ``c_0, c_1, …``, as many as are known: polynomials in ``2/√π`` and ``log 2``.
    """

    order: int
    coefficients: tuple[sp.Expr, ...]


def laurent(expression: sp.Expr, symbol: sp.Symbol, terms: int) -> Laurent | None:
    """Return the series about 0 of a function of one symbol.

    Parameters
    ----------
    expression : sympy.Expr
        In this symbol alone.
    symbol : sympy.Symbol
        The variable.
    terms : int
        To how many powers of it the parts are known; differences of parts know fewer.

    Returns
    -------
    Laurent or None
        None where there is none with such coefficients, or this module does not know it.

    Examples
    --------
    >>> z = sp.Symbol("z")
    >>> laurent(sp.sin(z) / z**2, z, 5)
    Laurent(order=-1, coefficients=(1, 0, -1/6, 0))
    """
    try:
        found = _series(expression, _Point(symbol, terms))
    except _NoSeriesError:
        return None
    return Laurent(found.order, found.listed())


class _NoSeriesError(Exception):
    """A function has no such series."""


@dataclass(frozen=True, slots=True)
class _Point:
    """The variable and how many terms are wanted."""

    symbol: sp.Symbol
    terms: int


@dataclass(frozen=True, slots=True)
class _Truncated:
    """``z^order p``, the coefficients of the polynomial p known below a power."""

    order: int
    polynomial: Any
    known: int

    def listed(self) -> tuple[sp.Expr, ...]:
        """Return the coefficients that are known."""
        named = dict.fromkeys(range(self.known), sp.S.Zero)
        for (power, *others), c in self._terms():
            factors = (number**n for number, n in zip(_NUMBERS, others, strict=True))
            named[power] += sp.Rational(c.numerator, c.denominator) * sp.Mul(*factors)
        return tuple(named.values())

    def starts_with(self, number: int) -> bool:
        """Tell whether the constant term is this number."""
        return self._constant() == ({(0, 0, 0): number} if number else {})

    def _constant(self) -> dict[tuple[int, ...], Any]:
        return {powers: c for powers, c in self._terms() if powers[0] == 0}

    def _terms(self) -> list[tuple[tuple[int, ...], Any]]:
        terms: list[tuple[tuple[int, ...], Any]] = self.polynomial.terms()
        return [(powers, c) for powers, c in terms if c]

    def trimmed(self) -> _Truncated:
        """Return the same with a constant term that is not 0."""
        least = min((powers[0] for powers, _ in self._terms()), default=self.known)
        return self.shifted(self.order + least)

    def shifted(self, order: int) -> _Truncated:
        """Return the same as ``z^order`` times a polynomial."""
        by = self.order - order
        new = {(power + by, *others): c for (power, *others), c in self._terms()}
        return _Truncated(order, _RING.from_dict(new), self.known + by)

    def plus(self, other: _Truncated) -> _Truncated:
        """Return the sum."""
        order = min(self.order, other.order)
        one, two = self.shifted(order), other.shifted(order)
        known = min(one.known, two.known)
        total = rs.rs_trunc(one.polynomial + two.polynomial, _Z, known)
        return _Truncated(order, total, known).trimmed()

    def times(self, other: _Truncated) -> _Truncated:
        """Return the product."""
        known = min(self.known, other.known)
        product = rs.rs_mul(self.polynomial, other.polynomial, _Z, known)
        return _Truncated(self.order + other.order, product, known).trimmed()

    def to(self, power: sp.Rational) -> _Truncated:
        """Return a power; the constant term must be a fraction, of a root 1."""
        if self.known <= 0 or self._constant().keys() != {(0, 0, 0)}:
            raise _NoSeriesError
        if power.is_Integer:
            base = self.polynomial
            if power < 0:
                base = rs.rs_series_inversion(base, _Z, self.known)
            whole = rs.rs_pow(base, abs(int(power)), _Z, self.known)
            return _Truncated(self.order * int(power), whole, self.known)
        if self.order != 0 or not self.starts_with(1):
            raise _NoSeriesError
        logarithm = rs.rs_log(self.polynomial, _Z, self.known)
        ratio = sp.QQ(int(power.p), int(power.q))
        return _Truncated(0, rs.rs_exp(logarithm * ratio, _Z, self.known), self.known)

    def within(self, function: Callable[..., Any], at: int = 0) -> _Truncated:
        """Return a function of this, which is ``at`` at 0."""
        inner = self.shifted(0) if self.order > 0 else self
        if inner.order != 0 or inner.known <= 0 or not inner.starts_with(at):
            raise _NoSeriesError
        return _Truncated(0, function(inner.polynomial, _Z, inner.known), inner.known).trimmed()


@singledispatch
def _series(expression: sp.Basic, point: _Point) -> _Truncated:
    for kind, (function, at) in _FUNCTIONS.items():
        if isinstance(expression, kind):
            return _series(expression.args[0], point).within(function, at)
    raise _NoSeriesError


@_series.register
def _(expression: sp.Symbol, point: _Point) -> _Truncated:
    if expression != point.symbol:
        raise _NoSeriesError
    return _Truncated(1, _RING(1), point.terms - 1)


@_series.register
def _(expression: sp.Rational, point: _Point) -> _Truncated:
    return _Truncated(0, _RING(sp.QQ(expression.p, expression.q)), point.terms)


@_series.register
def _(expression: sp.Add, point: _Point) -> _Truncated:
    return reduce(_Truncated.plus, (_series(term, point) for term in expression.args))


@_series.register
def _(expression: sp.Mul, point: _Point) -> _Truncated:
    return reduce(_Truncated.times, (_series(factor, point) for factor in expression.args))


@_series.register
def _(expression: sp.Pow, point: _Point) -> _Truncated:
    if not expression.exp.is_Rational:
        raise _NoSeriesError
    return _series(expression.base, point).to(expression.exp)


@_series.register
def _(expression: grouped, point: _Point) -> _Truncated:
    return _series(expression.args[0], point)


def _logistic(p: Any, z: Any, known: int) -> Any:
    return rs.rs_series_inversion(1 + rs.rs_exp(-p, z, known), z, known)


def _area(p: Any, z: Any, known: int) -> Any:
    """Return asinh: the integral of ``1 / sqrt(1 + p²)``."""
    logarithm = rs.rs_log(1 + rs.rs_square(p, z, known), z, known)
    root = rs.rs_exp(logarithm * sp.QQ(-1, 2), z, known)
    return rs.rs_trunc(rs.rs_integrate(rs.rs_mul(root, rs.rs_diff(p, z), z, known), z), z, known)


def _error(p: Any, z: Any, known: int) -> Any:
    """Return erf: the integral of ``2/√π exp(-p²)``."""
    bell = rs.rs_exp(-rs.rs_square(p, z, known), z, known)
    return _ERF * rs.rs_trunc(
        rs.rs_integrate(rs.rs_mul(bell, rs.rs_diff(p, z), z, known), z), z, known
    )


def _half(sign: int) -> Callable[..., Any]:
    """Return half the sum or the difference of two exponentials."""

    def halves(p: Any, z: Any, known: int) -> Any:
        both = rs.rs_exp(p, z, known) + sign * rs.rs_exp(-p, z, known)
        return both * sp.QQ(1, 2)

    return halves


#: Each function as a ring series, and the argument about which that is.
_FUNCTIONS: dict[type[sp.Basic], tuple[Callable[..., Any], int]] = {
    sp.exp: (rs.rs_exp, 0),
    expm1: (lambda p, z, known: rs.rs_exp(p, z, known) - 1, 0),
    sp.log: (rs.rs_log, 1),
    log1p: (lambda p, z, known: rs.rs_log(1 + p, z, known), 0),
    sp.sin: (rs.rs_sin, 0),
    sp.cos: (rs.rs_cos, 0),
    sp.tan: (rs.rs_tan, 0),
    sp.sinh: (_half(-1), 0),
    sp.cosh: (_half(1), 0),
    sp.tanh: (rs.rs_tanh, 0),
    sp.asin: (rs.rs_asin, 0),
    sp.atan: (rs.rs_atan, 0),
    sp.atanh: (rs.rs_atanh, 0),
    sp.asinh: (_area, 0),
    sigmoid: (_logistic, 0),
    softplus: (
        lambda p, z, known: _LOG2 + rs.rs_log((1 + rs.rs_exp(p, z, known)) / 2, z, known),
        0,
    ),
    sp.erf: (_error, 0),
    erfc: (lambda p, z, known: 1 - _error(p, z, known), 0),
}
