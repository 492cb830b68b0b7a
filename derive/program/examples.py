"""What the examples of rules are made of: a number, the entries of a vector, sums over it.

Tests give values to ``x`` and to ``t[k]``, and apply each rule to its example.
"""

from __future__ import annotations

import sympy as sp

from derive.index.terms import Entry, Index, IndexSum, Size

__all__ = ["X", "entry", "exponential_sum", "power_sum"]

#: A number.
X = Entry("x", ())
_SIZE = Size("K")


def entry(place: sp.Expr | int) -> Entry:
    """Return the entry ``t[place]``.

    >>> entry(0).tensor
    't'
    """
    return Entry("t", (_SIZE,), sp.sympify(place, strict=True))


def power_sum(power: int) -> IndexSum:
    """Return ``Σ_k t_k^power``."""
    k = Index("k")
    return IndexSum(entry(k) ** power, k, _SIZE)


def exponential_sum() -> IndexSum:
    """Return ``Σ_k exp(t_k)``."""
    k = Index("k")
    return IndexSum(sp.exp(entry(k)), k, _SIZE)
