r"""What dots leave out: the pattern of the entries that are printed.

``[a_1, \dots, a_N]``, ``[a_1, a_2, \dots]`` and ``[a_1, \dots, a_i, \dots, a_N]`` all show how an
entry depends on its place. Where every entry does so in one way, or those on the diagonal in one
and the others in another, that is the pattern; where it is not plain, there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from derive.notes.tree import Dots, Empty, Name, Node, Number

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Cell", "Pattern", "cells_of", "pattern"]


@dataclass(frozen=True, slots=True)
class Cell:
    """An entry that is printed, and where.

    Parameters
    ----------
    row, column : int or None
        The place from the start or, where negative, from the end; None between dots.
    node : Node
        The entry.
    """

    row: int | None
    column: int | None
    node: Node


@dataclass(frozen=True, slots=True)
class Pattern:
    """How entries depend on their place.

    Parameters
    ----------
    body : Node
        An entry, with the letters for its row and its column.
    diagonal : Node or None
        The same for entries on the diagonal, where they differ from the others.
    last_row, last_column : str
        How the last row and column are written, empty where they are not.
    """

    body: Node
    diagonal: Node | None = None
    last_row: str = ""
    last_column: str = ""


def _places(cells: Sequence[Node]) -> list[int | None] | None:
    """Return each cell's place along its line; None for all if there are no dots."""
    dots = [n for n, cell in enumerate(cells) if isinstance(cell, (Dots, Empty))]
    if not dots:
        return None
    return [
        n if n < dots[0] else n - len(cells) if n > dots[-1] else None for n in range(len(cells))
    ]


def cells_of(rows: Sequence[Sequence[Node]]) -> tuple[tuple[Cell, ...], bool, bool]:
    """Return the entries that are printed, and whether dots leave out rows and columns."""
    dotted = [all(isinstance(cell, (Dots, Empty)) for cell in cells) for cells in rows]
    outline = [
        cells[0] if flag else Number(0, 0, "0") for cells, flag in zip(rows, dotted, strict=True)
    ]
    row_places = _places(outline)
    found = []
    columns_open = False
    for n, cells in enumerate(rows):
        column_places = _places(cells)
        if dotted[n]:
            continue
        columns_open |= column_places is not None
        for m, cell in enumerate(cells):
            if not isinstance(cell, (Dots, Empty)):
                found.append(
                    Cell(
                        n if row_places is None else row_places[n],
                        m if column_places is None else column_places[m],
                        cell,
                    )
                )
    return tuple(found), row_places is not None, columns_open


def pattern(cells: Sequence[Cell], letters: tuple[str, str], base: int) -> Pattern | None:
    """Return the pattern of a matrix with dots; None where there is no plain one.

    Parameters
    ----------
    cells : sequence of Cell
        The entries that are printed.
    letters : (str, str)
        The letters for a row and a column of the pattern.
    base : int
        What indices count from.
    """
    if len(cells) < 2:
        return None
    whole = _Common(cells, letters, base)
    body = whole.of([cell.node for cell in cells])
    if body is not None:
        return Pattern(body, None, *whole.last)
    on = [cell for cell in cells if cell.row == cell.column]
    off = [cell for cell in cells if cell.row != cell.column]
    if len(on) < 2 or not off:
        return None
    first, second = _Common(on, letters, base), _Common(off, letters, base)
    diagonal = first.of([cell.node for cell in on])
    body = second.of([cell.node for cell in off])
    if diagonal is None or body is None:
        return None
    rows, columns = (one or two for one, two in zip(first.last, second.last, strict=True))
    return Pattern(body, diagonal, rows, columns)


class _Common:
    """What entries have in common, with letters where they follow their place."""

    def __init__(self, cells: Sequence[Cell], letters: tuple[str, str], base: int) -> None:
        self.places = [[cell.row for cell in cells], [cell.column for cell in cells]]
        self.letters = letters
        self.base = base
        self.between: dict[int, str] = {}
        self.ends: dict[int, str] = {}

    @property
    def last(self) -> tuple[str, str]:
        """How the last row and the last column are written."""
        return self.ends.get(0, ""), self.ends.get(1, "")

    def of(self, nodes: Sequence[Node]) -> Node | None:
        """Return the entry of the pattern, None where there is none."""
        first = nodes[0]
        if all(node == first for node in nodes):
            return first
        if all(isinstance(node, (Name, Number)) for node in nodes):
            return self._letter(nodes)
        if any(type(node) is not type(first) for node in nodes):
            return None
        changes: dict[str, object] = {}
        for item in fields(first):
            values = [getattr(node, item.name) for node in nodes]
            if not item.compare or all(value == values[0] for value in values):
                continue
            new = self._parts(values) if isinstance(values[0], tuple) else self._part(values)
            if new is None:
                return None
            changes[item.name] = new
        return replace(first, **changes)  # type: ignore[arg-type]

    def _part(self, values: Sequence[object]) -> Node | None:
        nodes = [value for value in values if isinstance(value, Node)]
        return self.of(nodes) if len(nodes) == len(values) else None

    def _parts(self, values: Sequence[object]) -> tuple[Node, ...] | None:
        rows = [value for value in values if isinstance(value, tuple)]
        if len(rows) < len(values) or len({len(row) for row in rows}) > 1:
            return None
        found = [self._part(column) for column in zip(*rows, strict=True)]
        nodes = tuple(part for part in found if part is not None)
        return nodes if len(nodes) == len(found) else None

    def _letter(self, nodes: Sequence[Node]) -> Node | None:
        """Return the letter of the axis whose place all of these indices say."""
        texts = [node.text if isinstance(node, Number) else spelled(node) for node in nodes]
        for axis in (0, 1):
            places = self.places[axis]
            if len(set(places)) < 2:
                continue
            before = dict(self.between), dict(self.ends)
            if all(self._says(text, axis, n) for text, n in zip(texts, places, strict=True)):
                return Name(nodes[0].start, nodes[0].start, self.letters[axis])
            self.between, self.ends = before
        return None

    def _says(self, text: str, axis: int, place: int | None) -> bool:
        if place is None:
            # Between dots stands one letter, whichever.
            return not text.isdigit() and self.between.setdefault(axis, text) == text
        if place >= 0:
            return text == str(place + self.base)
        return place == -1 and self.ends.setdefault(axis, text) == text


def spelled(node: Node) -> str:
    """Return a name's spelling."""
    assert isinstance(node, Name)
    return node.spelling
