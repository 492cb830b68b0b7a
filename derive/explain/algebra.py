"""Linear algebra without indices: what a matrix form is made of, and its value.

A vector here has one axis and is neither a row nor a column; where a vector meets a matrix, the
order in :class:`Product` says which axis is summed. Rows and columns are a matter of printing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce, singledispatch
from typing import Any

import numpy as np
import sympy as sp

from derive.index.arrays import Array
from derive.index.evaluate import evaluate
from derive.index.terms import Entry, Index, Size

__all__ = [
    "Apply",
    "Diag",
    "DiagOf",
    "Hadamard",
    "Literal",
    "Name",
    "Ones",
    "Outer",
    "Power",
    "Product",
    "Quotient",
    "Scaled",
    "Sum",
    "Transpose",
    "Tree",
    "rank",
    "transposed",
    "value",
]


@dataclass(frozen=True, slots=True)
class Name:
    """A whole tensor."""

    name: str
    rank: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, or a size, or what is computed from these."""

    expression: sp.Expr


@dataclass(frozen=True, slots=True)
class Ones:
    """A vector of ones."""

    size: sp.Expr


@dataclass(frozen=True, slots=True)
class Transpose:
    """A matrix with its axes swapped."""

    matrix: Tree


@dataclass(frozen=True, slots=True)
class Product:
    """The sum over the last axis of the left and the first axis of the right."""

    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Outer:
    """The matrix of the products of two vectors' entries."""

    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Hadamard:
    """The elementwise product of arrays of one shape."""

    factors: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Scaled:
    """A scalar times an array."""

    scalar: Tree
    array: Tree


