"""One basis for exponentials and logarithms.

    exp(Σ c m)   →  ∏ exp(m)^c           tanh, sigmoid, sech, cosh, sinh, softplus through exp
    exp(c log u) →  u^c                  for a number c
    log(∏ p^k)   →  Σ k log p            over the factors that are known to be positive
    log(x^2k …)  →  k log(x²) + log(…)   also |x|^2k

The factors that are not known to be positive stay together: ``log(x y)`` exists where ``x`` and
``y`` are both negative. If only one of them is left, it is positive where the logarithm exists:
``log(x³) = 3 log x``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.factors import positive, split
from derive.index.functions import erfc, logaddexp, sigmoid, softplus
from derive.index.normal import normal, rule
from derive.index.powers import power
from derive.index.ring import (
    Polynomial,
    Ring,
    Undefined,
    add,
    constant,
    expression_of,
    joined,
    leading,
    product,
    scaled,
    single,
    whole,
)
from derive.index.signs import paired

if TYPE_CHECKING:
    from derive.index.ring import Monomial

__all__ = ["exponential", "logarithm", "squared_sine"]


def exponential(ring: Ring, argument: Polynomial) -> Polynomial:
    """Return exp of a polynomial."""
    parts = []
    for monomial, coefficient in argument.items():
        number = monomial[0][0] if len(monomial) == 1 and monomial[0][1] == 1 else None
        if number is not None and number in ring.logarithms:
            parts.append(power(ring, ring.logarithms[number], coefficient))
            continue
        letter = ring.letter(sp.exp(expression_of(ring, {monomial: Fraction(1)})))
        ring.exponents[letter] = {monomial: Fraction(1)}
        parts.append(single(letter, whole(coefficient)))
    return product(ring, *parts)


def logarithm(ring: Ring, argument: Polynomial) -> Polynomial:
    """Return log of a polynomial.

    Raises
    ------
    Undefined
        For the logarithm of 0 or of a negative number.
    """
    if not argument:
        raise Undefined
    coefficient, factors = split(ring, argument)
    parts = [_log_of_number(ring, abs(coefficient))]
    unknown = []
    absolutes, factors = paired(ring, factors)
    for base, k in factors:
        if not isinstance(k, int) or positive(ring, base):
            parts.append(scaled(_log_of_factor(ring, base), Fraction(k)))
        elif k % 2 == 0:
            absolutes.append((base, k))
        else:
            unknown.append((base, k))
    for base, k in absolutes:
        parts.append(scaled(_log_letter(ring, product(ring, base, base)), Fraction(k) / 2))
    if not unknown:
        if coefficient < 0:
            raise Undefined
        return add(*parts)
    if len(unknown) == 1:
        base, k = unknown[0]
        inside, times = scaled(base, 1 if coefficient > 0 else -1), Fraction(k)
    else:
        # log(x / y) = -log(y / x): the first factor decides.
        times = Fraction(1 if unknown[0][1] > 0 else -1)
        inside = scaled(
            product(ring, *(power(ring, base, int(k * times)) for base, k in unknown)),
            1 if coefficient > 0 else -1,
        )
    return add(*parts, scaled(_log_letter(ring, inside), times))


def _log_of_number(ring: Ring, value: Fraction) -> Polynomial:
    """Return the logarithm of a positive number, by its primes."""
    parts: list[Polynomial] = [{}]
    for whole_part, factor in ((value.numerator, 1), (value.denominator, -1)):
        for prime, times in sp.factorint(whole_part).items():
            parts.append(scaled(_log_letter(ring, constant(int(prime))), factor * int(times)))
    return add(*parts)


def _log_of_factor(ring: Ring, base: Polynomial) -> Polynomial:
    """Return the logarithm of a positive factor; of exp, the exponent."""
    if len(base) == 1:
        ((monomial, _),) = base.items()
        if len(monomial) == 1 and monomial[0][0] in ring.exponents:
            return scaled(ring.exponents[monomial[0][0]], Fraction(monomial[0][1]))
    return _log_letter(ring, base)


def _log_letter(ring: Ring, inside: Polynomial) -> Polynomial:
    number = ring.letter(sp.log(expression_of(ring, inside)))
    ring.logarithms[number] = inside
    return single(number)


@rule.register
def _(expression: sp.exp, ring: Ring) -> Polynomial:
    return exponential(ring, normal(expression.args[0], ring))


@rule.register
def _(expression: sp.log, ring: Ring) -> Polynomial:
    return logarithm(ring, normal(expression.args[0], ring))


def _exp_of(expression: sp.Expr, ring: Ring, factor: int) -> Polynomial:
    return exponential(ring, scaled(normal(expression.args[0], ring), factor))


@rule.register
def _(expression: sp.tanh, ring: Ring) -> Polynomial:
    """Write it as ``1 - 2 / (exp(2x) + 1)``."""
    below = power(ring, add(_exp_of(expression, ring, 2), constant(1)), -1)
    return add(constant(1), scaled(below, -2))


@rule.register
def _(expression: sigmoid, ring: Ring) -> Polynomial:
    """Write it as ``1 - 1 / (exp(x) + 1)``."""
    below = power(ring, add(_exp_of(expression, ring, 1), constant(1)), -1)
    return add(constant(1), scaled(below, -1))


@rule.register
def _(expression: softplus, ring: Ring) -> Polynomial:
    return logarithm(ring, add(_exp_of(expression, ring, 1), constant(1)))


@rule.register
def _(expression: logaddexp, ring: Ring) -> Polynomial:
    first, second = expression.args
    return normal(first + softplus(second - first), ring)


@rule.register
def _(expression: sp.cosh, ring: Ring) -> Polynomial:
    both = add(_exp_of(expression, ring, 1), _exp_of(expression, ring, -1))
    return scaled(both, Fraction(1, 2))


@rule.register
def _(expression: sp.sinh, ring: Ring) -> Polynomial:
    both = add(_exp_of(expression, ring, 1), scaled(_exp_of(expression, ring, -1), -1))
    return scaled(both, Fraction(1, 2))


@rule.register
def _(expression: sp.sech, ring: Ring) -> Polynomial:
    both = add(_exp_of(expression, ring, 1), _exp_of(expression, ring, -1))
    return scaled(power(ring, both, -1), 2)


@rule.register(sp.sin)
@rule.register(sp.cos)
@rule.register(sp.atan)
@rule.register(sp.asin)
@rule.register(sp.asinh)
@rule.register(sp.atanh)
@rule.register(sp.erf)
def _(expression: sp.Function, ring: Ring) -> Polynomial:
    """Take the sign out of an odd or even function."""
    argument = normal(expression.args[0], ring)
    if not argument:
        return constant(1 if isinstance(expression, sp.cos) else 0)
    negative = argument[leading(ring, argument)] < 0
    inside = expression_of(ring, scaled(argument, -1 if negative else 1))
    value = expression.func(inside, evaluate=False)
    number = ring.letter(value, special=isinstance(expression, sp.sin))
    ring.memo[value] = single(number)
    odd = not isinstance(expression, sp.cos)
    return scaled(single(number), -1 if negative and odd else 1)


@rule.register
def _(expression: erfc, ring: Ring) -> Polynomial:
    return add(constant(1), scaled(normal(sp.erf(expression.args[0]), ring), -1))


@rule.register
def _(expression: sp.tan, ring: Ring) -> Polynomial:
    inside = expression.args[0]
    return normal(sp.sin(inside) / sp.cos(inside), ring)


def squared_sine(ring: Ring, monomial: Monomial) -> Polynomial | None:
    """Apply ``sin² → 1 - cos²``."""
    for number, exponent in monomial:
        letter = ring.letters[number]
        if isinstance(letter, sp.sin) and isinstance(exponent, int) and exponent >= 2:
            cosine = sp.cos(letter.args[0], evaluate=False)
            other = ring.letter(cosine)
            ring.memo[cosine] = single(other)
            rest = joined(monomial, ((number, -2),))
            return {rest: Fraction(1), joined(rest, ((other, 2),)): Fraction(-1)}
    return None
