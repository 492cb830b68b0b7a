"""The shapes in a product of matrices: ``(4, 1)·(1, 3) = (4, 3)`` for ``ds xᵀ``."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import singledispatch

import sympy as sp

from derive.explain.compose import compose
from derive.explain.tree import (
    Bracket,
    Call,
    Elementwise,
    Equation,
    Formula,
    Letter,
    Marked,
    Number,
    Over,
    Plus,
    Power,
    Shape,
    Times,
    Transposed,
)

__all__ = ["product_shapes", "shape_formula"]

Extent = tuple[sp.Expr, ...]


def shape_formula(shape: Extent, sizes: Mapping[sp.Expr, sp.Expr]) -> Shape:
    """Return a shape to print, with numbers for the sizes that have one."""
    return Shape(tuple(compose(size.xreplace(dict(sizes))) for size in shape))


def product_shapes(
    formula: Formula,
    shapes: Mapping[str, Extent],
    sizes: Mapping[sp.Expr, sp.Expr],
    *,
    rows: bool,
) -> Equation | None:
    """Return the shapes of a product's factors and of the product.

    Parameters
    ----------
    formula : formula
        In matrix form.
    shapes : mapping of str to shape
        The shapes of the tensors by their names; vectors have one axis.
    sizes : mapping of Size to expression
        Numbers to put in place of sizes.
    rows : bool
        Whether vectors are rows.

    Returns
    -------
    Equation or None
        None if the formula is not a product of at least two matrices and vectors, or a name in it
        is not known.
    """
    known = {name: _laid(shape, rows) for name, shape in shapes.items()}
    if not isinstance(formula, Times):
        return None
    found = [_shape(factor, known) for factor in formula.factors]
    whole = _shape(formula, known)
    extents = [extent for extent in found if extent]
    if whole is None or None in found or len(extents) < 2:
        return None
    factors = tuple(shape_formula(extent, sizes) for extent in extents)
    # The product of a row and a column is a number, as a matrix of one entry.
    return Equation(Times(factors), shape_formula(whole or (sp.S.One, sp.S.One), sizes))


def _laid(shape: Extent, rows: bool) -> Extent:
    """Return the shape of a tensor as a matrix: that of a vector gets a 1."""
    if len(shape) != 1:
        return shape
    return (sp.S.One, *shape) if rows else (*shape, sp.S.One)


@singledispatch
def _shape(formula: object, known: Mapping[str, Extent]) -> Extent | None:
    """Return the shape of a formula, () for a number, None if it cannot be told."""
    return None


@_shape.register
def _(formula: Number, known: Mapping[str, Extent]) -> Extent | None:
    return ()


@_shape.register
def _(formula: Letter, known: Mapping[str, Extent]) -> Extent | None:
    # A gradient has the shape of its tensor, if nothing else is known.
    found = known.get(formula.prefix + formula.name, known.get(formula.name))
    return found if found is not None and len(found) in (0, 2) else None


@_shape.register
def _(formula: Transposed, known: Mapping[str, Extent]) -> Extent | None:
    found = _shape(formula.base, known)
    return None if found is None else found[::-1]


@_shape.register(Bracket)
@_shape.register(Marked)
def _(formula: Bracket | Marked, known: Mapping[str, Extent]) -> Extent | None:
    return _shape(formula.inside, known)


@_shape.register
def _(formula: Power, known: Mapping[str, Extent]) -> Extent | None:
    return _shape(formula.base, known)


@_shape.register
def _(formula: Plus, known: Mapping[str, Extent]) -> Extent | None:
    return _same([term for _, term in formula.terms], known)


@_shape.register
def _(formula: Elementwise, known: Mapping[str, Extent]) -> Extent | None:
    return _same(list(formula.factors), known)


@_shape.register
def _(formula: Over, known: Mapping[str, Extent]) -> Extent | None:
    return _same([formula.numerator, formula.denominator], known)


@_shape.register
def _(formula: Call, known: Mapping[str, Extent]) -> Extent | None:
    found = _same(list(formula.arguments), known)
    if formula.function == "diagonal" or found is None:
        return None
    if formula.function == "diag":
        long = max(found, key=lambda size: size != 1)
        return (long, long)
    return found


@_shape.register
def _(formula: Times, known: Mapping[str, Extent]) -> Extent | None:
    found = [_shape(factor, known) for factor in formula.factors]
    if None in found:
        return None
    extents = [extent for extent in found if extent]
    if any(left[1] != right[0] for left, right in itertools.pairwise(extents)):
        return None
    whole = (extents[0][0], extents[-1][1]) if extents else ()
    return () if whole == (1, 1) else whole


def _same(parts: list[Formula], known: Mapping[str, Extent]) -> Extent | None:
    """Return the shape of what is combined entry by entry; numbers go with everything."""
    found = [_shape(part, known) for part in parts]
    shapes = {extent for extent in found if extent}
    if None in found or len(shapes) > 1:
        return None
    return shapes.pop() if shapes else ()
