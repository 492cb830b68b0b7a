"""Absolute values, maxima of two numbers, selections: all by signs and by conditions.

A condition is a polynomial with the values 0 and 1, so that
``(f if c else g)  →  g + c · (f - g)``, ``c and d  →  c · d``, ``not c  →  1 - c``. A comparison of
reals is made of a sign. One of integers is ``δ`` for ``=``, and a letter ``step(d)`` for ``>``,
with ``step(-d)  →  1 - step(d + 1)``.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from sympy.core.relational import Relational

from derive.index.functions import Select, maximum, minimum, relu, step
from derive.index.normal import normal, rule
from derive.index.ring import (
    Polynomial,
    Ring,
    Undefined,
    add,
    constant,
    expression_of,
    leading,
    product,
    scaled,
    single,
)
from derive.index.signs import absolute, sign, step_of
from derive.index.terms import Delta, Entry, Index

__all__ = ["condition"]

_HALF = Fraction(1, 2)


@rule.register
def _(expression: sp.sign, ring: Ring) -> Polynomial:
    return sign(ring, normal(expression.args[0], ring))


@rule.register
def _(expression: sp.Abs, ring: Ring) -> Polynomial:
    return absolute(ring, normal(expression.args[0], ring))


@rule.register
def _(expression: step, ring: Ring) -> Polynomial:
    return _positive(expression.args[0], ring)


@rule.register
def _(expression: relu, ring: Ring) -> Polynomial:
    """Write it as ``(x + |x|) / 2``."""
    inside = normal(expression.args[0], ring)
    return scaled(add(inside, absolute(ring, inside)), _HALF)


@rule.register(maximum)
@rule.register(minimum)
def _(expression: sp.Function, ring: Ring) -> Polynomial:
    """Write it as ``(x + y ± |x - y|) / 2``."""
    x, y = (normal(argument, ring) for argument in expression.args)
    apart = absolute(ring, add(x, scaled(y, -1)))
    return scaled(add(x, y, scaled(apart, 1 if isinstance(expression, maximum) else -1)), _HALF)


@rule.register
def _(expression: Select, ring: Ring) -> Polynomial:
    """Choose by multiplication; where a branch is undefined without its guard, stay a letter."""
    test, first, second = expression.args
    chosen = condition(test, ring)
    try:
        one, other = normal(first, ring), normal(second, ring)
        return add(other, product(ring, chosen, add(one, scaled(other, -1))))
    except Undefined:
        return single(ring.letter(expression))


def condition(expression: sp.Basic, ring: Ring) -> Polynomial:
    """Return a condition as a polynomial with the values 0 and 1."""
    if expression in (sp.true, sp.false):
        return constant(1 if expression == sp.true else 0)
    if isinstance(expression, sp.And):
        return product(ring, *(condition(part, ring) for part in expression.args))
    if isinstance(expression, sp.Or):
        return _negated(product(ring, *(_negated(condition(p, ring)) for p in expression.args)))
    if isinstance(expression, sp.Not):
        return _negated(condition(expression.args[0], ring))
    if not isinstance(expression, Relational):
        raise TypeError(f"{type(expression).__name__} is not a condition")
    left, right = expression.args
    if isinstance(expression, (sp.Eq, sp.Ne)):
        equal = _equal(left, right, ring)
        return equal if isinstance(expression, sp.Eq) else _negated(equal)
    if isinstance(expression, (sp.Gt, sp.Lt)):
        return _positive(left - right if isinstance(expression, sp.Gt) else right - left, ring)
    # Not greater, not less.
    return _negated(
        _positive(right - left if isinstance(expression, sp.Ge) else left - right, ring)
    )


def _negated(polynomial: Polynomial) -> Polynomial:
    return add(constant(1), scaled(polynomial, -1))


def _equal(left: sp.Expr, right: sp.Expr, ring: Ring) -> Polynomial:
    if isinstance(left, Index) or isinstance(right, Index):
        # The access comes first, see Delta.
        return normal(Delta(right, left) if isinstance(left, Index) else Delta(left, right), ring)
    apart = sign(ring, normal(left - right, ring))
    return _negated(product(ring, apart, apart))


def _positive(expression: sp.Expr, ring: Ring) -> Polynomial:
    """Return the condition that an expression is greater than 0."""
    polynomial = normal(expression, ring)
    if not (expression.is_integer and polynomial and not expression.has(Entry)):
        return step_of(ring, polynomial)
    if set(polynomial) == {()}:
        return constant(1 if polynomial[()] > 0 else 0)
    negative = polynomial[leading(ring, polynomial)] < 0
    if negative:
        polynomial = add(scaled(polynomial, -1), constant(1))
    value = step(expression_of(ring, polynomial))
    if value.is_Number:
        result = constant(int(value))
    else:
        number = ring.letter(value, special=True)
        result = ring.memo[value] = single(number)
    return _negated(result) if negative else result
