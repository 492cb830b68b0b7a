"""Linear algebra on paper: vectors as columns or as rows, and a transpose where one is needed.

In the column convention the product of a matrix and a vector is ``W x`` and an outer product
``u vᵀ``; in the row convention they are ``x Wᵀ`` and ``uᵀ v``. Where gradients lie the other way,
``ds = dz ∘ z`` is ``ds = dz diag(z)``: a row and a column are not multiplied entry by entry.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
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
from derive.explain.names import short
from derive.explain.products import counted, factors_of, over, product
from derive.explain.tree import (
    Bracket,
    Call,
    Elementwise,
    Formula,
    Letter,
    Number,
    Plus,
    Transposed,
)
from derive.explain.tree import Power as Raised
from derive.index.terms import Entry
from derive.layer.model import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.layer.model import Layer

__all__ = [
    "IDENTITY",
    "ONES",
    "Layout",
    "Orientation",
    "laid_out",
    "layout_for",
    "uses_rows",
    "whole",
]

ONES, IDENTITY = "𝟏", "𝐈"


class Orientation(Enum):
    """How a gradient lies beside its tensor."""

    #: As its tensor does: a step of descent subtracts the one from the other.
    TENSOR = "tensor"
    #: Transposed, always: a Jacobian's rows are outputs, and its columns inputs.
    NUMERATOR = "numerator"
    #: Transposed for the vectors on the way and the inputs, as its tensor for parameters.
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Layout:
    """How linear algebra is written.

    Parameters
    ----------
    rows : bool
        Whether vectors are rows.
    cotangents : mapping of str to str
        The tensor of which a name is the gradient, see :class:`derive.explain.names.Notation`.
    turned : frozenset of str
        The names of gradients that are written transposed beside their tensors.
    """

    rows: bool
    cotangents: Mapping[str, str]
    turned: frozenset[str] = frozenset()


def layout_for(
    layer: Layer,
    cotangents: Mapping[str, str],
    rows: bool | None = None,
    orientation: Orientation = Orientation.TENSOR,
) -> Layout:
    """Return the layout of a layer's page; vectors as the layer is written if ``rows`` is None."""
    known = layer.by_name
    turned = {
        title
        for title, name in cotangents.items()
        if orientation is Orientation.NUMERATOR
        or (
            orientation is Orientation.MIXED
            and known[name].role is not Role.PARAM
            and len(known[name].shape) == 1
        )
    }
    return Layout(uses_rows(layer) if rows is None else rows, cotangents, frozenset(turned))


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
    return Letter(name) if of is None else short(name, of)


def laid_out(tree: Tree, layout: Layout, name: str = "") -> Formula:
    """Return the formula of a tree.

    Parameters
    ----------
    tree : Tree
        The right side of an equation, or a part of one.
    layout : Layout
        How to write it.
    name : str
        The left side: if that is written transposed, so is the right one.
    """
    turned = name in layout.turned
    if rank(tree) == 1:
        return _vector(tree, layout.rows != turned, layout)
    return _formula(transposed(tree) if turned and rank(tree) == 2 else tree, layout)


def _flipped(formula: Formula) -> Formula:
    return formula.base if isinstance(formula, Transposed) else Transposed(formula)


def _ways(tree: Tree, layout: Layout) -> set[bool]:
    """Return how the vectors that are combined entry by entry lie: whether as rows."""
    if rank(tree) != 1:
        return set()
    if isinstance(tree, Name):
        return {layout.rows != (tree.name in layout.turned)}
    if isinstance(tree, Product):
        return _ways(tree.right if rank(tree.left) == 2 else tree.left, layout)
    parts = _parts(tree)
    return set().union(*(_ways(part, layout) for part in parts)) if parts else {layout.rows}


def _parts(tree: Tree) -> tuple[Tree, ...]:
    """Return what is combined entry by entry."""
    if isinstance(tree, Hadamard):
        return tree.factors
    if isinstance(tree, Sum):
        return tuple(term for _, term in tree.terms)
    if isinstance(tree, Apply):
        return tree.arguments
    if isinstance(tree, Quotient):
        return (tree.numerator, tree.denominator)
    if isinstance(tree, Scaled):
        return (tree.array,)
    return (tree.base,) if isinstance(tree, Power) else ()


def _natural(tree: Tree, layout: Layout) -> bool:
    """Tell whether a vector is written as a row: as its parts are, as gradients are if any is."""
    ways = _ways(tree, layout)
    return not layout.rows if (not layout.rows) in ways else layout.rows


def _vector(tree: Tree, as_row: bool, layout: Layout) -> Formula:
    """Return a vector as a row or as a column; anything else as it is."""
    if rank(tree) != 1:
        return _formula(tree, layout)
    if isinstance(tree, Product):
        # (A v)ᵀ = vᵀ Aᵀ, and the same for rows.
        left, right = tree.left, tree.right
        if rank(left) == 1:
            left, right = transposed(right), left
        if as_row:
            return product(_vector(right, True, layout), _formula(transposed(left), layout))
        return product(_formula(left, layout), _vector(right, False, layout))
    if isinstance(tree, Scaled):
        return _scaled(tree, _vector(tree.array, as_row, layout), layout)
    if isinstance(tree, Quotient) and rank(tree.denominator) == 0:
        below = _formula(tree.denominator, layout)
        return over(_vector(tree.numerator, as_row, layout), below)
    if isinstance(tree, Hadamard) and len(_ways(tree, layout)) > 1:
        return _mixed(tree, as_row, layout)
    formula = _formula(tree, layout)
    return formula if _natural(tree, layout) == as_row else _flipped(formula)


