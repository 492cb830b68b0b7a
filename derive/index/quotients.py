"""Sums of quotients: over one denominator, and without any."""

from __future__ import annotations

from fractions import Fraction

from derive.index.factors import exact_quotient
from derive.index.ring import Polynomial, Ring, add, joined, product, scaled, whole

__all__ = ["cleared", "united"]


def cleared(ring: Ring, polynomial: Polynomial) -> Polynomial:
    """Multiply by all denominators that are sums, until there are none."""
    while polynomial:
        lowest = _lowest(ring, polynomial)
        if not lowest:
            break
        polynomial = _times(ring, polynomial, lowest)
    return polynomial


def united(ring: Ring, polynomial: Polynomial) -> Polynomial:
    """Cancel where denominators have been multiplied: ``1/p - q/p/(p + q)`` is ``1/(p + q)``.

    A polynomial in which no term has two denominators is left as it is: there the division with
    remainder has done all there is to do.
    """
    if all(len(_lowest(ring, {m: c})) < 2 for m, c in polynomial.items()):
        return polynomial
    # What is left under a root is not a denominator: only whole powers are.
    lowest = {n: Fraction(-(-e // 1)) for n, e in _lowest(ring, polynomial).items()}
    numerator = _times(ring, polynomial, lowest)
    for number in sorted(lowest, key=lambda n: ring.keys[n]):
        while lowest[number] < 0 and numerator:
            ring.tick()
            quotient = exact_quotient(numerator, ring.bases[number])
            if quotient is None:
                break
            numerator = quotient
            lowest[number] += 1
    below = tuple((n, whole(e)) for n, e in sorted(lowest.items()) if e)
    return product(ring, numerator, {below: Fraction(1)})


def _lowest(ring: Ring, polynomial: Polynomial) -> dict[int, Fraction]:
    """Return the lowest negative power of each denominator that is a sum."""
    lowest: dict[int, Fraction] = {}
    for monomial in polynomial:
        for number, exponent in monomial:
            if number in ring.bases and exponent < 0:
                lowest[number] = min(lowest.get(number, Fraction(0)), Fraction(exponent))
    return lowest


def _times(ring: Ring, polynomial: Polynomial, lowest: dict[int, Fraction]) -> Polynomial:
    """Multiply by the inverses of powers."""
    inverse = tuple((n, -e) for n, e in lowest.items())
    return add({}, *(scaled(ring.reduced(joined(m, inverse)), c) for m, c in polynomial.items()))
