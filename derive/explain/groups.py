"""Groups of factors over the same indices, and how they are contracted.

A product is kept as a mapping from sets of indices to what is multiplied and divided over each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from derive.explain import algebra
from derive.explain.algebra import (
    Diag,
    Hadamard,
    Literal,
    Ones,
    Outer,
    Power,
    Product,
    Quotient,
    Scaled,
    Sum,
    Transpose,
    Tree,
    transposed,
)
from derive.index.terms import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "Groups",
    "NoForm",
    "Pair",
    "Place",
    "assembled",
    "closed",
    "dot",
    "multiplied",
    "negated",
    "powered",
    "summed",
    "upright",
]


class NoForm(Exception):
    """There is no matrix form of an expression."""


@dataclass(frozen=True, slots=True)
class Place:
    """The indices that are known somewhere: their sizes, and in which order they were met."""

    sizes: Mapping[Index, sp.Expr]
    ranks: Mapping[Index, int]

    def ordered(self, indices: frozenset[Index]) -> tuple[Index, ...]:
        """Return indices in the order in which they were met."""
        return tuple(sorted(indices, key=self.ranks.__getitem__))


#: The factors over one set of indices, and those they are divided by.
Pair = tuple[list[Tree], list[Tree]]
Groups = dict[frozenset[Index], Pair]


def powered(tree: Tree, exponent: sp.Rational) -> Tree:
    """Return an elementwise power."""
    return tree if exponent == 1 else upright(lambda base: Power(base, exponent), tree)


def upright(build: Callable[..., Tree], *trees: Tree) -> Tree:
    """Build something elementwise; of transposes only, it is the transpose of the whole."""
    matrices = [tree for tree in trees if algebra.rank(tree) == 2]
    free = [tree for tree in matrices if not isinstance(tree, (Outer, Diag))]
    if free and all(map(_is_turned, free)):
        return transposed(build(*(transposed(t) if t in matrices else t for t in trees)))
    return build(*trees)


def _is_turned(tree: Tree) -> bool:
    """Tell whether a matrix is a transpose, or a product of transposes: ``Mᵀ Aᵀ`` is (A M)ᵀ."""
    if isinstance(tree, Product) and algebra.rank(tree) == 2:
        return _is_turned(tree.left) and _is_turned(tree.right)
    return isinstance(tree, Transpose)


def negated(tree: Tree) -> Tree:
    """Return minus a tree, the sign inside a sum, terms that are added first."""
    if not isinstance(tree, Sum):
        return Sum(((True, tree),))
    terms = sorted(((not negative, term) for negative, term in tree.terms), key=lambda t: t[0])
    return terms[0][1] if len(terms) == 1 and not terms[0][0] else Sum(tuple(terms))


def multiplied(factors: list[Tree]) -> Tree:
    """Return the elementwise product of arrays of one shape, 1 of none."""
    if not factors:
        return Literal(sp.S.One)
    if len(factors) == 1:
        return factors[0]
    if algebra.rank(factors[0]) == 0:
        return Scaled(factors[0], multiplied(factors[1:]))
    return upright(lambda *trees: Hadamard(trees), *factors)


def closed(pair: Pair) -> Tree:
    """Return a group as one array."""
    above, below = pair
    if not below:
        return multiplied(above)
    return upright(Quotient, multiplied(above), multiplied(below))


def dot(pair: Pair, ones: Tree) -> Tree:
    """Return the sum of the elements of an elementwise product of vectors."""
    above, below = pair
    if len(above) == 1 and not below and isinstance(above[0], Power) and above[0].exponent == 2:
        return Product(above[0].base, above[0].base)
    if len(above) < 2:
        return Product(ones, closed(pair))
    return Product(above[0], closed((above[1:], below)))


def summed(groups: Groups, order: Sequence[Index], place: Place) -> Groups:
    """Contract the summed indices, in this order."""
    for index in order:
        inside = {axes: pair for axes, pair in groups.items() if index in axes}
        groups = {axes: pair for axes, pair in groups.items() if index not in axes}
        axes, tree = _contraction(index, inside, place)
        above, below = groups.get(axes, ([], []))
        groups[axes] = ([*above, tree], below)
    return groups


def _contraction(index: Index, inside: Groups, place: Place) -> tuple[frozenset[Index], Tree]:
    """Return the sum over one index of the product of the groups that have it."""
    vector = inside.get(frozenset({index}))
    matrices = [
        (next(iter(axes - {index})), _oriented(pair, place.ordered(axes), index))
        for axes, pair in inside.items()
        if len(axes) == 2
    ]
    if not matrices:
        if vector is None:
            return frozenset(), Literal(place.sizes[index])
        return frozenset(), dot(vector, Ones(place.sizes[index]))
    if len(matrices) == 1:
        other, matrix = matrices[0]
        along = closed(vector) if vector else Ones(place.sizes[index])
        return frozenset({other}), Product(matrix, along)
    if len(matrices) > 2:
        raise NoForm
    matrices.sort(key=lambda pair: place.ranks[pair[0]])
    (first, left), (second, right) = matrices
    right = transposed(right)
    if vector:
        right = Product(Diag(closed(vector)), right)
    return frozenset({first, second}), Product(left, right)


def _oriented(pair: Pair, axes: tuple[Index, ...], last: Index) -> Tree:
    """Return a group over two indices as a matrix whose second axis is the given index."""
    tree = closed(pair)
    return tree if axes[1] == last else transposed(tree)


def assembled(groups: Groups, place: Place) -> tuple[Tree, tuple[Index, ...]]:
    """Multiply what is left over free indices."""
    axes = place.ordered(frozenset().union(*groups))
    if len(axes) > 2:
        raise NoForm
    scalars = groups.get(frozenset(), ([], []))
    if not axes:
        return closed(scalars), ()
    whole = groups.get(frozenset(axes))
    result = closed(whole) if whole else None
    if len(axes) == 2:
        rows, columns = (groups.get(frozenset({axis})) for axis in axes)
        if result is None:
            result = Outer(closed(rows or ([], [])), closed(columns or ([], [])))
        else:
            result = Product(Diag(closed(rows)), result) if rows else result
            result = Product(result, Diag(closed(columns))) if columns else result
    above, below = scalars
    if result is None:
        raise NoForm
    result = Scaled(multiplied(above), result) if above else result
    return Quotient(result, multiplied(below)) if below else result, axes
