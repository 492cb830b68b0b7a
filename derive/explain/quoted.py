"""LaTeX of somebody else's, with its marks in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.explain.latex import coloured

if TYPE_CHECKING:
    from derive.explain.page import Quoted

__all__ = ["quoted_latex"]


def quoted_latex(quoted: Quoted) -> str:
    r"""Return a formula as its author wrote it, with the marked pieces in colour.

    >>> from derive.explain.page import Quoted
    >>> from derive.explain.tree import Mark
    >>> quoted_latex(Quoted((("c_", False), ("j", True)), (), Mark.WRONG))
    'c_{\\color{red} j}'
    """
    return "".join(
        coloured(text, quoted.mark) if is_marked else text for text, is_marked in quoted.latex
    )
