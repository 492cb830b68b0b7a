"""Products and quotients of formulas, with one number in front of each."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from derive.explain.tree import Formula, Number, Over, Plus, Times

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["counted", "factors_of", "over", "parted", "product", "times"]


def times(factors: Sequence[Formula]) -> Formula:
    """Return the product of factors as they are: 1 of none, and one factor by itself.

    >>> times([]), times([Number("2")])
    (Number(digits='1'), Number(digits='2'))
    """
    if not factors:
        return Number("1")
    return factors[0] if len(factors) == 1 else Times(tuple(factors))


def factors_of(formula: Formula) -> tuple[Formula, ...]:
    """Return the factors of a product; anything else is its only one."""
    return formula.factors if isinstance(formula, Times) else (formula,)


def parted(formula: Formula) -> tuple[bool, Formula]:
    """Part a leading minus from a formula of one term."""
    if isinstance(formula, Plus) and len(formula.terms) == 1:
        return formula.terms[0]
    return False, formula


def product(*factors: Formula) -> Formula:
    """Return a product, of which the order counts but not the brackets."""
    flat: list[Formula] = []
    for factor in factors:
        flat += factors_of(factor)
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
    first, *rest = factors_of(term)
    if isinstance(first, Number) and first.digits.isdigit():
        return int(first.digits), tuple(rest)
    return 1, (first, *rest)


def _numbered(number: int, rest: tuple[Formula, ...]) -> Formula:
    """Return the product of a number and other factors."""
    factors = (*((Number(str(number)),) if number != 1 or not rest else ()), *rest)
    return times(factors)


def counted(count: int, term: Formula) -> Formula:
    """Return so many times a term, as one product."""
    number, rest = _number(term)
    return term if count == 1 else _numbered(count * number, rest)
