"""Where an entry of a tensor is read: letters, numbers, and the axes of matrix notation."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

__all__ = ["COLUMN", "INNER", "ROW", "At", "OutOfRange"]

#: The axes of matrix notation; no letter is named so.
ROW, COLUMN = "row ", "column "
#: Axes that are summed as soon as they are made.
INNER = ("inner ", "second inner ")


class OutOfRange(IndexError):
    """An entry is read at a written place that a tensor does not have, in the sizes drawn."""


@dataclass(frozen=True, slots=True)
class At:
    """A place on an axis: a letter (or ROW, COLUMN) plus a number, or a number alone.

    ``size`` is added to both: in ``x_{n-1}`` the number counts from there.

    ``others`` are further letters that are added, each with its factor, as in ``x_{i+j}``.
    ``data`` is an entry of a tensor of integers instead, read at its own places.
    """

    letter: str = ""
    offset: int = 0
    data: tuple[str, tuple[At, ...]] | None = None
    scale: int = 1
    others: tuple[tuple[str, int], ...] = ()
    size: sp.Expr = sp.S.Zero

    @property
    def letters(self) -> tuple[tuple[str, int], ...]:
        """All letters, each with its factor."""
        return ((self.letter, self.scale), *self.others) if self.letter else ()

    @property
    def plain(self) -> bool:
        """Tell whether it is a letter and nothing else."""
        alone = not self.offset and not self.others and self.size == 0
        return bool(self.letter) and self.scale == 1 and alone