def _like(part: Tree, whole: Tree, layout: Layout) -> Formula:
    """Return a part of what is combined entry by entry, lying as the whole does."""
    return _vector(part, _natural(whole, layout), layout)


@singledispatch
def _formula(tree: object, layout: Layout) -> Formula:
    raise TypeError(f"no formula for a {type(tree).__name__}")


@_formula.register
def _(tree: Name, layout: Layout) -> Formula:
    letter = whole(tree.name, layout)
    return Transposed(letter) if tree.rank == 2 and tree.name in layout.turned else letter


@_formula.register
def _(tree: Literal, layout: Layout) -> Formula:
    return compose(tree.expression)


@_formula.register
def _(tree: Ones, layout: Layout) -> Formula:
    return Letter(ONES)


@_formula.register
def _(tree: Transpose, layout: Layout) -> Formula:
    return _flipped(_formula(tree.matrix, layout))


@_formula.register
def _(tree: Product, layout: Layout) -> Formula:
    left, right = tree.left, tree.right
    if rank(left) == rank(right) == 1:
        return product(_vector(left, True, layout), _vector(right, False, layout))
    if rank(tree) == 1:
        return _vector(tree, _natural(tree, layout), layout)
    return product(_formula(left, layout), _formula(right, layout))


@_formula.register
def _(tree: Outer, layout: Layout) -> Formula:
    return product(_vector(tree.left, False, layout), _vector(tree.right, True, layout))


@_formula.register
def _(tree: Hadamard, layout: Layout) -> Formula:
    if len(_ways(tree, layout)) > 1:
        return _mixed(tree, _natural(tree, layout), layout)
    return _elementwise([_formula(factor, layout) for factor in tree.factors])


def _elementwise(factors: list[Formula]) -> Formula:
    flat: list[Formula] = []
    for factor in factors:
        plain = isinstance(factor, Elementwise) and not factor.divides
        flat += factor.factors if isinstance(factor, Elementwise) and plain else [factor]
    return Elementwise(tuple(flat))


def _mixed(tree: Hadamard, as_row: bool, layout: Layout) -> Formula:
    """Return a product entry by entry of vectors that do not all lie the same way.

    Where gradients lie unlike other vectors, it is a product with a diagonal matrix.
    """
    if as_row == layout.rows:
        return _elementwise([_vector(factor, as_row, layout) for factor in tree.factors])
    own = [factor for factor in tree.factors if as_row in _ways(factor, layout)]
    others = [factor for factor in tree.factors if factor not in own]
    vector = _vector(_multiplied(own), as_row, layout)
    matrix = Call("diag", (_formula(_multiplied(others), layout),))
    return product(vector, matrix) if as_row else product(matrix, vector)


def _multiplied(factors: list[Tree]) -> Tree:
    return factors[0] if len(factors) == 1 else Hadamard(tuple(factors))


@_formula.register
def _(tree: Scaled, layout: Layout) -> Formula:
    return _scaled(tree, _like(tree.array, tree, layout), layout)


def _scaled(tree: Scaled, array: Formula, layout: Layout) -> Formula:
    if isinstance(tree.scalar, Literal) and tree.scalar.expression == 0:
        return Number("0")
    scalar = _factor(tree.scalar, layout)
    if rank(tree.array) == 0 and _has_bracket(scalar):
        array = _factor(tree.array, layout)
    return product(scalar, array)


def _factor(tree: Tree, layout: Layout) -> Formula:
    """Return a number beside which others stand: a product of vectors in it keeps together."""
    if isinstance(tree, Product):
        return Bracket(_formula(tree, layout))
    if isinstance(tree, Scaled):
        return product(_factor(tree.scalar, layout), _factor(tree.array, layout))
    return _formula(tree, layout)


def _has_bracket(formula: Formula) -> bool:
    return any(isinstance(factor, Bracket) for factor in factors_of(formula))


@_formula.register
def _(tree: Quotient, layout: Layout) -> Formula:
    above, below = (_like(part, tree, layout) for part in (tree.numerator, tree.denominator))
    if rank(tree.denominator) == 0:
        return over(above, below)
    return Elementwise((above, below), divides=True)


@_formula.register
def _(tree: Sum, layout: Layout) -> Formula:
    terms = [(negative, _like(term, tree, layout)) for negative, term in tree.terms]
    counts = Counter(terms)
    several = tuple((sign, counted(counts[sign, term], term)) for sign, term in counts)
    return Plus(several) if len(several) > 1 or several[0][0] else several[0][1]


@_formula.register
def _(tree: Apply, layout: Layout) -> Formula:
    name = FUNCTION_NAMES.get(tree.function, tree.function.__name__)
    return Call(name, tuple(_like(argument, tree, layout) for argument in tree.arguments))


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
    if isinstance(tree.vector, Scaled) and isinstance(tree.vector.array, Ones):
        return _scaled(tree.vector, Letter(IDENTITY), layout)
    return Call("diag", (_formula(tree.vector, layout),))


@_formula.register
def _(tree: DiagOf, layout: Layout) -> Formula:
    return Call("diagonal", (_formula(tree.matrix, layout),))
