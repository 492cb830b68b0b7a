"""Sums, and the other reductions, in normal form.

A sum is taken apart into sums of one product each, and such a product into *components*: bound
indices that hang together through its letters.

    Σ_j (f + g)            →  Σ_j f + Σ_j g
    Σ_j c f(j)             →  c Σ_j f(j)          Σ_j 1  →  size
    Σ_j δ(j, i) f(j)       →  f(i)
    Σ_i x_i (Σ_j W_ij y_j) →  Σ_{i,j} x_i W_ij y_j
    Σ_{i,j} a_i b_j        →  (Σ_i a_i) (Σ_j b_j)

The indices of a component are put in the one order, of all that its letters do not tell apart,
that gives the least text. A component is one letter.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.exponentials import exponential
from derive.index.facts import replaced_sum
from derive.index.normal import normal, renamed, rule
from derive.index.powers import power
from derive.index.quotients import united
from derive.index.ring import (
    Monomial,
    Polynomial,
    Ring,
    add,
    expression_of,
    level,
    product,
    scaled,
    single,
)
from derive.index.terms import (
    Delta,
    Index,
    IndexArgmax,
    IndexMax,
    IndexProduct,
    IndexSum,
    Reduction,
    symbols,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["summed"]

#: A sum over so few positions is written out.
_FEW = 4
#: How many orders of bound indices are tried.
_MOST_ORDERS = 120
#: How often a sum is taken apart again because its indices got other names.
_MOST_RENAMINGS = 4

Tokens = tuple[Index, ...]


@rule.register
def _(expression: IndexSum, ring: Ring) -> Polynomial:
    if expression.size.is_Integer and expression.size <= _FEW:
        return add({}, *(normal(part, ring) for part in _written_out(expression)))
    token = ring.bound(level(expression), expression.size)
    body, _ = expression.open(token)
    return _sum_of(ring, (token,), united(ring, normal(body, ring)))


def _written_out(expression: Reduction) -> list[sp.Expr]:
    body, index = expression.open()
    return [body.xreplace({index: sp.Integer(n)}) for n in range(int(expression.size))]


def _sum_of(ring: Ring, tokens: Tokens, body: Polynomial) -> Polynomial:
    return add({}, *(scaled(summed(ring, tokens, m), c) for m, c in body.items()))


def summed(ring: Ring, tokens: Tokens, monomial: Monomial) -> Polynomial:
    """Return the sum of a monomial over bound indices."""
    ring.tick()
    if not tokens:
        return ring.reduced(monomial)
    pinned = _pinned(ring, tokens, monomial)
    if pinned is not None:
        token, value, rest = pinned
        others = tuple(t for t in tokens if t != token)
        return _sum_of(ring, others, renamed(ring, rest, {token: value}))
    inside, outside = _parted(ring, tokens, monomial)
    opened = _opened(ring, tokens, inside)
    if opened is not None:
        return product(ring, {outside: Fraction(1)}, _sum_of(ring, *opened))
    declared = replaced_sum(ring, tokens, inside)
    if declared is not None:
        return product(ring, {outside: Fraction(1)}, _sum_of(ring, *declared))
    parts = []
    for group, factors in _connected(ring, tokens, inside):
        if factors:
            parts.append(_component(ring, group, factors))
        else:
            parts += [normal(ring.extent(token), ring) for token in group]
    return product(ring, {outside: Fraction(1)}, *parts)


def _parted(ring: Ring, tokens: Tokens, monomial: Monomial) -> tuple[Monomial, Monomial]:
    """Part the letters that depend on bound indices from those that do not."""
    inside = tuple((n, e) for n, e in monomial if not symbols(ring.letters[n]).isdisjoint(tokens))
    return inside, tuple(item for item in monomial if item not in inside)


def _pinned(
    ring: Ring, tokens: Tokens, monomial: Monomial
) -> tuple[Index, sp.Expr, Monomial] | None:
    """Find a delta that pins down a bound index; return the index, its value, and the rest."""
    for number, exponent in monomial:
        letter = ring.letters[number]
        if not (isinstance(letter, Delta) and exponent > 0):
            continue
        access, target = letter.args
        rest = tuple((n, e) for n, e in monomial if n != number)
        # An access that is not a plain index is promised to be in range, see Delta.
        reached = not isinstance(access, Index) or _within(ring, access, target)
        if target in tokens and target not in symbols(access) and reached:
            return target, access, rest
        if access in tokens and isinstance(target, Index) and _within(ring, target, access):
            return access, target, rest
    return None


def _within(ring: Ring, index: Index, other: Index) -> bool:
    """Tell whether every value of an index is one of another."""
    extent, room = ring.extent(index), ring.extent(other)
    return extent is not None and room is not None and bool((room - extent).is_nonnegative)


def _opened(ring: Ring, tokens: Tokens, monomial: Monomial) -> tuple[Tokens, Polynomial] | None:
    """Open the sums among the letters: their indices are bound together with these."""
    nested = [
        (number, exponent)
        for number, exponent in monomial
        if number in ring.components and isinstance(exponent, int) and exponent > 0
    ]
    if not nested:
        return None
    rest = tuple(item for item in monomial if item not in nested)
    depth = max(level(ring.letters[n]) for n, _ in monomial)
    depth = max(depth, *(level(token) for token in tokens))
    every = list(tokens)
    factors: list[Polynomial] = [{rest: Fraction(1)}]
    for number, exponent in nested:
        bound, body = ring.components[number]
        for _ in range(int(exponent)):
            new = [ring.bound(depth + n, _size(ring, token)) for n, token in enumerate(bound)]
            depth += len(new)
            every += new
            factors.append(renamed(ring, body, dict(zip(bound, new, strict=True))))
    return tuple(every), product(ring, *factors)


def _size(ring: Ring, token: Index) -> sp.Expr:
    size = ring.extent(token)
    if size is None:
        raise KeyError(token)
    return size


def _connected(ring: Ring, tokens: Tokens, monomial: Monomial) -> Iterator[tuple[Tokens, Monomial]]:
    """Yield the groups of bound indices that letters connect, each with these letters."""
    left = list(tokens)
    while left:
        group = {left[0]}
        letters: dict[int, None] = {}
        grown = True
        while grown:
            grown = False
            for number, _ in monomial:
                if number in letters:
                    continue
                touched = symbols(ring.letters[number]) & set(tokens)
                if touched & group:
                    letters[number] = None
                    group |= touched
                    grown = True
        yield tuple(t for t in left if t in group), tuple(i for i in monomial if i[0] in letters)
        left = [t for t in left if t not in group]


# --- one component ---------------------------------------------------------------------------


def _component(ring: Ring, tokens: Tokens, monomial: Monomial) -> Polynomial:
    """Return a connected sum of one product as one letter, its indices in canonical order."""
    outer = {s for n, _ in monomial for s in symbols(ring.letters[n])} - set(tokens)
    base = max((level(symbol) for symbol in outer), default=0)
    found: dict[tuple[tuple[str, Fraction], ...], tuple[Tokens, Monomial, Fraction]] = {}
    broken: tuple[Tokens, Polynomial] | None = None
    for order in _orders(ring, tokens, monomial):
        ring.tick()
        bound = tuple(ring.bound(base + n, _size(ring, token)) for n, token in enumerate(order))
        swap = {old: new for old, new in zip(order, bound, strict=True) if old != new}
        new = renamed(ring, monomial, swap) if swap else {monomial: Fraction(1)}
        if len(new) != 1:
            broken = bound, new
            continue
        ((body, coefficient),) = new.items()
        key = tuple(sorted((ring.keys[n], Fraction(e)) for n, e in body))
        known = found.get(key)
        if known is not None and known[2] != coefficient:
            return {}  # the sum is its own negative
        found[key] = bound, body, coefficient
    if found:
        bound, body, coefficient = found[min(found)]
        return scaled(_letter(ring, bound, body), coefficient)
    # Other names make another term the leading one: the product has been divided anew.
    if broken is None or ring.renamings >= _MOST_RENAMINGS:
        return _letter(ring, tokens, monomial)
    ring.renamings += 1
    result = _sum_of(ring, *broken)
    ring.renamings -= 1
    return result


def _letter(ring: Ring, tokens: Tokens, monomial: Monomial) -> Polynomial:
    expression = expression_of(ring, {monomial: Fraction(1)})
    for token in reversed(tokens):
        expression = IndexSum(expression, token, _size(ring, token))
    number = ring.letter(expression)
    ring.components[number] = tokens, monomial
    result = ring.memo[expression] = single(number)
    return result


def _orders(ring: Ring, tokens: Tokens, monomial: Monomial) -> Iterator[Tokens]:
    """Yield the orders of the bound indices that the letters do not tell apart."""
    if len(tokens) == 1:
        yield tokens
        return
    colours = {token: str(_size(ring, token)) for token in tokens}
    for _ in range(2):
        ranks = {colour: n for n, colour in enumerate(sorted(set(colours.values())))}
        names = {token: Index(f"'?{ranks[colours[token]]}") for token in tokens}
        colours = {
            token: f"{ranks[colours[token]]:02d} {_surroundings(ring, token, names, monomial)}"
            for token in tokens
        }
    classes = [
        [token for token in tokens if colours[token] == colour]
        for colour in sorted(set(colours.values()))
    ]
    choices = itertools.product(*(itertools.permutations(alike) for alike in classes))
    for choice in itertools.islice(choices, _MOST_ORDERS):
        yield tuple(itertools.chain.from_iterable(choice))


def _surroundings(
    ring: Ring, token: Index, names: dict[Index, Index], monomial: Monomial
) -> list[str]:
    """Describe the letters that depend on an index, without the names of the bound ones."""
    here = {**names, token: Index("'!")}
    return sorted(
        f"{_blurred(ring.letters[n], here)}^{e}"
        for n, e in monomial
        if token in symbols(ring.letters[n])
    )


def _blurred(letter: sp.Expr, names: dict[Index, Index]) -> str:
    """Return a text of a letter that does not depend on the order of terms and factors."""
    if isinstance(letter, Index):
        return str(names.get(letter, letter))
    parts = [_blurred(argument, names) for argument in letter.args]
    if isinstance(letter, (sp.Add, sp.Mul)):
        parts.sort()
    return f"{type(letter).__name__}({','.join(parts)})" if parts else str(letter)


# --- other reductions ------------------------------------------------------------------------


@rule.register(IndexMax)
@rule.register(IndexArgmax)
def _(expression: Reduction, ring: Ring) -> Polynomial:
    """Take what does not depend on the index out of a maximum."""
    token = ring.bound(level(expression), expression.size)
    body = normal(expression.open(token)[0], ring)
    inside = {m: c for m, c in body.items() if _parted(ring, (token,), m)[0]}
    outside = {m: c for m, c in body.items() if m not in inside}
    if isinstance(expression, IndexArgmax):
        outside = {}
    if not inside:
        return outside
    value = expression.func(expression_of(ring, inside), token, expression.size)
    result = ring.memo[value] = single(ring.letter(value))
    return add(outside, result)


@rule.register
def _(expression: IndexProduct, ring: Ring) -> Polynomial:
    """Multiply factor by factor; a product of exponentials is one of a sum."""
    if expression.size.is_Integer and expression.size <= _FEW:
        return product(ring, *(normal(part, ring) for part in _written_out(expression)))
    token = ring.bound(level(expression), expression.size)
    body = normal(expression.open(token)[0], ring)
    if len(body) != 1:
        return _product_letter(ring, expression_of(ring, body), token, expression.size)
    ((monomial, coefficient),) = body.items()
    inside, outside = _parted(ring, (token,), monomial)
    base = expression_of(ring, {outside: coefficient})
    parts = [normal(base**expression.size, ring)]
    for number, exponent in inside:
        if number in ring.exponents:
            total = _sum_of(ring, (token,), ring.exponents[number])
            parts.append(exponential(ring, scaled(total, Fraction(exponent))))
        elif isinstance(exponent, int):
            letter = _product_letter(ring, ring.letters[number], token, expression.size)
            parts.append(power(ring, letter, exponent))
        else:
            factor = expression_of(ring, {((number, exponent),): Fraction(1)})
            parts.append(_product_letter(ring, factor, token, expression.size))
    return product(ring, *parts)


def _product_letter(ring: Ring, body: sp.Expr, token: Index, size: sp.Expr) -> Polynomial:
    value = IndexProduct(body, token, size)
    result = ring.memo[value] = single(ring.letter(value))
    return result
