"""Linear algebra on paper: vectors as columns or as rows, and a transpose where one is needed.

In the column convention the product of a matrix and a vector is ``W x`` and an outer product
``u vᵀ``; in the row convention they are ``x Wᵀ`` and ``uᵀ v``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

from derive.explain.algebra import (
    Apply,
    Diag,
    DiagOf,
    Hadamard,
    Literal,
    Name,
    Ones,
    Outer,
    Power,
    Product,
    Quotient,
    Scaled,
    Sum,
    Transpose,
    Tree,
    rank,
    transposed,
)
from derive.explain.compose import FUNCTION_NAMES, compose
from derive.explain.tree import (
    Bracket,
    Call,
    Elementwise,
    Formula,
    Letter,
    Number,
    Over,
    Plus,
    Times,
    Transposed,
)
from derive.explain.tree import Power as Raised
from derive.index.terms import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.layer.model import Layer

__all__ = ["Layout", "laid_out", "uses_rows", "whole"]

ONES, IDENTITY = "𝟏", "𝐈"


@dataclass(frozen=True, slots=True)
class Layout:
    """How linear algebra is written.

    Parameters
    ----------
    rows : bool
        Whether vectors are rows.
    cotangents : mapping of str to str
        The tensor of which a name is the gradient, see :class:`derive.explain.names.Notation`.
    """

    rows: bool
    cotangents: Mapping[str, str]


def uses_rows(layer: Layer) -> bool:
    """Tell whether a layer is written with row vectors: more ``x_j W_ji`` than ``W_ij x_j``."""
    votes = 0
    for node in layer.nodes:
        for entry in node.body.atoms(Entry) if len(node.indices) == 1 else ():
            bound = [str(index).startswith("_") for index in entry.indices]
            votes += (bound == [True, False]) - (bound == [False, True])
    return votes > 0


def whole(name: str, layout: Layout) -> Letter:
    """Return the letter of a whole tensor; a gradient's is that of its tensor, after a d."""
    of = layout.cotangents.get(name)
    return Letter(of, (), "d") if of is not None and name == f"d{of}" else Letter(name)


def laid_out(tree: Tree, layout: Layout) -> Formula:
    """Return the formula of a tree."""
    return _formula(tree, layout)


def _times(*factors: Formula) -> Formula:
    """Return a product, of which the order counts but not the brackets."""
    flat: list[Formula] = []
    for factor in factors:
        flat += factor.factors if isinstance(factor, Times) else [factor]
    return Times(tuple(flat))


def _turned(tree: Tree, layout: Layout) -> Formula:
    """Return a vector the other way: as a row where columns are usual, and the reverse."""
    if isinstance(tree, Product):
        # (A v)ᵀ = vᵀ Aᵀ, and the same for rows.
        left, right = tree.left, tree.right
        if rank(left) == 1:
            left, right = transposed(right), left
        if layout.rows:
            return _times(_formula(left, layout), _turned(right, layout))
        return _times(_turned(right, layout), _formula(transposed(left), layout))
    return Transposed(_formula(tree, layout))


def _row(tree: Tree, layout: Layout) -> Formula:
    return _formula(tree, layout) if layout.rows else _turned(tree, layout)


def _column(tree: Tree, layout: Layout) -> Formula:
    return _turned(tree, layout) if layout.rows else _formula(tree, layout)


@singledispatch
def _formula(tree: object, layout: Layout) -> Formula:
    raise TypeError(f"no formula for a {type(tree).__name__}")


@_formula.register
def _(tree: Name, layout: Layout) -> Formula:
    return whole(tree.name, layout)


@_formula.register
def _(tree: Literal, layout: Layout) -> Formula:
    return compose(tree.expression)


@_formula.register
def _(tree: Ones, layout: Layout) -> Formula:
    return Letter(ONES)


@_formula.register
def _(tree: Transpose, layout: Layout) -> Formula:
    return Transposed(_formula(tree.matrix, layout))


@_formula.register
def _(tree: Product, layout: Layout) -> Formula:
    left, right = tree.left, tree.right
    if rank(left) == rank(right) == 1:
        return _times(_row(left, layout), _column(right, layout))
    if rank(left) == 1:
        left, right = transposed(right), left
    if rank(right) == 2:
        return _times(_formula(left, layout), _formula(right, layout))
    if layout.rows:
        return _times(_formula(right, layout), _formula(transposed(left), layout))
    return _times(_formula(left, layout), _formula(right, layout))


@_formula.register
def _(tree: Outer, layout: Layout) -> Formula:
    return _times(_column(tree.left, layout), _row(tree.right, layout))


@_formula.register
def _(tree: Hadamard, layout: Layout) -> Formula:
    factors: list[Formula] = []
    for factor in tree.factors:
        formula = _formula(factor, layout)
        plain = isinstance(formula, Elementwise) and not formula.divides
        factors += formula.factors if isinstance(formula, Elementwise) and plain else [formula]
    return Elementwise(tuple(factors))


@_formula.register
def _(tree: Scaled, layout: Layout) -> Formula:
    if isinstance(tree.scalar, Literal) and tree.scalar.expression == 0:
        return Number("0")
    scalar = _formula(tree.scalar, layout)
    if isinstance(tree.scalar, Product):
        scalar = Bracket(scalar)
    array = _formula(tree.array, layout)
    if isinstance(tree.array, Product) and rank(tree.array) == 0 and rank(tree.array.left) > 0:
        array = Bracket(array) if isinstance(tree.scalar, Product) else array
    return _times(scalar, array)


@_formula.register
def _(tree: Quotient, layout: Layout) -> Formula:
    above, below = _formula(tree.numerator, layout), _formula(tree.denominator, layout)
    if rank(tree.denominator) == 0:
        return Over(above, below)
    return Elementwise((above, below), divides=True)


@_formula.register
def _(tree: Sum, layout: Layout) -> Formula:
    return Plus(tuple((negative, _formula(term, layout)) for negative, term in tree.terms))


@_formula.register
def _(tree: Apply, layout: Layout) -> Formula:
    name = FUNCTION_NAMES.get(tree.function, tree.function.__name__)
    return Call(name, tuple(_formula(argument, layout) for argument in tree.arguments))


@_formula.register
def _(tree: Power, layout: Layout) -> Formula:
    base, exponent = _formula(tree.base, layout), tree.exponent
    if exponent.p == 1 and exponent.q == 2:
        return Call("sqrt", (base,))
    if rank(tree.base) == 0 or (isinstance(tree.base, Apply) and exponent.is_Integer):
        return Raised(base, compose(exponent))
    if exponent in (2, 3):
        return Elementwise((base,) * int(exponent))
    return Call("power", (base, compose(exponent)))


@_formula.register
def _(tree: Diag, layout: Layout) -> Formula:
    if isinstance(tree.vector, Ones):
        return Letter(IDENTITY)
    return Call("diag", (_formula(tree.vector, layout),))


@_formula.register
def _(tree: DiagOf, layout: Layout) -> Formula:
    return Call("diagonal", (_formula(tree.matrix, layout),))
