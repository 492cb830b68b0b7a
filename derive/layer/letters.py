"""Formulas in one line for a message, with a letter for each index that is summed over."""

from __future__ import annotations

import sympy as sp

from derive.index.terms import Index, Reduction

__all__ = ["in_letters"]


def in_letters(side: sp.Expr) -> str:
    """Return a side of an equation as text, with a letter for the index of every sum.

    >>> from derive.index.terms import Entry, IndexSum, Size
    >>> N, i = Size("N"), Index("i")
    >>> in_letters(2 * IndexSum(Entry("y", (N,), i), i, N))
    '2*Σ_i y[i]'
    """
    named: dict[sp.Basic, sp.Symbol] = {}
    for part in sp.preorder_traversal(side):
        if isinstance(part, Reduction) and not any(outer.has(part) for outer in named):
            taken = {index.name for index in part.atoms(Index)}
            body, index = part.open(Index(next(n for n in "ijklmnpqrst" if n not in taken)))
            inner = in_letters(body)
            named[part] = sp.Symbol(
                f"{part.symbol}_{index} {f'({inner})' if body.is_Add else inner}"
            )
    return str(side.xreplace(named))
