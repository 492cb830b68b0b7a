"""Products and quotients of formulas, with one number in front of each."""

from __future__ import annotations

from math import gcd

from derive.explain.tree import Formula, Number, Over, Times

__all__ = ["counted", "over", "product"]


def product(*factors: Formula) -> Formula:
    """Return a product, of which the order counts but not the brackets."""
    flat: list[Formula] = []
    for factor in factors:
        flat += factor.factors if isinstance(factor, Times) else [factor]
    return Times(tuple(flat))


def over(above: Formula, below: Formula) -> Formula:
    """Return a fraction, the numbers above and below without what they share."""
    (upper, rest), (lower, others) = _number(above), _number(below)
    shared = gcd(upper, lower)
    if shared == 1:
        return Over(above, below)
    above, below = _numbered(upper // shared, rest), _numbered(lower // shared, others)
    return above if below == Number("1") else Over(above, below)


def _number(term: Formula) -> tuple[int, tuple[Formula, ...]]:
    """Part a product into the number that it begins with and the rest."""
    first, *rest = term.factors if isinstance(term, Times) else (term,)
    if isinstance(first, Number) and first.digits.isdigit():
        return int(first.digits), tuple(rest)
    return 1, (first, *rest)


def _numbered(number: int, rest: tuple[Formula, ...]) -> Formula:
    """Return the product of a number and other factors."""
    factors = (*((Number(str(number)),) if number != 1 or not rest else ()), *rest)
    return factors[0] if len(factors) == 1 else Times(factors)


def counted(count: int, term: Formula) -> Formula:
    """Return so many times a term, as one product."""
    number, rest = _number(term)
    return term if count == 1 else _numbered(count * number, rest)
