"""How values look in a notebook.

What draws them stands on a higher floor, and nothing here knows of it: it is handed in, by
:mod:`derive` itself, which is imported before any module of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Drawer = Callable[["Shown", str], str | None]

__all__ = ["Shown", "show_by"]

_drawers: list[Drawer] = []


def show_by(drawer: Drawer) -> Drawer:
    """Say what draws values: a function of a value and a format (latex, html, markdown).

    It returns None where there is nothing to see.
    """
    _drawers[:] = [drawer]
    return drawer


class Shown:
    """A value that notebooks show as formulas."""

    __slots__ = ()

    def _repr_latex_(self) -> str | None:
        return self._drawn("latex")

    def _repr_html_(self) -> str | None:
        return self._drawn("html")

    def _repr_markdown_(self) -> str | None:
        return self._drawn("markdown")

    def _drawn(self, form: str) -> str | None:
        return _drawers[0](self, form) if _drawers else None
