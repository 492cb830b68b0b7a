"""The lines of a kernel in NumPy, and the names that mean something in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.program.ir import Axis, Expr

__all__ = ["Page"]


@dataclass(slots=True)
class Page:
    """The lines of a kernel, and the names that are taken in it.

    Parameters
    ----------
    taken : set of str
        Names that mean something already.
    lines, before : list of str
        What is written, and what is to stand before the loop over rows.
    indent : str
        What each line begins with.
    row : Axis, optional
        The axis of the loop over rows, while within it.
    whole : list of tuple of Expr
        The shapes of the arrays that are made for all rows.
    """

    taken: set[str]
    lines: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    indent: str = ""
    row: Axis | None = None
    whole: list[tuple[Expr, ...]] = field(default_factory=list)

    def line(self, text: str, axes: tuple[Axis, ...] | None = None) -> None:
        """Write a line; what does not depend on the rows goes before the loop over them."""
        if self.row and axes is not None and self.row not in axes:
            self.before.append(self.indent[:-4] + text)
        else:
            self.lines.append(self.indent + text)

    def fresh(self, stem: str, *, numbered: bool = False) -> str:
        """Return a name that nothing has yet: the stem, with a number or underscores after it."""
        number = 1
        name = f"{stem}{number}" if numbered else stem
        while name in self.taken:
            number += 1
            name = f"{stem}{number}" if numbered else f"{name}_"
        self.taken.add(name)
        return name
