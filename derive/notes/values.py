"""What a formula's parts mean, and which sums and products of them there are.

A value has a shape in matrix notation: rows and columns, each a size or nothing. An axis of
length 1 is nothing: a 1×1 result is a scalar. A vector of a rank-1 symbol is a column, and
becomes a row where only that conforms. The letters of index notation that are free in a value
stand apart from its shape.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy as sp  # noqa: TC002 (an example reads it)

from derive.notes.algebra import COLUMN, ROW, At

if TYPE_CHECKING:
    from derive.notes.algebra import Algebra

__all__ = [
    "Link",
    "Misfit",
    "Value",
    "added",
    "elementwise",
    "multiplied",
    "outer",
    "paired",
    "shape_text",
    "transposed",
    "two_axes",
]

Size: TypeAlias = "sp.Expr | None"


@dataclass(frozen=True, slots=True)
class Link:
    """A whole derivative ∂of/∂wrt as a factor of a chain.

    Parameters
    ----------
    of, wrt : str
        The tensors.
    name : str
        The tensor of the derivative: the axes of ``of``, then those of ``wrt``.
    of_shape, wrt_shape : tuple of sizes
        Their shapes.
    """

    of: str
    wrt: str
    name: str
    of_shape: tuple[sp.Expr, ...]
    wrt_shape: tuple[sp.Expr, ...]


class Misfit(Exception):
    """A part of a formula has no meaning: shapes do not conform, a symbol or index is unknown.

    Parameters
    ----------
    kind : str
        ``shape``, ``undefined-symbol``, ``index-twice``, ``rank``, ``index-size``, ``unreadable``.
    message : str
        One sentence.
    start, end : int
        The place in the formula's text; -1 where the caller knows better.
    hint : str
        How it may be written instead.
    """

    def __init__(
        self, kind: str, message: str, start: int = -1, end: int = -1, hint: str = ""
    ) -> None:
        super().__init__(message)
        self.hint = hint
        self.kind = kind
        self.message = message
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Value:
    """A meaning.

    Parameters
    ----------
    data : Any
        In the numbers of an algebra.
    rows, columns : size or None
        The shape in matrix notation.
    thin : bool
        Whether it is a vector of a rank-1 symbol, which may stand as a column or a row.
    identity : bool
        Whether it is a multiple of an identity matrix of a size yet unknown.
    readings : tuple of str
        What was chosen where the text allows more than one reading.
    link : Link, optional
        What it is of a chain of derivatives.
    known : Any
        1 at the entries that are printed and 0 elsewhere, for a matrix with dots; else None.
    """

    data: Any
    rows: Size = None
    columns: Size = None
    thin: bool = False
    identity: bool = False
    readings: tuple[str, ...] = ()
    known: Any = None
    link: Link | None = None

    def mapped(self, data: Any, **changes: Any) -> Value:
        """Return a value with other data, and so of no chain of derivatives any more."""
        return replace(self, data=data, link=None, **changes)

    @property
    def shape(self) -> tuple[Size, Size]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def is_scalar(self) -> bool:
        """Tell whether it is one number."""
        return self.rows is None and self.columns is None and not self.identity

    @property
    def is_vector(self) -> bool:
        """Tell whether it has one axis."""
        return (self.rows is None) != (self.columns is None)


def shape_text(value: Value) -> str:
    """Return a shape as messages show it.

    >>> shape_text(Value(0, sp.Symbol("H"), None)), shape_text(Value(0))
    ('H×1', 'scalar')
    """
    if value.is_scalar:
        return "scalar"
    one = [1 if size is None else size for size in value.shape]
    return f"{one[0]}×{one[1]}"


def transposed(algebra: Algebra, value: Value) -> Value:
    """Return the transpose."""
    two_axes(value)
    if value.is_scalar or value.identity:
        return value
    return value.mapped(
        algebra.swap(value.data), rows=value.columns, columns=value.rows, thin=False
    )


def _as_row(algebra: Algebra, value: Value) -> Value:
    return replace(
        transposed(algebra, value), thin=False, readings=(*value.readings, "a vector read as a row")
    )


def _filled(algebra: Algebra, value: Value, like: Value) -> Value:
    """Return a multiple of the identity as a matrix."""
    if like.rows != like.columns or like.rows is None:
        raise Misfit("shape", f"an identity matrix stands with a value of shape {shape_text(like)}")
    data = algebra.multiply(value.data, algebra.delta(At(ROW), At(COLUMN), like.rows))
    return Value(data, like.rows, like.columns, readings=value.readings)


def two_axes(*values: Value) -> None:
    """Refuse a derivative of a matrix by a matrix where no chain rule takes it up."""
    if any(value.data is None for value in values):
        raise Misfit("rank", "a derivative with more than two axes")


def paired(algebra: Algebra, left: Value, right: Value) -> tuple[Value, Value] | None:
    """Return two values with one shape, for an elementwise operation; None if there is none."""
    two_axes(left, right)
    if left.is_scalar or right.is_scalar or (left.identity and right.identity):
        return left, right
    if left.identity:
        left = _filled(algebra, left, right)
    if right.identity:
        right = _filled(algebra, right, left)
    if left.shape == right.shape:
        return left, right
    if right.thin and left.shape == right.shape[::-1]:
        return left, _as_row(algebra, right)
    if left.thin and left.shape[::-1] == right.shape:
        return _as_row(algebra, left), right
    return None


def _joined(data: Any, left: Value, right: Value, *readings: str) -> Value:
    """Return a result with the shape of the operand that has one."""
    like = right if left.is_scalar else left
    return Value(
        data,
        like.rows,
        like.columns,
        like.thin and (left.is_scalar or right.is_scalar or (left.thin and right.thin)),
        like.identity,
        tuple(dict.fromkeys((*left.readings, *right.readings, *readings))),
    )


def added(algebra: Algebra, left: Value, right: Value, *, rows: bool = False) -> Value:
    """Return the sum; a scalar is added to every entry, and a row to every row of a matrix.

    So is a column that is declared as one, ``[n, 1]``, to every column; a vector alone is not.
    ``rows`` says that vectors may stand as rows.

    Raises
    ------
    Misfit
        If the shapes do not agree.
    """
    if left.identity != right.identity and (left.is_scalar or right.is_scalar):
        raise Misfit("shape", "an identity matrix is added to a number")
    both = paired(algebra, left, right)
    if both is not None:
        return _joined(algebra.add(both[0].data, both[1].data), *both)
    one, two = (
        _as_row(algebra, value) if rows and value.thin and value.columns is None else value
        for value in (left, right)
    )
    for line, matrix in ((one, two), (two, one)):
        what = _repeated(line, matrix)
        if what:
            readings = (
                *matrix.readings,
                *line.readings,
                f"a {what} added to every {what} of a matrix",
            )
            data = algebra.add(one.data, two.data)
            return Value(data, *matrix.shape, readings=tuple(dict.fromkeys(readings)))
    hint = ""
    for vector, matrix in ((left, right), (right, left)):
        if vector.thin and vector.rows == matrix.columns and vector.columns is None:
            hint = r"to add b to every row, write \mathbf 1 b^\top, or say convention: row"
    message = f"shapes {shape_text(one)} and {shape_text(two)} are added"
    raise Misfit("shape", message, hint=hint)


def _repeated(line: Value, matrix: Value) -> str:
    """Return what a value is of a matrix to which it is added: one of its rows or columns."""
    if matrix.rows is None or matrix.columns is None:
        return ""
    if line.rows is None and line.columns == matrix.columns:
        return "row"
    column = line.columns is None and line.rows == matrix.rows and not line.thin
    return "column" if column else ""


def elementwise(algebra: Algebra, left: Value, right: Value, what: str = "∘") -> Value:
    """Return the elementwise product.

    Raises
    ------
    Misfit
        If the shapes do not agree.
    """
    both = paired(algebra, left, right)
    if both is None:
        raise Misfit(
            "shape",
            f"shapes {shape_text(left)} and {shape_text(right)} do not conform under {what}",
        )
    return _joined(algebra.multiply(both[0].data, both[1].data), *both)


def outer(algebra: Algebra, left: Value, right: Value) -> Value:
    """Return the outer product of two vectors.

    Raises
    ------
    Misfit
        If one of them is no vector.
    """
    if left.is_scalar or right.is_scalar:
        return elementwise(algebra, left, right)
    if not (left.is_vector and right.is_vector):
        raise Misfit("shape", "an outer product of matrices")
    if left.rows is None:
        left = transposed(algebra, left)
    if right.columns is None:
        right = transposed(algebra, right)
    data = algebra.multiply(left.data, right.data)
    return Value(data, left.rows, right.columns, readings=(*left.readings, *right.readings))


def matrix_product(algebra: Algebra, left: Value, right: Value) -> Value | None:
    """Return the matrix product, or None if the shapes do not conform."""
    two_axes(left, right)
    if left.columns != right.rows:
        return None
    readings = tuple(dict.fromkeys((*left.readings, *right.readings)))
    if left.columns is None:
        # A column times a row: nothing is summed.
        data = algebra.multiply(left.data, right.data)
    else:
        data = algebra.product(left.data, right.data, left.columns)
    # A matrix times a rank-1 vector is such a vector again.
    thin = right.thin and right.columns is None
    return Value(data, left.rows, right.columns, thin, readings=readings)


def multiplied(
    algebra: Algebra,
    left: Value,
    right: Value,
    operator: str = "",
    *,
    rows: bool = False,
    only: bool = False,
) -> Value:
    """Return the only product that the shapes allow.

    Scaling before the matrix product before the elementwise product of equal shapes. ``rows``
    says that vectors may stand as rows by the note's convention, ``only`` that they stand as
    nothing else.

    Raises
    ------
    Misfit
        If no product conforms.
    """
    if operator in (r"\circ", r"\odot"):
        return elementwise(algebra, left, right, operator)
    if operator == r"\otimes":
        return outer(algebra, left, right)
    if left.is_scalar or right.is_scalar or left.identity or right.identity:
        return _scaled(algebra, left, right)
    if operator == "*":
        both = paired(algebra, left, right)
        if both is not None and left.shape == right.shape:
            return elementwise(algebra, left, right)
    if only and right.thin and left.columns is not None:
        # Of two derivatives a chain rule is made, whichever comes first.
        right = right if left.link and right.link else _as_row(algebra, right)
    product = matrix_product(algebra, left, right)
    if product is not None:
        return product
    alike = left.shape == right.shape and left.is_vector and bool(operator)
    if rows and left.thin and not alike:
        product = matrix_product(algebra, _as_row(algebra, left), right)
        if product is not None:
            return product
    if rows and right.thin and left.is_vector and not left.thin:
        # A row that was transposed, times a row.
        product = matrix_product(algebra, left, _as_row(algebra, right))
        if product is not None:
            return product
    if left.shape == right.shape and (operator or left.is_vector):
        result = elementwise(algebra, left, right)
        return replace(result, readings=(*result.readings, "a product read elementwise"))
    raise Misfit(
        "shape", f"a product of shapes {shape_text(left)} and {shape_text(right)} does not conform"
    )


def _scaled(algebra: Algebra, left: Value, right: Value) -> Value:
    two_axes(left, right)
    if left.identity or right.identity:
        like = right if left.identity else left
        data = algebra.multiply(left.data, right.data)
        if like.is_scalar or like.identity:
            return Value(data, identity=True, readings=(*left.readings, *right.readings))
        return like.mapped(data)
    return elementwise(algebra, left, right)
