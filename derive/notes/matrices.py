"""Vectors and matrices written out entry by entry, with dots for what repeats.

What the dots leave out is not guessed: the value knows which entries are printed, and only
those are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.notes.algebra import COLUMN, ROW
from derive.notes.meaning import mean, register
from derive.notes.scope import Scope  # noqa: TC001 (dispatch reads it)
from derive.notes.tree import Dots, Empty, Group, Matrix, Node
from derive.notes.values import Misfit, Value

if TYPE_CHECKING:
    from collections.abc import Sequence


__all__ = ["Printed", "printed", "row"]


@dataclass(frozen=True, slots=True)
class Printed:
    """An entry that is printed: how far from the start or, after dots, from the end it stands."""

    row: int
    column: int
    node: Node

    def place(self, rows: Any, columns: Any) -> tuple[sp.Expr, sp.Expr]:
        """Return the entry's position in an array of this shape, from 0."""
        return (
            sp.Integer(self.row) if self.row >= 0 else rows + self.row,
            sp.Integer(self.column) if self.column >= 0 else columns + self.column,
        )


def row(node: Group, scope: Scope) -> Value:
    """Return ``[a, b, c]`` as a row."""
    if any(sign not in (",",) for sign in node.separators):
        raise Misfit("unreadable", "a list separated otherwise than by commas", node.start, node.end)
    return _value((node.items,), node, scope)


@register
def _(node: Matrix, scope: Scope) -> Value:
    if node.kind in ("vmatrix", "Vmatrix"):
        raise Misfit("unreadable", "a determinant", node.start, node.end)
    return _value(node.rows, node, scope)


def _positions(cells: Sequence[Node]) -> list[int | None]:
    """Return each cell's place: from the start before dots, from the end after; dots have none."""
    dots = [n for n, cell in enumerate(cells) if isinstance(cell, (Dots, Empty))]
    if not dots:
        return list(range(len(cells)))
    return [
        None if n in dots else n if n < dots[0] else n - len(cells) for n in range(len(cells))
    ]


def printed(rows: Sequence[Sequence[Node]]) -> tuple[tuple[Printed, ...], bool, bool]:
    """Return the entries that are printed, and whether dots leave out rows and columns."""
    dotted = [all(isinstance(cell, (Dots, Empty)) for cell in cells) for cells in rows]
    outline: list[Node] = [
        cells[0] if flag else Empty(0, 0) if not cells else _filled(cells)
        for cells, flag in zip(rows, dotted, strict=True)
    ]
    row_places = _positions(outline)
    found = []
    columns_left_out = False
    for cells, row_place in zip(rows, row_places, strict=True):
        column_places = _positions(cells)
        columns_left_out |= None in column_places
        if row_place is None:
            continue
        for cell, column_place in zip(cells, column_places, strict=True):
            if column_place is not None:
                found.append(Printed(row_place, column_place, cell))
    return tuple(found), None in row_places, columns_left_out


def _filled(cells: Sequence[Node]) -> Node:
    """Return a cell of a row that is no dots."""
    return next(cell for cell in cells if not isinstance(cell, (Dots, Empty)))


def _value(rows: Sequence[Sequence[Node]], node: Node, scope: Scope) -> Value:
    entries, rows_open, columns_open = printed(rows)
    if not entries:
        raise Misfit("unreadable", "a matrix of dots", node.start, node.end)
    if len({len(cells) for cells in rows}) > 1:
        raise Misfit("shape", "a matrix with rows of different lengths", node.start, node.end)
    height: Any = sp.Integer(len(rows))
    width: Any = sp.Integer(len(rows[0]))
    if rows_open:
        height = scope.expected[0]
    if columns_open:
        width = scope.expected[1]
    if height is None or width is None:
        raise Misfit("unreadable", "a matrix with dots whose size nothing tells", node.start, node.end)
    algebra = scope.algebra
    one, zero = algebra.number(sp.S.One), algebra.number(sp.S.Zero)
    data, known = zero, zero
    for entry in entries:
        value = mean(entry.node, scope)
        if not value.is_scalar:
            raise Misfit("unreadable", "a matrix of matrices", entry.node.start, entry.node.end)
        flag = one
        for axis, size, place in zip(
            (ROW, COLUMN), (height, width), entry.place(height, width), strict=True
        ):
            if size != 1:
                here = algebra.letter(axis, size)
                there = algebra.number(place + scope.base)
                flag = algebra.multiply(flag, algebra.select("=", here, there, one, zero))
        data = algebra.add(data, algebra.multiply(flag, value.data))
        known = algebra.add(known, flag)
    return Value(
        data,
        None if height == 1 else height,
        None if width == 1 else width,
        known=known if rows_open or columns_open else None,
    )
