"""Signs of polynomials: the one letter behind ``|x|``, ``relu``, ``step``, ``max`` and ``min``.

    sign(c · ∏ pᵢ^kᵢ)  →  sign(c) · ∏ sign(pᵢ)^kᵢ
    |p|                →  p · sign(p)
    step(p)            →  (sign(p)² + sign(p)) / 2
    sign(p)³           →  sign(p)
    p · sign(p)²       →  p

All of them hold at ``p = 0`` too, where ``sign(p)² = 1`` would not.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from derive.index.factors import Factors, is_truth, positive, split
from derive.index.ring import (
    Monomial,
    Polynomial,
    Ring,
    add,
    constant,
    expression_of,
    joined,
    leading,
    product,
    scaled,
)

__all__ = ["absolute", "cubed_sign", "paired", "sign", "step_of"]


def sign(ring: Ring, polynomial: Polynomial) -> Polynomial:
    """Return the sign of a polynomial: -1, 0 or 1."""
    if not polynomial:
        return {}
    coefficient, factors = split(ring, polynomial)
    parts = [constant(1 if coefficient > 0 else -1)]
    for base, exponent in factors:
        if positive(ring, base):
            continue
        # A root is 0 or positive: its sign is that of the square.
        power = abs(exponent) if isinstance(exponent, int) else 2
        if len(base) == 1 and _is_product(base):
            parts.append(product(ring, *[sign(ring, base)] * power))
            continue
        own = _own_sign(ring, base)
        if own is not None:
            parts.append(ring.reduced(((own, power),)))
            continue
        number = ring.letter(sp.sign(expression_of(ring, base)), special=True)
        ring.signs[number] = base
        parts.append(ring.reduced(((number, power),)))
    return product(ring, *parts)


def _is_product(base: Polynomial) -> bool:
    """Tell whether a single term is more than one letter: it stands under a root."""
    ((monomial, coefficient),) = base.items()
    return coefficient != 1 or len(monomial) != 1 or monomial[0][1] != 1


def paired(ring: Ring, factors: Factors) -> tuple[Factors, Factors]:
    """Part ``∏ |b|^k``, which are ``b^k`` next to ``sign(b)``, from the other factors.

    Of the first, the bases and exponents are returned.
    """
    absolutes: Factors = []
    others = list(factors)
    for factor in factors:
        number = _own_sign(ring, factor[0])
        if number is None or number not in ring.signs:
            continue
        for base, k in others:
            if base == ring.signs[number] and isinstance(k, int) and k % 2:
                absolutes.append((base, k))
                others = [f for f in others if f[0] not in (base, factor[0])]
                break
    return absolutes, others


def _own_sign(ring: Ring, base: Polynomial) -> int | None:
    """Return the letter that the base is, if that is its own sign: it is -1, 0 or 1."""
    if len(base) != 1 or _is_product(base):
        return None
    number = next(iter(base))[0][0]
    return number if number in ring.signs or is_truth(ring, number) else None


def absolute(ring: Ring, polynomial: Polynomial) -> Polynomial:
    """Return the absolute value of a polynomial."""
    return product(ring, polynomial, sign(ring, polynomial))


def step_of(ring: Ring, polynomial: Polynomial) -> Polynomial:
    """Return 1 where a polynomial is positive, else 0."""
    one = sign(ring, polynomial)
    return scaled(add(product(ring, one, one), one), Fraction(1, 2))


def cubed_sign(ring: Ring, monomial: Monomial) -> Polynomial | None:
    """Apply the last two lines above to a monomial."""
    powers = dict(monomial)
    for number, exponent in monomial:
        base = ring.signs.get(number)
        if base is None:
            continue
        if exponent < 0 or exponent > 2:
            lower = 2 if exponent % 2 == 0 else 1
            return {joined(monomial, ((number, lower - exponent),)): Fraction(1)}
        if exponent != 2:
            continue
        rest = joined(monomial, ((number, -2),))
        if len(base) == 1:
            if any(n in powers for n, _ in next(iter(base))):
                return {rest: Fraction(1)}
            continue
        held = ring.numbers.get(expression_of(ring, base))
        if held in powers:
            return {rest: Fraction(1)}
        lead = leading(ring, base)
        if all(powers.get(n, 0) >= e for n, e in lead):
            return _whole_lead(base, lead, monomial, rest)
    return None


def _whole_lead(base: Polynomial, lead: Monomial, squared: Monomial, plain: Monomial) -> Polynomial:
    """Apply ``lead · s² → (p - tail · s²) / c``, where ``p = c · lead + tail``."""
    inverse = tuple((n, -e) for n, e in lead)
    factor = 1 / base[lead]
    held, free = joined(squared, inverse), joined(plain, inverse)
    return add(
        {joined(free, m): c * factor for m, c in base.items()},
        {joined(held, m): -c * factor for m, c in base.items() if m != lead},
    )
