"""Elimination of Kronecker deltas: a summed index that a delta pins down is not summed.

The rewrite lines, for a term ``Σ_B ∏ δ · c``:

1. ``Σ_k δ(e, k) c  →  c[k := e]`` where ``k`` is a target: the access ``e`` is in range;
2. ``Σ_i δ(i, k) c  →  c[i := k]`` where ``i`` and ``k`` run over the same size;
3. ``Σ_i δ(a·i + e, k) c  →  [0 ≤ s < size(i)] c[i := s]`` with ``s = a(k - e)``, for ``a = ±1``
   (only by :func:`solve_affine`, because the unsolved form is the cheaper program: a scatter);
4. deltas between numbers vanish or kill the term.

What is left is a delta between free indices (a diagonal Jacobian), or one whose access is data
(a gather's cotangent). Nothing here evaluates a sum.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select
from derive.index.local import Term, scaled
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexSum,
    close_over,
    substitute,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["close", "eliminate", "prenex", "solve_affine"]


def eliminate(term: Term, sizes: Mapping[Index, sp.Expr]) -> Term | None:
    """Apply lines 1, 2 and 4 until none applies; None for a term that is zero.

    Parameters
    ----------
    term : Term
        What to simplify.
    sizes : mapping of Index to size
        The sizes of the free indices that occur in deltas.

    Examples
    --------
    >>> from derive.index.terms import Entry, Size
    >>> N, j, k = Size("N"), Index("j"), Index("k")
    >>> eliminate(Term(((j, N),), ((j, k),), Entry("a", (N,), j)), {k: N})
    Term(bound=(), deltas=(), coefficient=a[k])
    """
    bound = dict(term.bound)
    coefficient, inner = _split_deltas(term.coefficient)
    pending = [*term.deltas, *inner]
    kept: list[tuple[sp.Expr, sp.Expr]] = []
    while pending:
        access, target = pending.pop(0)
        verdict = Delta(access, target)
        if verdict == 0:
            return None
        if verdict == 1:
            continue
        known = {**sizes, **bound}
        pinned = _pinned(access, target, bound, known)
        if pinned is None:
            kept.append((access, target))
            continue
        index, value = pinned
        del bound[index]
        swap = {index: value}
        coefficient = substitute(coefficient, swap)
        pending = [(substitute(a, swap), substitute(b, swap)) for a, b in (*kept, *pending)]
        kept = []
    return Term(tuple(bound.items()), tuple(kept), coefficient)


def _split_deltas(coefficient: sp.Expr) -> tuple[sp.Expr, list[tuple[sp.Expr, sp.Expr]]]:
    """Part the delta factors (a user's own, or a gradient's) from the rest of a product."""
    deltas = [f for f in sp.Mul.make_args(coefficient) if isinstance(f, Delta)]
    rest = [f for f in sp.Mul.make_args(coefficient) if not isinstance(f, Delta)]
    return sp.Mul(*rest), [(d.args[0], d.args[1]) for d in deltas]


def _pinned(
    access: sp.Expr,
    target: sp.Expr,
    bound: Mapping[Index, sp.Expr],
    sizes: Mapping[Index, sp.Expr],
) -> tuple[Index, sp.Expr] | None:
    """Return the bound index that the delta pins down without a condition, and its value."""
    if target in bound and target not in access.free_symbols:
        return target, access
    if access in bound and isinstance(target, Index) and sizes.get(target) == bound[access]:
        return access, target
    return None


def close(terms: Iterable[Term]) -> sp.Expr:
    """Return the sum of the terms as one expression, deltas as factors.

    A delta whose access is data stands inside of a selection: where its condition does not hold,
    there may be nothing to read.

    >>> from derive.index.terms import Entry, Size
    >>> N, i, j, k = Size("N"), Index("i"), Index("j"), Index("k")
    >>> close([Term(((j, N),), ((i, k),), Entry("a", (N,), j))])
    δ(i, k)*Σ(a[_1], _1<N)
    >>> close([Term((), ((Entry("t", (N,), i + 1), k),), Select(i + 1 < N, 2, 0))])
    (2*δ(t[i + 1], k) if i + 1 < N else 0)
    """
    return sp.Add(*(close_over(term.bound, _with_deltas(term)) for term in terms))


def _with_deltas(term: Term) -> sp.Expr:
    plain: list[sp.Expr] = []
    data: list[sp.Expr] = []
    for access, target in term.deltas:
        (data if access.has(Entry) else plain).append(Delta(access, target))
    return scaled(sp.Mul(*data), term.coefficient) * sp.Mul(*plain)


def prenex(expression: sp.Expr) -> list[Term]:
    """Return the expression as a sum of terms with all its outer sums pulled to the front.

    Sums below a product or an addition are opened; sums inside a function stay. The inverse of
    :func:`close`, up to the order of sums.

    >>> from derive.index.terms import Entry, Size
    >>> N, i, k = Size("N"), Index("i"), Index("k")
    >>> prenex(Select(i + 1 < N, 2 * Delta(Entry("t", (N,), i + 1), k), 0))
    [Term(bound=(), deltas=((t[i + 1], k),), coefficient=(2 if i + 1 < N else 0))]
    """
    if isinstance(expression, sp.Add):
        return [term for part in expression.args for term in prenex(part)]
    if isinstance(expression, IndexSum):
        body, index = expression.open()
        return [
            Term(((index, expression.size), *t.bound), t.deltas, t.coefficient)
            for t in prenex(body)
        ]
    if isinstance(expression, Delta):
        return [Term((), (expression.args,), sp.S.One)]
    if _is_chosen(expression):
        condition, chosen, _ = expression.args
        return [
            replace(term, coefficient=Select(condition, term.coefficient, 0))
            for term in prenex(chosen)
        ]
    if isinstance(expression, sp.Mul):
        products = [Term((), (), sp.S.One)]
        for factor in expression.args:
            parts = (
                prenex(factor)
                if isinstance(factor, (IndexSum, Delta))
                or _holds_delta(factor)
                or _is_chosen(factor)
                else [Term((), (), factor)]
            )
            products = [
                Term(p.bound + q.bound, p.deltas + q.deltas, p.coefficient * q.coefficient)
                for p in products
                for q in parts
            ]
        return products
    return [Term((), (), expression)]


def _holds_delta(expression: sp.Expr) -> bool:
    return isinstance(expression, sp.Add) and expression.has(Delta)


def _is_chosen(expression: sp.Expr) -> bool:
    """Tell whether it is a product with deltas where a condition holds, and else 0."""
    if not (isinstance(expression, Select) and expression.args[2] == 0):
        return False
    return any(isinstance(factor, Delta) for factor in sp.Mul.make_args(expression.args[1]))


def solve_affine(expression: sp.Expr, sizes: Mapping[Index, sp.Expr]) -> sp.Expr:
    """Apply line 3 to every delta in the expression that a summed index can satisfy.

    Parameters
    ----------
    expression : sympy expression
        With deltas under sums.
    sizes : mapping of Index to size
        The sizes of the free indices.

    Examples
    --------
    >>> from derive.index.terms import Entry, Size
    >>> N, K, j, m = Size("N"), Size("K"), Index("j"), Index("m")
    >>> solve_affine(IndexSum(Entry("w", (K,), j) * Delta(2 + j, m), j, K), {m: N})
    (w[m - 2] if (m - 2 >= 0) & (m - 2 < K) else 0)
    """
    if not expression.has(Delta):
        return expression
    solved = []
    for term in prenex(expression):
        bound = dict(term.bound)
        coefficient, inner = _split_deltas(term.coefficient)
        pending = [*term.deltas, *inner]
        kept: list[tuple[sp.Expr, sp.Expr]] = []
        conditions: list[sp.Basic] = []
        while pending:
            delta = pending.pop(0)
            root = _root(delta[0] - delta[1], bound)
            if root is None:
                kept.append(delta)
                continue
            index, value = root
            size = bound.pop(index)
            swap = {index: value}
            coefficient = substitute(coefficient, swap)
            pending = [(substitute(a, swap), substitute(b, swap)) for a, b in (*kept, *pending)]
            kept = []
            conditions = [substitute(c, swap) for c in conditions]
            if not _in_range(value, size, {**sizes, **bound}):
                conditions.append(sp.And(sp.Ge(value, 0), sp.Lt(value, size)))
        if conditions:
            coefficient = Select(sp.And(*conditions), coefficient, 0)
        solved.append(Term(tuple(bound.items()), tuple(kept), coefficient))
    return close(solved)


def _root(difference: sp.Expr, bound: Mapping[Index, sp.Expr]) -> tuple[Index, sp.Expr] | None:
    """Solve ``difference = 0`` for a bound index with coefficient ±1; the last one that has it."""
    difference = sp.expand(difference)
    for index in reversed(list(bound)):
        slope = difference.coeff(index)
        rest = difference - slope * index
        if slope in (1, -1) and index not in rest.free_symbols:
            return index, sp.expand(-slope * rest)
    return None


def _in_range(value: sp.Expr, size: sp.Expr, sizes: Mapping[Index, sp.Expr]) -> bool:
    """Tell whether ``0 ≤ value < size`` is certain: ``value`` is an index that ends before."""
    known = sizes.get(value)
    return known is not None and bool((size - known).is_nonnegative)
