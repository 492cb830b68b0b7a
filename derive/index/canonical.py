"""The canonical form of an index expression, and whether one vanishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

# Each registers the rules of its functions.
import derive.index.kinks
import derive.index.sums  # noqa: F401
from derive.index.exponentials import squared_sine
from derive.index.facts import knowledge, replaced_product
from derive.index.limits import Budget
from derive.index.normal import delta_substituted, idempotent, normal
from derive.index.powers import divided, expanded_power, number_power
from derive.index.quotients import cleared, united
from derive.index.ring import (
    Monomial,
    Polynomial,
    Ring,
    Undefined,
    add,
    expression_of,
    joined,
    scaled,
)
from derive.index.signs import cubed_sign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.index.facts import DomainLike, FactLike
    from derive.index.terms import Index

__all__ = ["Undefined", "canonical", "vanishes"]

#: More steps than the form of anything that a person writes takes.
_MOST_STEPS = 200_000
_RULES = (
    number_power,
    idempotent,
    delta_substituted,
    cubed_sign,
    squared_sine,
    replaced_product,
    expanded_power,
    divided,
)


def canonical(
    expression: sp.Expr,
    facts: Sequence[FactLike] = (),
    domains: Sequence[DomainLike] = (),
    *,
    free: Mapping[Index, sp.Expr] | None = None,
    budget: Budget | None = None,
) -> sp.Expr:
    """Return the canonical form of an expression.

    Two expressions with the same canonical form are equal wherever both are defined. The
    converse holds for most of what gradients are made of, and not always; :func:`vanishes` of
    the difference sees more.

    Parameters
    ----------
    expression : sympy expression
        In index notation.
    facts, domains : sequences
        What is known of the tensors.
    free : mapping of Index to size, optional
        The ranges of the free indices: a delta with an index of unknown range is kept.
    budget : Budget, optional
        The work that may be done; much, but not endless, if not given.

    Raises
    ------
    Timeout
        If the work that may be done does not suffice, or the form gets too large.
    Undefined
        If the expression divides by what is identically 0.

    Examples
    --------
    >>> from derive.index.terms import Entry
    >>> x = Entry("x", ())
    >>> canonical(1 - sp.tanh(x) ** 2) == canonical(sp.sech(x) ** 2)
    True
    """
    ring, expression = _prepared(expression, facts, domains, free or {}, budget)
    return expression_of(ring, united(ring, normal(expression, ring)))


def vanishes(
    expression: sp.Expr,
    facts: Sequence[FactLike] = (),
    domains: Sequence[DomainLike] = (),
    *,
    free: Mapping[Index, sp.Expr] | None = None,
    budget: Budget | None = None,
) -> bool:
    """Tell whether an expression is proved to be 0 wherever it is defined.

    Parameters and exceptions are those of :func:`canonical`.
    """
    ring, expression = _prepared(expression, facts, domains, free or {}, budget)
    polynomial = normal(expression, ring)
    if not polynomial:
        return True
    numerator = cleared(ring, polynomial)
    return not numerator or _merged(ring, polynomial) or _merged(ring, numerator)


def _prepared(
    expression: sp.Expr,
    facts: Sequence[FactLike],
    domains: Sequence[DomainLike],
    free: Mapping[Index, sp.Expr],
    budget: Budget | None,
) -> tuple[Ring, sp.Expr]:
    """Return the ring to work in, and the expression with declared sizes put in."""
    budget = budget or Budget(_MOST_STEPS)
    known = knowledge(facts, domains, _RULES, budget)
    ranges = {
        index: sp.sympify(size, strict=True).xreplace(dict(known.numbers))
        for index, size in free.items()
    }
    single = {index: sp.S.Zero for index, size in ranges.items() if size == 1}
    swap = {**known.numbers, **single}
    return Ring(_RULES, known, ranges, budget), expression.xreplace(swap) if swap else expression


def _merged(ring: Ring, polynomial: Polynomial) -> bool:
    """Tell whether the terms cancel once sums over the same ranges are written as one.

    Every term is pushed into one of its sums; a term with a size for a factor, into a sum of
    that size. What then stands under one sign of summation is 0 or not by itself.
    """
    ranges = {
        _ranges(ring, number)
        for monomial in polynomial
        for number, exponent in monomial
        if number in ring.components and exponent == 1
    }
    rest = dict(polynomial)
    for sizes in sorted(ranges, key=lambda s: (-len(s), str(s))):
        inside: list[Polynomial] = []
        for monomial, coefficient in list(rest.items()):
            body = _pushed(ring, monomial, sizes)
            if body is not None:
                inside.append(scaled(ring.reduced(body), coefficient))
                del rest[monomial]
        if cleared(ring, add({}, *inside)):
            return False
    return not rest


def _ranges(ring: Ring, number: int) -> tuple[sp.Expr | None, ...]:
    return tuple(ring.extent(token) for token in ring.components[number][0])


def _pushed(ring: Ring, monomial: Monomial, sizes: tuple[sp.Expr | None, ...]) -> Monomial | None:
    """Return the body of a term under sums of these sizes, None if it cannot be written so.

    The bound indices of all components that stand in nothing else have the same names.
    """
    for number, exponent in monomial:
        if number in ring.components and exponent == 1 and _ranges(ring, number) == sizes:
            return joined(monomial, ((number, -1),), ring.components[number][1])
    powers = dict(monomial)
    factor = joined(*(((ring.numbers.get(size, -1), 1),) for size in sizes))
    if all(powers.get(number, 0) >= exponent for number, exponent in factor):
        return joined(monomial, ((number, -exponent) for number, exponent in factor))
    return None