@dataclass(frozen=True, slots=True)
class Quotient:
    """The elementwise quotient; either side may be a scalar."""

    numerator: Tree
    denominator: Tree


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of arrays of one shape, and of scalars, each with its sign (whether subtracted)."""

    terms: tuple[tuple[bool, Tree], ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """A scalar function, applied elementwise: a class of SymPy functions."""

    function: Any
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """An elementwise power with a rational exponent."""

    base: Tree
    exponent: sp.Rational


@dataclass(frozen=True, slots=True)
class Diag:
    """The matrix with a vector on its diagonal."""

    vector: Tree


@dataclass(frozen=True, slots=True)
class DiagOf:
    """The diagonal of a matrix."""

    matrix: Tree


Tree = (
    Name
    | Literal
    | Ones
    | Transpose
    | Product
    | Outer
    | Hadamard
    | Scaled
    | Quotient
    | Sum
    | Apply
    | Power
    | Diag
    | DiagOf
)


@singledispatch
def rank(tree: object) -> int:
    """Return how many axes the value has."""
    raise TypeError(f"{type(tree).__name__} is not linear algebra")


@rank.register
def _(tree: Name) -> int:
    return tree.rank


@rank.register
def _(tree: Literal) -> int:
    return 0


@rank.register(Ones)
@rank.register(DiagOf)
def _(tree: Tree) -> int:
    return 1


@rank.register(Transpose)
@rank.register(Outer)
@rank.register(Diag)
def _(tree: Tree) -> int:
    return 2


@rank.register
def _(tree: Product) -> int:
    return rank(tree.left) + rank(tree.right) - 2


@rank.register
def _(tree: Hadamard) -> int:
    return rank(tree.factors[0])


@rank.register
def _(tree: Scaled) -> int:
    return rank(tree.array)


@rank.register
def _(tree: Quotient) -> int:
    return max(rank(tree.numerator), rank(tree.denominator))


@rank.register
def _(tree: Sum) -> int:
    return max(rank(term) for _, term in tree.terms)


@rank.register
def _(tree: Apply) -> int:
    return max(rank(argument) for argument in tree.arguments)


@rank.register
def _(tree: Power) -> int:
    return rank(tree.base)


def transposed(tree: Tree) -> Tree:
    """Return the transpose of a matrix, as far inside as it can go.

    >>> transposed(transposed(Name("W", 2)))
    Name(name='W', rank=2)
    """
    if isinstance(tree, Transpose):
        return tree.matrix
    if isinstance(tree, Outer):
        return Outer(tree.right, tree.left)
    if isinstance(tree, Product):
        return Product(transposed(tree.right), transposed(tree.left))
    if isinstance(tree, Scaled):
        return Scaled(tree.scalar, transposed(tree.array))
    if isinstance(tree, Quotient) and rank(tree.denominator) == 0:
        return Quotient(transposed(tree.numerator), tree.denominator)
    return tree if isinstance(tree, Diag) else Transpose(tree)


@singledispatch
def value(tree: object, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    """Return the value of a tree for given tensors and sizes.

    Examples
    --------
    >>> value(Outer(Name("u", 1), Name("v", 1)), {"u": np.ones(2), "v": np.arange(3.0)}, {})
    array([[0., 1., 2.],
           [0., 1., 2.]])
    """
    raise TypeError(f"{type(tree).__name__} is not linear algebra")


@value.register
def _(tree: Name, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    return arrays[tree.name]


@value.register
def _(tree: Literal, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    return np.asarray(evaluate(tree.expression, (), {}, sizes, ()))


@value.register
def _(tree: Ones, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    return np.asarray(np.ones(int(tree.size.xreplace(dict(sizes)))))


@value.register
def _(tree: Transpose, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    return np.transpose(value(tree.matrix, arrays, sizes))


@value.register
def _(tree: Product, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    left, right = value(tree.left, arrays, sizes), value(tree.right, arrays, sizes)
    return np.asarray(np.tensordot(left, right, 1))


@value.register
def _(tree: Outer, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    left, right = value(tree.left, arrays, sizes), value(tree.right, arrays, sizes)
    return np.asarray(np.tensordot(left, right, 0))


@value.register
def _(tree: Hadamard, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    factors = [value(factor, arrays, sizes) for factor in tree.factors]
    if len({factor.shape for factor in factors}) > 1:
        raise ValueError("an elementwise product of different shapes")
    return np.asarray(reduce(np.multiply, factors))


@value.register
def _(tree: Scaled, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    return np.asarray(value(tree.scalar, arrays, sizes) * value(tree.array, arrays, sizes))


@value.register
def _(tree: Quotient, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    above, below = value(tree.numerator, arrays, sizes), value(tree.denominator, arrays, sizes)
    if above.shape and below.shape and above.shape != below.shape:
        raise ValueError("an elementwise quotient of different shapes")
    return np.asarray(above / below)


@value.register
def _(tree: Sum, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    terms = [(negative, value(term, arrays, sizes)) for negative, term in tree.terms]
    if len({term.shape for _, term in terms if term.shape}) > 1:
        raise ValueError("a sum of different shapes")
    return np.asarray(reduce(np.add, (-term if negative else term for negative, term in terms)))


@value.register
def _(tree: Apply, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    arguments = np.broadcast_arrays(*(value(a, arrays, sizes) for a in tree.arguments))
    return _elementwise(tree.function, list(arguments))


@value.register
def _(tree: Power, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    return np.asarray(value(tree.base, arrays, sizes) ** float(tree.exponent))


@value.register
def _(tree: Diag, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    return np.asarray(np.diag(value(tree.vector, arrays, sizes)))


@value.register
def _(tree: DiagOf, arrays: Mapping[str, Array], sizes: Mapping[sp.Symbol, int]) -> Array:
    return np.array(np.diag(value(tree.matrix, arrays, sizes)))


def _elementwise(function: Any, arguments: list[Array]) -> Array:
    """Apply a scalar function by the interpreter, the one place that knows all functions."""
    count, index = Size("count"), Index("i")
    names = [f"argument{place}" for place in range(len(arguments))]
    expression = function(*(Entry(name, (count,), index) for name in names))
    shape = arguments[0].shape
    flat = {name: array.reshape(-1) for name, array in zip(names, arguments, strict=True)}
    number = flat[names[0]].size
    found = evaluate(expression, (index,), flat, {count: number}, (number,))
    return np.asarray(found.reshape(shape))
