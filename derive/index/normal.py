"""The normal form of an index expression as a polynomial.

:func:`normal` goes through an expression once, from the inside out. This module has the rules for
what every expression is made of: numbers, entries, deltas, sums, products, powers. Exponentials,
kinks and reductions have modules of their own, which register theirs.
"""

from __future__ import annotations

from fractions import Fraction
from functools import singledispatch
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.decimals import written
from derive.index.factors import is_truth, positive
from derive.index.powers import power
from derive.index.rewrite import matches
from derive.index.ring import (
    Monomial,
    Polynomial,
    Ring,
    Undefined,
    add,
    constant,
    expression_of,
    joined,
    product,
    single,
    whole,
)
from derive.index.terms import Delta, Entry, Index, substitute, symbols

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["delta_substituted", "idempotent", "normal", "normalised", "renamed", "rule"]


def normal(expression: sp.Expr, ring: Ring) -> Polynomial:
    """Return the normal form of an expression as a polynomial over the ring's letters."""
    known = ring.memo.get(expression)
    if known is None:
        ring.tick()
        known = ring.memo[expression] = rule(expression, ring)
    return known


def normalised(expression: sp.Expr, ring: Ring) -> sp.Expr:
    """Return the normal form of an expression as an expression."""
    return expression_of(ring, normal(expression, ring))


def renamed(ring: Ring, monomial: Monomial, mapping: Mapping[Index, sp.Expr]) -> Polynomial:
    """Return a monomial with index expressions in the place of indices."""
    parts = []
    kept = []
    plain = all(isinstance(value, Index) for value in mapping.values())
    for number, exponent in monomial:
        letter = ring.letters[number]
        if symbols(letter).isdisjoint(mapping):
            kept.append((number, exponent))
            continue
        new = letter.xreplace(dict(mapping)) if plain else substitute(letter, mapping)
        parts.append(power(ring, normal(new, ring), exponent))
    return product(ring, ring.reduced(tuple(kept)), *parts)


@singledispatch
def rule(expression: sp.Basic, ring: Ring) -> Polynomial:
    """Return a letter: a function that nothing is known of, of normal arguments."""
    if not isinstance(expression, sp.Expr):
        raise TypeError(f"{type(expression).__name__} is not a number")
    if not expression.args:
        return single(ring.letter(expression))
    rebuilt = expression.func(*(normalised(argument, ring) for argument in expression.args))
    if type(rebuilt) is not type(expression):
        return normal(rebuilt, ring)
    result = ring.memo[rebuilt] = single(ring.letter(rebuilt))
    return result


@rule.register
def _(expression: sp.Rational, ring: Ring) -> Polynomial:
    return constant(Fraction(int(expression.p), int(expression.q)))


@rule.register
def _(expression: sp.Float, ring: Ring) -> Polynomial:
    """Take a decimal for the number that is written."""
    return constant(written(expression))


@rule.register(type(sp.zoo))
@rule.register(type(sp.nan))
@rule.register(type(sp.oo))
@rule.register(type(-sp.oo))
@rule.register(type(sp.I))
def _(expression: sp.Expr, ring: Ring) -> Polynomial:
    raise Undefined


@rule.register
def _(expression: Entry, ring: Ring) -> Polynomial:
    """Put declared equations to use: another orientation, or a value."""
    indices = tuple(_subscript(index) for index in expression.indices)
    entry = Entry(expression.args[0], expression.shape, *indices)
    for order in ring.knowledge.symmetries.get(entry.tensor, ()):
        turned = Entry(entry.args[0], entry.shape, *(entry.indices[axis] for axis in order))
        entry = min(entry, turned, key=str)
    for pattern, value, wild in ring.knowledge.values.get(entry.tensor, ()):
        for binding in matches(pattern, entry, wild):
            return normal(substitute(value, binding), ring)
    binary = ring.knowledge.domains.get(entry.tensor) == "binary"
    return single(ring.letter(entry, special=binary))


def _subscript(expression: sp.Expr) -> sp.Expr:
    """Return an index expression, which is arithmetic of integers, multiplied out."""
    return sp.expand(expression) if isinstance(expression, (sp.Add, sp.Mul)) else expression


@rule.register
def _(expression: Delta, ring: Ring) -> Polynomial:
    """Sort two plain indices; keep the order of an access and its target."""
    left, right = map(_subscript, expression.args)
    if isinstance(left, Index) and isinstance(right, Index) and left.name > right.name:
        left, right = right, left
    delta = Delta(left, right)
    if delta.is_Number:
        return constant(int(delta))
    return single(ring.letter(delta, special=True))


@rule.register
def _(expression: sp.Add, ring: Ring) -> Polynomial:
    return add(*(normal(argument, ring) for argument in expression.args))


@rule.register
def _(expression: sp.Mul, ring: Ring) -> Polynomial:
    return product(ring, *(normal(argument, ring) for argument in expression.args))


@rule.register
def _(expression: sp.Pow, ring: Ring) -> Polynomial:
    """Take an exponent that is not a number to the basis of exponentials.

    A base that may be negative has powers all the same where the exponent is an integer (a size):
    then only ``x^(a n + b) → (x^n)^a · x^b`` holds.
    """
    base, exponent = normal(expression.base, ring), normal(expression.exp, ring)
    if set(exponent) <= {()}:
        return power(ring, base, whole(exponent.get((), Fraction(0))))
    if positive(ring, base) or expression.exp.has(Entry):
        return normal(sp.exp(expression.exp * sp.log(expression.base), evaluate=False), ring)
    parts = []
    for monomial, coefficient in exponent.items():
        if not monomial and coefficient.denominator == 1:
            parts.append(power(ring, base, int(coefficient)))
            continue
        times = int(coefficient) if coefficient.denominator == 1 else 1
        other = expression_of(ring, {monomial: coefficient / times})
        if not other.is_integer:
            value = expression_of(ring, base) ** expression_of(ring, exponent)
            return single(ring.letter(value))
        number = ring.letter(sp.Pow(expression_of(ring, base), other, evaluate=False))
        parts.append(single(number, times))
    return product(ring, *parts)


def idempotent(ring: Ring, monomial: Monomial) -> Polynomial | None:
    """Apply ``u² → u`` and ``√u → u`` to deltas, conditions, and what is declared 0 or 1."""
    for number, exponent in monomial:
        if exponent > 0 and exponent != 1 and is_truth(ring, number):
            return {joined(monomial, ((number, 1 - exponent),)): Fraction(1)}
    return None


def delta_substituted(ring: Ring, monomial: Monomial) -> Polynomial | None:
    """Apply ``δ(i, k) f(k) → δ(i, k) f(i)``, for two plain indices."""
    for number, exponent in monomial:
        letter = ring.letters[number]
        if not (isinstance(letter, Delta) and exponent > 0):
            continue
        left, right = letter.args
        if not (isinstance(left, Index) and isinstance(right, Index)):
            continue
        rest = tuple((n, e) for n, e in monomial if n != number)
        if any(right in symbols(ring.letters[n]) for n, _ in rest):
            return product(
                ring, renamed(ring, rest, {right: left}), {((number, exponent),): Fraction(1)}
            )
    return None
