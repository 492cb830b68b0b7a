"""Powers of polynomials: quotients and roots.

    (c · ∏ pᵢ^kᵢ)^e  →  c^e · ∏ pᵢ^(kᵢ e)        pᵢ irreducible, each one letter

For a whole ``e`` this always holds. For a root only the factors that are known to be positive are
parted from the rest, and ``√(x²) = |x|``. Two rules keep powers of one polynomial ``p`` normal:

    p^e · …         →  p · p^(e - 1) · …           e ≥ 1, or p may be negative and e < 0
    lead(p) · p^e   →  (p^(e + 1) - tail(p) · p^e) / c     e < 0, p = c · lead + tail

The second is division with remainder: ``x / (1 + x)`` becomes ``1 - 1 / (1 + x)``.
"""

from __future__ import annotations

import math
from fractions import Fraction

import sympy as sp

from derive.index.factors import Factors, positive, split
from derive.index.ring import (
    ONE,
    Exponent,
    Monomial,
    Polynomial,
    Ring,
    Undefined,
    constant,
    expression_of,
    joined,
    leading,
    product,
    scaled,
    whole,
)
from derive.index.signs import absolute, paired

__all__ = ["divided", "expanded_power", "number_power", "power"]


def power(ring: Ring, base: Polynomial, exponent: Exponent) -> Polynomial:
    """Return a rational power of a polynomial.

    Raises
    ------
    Undefined
        If 0 is raised to a negative power.
    """
    exponent = whole(exponent)
    if isinstance(exponent, int) and exponent >= 0:
        return product(ring, *[base] * exponent)
    if not base:
        if exponent > 0:
            return {}
        raise Undefined
    if base == {ONE: 1}:
        return base
    coefficient, factors = split(ring, base)
    if isinstance(exponent, int):
        parts = [_atom_power(ring, p, k * exponent) for p, k in factors]
        return product(ring, constant(coefficient**exponent), *parts)
    return _root(ring, coefficient, factors, exponent)


def _atom_power(ring: Ring, base: Polynomial, exponent: Exponent) -> Polynomial:
    """Return a power of one letter, or of a polynomial as of one letter."""
    if len(base) == 1:
        ((monomial, coefficient),) = base.items()
        if coefficient == 1 and len(monomial) == 1:
            return ring.reduced(joined((n, e * exponent) for n, e in monomial))
    number = ring.letter(expression_of(ring, base), special=True)
    ring.bases[number] = base
    return ring.reduced(((number, whole(exponent)),))


def _root(ring: Ring, coefficient: Fraction, factors: Factors, exponent: Exponent) -> Polynomial:
    """Return a power with a fraction for an exponent: of a number that is not negative."""
    parts = [_number_root(ring, abs(coefficient), Fraction(exponent))]
    unknown: Factors = []
    absolutes, factors = paired(ring, factors)
    parts += [_absolute_power(ring, base, k * exponent) for base, k in absolutes]
    for base, k in factors:
        if not isinstance(k, int) or positive(ring, base):
            # Under a root of its own already, or known: it can be parted from the rest.
            parts.append(_atom_power(ring, base, k * exponent))
        elif k % 2 == 0:
            parts.append(_absolute_power(ring, base, k * exponent))
        else:
            unknown.append((base, k))
    if coefficient > 0 and len(unknown) == 1:
        base, k = unknown[0]
        parts.append(_atom_power(ring, base, k * exponent))
    elif unknown:
        together = product(ring, *(power(ring, base, k) for base, k in unknown))
        parts.append(_atom_power(ring, scaled(together, 1 if coefficient > 0 else -1), exponent))
    elif coefficient < 0:
        raise Undefined
    return product(ring, *parts)


def _number_root(ring: Ring, value: Fraction, exponent: Fraction) -> Polynomial:
    """Return a root of a positive number: ``√12 = 2 √3``, the primes as letters."""
    powers: dict[int, Fraction] = {}
    for part, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, times in sp.factorint(part).items():
            powers[int(prime)] = powers.get(int(prime), Fraction(0)) + sign * times * exponent
    return product(
        ring,
        *(
            ring.reduced(((ring.letter(sp.Integer(prime), special=True), whole(e)),))
            for prime, e in powers.items()
            if e
        ),
    )


def _absolute_power(ring: Ring, base: Polynomial, exponent: Exponent) -> Polynomial:
    """Return ``|base|^exponent``."""
    exponent = whole(exponent)
    size = absolute(ring, base)
    if isinstance(exponent, int):
        return power(ring, size, exponent)
    return _atom_power(ring, size, exponent)


# --- rules -----------------------------------------------------------------------------------


def number_power(ring: Ring, monomial: Monomial) -> Polynomial | None:
    """Keep the power of a prime between 0 and 1: ``2^(3/2) → 2 · 2^(1/2)``."""
    for number, exponent in monomial:
        letter = ring.letters[number]
        if letter.is_Integer and not 0 < exponent < 1:
            times = math.floor(exponent)
            factor = Fraction(int(letter)) ** times
            return {joined(monomial, ((number, -times),)): factor}
    return None


def expanded_power(ring: Ring, monomial: Monomial) -> Polynomial | None:
    """Multiply out whole powers: the first rule above."""
    for number, exponent in monomial:
        base = ring.bases.get(number)
        if base is None:
            continue
        rest = tuple((n, e) for n, e in monomial if n != number)
        if exponent >= 1:
            times = math.floor(exponent)
            left = joined(rest, ((number, exponent - times),))
            # One factor at a time is enough: the rule applies again.
            others = joined(left, ((number, times - 1),))
            return {joined(m, others): c for m, c in base.items()}
        if exponent < 0 and not isinstance(exponent, int) and not _normal(ring, base):
            times = math.floor(exponent)
            left = joined(rest, ((number, exponent - times),))
            return product(ring, {left: Fraction(1)}, power(ring, base, times))
    return None


def _normal(ring: Ring, base: Polynomial) -> bool:
    """Tell whether whole powers of the base are powers of this very letter."""
    coefficient, factors = split(ring, base)
    return len(base) > 1 and coefficient == 1 and factors == [(base, 1)]


def divided(ring: Ring, monomial: Monomial) -> Polynomial | None:
    """Divide with remainder: the second rule above."""
    for number, exponent in monomial:
        base = ring.bases.get(number)
        if base is None or exponent >= 0:
            continue
        lead = leading(ring, base)
        powers = dict(monomial)
        if all(powers.get(n, 0) >= e for n, e in lead):
            rest = joined(monomial, ((n, -e) for n, e in lead))
            factor = 1 / base[lead]
            result = {joined(rest, ((number, 1),)): factor}
            for tail, coefficient in base.items():
                if tail != lead:
                    term = joined(rest, tail)
                    result[term] = result.get(term, Fraction(0)) - coefficient * factor
            return {m: c for m, c in result.items() if c}
    return None
