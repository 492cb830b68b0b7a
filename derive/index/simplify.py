"""Make an expression smaller, by a fixed list of rules that always hold.

Never SymPy's ``simplify``: it is unbounded, and it does not see through a sum. Each rule works
on the letters of the expression (entries, sums and function values) and is kept only where the
result has fewer operations.
"""

from __future__ import annotations

import sympy as sp

from derive.index.terms import Delta, Entry, Index, IndexSum, Reduction, close_over, substitute

__all__ = ["cancelled", "collected", "letters", "operations", "pinned", "signed", "tidy"]

#: Above this number of operations an expression is left as it is: cancelling would take long.
_LIMIT = 60


def operations(expression: sp.Expr) -> int:
    """Return the number of arithmetic operations, under binders too.

    >>> from derive.index.terms import Index, Size
    >>> N, i = Size("N"), Index("i")
    >>> operations(IndexSum(2 * Entry("x", (N,), i) + 1, i, N))
    3
    """
    if isinstance(expression, (Entry, Delta)) or not expression.args:
        return 0
    below = sum(operations(argument) for argument in expression.args)
    if isinstance(expression, (sp.Add, sp.Mul)):
        return below + len(expression.args) - 1
    return below + 1


def letters(expression: sp.Expr) -> tuple[sp.Expr, dict[sp.Symbol, sp.Expr]]:
    """Replace what is not rational arithmetic by letters; return the rest and the letters."""
    found: dict[sp.Expr, sp.Symbol] = {}

    def walk(node: sp.Expr) -> sp.Expr:
        if node.is_Number:
            return node
        if isinstance(node, (sp.Add, sp.Mul)):
            return node.func(*(walk(argument) for argument in node.args))
        if isinstance(node, sp.Pow) and node.exp.is_Integer:
            return walk(node.base) ** node.exp
        if node not in found:
            found[node] = sp.Symbol(f"u{len(found):03d}")
        return found[node]

    flat = walk(expression)
    return flat, {letter: node for node, letter in found.items()}


def cancelled(expression: sp.Expr) -> sp.Expr:
    """Cancel common factors of numerators and denominators, where that makes it shorter.

    >>> x, y = (Entry(name, ()) for name in "xy")
    >>> cancelled((-y / x + (1 - y) / (1 - x)) * x * (1 - x))
    x - y
    """
    flat, back = letters(expression)
    if not any(p.exp.is_negative for p in flat.atoms(sp.Pow)) or operations(flat) > _LIMIT:
        return expression
    return _shorter(expression, sp.cancel(flat).xreplace(back))


def collected(expression: sp.Expr) -> sp.Expr:
    """Pull the factors that all terms share to the front.

    >>> x, y, z = (Entry(name, ()) for name in "xyz")
    >>> collected(x * y - x * z)
    (y - z)*x
    """
    if not isinstance(expression, sp.Add):
        return expression
    flat, back = letters(expression)
    return _shorter(expression, sp.factor_terms(flat).xreplace(back))


def pinned(expression: sp.Expr) -> sp.Expr:
    """Take what is shorter of ``δ(a, j) f_j`` and ``δ(a, j) f_a``, which are one.

    Needs nothing: no entry is read that was not read before.

    >>> from derive.index.terms import Index, Size
    >>> K, j = Size("K"), Index("j")
    >>> y, p = Entry("y", ()), lambda index: Entry("p", (K,), index)
    >>> pinned(p(j) * (1 - Delta(y, j) / p(y)))
    -δ(y, j) + p[j]
    """
    sums = [f for f in sp.Mul.make_args(expression) if isinstance(f, sp.Add) and f.has(Delta)]
    if len(sums) != 1:
        return expression
    others = sp.Mul(*(f for f in sp.Mul.make_args(expression) if f != sums[0]))
    terms = (_at_its_place(others * term) for term in sums[0].args)
    return _shorter(expression, collected(sp.Add(*terms)))


def _at_its_place(term: sp.Expr) -> sp.Expr:
    """Return a product with a delta with the position that it pins down put in, if that helps."""
    for delta in [factor for factor in sp.Mul.make_args(term) if isinstance(factor, Delta)]:
        position, index = delta.args
        rest = term / delta
        if isinstance(index, Index) and index not in position.free_symbols:
            there = substitute(rest, {index: position})
            if there.atoms(Entry) < rest.atoms(Entry):
                term = delta * there
    return term


def _shorter(old: sp.Expr, new: sp.Expr) -> sp.Expr:
    return new if operations(new) < operations(old) else old


def signed(expression: sp.Expr) -> sp.Expr:
    """Put a leading minus into a difference: ``-a (1 - t)`` is ``a (t - 1)``.

    >>> x, y = (Entry(name, ()) for name in "xy")
    >>> signed(-x * (1 - y ** 2))
    (y**2 - 1)*x
    """
    if not isinstance(expression, sp.Mul) or not expression.could_extract_minus_sign():
        return expression
    if not (expression.args[0].is_Number and expression.args[0].is_negative):
        return expression
    factors = list(expression.args)
    for position, factor in enumerate(factors):
        if isinstance(factor, sp.Add) and _mostly_negative(factor):
            factors[position] = -factor
            factors[0] = -factors[0]
            return sp.Mul(*factors)
        if isinstance(factor, IndexSum):
            body, index = factor.open()
            flipped = signed(-body)
            if operations(flipped) <= operations(body):
                factors[position] = IndexSum(flipped, index, factor.size)
                factors[0] = -factors[0]
                return sp.Mul(*factors)
    return expression


def _mostly_negative(total: sp.Add) -> bool:
    """Tell whether every term that is not a number carries a minus sign."""
    terms = [term for term in total.args if not term.is_Number]
    return bool(terms) and all(term.could_extract_minus_sign() for term in terms)


def tidy(expression: sp.Expr) -> sp.Expr:
    """Apply the rules from the inside out."""
    if not expression.args or isinstance(expression, (Entry, Delta)):
        return expression
    if isinstance(expression, IndexSum):
        # What does not depend on the index is pulled out of the sum.
        body, index = expression.open()
        return close_over(((index, expression.size),), tidy(body))
    if isinstance(expression, Reduction):
        return expression
    inner = {argument: tidy(argument) for argument in expression.args}
    changed = {old: new for old, new in inner.items() if old != new}
    rebuilt = expression.func(*(inner[a] for a in expression.args)) if changed else expression
    return signed(collected(pinned(cancelled(rebuilt))))
