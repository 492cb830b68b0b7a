"""The derivative of an expression with respect to one tensor: a sum of terms.

``∂e / ∂T[k]``, the ``k`` fresh, is found in one walk:

* ``T[i]`` gives ``∏ δ(i, k)``, another tensor's entry gives nothing;
* ``Σ_j e`` gives the terms of ``e`` with ``j`` bound as well;
* ``max_j e`` gives the terms of ``e`` at ``j = argmax_j e``;
* ``∏_j e`` gives the terms of ``e`` times the product over the other positions;
* anything else is a scalar function of its entries and reductions: SymPy differentiates it by
  each of them as by a letter, and the chain rule multiplies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch

import sympy as sp

from derive.index.functions import Select, scalar_derivative
from derive.index.terms import (
    Entry,
    Index,
    IndexArgmax,
    IndexMax,
    IndexProduct,
    IndexSum,
    atoms_of,
    mentions,
    substitute,
)

__all__ = ["Term", "derivative"]


@dataclass(frozen=True, slots=True)
class Term:
    """``Σ_bound ∏ δ(access, target) · coefficient``.

    Parameters
    ----------
    bound : tuple of (Index, size)
        The indices summed over.
    deltas : tuple of (access, target)
        ``access`` is an index expression at which the definition reads the tensor, ``target``
        the index of the derivative that it is matched with: an access is always in range.
    coefficient : sympy expression
        A scalar.
    """

    bound: tuple[tuple[Index, sp.Expr], ...]
    deltas: tuple[tuple[sp.Expr, sp.Expr], ...]
    coefficient: sp.Expr


def derivative(expression: sp.Expr, tensor: str, target: tuple[Index, ...]) -> tuple[Term, ...]:
    """Return ``∂ expression / ∂ tensor[target]`` as a sum of terms.

    Parameters
    ----------
    expression : sympy expression
        A scalar in index notation.
    tensor : str
        What to differentiate by.
    target : tuple of Index
        One fresh index for each axis of the tensor.

    Examples
    --------
    >>> from derive.index.terms import Size
    >>> N, i, k = Size("N"), Index("i"), Index("k")
    >>> derivative(Entry("x", (N,), i) ** 2, "x", (k,))
    (Term(bound=(), deltas=((i, k),), coefficient=2*x[i]),)
    """
    if not mentions(expression, tensor):
        return ()
    return _rule(expression, tensor, target)


@singledispatch
def _rule(expression: sp.Basic, tensor: str, target: tuple[Index, ...]) -> tuple[Term, ...]:
    """Chain rule over the letters of a scalar expression."""
    if not isinstance(expression, sp.Expr):
        raise TypeError(f"no derivative of a {type(expression).__name__}")
    atoms = atoms_of(expression)
    # Index expressions are numbers too (1/N, a mask i < j), but never hold the tensor: a tensor
    # inside a condition or an argmax has derivative 0 by the convention for kinks.
    letters = {atom: sp.Dummy(f"u{n}", real=True) for n, atom in enumerate(atoms)}
    back = {letter: atom for atom, letter in letters.items()}
    flat = expression.xreplace(letters)
    terms = []
    for atom in atoms:
        inner = derivative(atom, tensor, target)
        if not inner:
            continue
        outer = scalar_derivative(flat, letters[atom]).xreplace(back)
        if outer != 0:
            terms += [replace(t, coefficient=outer * t.coefficient) for t in inner]
    return tuple(terms)


@_rule.register
def _(expression: Entry, tensor: str, target: tuple[Index, ...]) -> tuple[Term, ...]:
    if expression.tensor != tensor:
        return ()  # the tensor stands in a subscript: integers have no derivative
    return (Term((), tuple(zip(expression.indices, target, strict=True)), sp.S.One),)


@_rule.register
def _(expression: IndexSum, tensor: str, target: tuple[Index, ...]) -> tuple[Term, ...]:
    body, index = expression.open()
    return tuple(
        replace(term, bound=((index, expression.size), *term.bound))
        for term in derivative(body, tensor, target)
    )


@_rule.register
def _(expression: IndexMax, tensor: str, target: tuple[Index, ...]) -> tuple[Term, ...]:
    body, index = expression.open()
    where = {index: IndexArgmax(*expression.args)}
    return tuple(
        Term(
            term.bound,
            tuple((substitute(a, where), substitute(b, where)) for a, b in term.deltas),
            substitute(term.coefficient, where),
        )
        for term in derivative(body, tensor, target)
    )


@_rule.register
def _(expression: IndexProduct, tensor: str, target: tuple[Index, ...]) -> tuple[Term, ...]:
    body, index = expression.open()
    other, position = expression.open()
    rest = IndexProduct(Select(sp.Ne(position, index), other, 1), position, expression.size)
    return tuple(
        replace(
            term,
            bound=((index, expression.size), *term.bound),
            coefficient=rest * term.coefficient,
        )
        for term in derivative(body, tensor, target)
    )


@_rule.register
def _(expression: IndexArgmax, tensor: str, target: tuple[Index, ...]) -> tuple[Term, ...]:
    return ()
