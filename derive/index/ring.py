"""Sums of products of letters: the arithmetic under the normal form of index expressions.

A *letter* is whatever scalar algebra does not look into: an entry, a size, ``exp(x_i c_j)``,
``Σ_j W_ij x_j``, ``sign(x_i)``, or a polynomial that is only there to be divided by or to have a
root taken of. Exponents are rational, so ``1/x``, ``√x`` and ``exp(x/2)`` are powers of letters.

    polynomial  =  Σ coefficient · ∏ letter^exponent

What is known of single letters (``δ² = δ``, ``p · p⁻¹ = 1``, a declared fact) is a *rule*: a
function that rewrites one monomial, applied until none has anything to say. A :class:`Ring` holds
the letters of one calculation, its rules, and what work is left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.limits import Timeout
from derive.index.terms import Index, symbols

if TYPE_CHECKING:
    from derive.index.facts import Knowledge
    from derive.index.limits import Budget

__all__ = [
    "ONE",
    "Exponent",
    "Monomial",
    "Polynomial",
    "Ring",
    "Rule",
    "Undefined",
    "add",
    "constant",
    "expression_of",
    "joined",
    "leading",
    "level",
    "product",
    "scaled",
    "single",
    "whole",
]

Exponent = int | Fraction
Monomial = tuple[tuple[int, Exponent], ...]
#: Never changed once it has been handed on.
Polynomial = dict[Monomial, Fraction]
Rule = Callable[["Ring", Monomial], "Polynomial | None"]

ONE: Monomial = ()

#: More terms than any formula that a person writes has; beyond, a proof is not worth its time.
_MOST_TERMS = 20_000
#: Products of two terms that count as one step.
_PER_STEP = 4
#: Texts of letters that are longer are cut, and told apart by a digest.
_LONGEST_KEY = 400


class Undefined(ArithmeticError):
    """The expression has a value nowhere: it divides by what is identically zero."""


@dataclass(slots=True)
class Ring:
    """The letters of one calculation, and what is known of them.

    Parameters
    ----------
    rules : tuple of functions
        Each rewrites a monomial to a polynomial, or returns None.
    knowledge : Knowledge
        The declared facts and domains.
    free : mapping of Index to size
        The ranges of the free indices; what is not there is of unknown range.
    budget : Budget
        Of the work that may be done.
    """

    rules: tuple[Rule, ...]
    knowledge: Knowledge
    free: Mapping[Index, sp.Expr]
    budget: Budget
    letters: list[sp.Expr] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    numbers: dict[sp.Expr, int] = field(default_factory=dict)
    #: Letters that a rule has something to say about.
    special: set[int] = field(default_factory=set)
    #: The polynomials under powers, the exponents of exp, the arguments of log and sign.
    bases: dict[int, Polynomial] = field(default_factory=dict)
    exponents: dict[int, Polynomial] = field(default_factory=dict)
    logarithms: dict[int, Polynomial] = field(default_factory=dict)
    signs: dict[int, Polynomial] = field(default_factory=dict)
    #: Sums: what is bound, and the one product that is summed.
    components: dict[int, tuple[tuple[Index, ...], Monomial]] = field(default_factory=dict)
    memo: dict[sp.Basic, Polynomial] = field(default_factory=dict)
    factored: dict[frozenset[tuple[Monomial, Fraction]], list[tuple[Polynomial, int]]] = field(
        default_factory=dict
    )
    #: How deep we are in sums that are taken apart again, see :mod:`derive.index.sums`.
    renamings: int = 0
    _reduced: dict[Monomial, Polynomial] = field(default_factory=dict)
    _extents: dict[Index, sp.Expr] = field(default_factory=dict)

    def tick(self, steps: int = 1) -> None:
        """Take a step of work, or raise a Timeout if none is left."""
        self.budget.spend(steps)

    def letter(self, expression: sp.Expr, special: bool = False) -> int:
        """Return the number of a letter."""
        number = self.numbers.get(expression)
        if number is None:
            number = self.numbers[expression] = len(self.letters)
            self.letters.append(expression)
            self.keys.append(_key(expression))
            if special or self.knowledge.products:
                self.special.add(number)
        return number

    def bound(self, level: int, size: sp.Expr) -> Index:
        """Return the index bound at a level of nesting; no user can write it."""
        index = Index(f"'{level:03d}<{size}")
        self._extents[index] = size
        return index

    def extent(self, index: sp.Basic) -> sp.Expr | None:
        """Return how many values an index takes, None if that is not known."""
        return self._extents.get(index, self.free.get(index))

    def reduced(self, monomial: Monomial) -> Polynomial:
        """Apply the rules to a monomial until none of them applies."""
        if not any(number in self.special for number, _ in monomial):
            return {monomial: Fraction(1)}
        known = self._reduced.get(monomial)
        if known is not None:
            return known
        result: Polynomial = {}
        pending: Polynomial = {monomial: Fraction(1)}
        while pending:
            self.tick()
            current, factor = pending.popitem()
            for rule in self.rules:
                rewritten = rule(self, current)
                if rewritten is not None:
                    self.tick(len(rewritten) // _PER_STEP)
                    for new, coefficient in rewritten.items():
                        _put(pending, new, factor * coefficient)
                    break
            else:
                _put(result, current, factor)
        self._reduced[monomial] = result
        return result


@lru_cache(maxsize=1 << 14)
def _key(expression: sp.Basic) -> str:
    """Return a text that orders letters, the same in every run; a short one for every letter."""
    if not expression.args:
        return str(expression.name) if isinstance(expression, sp.Symbol) else sp.srepr(expression)
    text = f"{type(expression).__name__}({','.join(map(_key, expression.args))})"
    if len(text) < _LONGEST_KEY:
        return text
    return text[: _LONGEST_KEY // 2] + hashlib.blake2b(text.encode()).hexdigest()


def level(expression: sp.Basic) -> int:
    """Return the first level of nesting that no index in the expression is bound at."""
    return max(
        (int(s.name[1:4]) + 1 for s in symbols(expression) if s.name.startswith("'")), default=0
    )


def whole(exponent: Exponent) -> Exponent:
    """Return an integer as an int."""
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        return exponent.numerator
    return exponent


def _put(total: Polynomial, monomial: Monomial, coefficient: Fraction) -> None:
    """Add a term to a polynomial that is being built."""
    new = total.get(monomial, 0) + coefficient
    if new:
        total[monomial] = Fraction(new)
    else:
        total.pop(monomial, None)


def constant(value: Fraction | int) -> Polynomial:
    """Return a number as a polynomial."""
    return {ONE: Fraction(value)} if value else {}


def single(number: int, exponent: Exponent = 1) -> Polynomial:
    """Return a power of a letter as a polynomial."""
    return {((number, exponent),): Fraction(1)} if exponent else constant(1)


def add(*parts: Polynomial) -> Polynomial:
    """Return the sum of polynomials."""
    if len(parts) == 1:
        return parts[0]
    total: Polynomial = {}
    for part in parts:
        for monomial, coefficient in part.items():
            _put(total, monomial, coefficient)
    return total


def scaled(polynomial: Polynomial, factor: Fraction | int) -> Polynomial:
    """Return the polynomial times a number."""
    return {m: c * factor for m, c in polynomial.items()} if factor else {}


def joined(*monomials: Iterable[tuple[int, Exponent]]) -> Monomial:
    """Return the product of monomials, before any rule."""
    powers: dict[int, Exponent] = {}
    for monomial in monomials:
        for number, exponent in monomial:
            powers[number] = powers.get(number, 0) + exponent
    return tuple(sorted((n, whole(e)) for n, e in powers.items() if e))


def product(ring: Ring, *factors: Polynomial) -> Polynomial:
    """Return the product of polynomials, in normal form."""
    result = constant(1)
    for factor in sorted(factors, key=len):
        if result == {ONE: 1}:
            result = factor
            continue
        total: Polynomial = {}
        for left, a in result.items():
            ring.tick(1 + len(factor) // _PER_STEP)
            for right, b in factor.items():
                for monomial, c in ring.reduced(joined(left, right)).items():
                    _put(total, monomial, a * b * c)
            if len(total) > _MOST_TERMS:
                raise Timeout
        result = total
    return result


def leading(ring: Ring, polynomial: Polynomial) -> Monomial:
    """Return the greatest monomial: by degree, then by the letters' names.

    This is an order that products respect, so that dividing by it comes to an end.
    """

    def rank(monomial: Monomial) -> tuple[Exponent, list[tuple[str, Exponent]]]:
        named = sorted(((ring.keys[n], e) for n, e in monomial), reverse=True)
        return sum((e for _, e in monomial), 0), named

    return max(polynomial, key=rank)


def expression_of(ring: Ring, polynomial: Polynomial) -> sp.Expr:
    """Return a polynomial as an expression."""
    return sp.Add(
        *(
            sp.Mul(
                sp.Rational(c.numerator, c.denominator),
                *(ring.letters[n] ** sp.Rational(Fraction(e)) for n, e in m),
            )
            for m, c in polynomial.items()
        )
    )
