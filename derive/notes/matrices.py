"""Vectors and matrices written out entry by entry, with dots for what repeats.

What the dots leave out is filled in where the printed entries show a plain pattern. Where they do
not it is not guessed: the value knows which entries are printed, and only those are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.notes.algebra import COLUMN, ROW, At
from derive.notes.limits import letter_occurs
from derive.notes.meaning import mean, negated, register
from derive.notes.patterns import Cell, cells_of, pattern
from derive.notes.scope import Scope  # noqa: TC001 (dispatch reads it)
from derive.notes.tree import Group, Matrix, Node  # noqa: TC001 (dispatch reads it)
from derive.notes.values import Misfit, Value, added, elementwise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.values import Size

__all__ = ["row"]


def row(node: Group, scope: Scope) -> Value:
    """Return ``[a, b, c]`` as a row."""
    if any(sign not in (",", "quad") for sign in node.separators):
        message = "a list separated otherwise than by commas"
        raise Misfit("unreadable", message, node.start, node.end)
    return _value((node.items,), node, scope)


@register
def _(node: Matrix, scope: Scope) -> Value:
    if node.kind in ("vmatrix", "Vmatrix"):
        raise Misfit("unreadable", "a determinant", node.start, node.end)
    return _value(node.rows, node, scope)


def _value(rows: Sequence[Sequence[Node]], node: Node, scope: Scope) -> Value:
    if not all(rows):
        raise Misfit("argument", "brackets that hold nothing", node.start, node.end)
    cells, rows_open, columns_open = cells_of(rows)
    if not cells:
        raise Misfit("unreadable", "a matrix of dots", node.start, node.end)
    if len({len(line) for line in rows}) > 1:
        raise Misfit("shape", "a matrix with rows of different lengths", node.start, node.end)
    height = None if rows_open else sp.Integer(len(rows))
    width = None if columns_open else sp.Integer(len(rows[0]))
    if rows_open or columns_open:
        between = any(place is None for cell in cells for place in (cell.row, cell.column))
        if scope.filled or between:
            value = _filled(cells, (height, width), node, scope)
            if value is not None:
                return value
        if between:
            raise Misfit(
                "unreadable", "a matrix with dots whose pattern is not plain", node.start, node.end
            )
    return _printed(cells, (height, width), node, scope)


def _filled(
    cells: Sequence[Cell], shape: tuple[Size, Size], node: Node, scope: Scope
) -> Value | None:
    """Return a matrix with dots, filled in by its pattern; None where that is not plain."""
    letters = (f"row at {node.start}", f"column at {node.start}")
    found = pattern(cells, letters, scope.base)
    if found is None:
        return None
    body = _entry(found.body, letters, scope)
    diagonal = None if found.diagonal is None else _entry(found.diagonal, letters, scope)
    sizes = []
    for axis, letter in enumerate(letters):
        sides = [shape[axis], body[1].get(letter), diagonal and diagonal[1].get(letter)]
        size = next((s for s in (*sides, scope.expected[axis]) if s is not None), None)
        if size is None:
            raise Misfit(
                "unreadable", "a matrix with dots whose size nothing tells", node.start, node.end
            )
        last = (found.last_row, found.last_column)[axis]
        if last and _end(last, scope) != size + scope.base - 1:
            raise Misfit(
                "shape",
                f"the last entry is numbered {last}, but there are {size}",
                node.start,
                node.end,
            )
        scope.letters.every.setdefault(letter, size)
        sizes.append(size)
    if diagonal is not None and sizes[0] != sizes[1]:
        return None
    algebra = scope.algebra
    value = body[0]
    if diagonal is not None:
        delta = Value(algebra.delta(At(letters[0]), At(letters[1]), sizes[0]))
        rest = added(algebra, Value(algebra.number(sp.S.One)), negated(scope, delta))
        value = added(
            algebra,
            elementwise(algebra, delta, diagonal[0]),
            elementwise(algebra, rest, value),
        )
    reading = "the dots filled in by the pattern of the entries that are printed"
    return _laid(value, letters, (sizes[0], sizes[1]), node, scope, reading)


def _end(text: str, scope: Scope) -> sp.Expr | None:
    return sp.Integer(text) if text.isdigit() else scope.sizes.get(text)


def _entry(
    node: Node, letters: tuple[str, str], scope: Scope
) -> tuple[Value, dict[str, sp.Expr | None]]:
    """Return the entry of a pattern, and the sizes on which its letters stand."""
    value = mean(node, scope)
    occur = {letter for letter in letters if letter_occurs(node, letter)}
    sizes = {letter: scope.letters.sizes.get(letter) for letter in occur}
    if not scope.letters.fixed:
        for letter in letters:
            scope.letters.sizes.pop(letter, None)
            scope.letters.used.discard(letter)
    return value, sizes


def _laid(
    value: Value,
    letters: tuple[str, str],
    sizes: tuple[sp.Expr, sp.Expr],
    node: Node,
    scope: Scope,
    reading: str,
) -> Value:
    """Return the entries in rows and columns; a row of columns, too, is a matrix."""
    algebra, data = scope.algebra, value.data
    rows, columns = value.rows, value.columns
    for letter, axis, size in zip(letters, (ROW, COLUMN), sizes, strict=True):
        if size == 1:
            continue
        if (rows if axis == ROW else columns) is not None:
            raise Misfit("shape", "a matrix of matrices", node.start, node.end)
        data = algebra.move(data, letter, axis)
        rows, columns = (size, columns) if axis == ROW else (rows, size)
    return Value(data, rows, columns, readings=(*value.readings, reading))


def _printed(cells: Sequence[Cell], shape: tuple[Size, Size], node: Node, scope: Scope) -> Value:
    """Return a matrix of which only the printed entries are known."""
    height, width = (own or wanted for own, wanted in zip(shape, scope.expected, strict=True))
    if height is None or width is None:
        raise Misfit(
            "unreadable", "a matrix with dots whose size nothing tells", node.start, node.end
        )
    algebra = scope.algebra
    one, zero = algebra.number(sp.S.One), algebra.number(sp.S.Zero)
    total, known = Value(zero), zero
    for cell in cells:
        value = mean(cell.node, scope)
        flag = one
        for axis, size, place in ((ROW, height, cell.row), (COLUMN, width, cell.column)):
            if size == 1:
                continue
            if (value.rows if axis == ROW else value.columns) is not None:
                raise Misfit("shape", "a matrix of matrices", cell.node.start, cell.node.end)
            assert place is not None
            flag = algebra.multiply(flag, algebra.unit(axis, size, place))
        try:
            total = added(algebra, total, elementwise(algebra, Value(flag), value))
        except Misfit as misfit:
            misfit.start, misfit.end = cell.node.start, cell.node.end
            raise
        known = algebra.add(known, flag)
    rows = total.rows if height == 1 else height
    columns = total.columns if width == 1 else width
    part = None in shape
    reading = ("only the entries that are printed are compared",) if part else ()
    # By a note's convention a column that is written out may stand as a row.
    thin = scope.rows and columns is None and rows is not None
    return Value(
        total.data, rows, columns, thin, readings=(*total.readings, *reading),
        known=known if part else None,
    )  # fmt: skip
