"""Factors of polynomials, and what is known of their signs."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.polys.rings import ring as sympy_ring

from derive.index.functions import step
from derive.index.ring import (
    ONE,
    Exponent,
    Monomial,
    Polynomial,
    Ring,
    Undefined,
    add,
    constant,
    joined,
    leading,
    scaled,
    single,
    whole,
)
from derive.index.terms import Delta, Entry, Size

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Factors", "exact_quotient", "is_truth", "positive", "split"]

#: Beyond these a polynomial is taken as irreducible: factoring it could take long.
_MOST_FACTORED = 12
_MOST_LETTERS = 8
_HIGHEST = 12

Factors = list[tuple[Polynomial, Exponent]]


def positive(ring: Ring, polynomial: Polynomial) -> bool:
    """Tell whether a polynomial is certainly positive: all of its terms, or ``1 - u`` for a unit.

    Terms like ``x²`` may be 0, so one term has to be positive for certain.
    """
    ranks = [_term_sign(ring, m, c) for m, c in polynomial.items()]
    if ranks and min(ranks) >= 0 and max(ranks) == 1:
        return True
    return _complement(ring, polynomial)


def _complement(ring: Ring, polynomial: Polynomial) -> bool:
    """Tell whether the polynomial is ``1 - u`` with ``u`` declared to be within (0, 1)."""
    if len(polynomial) != 2 or polynomial.get(ONE) != 1:
        return False
    ((monomial, coefficient),) = ((m, c) for m, c in polynomial.items() if m != ONE)
    if coefficient != -1 or len(monomial) != 1 or monomial[0][1] != 1:
        return False
    letter = ring.letters[monomial[0][0]]
    return isinstance(letter, Entry) and ring.knowledge.domains.get(letter.tensor) == "unit"


def is_truth(ring: Ring, number: int) -> bool:
    """Tell whether a letter has the values 0 and 1 only."""
    letter = ring.letters[number]
    if isinstance(letter, Entry):
        return ring.knowledge.domains.get(letter.tensor) == "binary"
    return isinstance(letter, (Delta, step))


def _term_sign(ring: Ring, monomial: Monomial, coefficient: Fraction | int = 1) -> int:
    """Return 1 for certainly positive, 0 for certainly not negative, -1 where it is not known."""
    if coefficient <= 0:
        return -1
    result = 1
    for number, exponent in monomial:
        known = _letter_sign(ring, number)
        if known == 1:
            continue
        if known == -1 and isinstance(exponent, int) and exponent % 2:
            return -1  # an even power is not negative, and no root is
        result = 0
    return result


def _letter_sign(ring: Ring, number: int) -> int:
    letter = ring.letters[number]
    if isinstance(letter, (Size, sp.exp, sp.NumberSymbol)) or (letter.is_Number and letter > 0):
        return 1
    if is_truth(ring, number):
        return 0
    if isinstance(letter, Entry):
        return 1 if ring.knowledge.domains.get(letter.tensor) in ("positive", "unit") else -1
    if number in ring.components:
        tokens, monomial = ring.components[number]
        below = _term_sign(ring, monomial)
        certain = all((ring.extent(token) or sp.S.Zero).is_positive for token in tokens)
        return below if certain else min(below, 0)
    if number in ring.bases:
        return 1 if positive(ring, ring.bases[number]) else -1
    return -1


def split(ring: Ring, polynomial: Polynomial) -> tuple[Fraction, Factors]:
    """Return a polynomial as a number times powers of irreducible factors.

    A factor is a single letter, or a polynomial of letters without negative powers whose leading
    coefficient is positive and whose coefficients are whole and have no common divisor.
    """
    factors: dict[int, Exponent] = {}
    coefficient = Fraction(1)
    for _ in range(8):
        common = _common(polynomial)
        if not common:
            break
        for number, exponent in common:
            factors[number] = whole(factors.get(number, 0) + exponent)
        inverse = tuple((n, -e) for n, e in common)
        polynomial = add(
            *(scaled(ring.reduced(joined(m, inverse)), c) for m, c in polynomial.items())
        )
    if not polynomial:
        raise Undefined
    result: Factors = [
        (ring.bases[n] if n in ring.bases else single(n), e)
        for n, e in sorted(factors.items(), key=lambda item: ring.keys[item[0]])
        if e
    ]
    if len(polynomial) == 1:
        ((monomial, rest),) = polynomial.items()
        extra: Factors = [(single(n), e) for n, e in monomial]
        return coefficient * rest, [*result, *extra]
    content = Fraction(
        math.gcd(*(c.numerator for c in polynomial.values())),
        math.lcm(*(c.denominator for c in polynomial.values())),
    )
    if polynomial[leading(ring, polynomial)] < 0:
        content = -content
    coefficient *= content
    primitive = scaled(polynomial, 1 / content)
    for factor, multiplicity in _irreducible(ring, primitive):
        if set(factor) == {ONE}:
            coefficient *= factor[ONE]
            continue
        sign = -1 if factor[leading(ring, factor)] < 0 else 1
        coefficient *= sign**multiplicity
        result.append((scaled(factor, sign), multiplicity))
    return coefficient, result


def _common(polynomial: Polynomial) -> Monomial:
    """Return the greatest monomial that divides every term."""
    terms = [dict(monomial) for monomial in polynomial]
    numbers = set().union(*terms)
    lowest = {n: min(term.get(n, 0) for term in terms) for n in numbers}
    return tuple(sorted((n, e) for n, e in lowest.items() if e))


def _irreducible(ring: Ring, polynomial: Polynomial) -> list[tuple[Polynomial, int]]:
    """Factor a polynomial without common monomial, if it is small."""
    key = frozenset(polynomial.items())
    if key not in ring.factored:
        ring.factored[key] = _factor(polynomial)
    return ring.factored[key]


def _factor(polynomial: Polynomial) -> list[tuple[Polynomial, int]]:
    numbers = sorted({n for monomial in polynomial for n, _ in monomial})
    if len(polynomial) > _MOST_FACTORED or len(numbers) > _MOST_LETTERS:
        return [(polynomial, 1)]
    units = _units(polynomial)
    # A letter that only one term has, once, and no common monomial: nothing to factor.
    for n in numbers:
        powers = [dict(m)[n] for m in polynomial if n in dict(m)]
        if len(powers) == 1 and powers[0] == units[n]:
            return [(polynomial, 1)]
    flat = _flat(polynomial, units, sp.ZZ)
    if max(max(exponents) for exponents in flat) > _HIGHEST:
        return [(polynomial, 1)]
    sign, factors = flat.factor_list()
    constants: list[tuple[Polynomial, int]] = [] if sign == 1 else [(constant(int(sign)), 1)]
    return constants + [(_lifted(factor, units), multiplicity) for factor, multiplicity in factors]


def exact_quotient(polynomial: Polynomial, divisor: Polynomial) -> Polynomial | None:
    """Return the quotient of two polynomials, None if there is a remainder.

    Common monomials are taken out of the first, so its exponents may be negative.
    """
    common = _common(polynomial)
    positive_part = {joined(m, ((n, -e) for n, e in common)): c for m, c in polynomial.items()}
    units = _units(positive_part, divisor)
    quotient, remainder = _flat(positive_part, units, sp.QQ).div(_flat(divisor, units, sp.QQ))
    if remainder:
        return None
    return {joined(m, common): c for m, c in _lifted(quotient, units).items()}


def _flat(polynomial: Polynomial, units: dict[int, Fraction], field: Any) -> Any:
    """Return a polynomial as SymPy's, over letters of which its exponents are multiples."""
    domain, *_ = sympy_ring([f"x{n}" for n in units], field)
    return domain.from_dict(
        {
            tuple(int(dict(m).get(n, 0) / unit) for n, unit in units.items()): (
                field(c.numerator) / field(c.denominator) if c.denominator > 1 else field(int(c))
            )
            for m, c in polynomial.items()
        }
    )


def _lifted(flat: Any, units: dict[int, Fraction]) -> Polynomial:
    """Return SymPy's polynomial as one of ours."""
    return {
        tuple((n, whole(e * unit)) for (n, unit), e in zip(units.items(), m, strict=True) if e): (
            Fraction(int(c.numerator), int(c.denominator))
        )
        for m, c in flat.items()
    }


def _units(*polynomials: Polynomial) -> dict[int, Fraction]:
    """Return for each letter the greatest number of which all its exponents are multiples."""
    terms = [dict(monomial) for polynomial in polynomials for monomial in polynomial]
    numbers = sorted(set().union(*terms))
    return {n: _unit(term.get(n, 0) for term in terms) for n in numbers}


def _unit(exponents: Iterable[Exponent]) -> Fraction:
    """Return the greatest number of which all exponents are multiples."""
    parts = [Fraction(e) for e in exponents if e]
    return Fraction(
        math.gcd(*(p.numerator for p in parts)), math.lcm(*(p.denominator for p in parts))
    )
