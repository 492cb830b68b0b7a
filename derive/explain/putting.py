"""Formulas put into one another: products become one product, with one sign and one number."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from derive.explain.products import over, parted, times
from derive.explain.tree import (
    Bracket,
    Elementwise,
    Formula,
    Letter,
    Number,
    Over,
    Plus,
    Times,
    Transposed,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["put_in"]

#: Numbers that are multiplied out: any more digits would be rounded.
_PLAIN = re.compile(r"\d{1,12}(\.\d{1,12})?")


def put_in(
    formula: Any, known: Mapping[Formula, Formula], numbers: Collection[Formula] = ()
) -> Any:
    """Return a formula with formulas in place of some letters.

    Parameters
    ----------
    formula : Formula
        In matrix form.
    known : mapping of Formula to Formula
        What stands for the letters.
    numbers : collection of Formula
        The letters without axes: what is put in for one holds together in a product.

    Examples
    --------
    >>> r, e, W = Letter("r", (), "d"), Letter("e"), Letter("W")
    >>> put_in(Times((r, W)), {r: e}) == Times((e, W))
    True
    >>> put_in(Times((Number("2"), r, W)), {r: Number("1")}) == Times((Number("2"), W))
    True
    """
    if isinstance(formula, tuple):
        return tuple(put_in(part, known, numbers) for part in formula)
    if not is_dataclass(formula) or isinstance(formula, type):
        return formula
    if isinstance(formula, Letter) and formula in known:
        return known[formula]
    if isinstance(formula, Times):
        return _product([_signed(f, known, numbers) for f in formula.factors])
    changed = {
        field.name: put_in(getattr(formula, field.name), known, numbers)
        for field in fields(formula)
    }
    result = replace(formula, **changed)
    if isinstance(result, Elementwise) and not result.divides:
        return Elementwise(_flat(result.factors))
    if isinstance(result, Transposed) and isinstance(result.base, Transposed):
        return result.base.base
    if isinstance(result, Over):
        negative, above = parted(result.numerator)
        return _with_sign(negative, over(above, result.denominator))
    if isinstance(result, Plus):
        signed = ((sign, parted(term)) for sign, term in result.terms)
        terms = tuple((sign != negative, term) for sign, (negative, term) in signed)
        return terms[0][1] if len(terms) == 1 and not terms[0][0] else Plus(terms)
    return result


def _flat(factors: tuple[Formula, ...]) -> tuple[Formula, ...]:
    """Return the factors of an elementwise product, of which some are such products themselves."""
    flat: list[Formula] = []
    for factor in factors:
        inner = isinstance(factor, Elementwise) and not factor.divides
        flat += factor.factors if isinstance(factor, Elementwise) and inner else [factor]
    return tuple(flat)


def _with_sign(negative: bool, formula: Formula) -> Formula:
    return Plus(((True, formula),)) if negative else formula


def _signed(
    factor: Formula, known: Mapping[Formula, Formula], numbers: Collection[Formula]
) -> tuple[bool, tuple[Formula, ...]]:
    """Return the sign and the factors of what stands for a factor of a product."""
    found = put_in(factor, known, numbers)
    negative, found = parted(found) if found != factor else (False, found)
    if not isinstance(found, Times):
        return negative, (found,)
    apart = [isinstance(part, (Number, Bracket)) or part in numbers for part in found.factors]
    if factor not in numbers or all(apart):
        return negative, found.factors
    # Its own number is multiplied with others; the rest is one factor.
    first, *rest = found.factors
    if isinstance(first, Number):
        return negative, (first, rest[0] if len(rest) == 1 else Bracket(Times(tuple(rest))))
    return negative, (Bracket(found),)


def _product(parts: Sequence[tuple[bool, tuple[Formula, ...]]]) -> Formula:
    """Return a product with one sign, and one number in front."""
    negative = sum(sign for sign, _ in parts) % 2 == 1
    number, rest = Decimal(1), list[Formula]()
    for factor in (factor for _, factors in parts for factor in factors):
        if isinstance(factor, Number) and _PLAIN.fullmatch(factor.digits):
            number *= Decimal(factor.digits)
        else:
            rest.append(factor)
    digits = f"{number:f}"
    first = Number(digits.rstrip("0").rstrip(".") if "." in digits else digits)
    for place, factor in enumerate(rest):
        # 2 (1/N) is 2/N.
        if isinstance(factor, Over) and factor.numerator == Number("1"):
            rest[place] = over(first, factor.denominator)
            return _with_sign(negative, times(rest))
    return _with_sign(negative, times([first, *rest] if first != Number("1") else rest))
