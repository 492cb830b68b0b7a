"""Index arithmetic as a note writes it, whose indices may count from 1.

Within derive every index counts from 0. Where letters stand for positions from 1, a letter less 1
is the position that it stands for, and what is computed from letters is a position again only
with 1 added: ``δ(l + m, t)`` is ``δ_{l+m-1,t}``, and ``l + 1 ≤ K - 1`` is ``l ≤ K - 1``.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import singledispatch

import sympy as sp
from sympy.core.relational import Relational

from derive.index.terms import Delta, Entry, Index, IndexArgmax, Reduction

__all__ = ["counted"]


def counted(expression: sp.Expr, base: int, places: Collection[str] = ()) -> sp.Expr:
    """Return an expression whose letters and places are counted from ``base``.

    Parameters
    ----------
    expression : sympy expression
        In index notation.
    base : int
        1 or 0.
    places : collection of str
        Tensors that hold places: they are counted like letters.
    """
    return _counted(expression, places) if base else expression


@singledispatch
def _counted(expression: sp.Basic, places: Collection[str]) -> sp.Basic:
    """Return what is no place of an entry: letters in it are numbers."""
    if not expression.args:
        return expression
    return expression.func(*(_counted(part, places) for part in expression.args))


@_counted.register
def _(expression: Index, places: Collection[str]) -> sp.Basic:
    return expression - 1


@_counted.register
def _(expression: Entry, places: Collection[str]) -> sp.Basic:
    indices = (_place(index, places) for index in expression.indices)
    result = Entry(expression.tensor, expression.shape, *indices)
    return result - 1 if expression.tensor in places else result


@_counted.register
def _(expression: Delta, places: Collection[str]) -> sp.Basic:
    return Delta(*(_place(side, places) for side in expression.args))


@_counted.register
def _(expression: Reduction, places: Collection[str]) -> sp.Basic:
    body, index = expression.open()
    result = type(expression)(_counted(body, places), index, expression.size)
    return result - 1 if isinstance(expression, IndexArgmax) else result


@_counted.register
def _(expression: Relational, places: Collection[str]) -> sp.Basic:
    left, right = (sp.expand(_counted(side, places)) for side in expression.args)
    # The same number on both sides changes nothing: rather none beside a letter alone.
    (number, one), (other, two) = left.as_coeff_Add(), right.as_coeff_Add()
    number = other if isinstance(two, Index) and not isinstance(one, Index) else number
    return expression.func(left - number, right - number)


def _place(position: sp.Expr, places: Collection[str]) -> sp.Expr:
    """Return a position counted from 1, from letters that are."""
    result: sp.Expr = sp.expand(_counted(position, places) + 1)
    return result
