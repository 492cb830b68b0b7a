"""A part of an expression as it stands in the formula of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.explain.compose import compose
from derive.explain.focus import focused
from derive.explain.tree import Formula, Marked, Plus, Times, parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sympy as sp

    from derive.explain.names import Notation
    from derive.index.terms import Index

__all__ = ["pointed"]


def pointed(
    expression: sp.Expr, part: sp.Expr, notation: Notation, indices: Iterable[Index] = ()
) -> Formula:
    """Return the formula of a part of an expression, in the letters that it has there.

    Parameters
    ----------
    expression : sympy expression
        The whole.
    part : sympy expression
        A part of it, as :func:`derive.explain.focus.focused` takes one.
    notation, indices
        As for :func:`derive.explain.compose.compose`.
    """
    for found in parts(compose(focused(expression, part), notation, indices)):
        if isinstance(found, Plus):
            # Terms in focus are marked one by one, after their signs.
            terms = tuple((sign, t.inside) for sign, t in found.terms if isinstance(t, Marked))
            if len(terms) > 1 or (terms and terms[0][0]):
                return Plus(terms)
        if isinstance(found, Times):
            factors = tuple(factor.inside for factor in found.factors if isinstance(factor, Marked))
            if len(factors) > 1:
                return Times(factors)
        if isinstance(found, Marked):
            return found.inside
    # What is the whole, or is written otherwise there, is written by itself.
    return compose(part, notation, indices)
