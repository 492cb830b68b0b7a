"""Decimals as the numbers that are written: 0.1 is a tenth, 1.0 is 1."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

__all__ = ["exactly", "whole", "written"]


def written(decimal: sp.Float) -> Fraction:
    """Return the number that the shortest decimal for a float says.

    >>> written(sp.Float(0.1)), written(sp.Float(2.5))
    (Fraction(1, 10), Fraction(5, 2))
    """
    return Fraction(repr(float(decimal)))


def exactly(expression: sp.Expr) -> sp.Expr:
    """Return an expression with a fraction for every decimal: then 1.0 is the same as 1.

    >>> exactly(1.0 - sp.Symbol("x") ** 0.5)
    1 - sqrt(x)
    """
    return expression.xreplace({decimal: _rational(decimal) for decimal in _decimals(expression)})


def whole(expression: sp.Expr) -> sp.Expr:
    """Return an expression with an integer for every decimal that is one; others stay as written.

    >>> whole(1.0 - 0.5 * sp.Symbol("x") ** 2.0)
    1 - 0.5*x**2
    """
    exact = {decimal: _rational(decimal) for decimal in _decimals(expression)}
    return expression.xreplace({d: number for d, number in exact.items() if number.is_Integer})


def _decimals(expression: sp.Expr) -> set[sp.Float]:
    """Return the decimals in an expression that are numbers: none that is infinite."""
    return {each for each in expression.atoms(sp.Float) if each.is_finite}


def _rational(decimal: sp.Float) -> sp.Rational:
    number = written(decimal)
    return sp.Rational(number.numerator, number.denominator)
