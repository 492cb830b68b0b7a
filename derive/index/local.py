"""The derivative of an expression with respect to one tensor: a sum of terms.

``∂e / ∂T[k]``, the ``k`` fresh, is found in one walk:

* ``T[i]`` gives ``∏ δ(i, k)``, another tensor's entry gives nothing;
* ``Σ_j e`` gives the terms of ``e`` with ``j`` bound as well;
* ``max_j e`` gives the terms of ``e`` at ``j = argmax_j e``;
* ``∏_j e`` gives the terms of ``e`` times the product over the other positions;
* ``e if c else f`` gives the terms of ``e`` and of ``f``, each under its condition;
* anything else is a scalar function of its entries and reductions: SymPy differentiates it by
  each of them as by a letter, and the chain rule multiplies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, singledispatch

import sympy as sp

from derive.index.functions import Select, relu, scalar_derivative
from derive.index.inverses import inverted, read
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexArgmax,
    IndexMax,
    IndexProduct,
    IndexSum,
    Reduction,
    substitute,
)

__all__ = ["Left", "Term", "derivative", "one_level", "renamed", "scaled"]

#: What is not worked out: the derivative of a part as it is to stand in the result, or None.
Left = Callable[[sp.Expr], "sp.Expr | None"]


@dataclass(frozen=True, slots=True)
class Term:
    """``Σ_bound ∏ δ(access, target) · coefficient``.

    Parameters
    ----------
    bound : tuple of (Index, size)
        The indices summed over.
    deltas : tuple of (access, target)
        ``access`` is an index expression at which the definition reads the tensor, ``target``
        the index of the derivative that it is matched with. An access is in range wherever the
        coefficient is not 0: always if it is a plain index; if it is arithmetic or data, then
        under the condition of the coefficient, where that is a selection.
    coefficient : sympy expression
        A scalar. A selection stands outermost, see :func:`scaled`.
    """

    bound: tuple[tuple[Index, sp.Expr], ...]
    deltas: tuple[tuple[sp.Expr, sp.Expr], ...]
    coefficient: sp.Expr


def renamed(term: Term, swap: Mapping[sp.Basic, sp.Basic]) -> Term:
    """Return a term with other expressions for some of its free indices."""
    return Term(
        term.bound,
        tuple((substitute(a, swap), substitute(b, swap)) for a, b in term.deltas),
        substitute(term.coefficient, swap),
    )


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
    return _derivative(expression, tensor, target, _nothing)


def one_level(
    expression: sp.Expr, tensor: str, target: tuple[Index, ...], left: Left
) -> tuple[Term, ...]:
    """Return the derivative worked out down to the parts that are left, for showing how it goes.

    Parameters
    ----------
    expression, tensor, target
        As for :func:`derivative`.
    left : function
        What stands for the derivative of a part of the expression, or None for a part that is
        to be worked out as well. It is not asked about the whole expression.
    """
    return _rule(expression, tensor, target, left) if tensor in read(expression) else ()


def _nothing(expression: sp.Expr) -> None:
    """Leave nothing."""


def _derivative(
    expression: sp.Expr, tensor: str, target: tuple[Index, ...], left: Left
) -> tuple[Term, ...]:
    if tensor not in read(expression):
        return ()
    open_end = left(expression)
    if open_end is not None:
        return (Term((), (), open_end),)
    return _rule(expression, tensor, target, left)


@singledispatch
def _rule(
    expression: sp.Basic, tensor: str, target: tuple[Index, ...], left: Left
) -> tuple[Term, ...]:
    """Chain rule over the letters of a scalar expression."""
    if not isinstance(expression, sp.Expr):
        raise TypeError(f"no derivative of a {type(expression).__name__}")
    atoms = _atoms(expression, tensor, left)
    # Index expressions are numbers too (1/N, a mask i < j), but never hold the tensor: a tensor
    # inside a condition or an argmax has derivative 0 by the convention for kinks.
    letters = {atom: _letter(n) for n, atom in enumerate(atoms)}
    back = {letter: atom for atom, letter in letters.items()}
    flat = expression.xreplace(letters)
    terms = []
    for atom in atoms:
        inner = _derivative(atom, tensor, target, left)
        if not inner:
            continue
        outer = _without_poles(scalar_derivative(flat, letters[atom])).xreplace(back)
        if outer != 0:
            terms += [replace(t, coefficient=scaled(outer, t.coefficient)) for t in inner]
    return tuple(terms)


def _without_poles(outer: sp.Expr) -> sp.Expr:
    """Return a derivative without ``0 / 0``: ``x^k / x`` is ``x^(k-1)``, and nothing at k = 0.

    >>> x, k = sp.Symbol("x"), Index("k")
    >>> _without_poles(k * x**k / x)
    k*(x**(k - 1) if Ne(k, 0) else 0)
    """
    if not any(power.exp.free_symbols for power in outer.atoms(sp.Pow)):
        return outer
    return outer.replace(
        lambda part: isinstance(part, sp.Mul), lambda part: _divided(_rising(part))
    )


def _rising(product: sp.Expr) -> sp.Expr:
    """Return ``x^p log x``, the derivative by an exponent, so that it is 0 at x = 0."""
    bases = {part.base for part in sp.Mul.make_args(product) if isinstance(part, sp.Pow)}
    swap = {sp.log(b): sp.log(Select(sp.Ne(b, 0), b, 1)) for b in bases if not b.is_positive}
    factors = (swap.get(factor, factor) for factor in sp.Mul.make_args(product))
    return sp.Mul(*factors)


def _divided(product: sp.Expr) -> sp.Expr:
    """Return a product of a power with a symbol above and its base below as one power."""
    factors = list(sp.Mul.make_args(product))
    below = [p.base for p in factors if isinstance(p, sp.Pow) and p.exp == -1]
    for place, power in enumerate(factors):
        if isinstance(power, sp.Pow) and power.base in below and power.exp != -1:
            less = sp.Pow(power.base, power.exp - 1)
            if power.exp.has(Index) and not power.exp.has(Entry):
                # The factor before it is 0 where an index is.
                less = Select(sp.Ne(power.exp, 0), less, 0)
            elif isinstance(power.base, (relu, sp.Abs)):
                # So is the slope of the base where that is.
                less = Select(sp.Ne(power.base, 0), less, 0)
            factors[place] = less
            factors.remove(1 / power.base)
            return sp.Mul(*factors)
    return product


def _atoms(expression: sp.Expr, tensor: str, left: Left) -> list[sp.Expr]:
    """Return what is a letter to scalar algebra, and what is left: the greatest such parts."""
    found: dict[sp.Expr, None] = {}

    def walk(node: sp.Basic) -> None:
        for part in node.args:
            letter = isinstance(part, (Entry, Reduction, Delta, Select))
            if letter or (tensor in read(part) and left(part) is not None):
                found[part] = None
            else:
                walk(part)

    walk(expression)
    return list(found)


@cache
def _letter(number: int) -> sp.Dummy:
    """Return a real letter; always the same ones, so that SymPy remembers their derivatives."""
    return sp.Dummy(f"u{number}", real=True)


def scaled(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    """Return the product of two coefficients, with what is multiplied *inside* a selection.

    The condition of a selection may be what keeps an access within its range, and what meets a
    term later (a cotangent, a tangent) is read at that access: it has to be under the condition.

    >>> i, N, x, y = Index("i"), sp.Symbol("N"), Entry("x", ()), Entry("y", ())
    >>> scaled(x, Select(sp.Lt(i, N), y, 0))
    (x*y if i < N else 0)
    """
    if isinstance(left, Select):
        condition, first, second = left.args
        return Select(condition, scaled(first, right), scaled(second, right))
    if isinstance(right, Select):
        return scaled(right, left)
    return left * right


@_rule.register
def _(expression: Entry, tensor: str, target: tuple[Index, ...], left: Left) -> tuple[Term, ...]:
    if inverted(expression.tensor) == tensor:
        # d(A⁻¹) = −A⁻¹ dA A⁻¹
        *stack, i, j = expression.indices
        *stacked, k, m = target
        left_, right = (expression.func(*expression.args[:-2], *at) for at in ((i, k), (m, j)))
        return (Term((), tuple(zip(stack, stacked, strict=True)), -left_ * right),)
    if expression.tensor != tensor:
        return ()  # the tensor stands in a subscript: integers have no derivative
    return (Term((), tuple(zip(expression.indices, target, strict=True)), sp.S.One),)


@_rule.register
def _(expression: IndexSum, tensor: str, target: tuple[Index, ...], left: Left) -> tuple[Term, ...]:
    body, index = expression.open()
    return tuple(
        replace(term, bound=((index, expression.size), *term.bound))
        for term in _derivative(body, tensor, target, left)
    )


@_rule.register
def _(expression: IndexMax, tensor: str, target: tuple[Index, ...], left: Left) -> tuple[Term, ...]:
    body, index = expression.open()
    where = {index: IndexArgmax(*expression.args)}
    return tuple(renamed(term, where) for term in _derivative(body, tensor, target, left))


@_rule.register
def _(
    expression: IndexProduct, tensor: str, target: tuple[Index, ...], left: Left
) -> tuple[Term, ...]:
    body, index = expression.open()
    other, position = expression.open()
    rest = IndexProduct(Select(sp.Ne(position, index), other, 1), position, expression.size)
    return tuple(
        replace(
            term,
            bound=((index, expression.size), *term.bound),
            coefficient=scaled(rest, term.coefficient),
        )
        for term in _derivative(body, tensor, target, left)
    )


@_rule.register
def _(expression: Select, tensor: str, target: tuple[Index, ...], left: Left) -> tuple[Term, ...]:
    condition, *branches = expression.args
    first, second = (list(_derivative(branch, tensor, target, left)) for branch in branches)
    terms = []
    for term in first:
        # What both branches read is one term: 2x where x > 0, else 3.
        partners = [t for t in second if not t.bound and not term.bound and t.deltas == term.deltas]
        second = [t for t in second if t not in partners]
        beside = sp.Add(*(partner.coefficient for partner in partners))
        terms.append(replace(term, coefficient=Select(condition, term.coefficient, beside)))
    for term in second:
        terms.append(replace(term, coefficient=Select(condition, 0, term.coefficient)))
    return tuple(terms)


@_rule.register(IndexArgmax)
@_rule.register(Delta)
def _(expression: sp.Expr, tensor: str, target: tuple[Index, ...], left: Left) -> tuple[Term, ...]:
    return ()  # a position is an integer, also where it was found by comparing reals
