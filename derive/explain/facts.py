"""Declared facts as equations: of any row, with a plain letter for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.explain.compose import compose
from derive.explain.names import NATURAL, letters
from derive.explain.tree import Equation
from derive.index.terms import Index, free_indices, substitute

if TYPE_CHECKING:
    from derive.explain.names import Notation
    from derive.layer.model import Fact

__all__ = ["fact_equation"]


def fact_equation(fact: Fact, notation: Notation) -> Equation:
    """Return ``Σ_l Y_il = 1`` for what holds of every row of Y.

    Examples
    --------
    >>> import sympy as sp
    >>> from derive.explain.names import Notation
    >>> from derive.explain.text import written
    >>> from derive.index.terms import Entry, IndexSum, Size, fresh
    >>> from derive.layer.model import Fact
    >>> N, K, k = Size("N"), Size("K"), Index("k")
    >>> row = IndexSum(Entry("Y", (N, K), fresh(), k), k, K)
    >>> written(fact_equation(Fact(row, sp.Integer(1), ""), Notation()))
    'Σ_l Y_{il} = 1'
    """
    # What stands for anything has a name that is no letter.
    free = sorted(free_indices(fact.left) | free_indices(fact.right), key=str)
    wild = [index for index in free if index.name.startswith("~")]
    taken = {*notation.taken, *(index.name for index in free)}
    named = dict(zip(wild, map(Index, letters(NATURAL, taken)), strict=False))
    left, right = (substitute(side, named) for side in (fact.left, fact.right))
    return Equation(compose(left, notation), compose(right, notation))
