"""What changed from one line of a derivation to the next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.terms import Delta, Entry, Reduction, fresh

if TYPE_CHECKING:
    from derive.index.terms import Index

__all__ = ["changed"]


def changed(before: sp.Expr, after: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return the smallest part of one expression that is another in the other, and that.

    A part is a subexpression, or some factors of a product, or some terms of a sum; an index
    alone is none.

    >>> from derive.index.terms import Entry
    >>> x, y, z, w = (Entry(name, ()) for name in "xyzw")
    >>> changed(2 * x * sp.exp(y + z), 2 * x * sp.exp(w + z))
    (y, w)
    """
    if isinstance(before, Reduction):
        if type(after) is type(before) and after.size == before.size:
            index = fresh()
            part, became = changed(before.open(index)[0], after.open(index)[0])
            return _back(part, index, before), _back(became, index, after)
        return before, after
    if type(before) is not type(after) or isinstance(before, (Entry, Delta)) or not before.args:
        return before, after
    if isinstance(before, (sp.Add, sp.Mul)):
        lost, new = Counter(before.args), Counter(after.args)
        common = lost & new
        old, young = list((lost - common).elements()), list((new - common).elements())
        if len(old) == len(young) == 1:
            return changed(old[0], young[0])
        if common and old and young:
            part, became = before.func(*old), before.func(*young)
            if Counter(before.func.make_args(part)) == Counter(old):
                return part, became
        return before, after
    pairs = [(a, b) for a, b in zip(before.args, after.args, strict=False) if a != b]
    if len(before.args) == len(after.args) and len(pairs) == 1:
        (a, b) = pairs[0]
        if isinstance(a, sp.Expr) and isinstance(b, sp.Expr):
            return changed(a, b)
    return before, after


def _back(part: sp.Expr, index: Index, binder: Reduction) -> sp.Expr:
    """Return a part of an opened body as it stands in the binder."""
    return part.xreplace({index: binder.args[1]})
