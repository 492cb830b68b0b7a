"""What is declared of tensors, put in the form in which the normal form can use it.

A fact is an equation ``left → right`` in which free indices stand for anything; a domain is a set
of values. By the form of its left side a fact becomes

* a symmetry, ``S[i, j] = S[j, i]``: an entry is turned to its least orientation;
* a value, ``mu[n] = …``: an entry is replaced;
* a number, ``M = 1``: a size is replaced;
* a sum, ``Σ_k y[n, k] = 1``: the sum over an index is replaced wherever the letters that depend
  on the index are just these, whatever else is multiplied or summed outside;
* a product, ``y[k]² = y[k]``: a part of a monomial is replaced.

A left side that is none of these (a sum of terms) is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

import sympy as sp

from derive.index.normal import normal
from derive.index.rewrite import matches
from derive.index.ring import (
    Exponent,
    Monomial,
    Polynomial,
    Ring,
    Undefined,
    expression_of,
    joined,
    product,
)
from derive.index.terms import (
    Entry,
    Index,
    Reduction,
    Size,
    free_indices,
    mentions,
    substitute,
    symbols,
    tensors,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.index.limits import Budget
    from derive.index.ring import Rule

__all__ = [
    "Definitions",
    "DomainLike",
    "FactLike",
    "Knowledge",
    "knowledge",
    "replaced_product",
    "replaced_sum",
    "unfolded",
]

#: The indices and the body of each tensor that others define.
Definitions = Mapping[str, tuple[tuple[Index, ...], sp.Expr]]


class FactLike(Protocol):
    """A declared equation, see :class:`derive.layer.model.Fact`."""

    @property
    def left(self) -> sp.Expr:
        """What is replaced."""

    @property
    def right(self) -> sp.Expr:
        """What it is replaced by."""

    @property
    def text(self) -> str:
        """How it is written."""


class DomainLike(Protocol):
    """A declared set of values, see :class:`derive.layer.model.Domain`."""

    @property
    def tensor(self) -> str:
        """The tensor's name."""

    @property
    def values(self) -> str:
        """``binary``, ``positive``, ``unit`` or ``nonzero``."""


@dataclass(frozen=True, slots=True)
class SumRule:
    """``Σ_bound body → value``, for any values of the wild indices."""

    body: sp.Expr
    bound: Index
    size: sp.Expr
    value: sp.Expr
    wild: frozenset[Index]


@dataclass(frozen=True, slots=True)
class ProductRule:
    """``∏ letter^exponent → value``, for any values of the wild indices."""

    factors: tuple[tuple[sp.Expr, Exponent], ...]
    value: sp.Expr
    wild: frozenset[Index]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The facts and domains of one calculation, by their form."""

    domains: Mapping[str, str] = field(default_factory=dict)
    symmetries: Mapping[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    values: Mapping[str, tuple[tuple[sp.Expr, sp.Expr, frozenset[Index]], ...]] = field(
        default_factory=dict
    )
    numbers: Mapping[sp.Expr, sp.Expr] = field(default_factory=dict)
    sums: tuple[SumRule, ...] = ()
    products: tuple[ProductRule, ...] = ()


def knowledge(
    facts: Sequence[FactLike],
    domains: Sequence[DomainLike],
    rules: tuple[Rule, ...],
    budget: Budget,
) -> Knowledge:
    """Sort facts by their form."""
    declared = {domain.tensor: domain.values for domain in domains}
    numbers = {f.left: f.right for f in facts if isinstance(f.left, Size)}
    symmetries: dict[str, tuple[tuple[int, ...], ...]] = {}
    values: dict[str, tuple[tuple[sp.Expr, sp.Expr, frozenset[Index]], ...]] = {}
    others: list[FactLike] = []
    for fact in facts:
        left, right = fact.left.xreplace(numbers), fact.right.xreplace(numbers)
        if not isinstance(left, Entry):
            others += [] if isinstance(fact.left, Size) else [fact]
            continue
        order = _turned(left, right)
        name = left.tensor
        if order is not None:
            symmetries[name] = (*symmetries.get(name, ()), order)
        elif not mentions(right, name):
            values[name] = (*values.get(name, ()), (left, right, free_indices(left)))
    simple = Knowledge(declared, symmetries, values, numbers)
    ring = Ring(rules, simple, {}, budget)
    sums: list[SumRule] = []
    products: list[ProductRule] = []
    for fact in others:
        found = _sorted(ring, fact.left.xreplace(numbers), fact.right.xreplace(numbers))
        if isinstance(found, SumRule):
            sums.append(found)
        elif found is not None:
            products.append(found)
    return Knowledge(declared, symmetries, values, numbers, tuple(sums), tuple(products))


def _turned(left: Entry, right: sp.Expr) -> tuple[int, ...] | None:
    """Return the order of the axes that turns the left side to the right, if there is one."""
    if not isinstance(right, Entry) or right.tensor != left.tensor:
        return None
    if len(set(left.indices)) < len(left.indices) or set(left.indices) != set(right.indices):
        return None
    order = tuple(left.indices.index(index) for index in right.indices)
    if any(left.shape[axis] != size for axis, size in zip(order, left.shape, strict=True)):
        return None
    return order


def _sorted(ring: Ring, left: sp.Expr, right: sp.Expr) -> SumRule | ProductRule | None:
    """Return a fact as a rule, None if its left side is a sum of terms."""
    try:
        polynomial = normal(left, ring)
    except Undefined:
        return None
    if len(polynomial) != 1:
        return None
    ((monomial, coefficient),) = polynomial.items()
    if not monomial:
        return None
    value = right / sp.Rational(coefficient.numerator, coefficient.denominator)
    wild = free_indices(left)
    number, exponent = monomial[0]
    if len(monomial) == 1 and exponent == 1 and number in ring.components:
        tokens, body = ring.components[number]
        if len(tokens) == 1:
            expression = expression_of(ring, {body: Fraction(1)})
            size = ring.extent(tokens[0])
            return SumRule(expression, tokens[0], size, value, wild | {tokens[0]})
    factors = tuple((ring.letters[n], e) for n, e in monomial)
    return ProductRule(factors, value, wild)


def replaced_sum(
    ring: Ring, tokens: tuple[Index, ...], monomial: Monomial
) -> tuple[tuple[Index, ...], Polynomial] | None:
    """Replace the sum over one of the bound indices, if a fact says what it is."""
    for fact in ring.knowledge.sums:
        for token in tokens:
            if ring.extent(token) != fact.size:
                continue
            group = tuple((n, e) for n, e in monomial if token in symbols(ring.letters[n]))
            expression = expression_of(ring, {group: Fraction(1)})
            for binding in matches(fact.body, expression, fact.wild):
                rest = {i: v for i, v in binding.items() if i != fact.bound}
                if binding.get(fact.bound) != token or any(
                    token in symbols(v) for v in rest.values()
                ):
                    continue
                others = tuple(item for item in monomial if item not in group)
                value = normal(substitute(fact.value, rest), ring)
                left = tuple(t for t in tokens if t != token)
                return left, product(ring, {others: Fraction(1)}, value)
    return None


def replaced_product(ring: Ring, monomial: Monomial) -> Polynomial | None:
    """Replace a part of a monomial, if a fact says what it is."""
    for fact in ring.knowledge.products:
        for binding, left in _parts(ring, list(fact.factors), monomial, fact.wild, {}):
            value = normal(substitute(fact.value, binding), ring)
            return product(ring, {left: Fraction(1)}, value)
    return None


def _parts(
    ring: Ring,
    factors: list[tuple[sp.Expr, Exponent]],
    monomial: Monomial,
    wild: frozenset[Index],
    binding: dict[sp.Basic, sp.Basic],
) -> Iterator[tuple[dict[sp.Basic, sp.Basic], Monomial]]:
    """Yield the ways to find the factors in a monomial, and what is left of it."""
    if not factors:
        yield binding, monomial
        return
    pattern, least = factors[0]
    for number, exponent in monomial:
        if not (exponent >= least > 0 or exponent <= least < 0):
            continue
        for found in matches(pattern, ring.letters[number], wild, binding):
            left = joined(monomial, ((number, -least),))
            yield from _parts(ring, factors[1:], left, wild, found)


def unfolded(expression: sp.Expr, definitions: Definitions) -> sp.Expr:
    """Put definitions in the place of the entries that they define, once.

    >>> N, i, k = Size("N"), Index("i"), Index("k")
    >>> x, h = (lambda n: lambda at: Entry(n, (N,), at))("x"), Entry("h", (N,), k)
    >>> unfolded(h + 1, {"h": ((i,), x(i) ** 2)})
    x[k]**2 + 1
    """
    if isinstance(expression, Entry) and expression.tensor in definitions:
        indices, body = definitions[expression.tensor]
        places = (unfolded(index, definitions) for index in expression.indices)
        return substitute(body, dict(zip(indices, places, strict=True)))
    if not expression.args or tensors(expression).isdisjoint(definitions):
        return expression
    if isinstance(expression, Reduction):
        body, index = expression.open()
        return expression.func(unfolded(body, definitions), index, expression.size)
    return expression.func(*(unfolded(argument, definitions) for argument in expression.args))
