"""Matching up to order and up to the names of indices, and the rewrites built on it.

* :func:`matches` — does a pattern with free indices equal an expression for some indices?
* :func:`rewrite` — replace every match of ``left`` by ``right`` (a declared fact);
* :func:`fold` — put a saved value in the place of the expression that it holds, also where
  the expression is only some of the factors of a product: with ``g_i = exp(t_i) / S``,
  ``exp(t_i + t_k) / S²`` folds to ``g_i g_k``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.partial import Partial
from derive.index.terms import Entry, Index, Reduction, free_indices, substitute, symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Sizes = Mapping[Index, sp.Expr]

__all__ = ["fold", "matches", "rewrite"]

Binding = dict[sp.Basic, sp.Basic]


def matches(
    pattern: sp.Basic, expression: sp.Basic, wild: frozenset[Index], binding: Binding | None = None
) -> Iterator[Binding]:
    """Yield every way to choose the wild indices that makes the pattern equal the expression.

    >>> from derive.index.terms import Size
    >>> N, i, k = Size("N"), Index("i"), Index("k")
    >>> y = lambda at: Entry("y", (N,), at)
    >>> list(matches(2 * y(i), 2 * y(k), frozenset({i})))
    [{i: k}]
    """
    binding = {} if binding is None else binding
    if isinstance(pattern, Index) and pattern in wild:
        if _may_stand_for_an_index(expression):
            bound = binding.get(pattern)
            if bound is None:
                yield {**binding, pattern: expression}
            elif bound == expression:
                yield binding
        return
    if not (symbols(pattern) & wild):
        if pattern == expression:
            yield binding
        return
    if type(pattern) is not type(expression) or len(pattern.args) != len(expression.args):
        return
    if isinstance(pattern, (sp.Add, sp.Mul)):
        yield from _in_any_order(list(pattern.args), list(expression.args), wild, binding)
    else:
        yield from _in_order(pattern.args, expression.args, wild, binding)


def _may_stand_for_an_index(expression: sp.Basic) -> bool:
    """Tell whether it is an index expression that means the same outside of every binder."""
    if expression.has(Reduction) or (expression.has(Entry) and not isinstance(expression, Entry)):
        return False
    return not any(symbol.name.startswith("_") for symbol in expression.atoms(Index))


def _in_order(
    patterns: tuple[sp.Basic, ...],
    expressions: tuple[sp.Basic, ...],
    wild: frozenset[Index],
    binding: Binding,
) -> Iterator[Binding]:
    if not patterns:
        yield binding
        return
    for found in matches(patterns[0], expressions[0], wild, binding):
        yield from _in_order(patterns[1:], expressions[1:], wild, found)


def _in_any_order(
    patterns: list[sp.Basic], expressions: list[sp.Basic], wild: frozenset[Index], binding: Binding
) -> Iterator[Binding]:
    if not patterns:
        yield binding
        return
    for position, expression in enumerate(expressions):
        rest = expressions[:position] + expressions[position + 1 :]
        for found in matches(patterns[0], expression, wild, binding):
            yield from _in_any_order(patterns[1:], rest, wild, found)


def rewrite(expression: sp.Expr, left: sp.Expr, right: sp.Expr) -> sp.Expr:
    """Replace every subexpression that ``left`` matches by ``right``, inside out.

    >>> from derive.index.terms import IndexSum, Size
    >>> K, k, n = Size("K"), Index("k"), Index("n")
    >>> total = IndexSum(Entry("y", (K,), k), k, K)
    >>> rewrite(total * Entry("g", (K,), n), total, sp.Integer(1))
    g[n]
    """
    wild = free_indices(left)

    def replace(node: sp.Expr, sizes: Sizes) -> sp.Expr:
        for binding in matches(left, node, wild):
            return substitute(right, binding)
        return node

    return _bottom_up(expression, replace, {})


def _bottom_up(
    expression: sp.Expr, replace: Callable[[sp.Expr, Sizes], sp.Expr], sizes: Sizes
) -> sp.Expr:
    """Rebuild an expression from the inside out; ``replace`` is told the sizes of the indices.

    What is still to be differentiated stays as it is.
    """
    if not expression.args or isinstance(expression, (Entry, Partial)):
        return replace(expression, sizes)
    if isinstance(expression, Reduction):
        body, index = expression.open()
        inner = _bottom_up(body, replace, {**sizes, index: expression.size})
        rebuilt = expression if inner == body else expression.func(inner, index, expression.size)
    else:
        arguments = [_bottom_up(argument, replace, sizes) for argument in expression.args]
        same = all(a is b for a, b in zip(arguments, expression.args, strict=True))
        rebuilt = expression if same else expression.func(*arguments)
    return replace(rebuilt, sizes)


def fold(expression: sp.Expr, body: sp.Expr, value: Entry, sizes: Sizes) -> sp.Expr:
    """Put ``value`` for ``body`` wherever it is found, at any indices that the value has.

    Parameters
    ----------
    expression : sympy expression
        Where to look.
    body : sympy expression
        What is held by ``value``, with the same free indices.
    value : Entry
        The entry of the saved tensor.
    sizes : mapping of Index to size
        The ranges of the free indices of the expression: a softmax over K + 1 values of which K
        are kept holds no value at an index that runs to K + 1.

    Examples
    --------
    >>> from derive.index.terms import Size
    >>> N, i, k = Size("N"), Index("i"), Index("k")
    >>> r, h = (lambda n: lambda at: Entry(n, (N,), at))("r"), Entry("h", (N,), i)
    >>> fold(1 - sp.tanh(r(k)) ** 2, sp.tanh(r(i)), h, {k: N})
    1 - h[k]**2
    >>> fold(1 - sp.tanh(r(k)) ** 2, sp.tanh(r(i)), h, {k: N + 1})
    1 - tanh(r[k])**2
    """
    wild = free_indices(body)
    if isinstance(body, Entry) or not body.args or wild != free_indices(value):
        return expression
    pattern = _factors(body)
    axes = dict(zip(value.indices, value.shape, strict=True))

    def replace(node: sp.Expr, ranges: Sizes) -> sp.Expr:
        def holds(binding: Binding) -> bool:
            return all(_within(binding[index], axes[index], ranges) for index in wild)

        if not isinstance(node, (sp.Mul, sp.Pow, sp.exp)):
            for binding in matches(body, node, wild):
                if holds(binding):
                    return substitute(value, binding)
            return node
        factors = _factors(node)
        changed = False
        while True:
            found = _part_of(pattern, factors, wild, holds)
            if found is None:
                break
            factors, binding, power = found
            folded = substitute(value, binding)
            factors[folded] = factors.get(folded, sp.S.Zero) + power
            changed = True
        return sp.Mul(*(base**power for base, power in factors.items())) if changed else node

    return _bottom_up(expression, replace, sizes)


def _within(position: sp.Basic, size: sp.Expr, ranges: Sizes) -> bool:
    """Tell whether an index expression certainly lies within an axis."""
    if isinstance(position, Index):
        extent = ranges.get(position)
        return extent is not None and bool((size - extent).is_nonnegative)
    return bool(isinstance(position, sp.Integer) and (size - 1 - position).is_nonnegative)


def _factors(expression: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    """Return a product as powers of bases; exp of a sum counts as a product of exps."""
    factors: dict[sp.Expr, sp.Expr] = {}
    for factor in sp.Mul.make_args(expression):
        base, power = factor.as_base_exp()
        if isinstance(factor, sp.exp):
            for part in sp.Add.make_args(factor.args[0]):
                multiple, letter = part.as_coeff_Mul()
                if not multiple.is_Integer:
                    multiple, letter = sp.S.One, part
                factors[sp.exp(letter)] = factors.get(sp.exp(letter), sp.S.Zero) + multiple
        else:
            factors[base] = factors.get(base, sp.S.Zero) + power
    return factors


def _part_of(
    pattern: dict[sp.Expr, sp.Expr],
    factors: dict[sp.Expr, sp.Expr],
    wild: frozenset[Index],
    holds: Callable[[Binding], bool],
) -> tuple[dict[sp.Expr, sp.Expr], Binding, sp.Expr] | None:
    """Find the pattern among the factors; return what is left, the indices, and the power."""
    items = list(pattern.items())

    def search(
        position: int, left: dict[sp.Expr, sp.Expr], binding: Binding
    ) -> tuple[dict[sp.Expr, sp.Expr], Binding] | None:
        if position == len(items):
            return (left, binding) if holds(binding) else None
        base, power = items[position]
        for candidate, available in left.items():
            if not _contains(available, power):
                continue
            for found in matches(base, candidate, wild, binding):
                rest = {**left, candidate: available - power}
                if rest[candidate] == 0:
                    del rest[candidate]
                result = search(position + 1, rest, found)
                if result is not None:
                    return result
        return None

    if len(items) == 1 and items[0][1] != 1:
        # A root: u = v^(1/2) also holds v^(-1/2), which is 1/u.
        base, power = items[0]
        for candidate, available in factors.items():
            ratio = available / power
            if ratio.is_Integer and not available.is_Integer:
                for binding in filter(holds, matches(base, candidate, wild)):
                    rest = {c: p for c, p in factors.items() if c != candidate}
                    return rest, binding, ratio
        return None
    found = search(0, factors, {})
    return None if found is None else (*found, sp.S.One)


def _contains(available: sp.Expr, power: sp.Expr) -> bool:
    """Tell whether a factor to the power ``available`` holds one to the power ``power``."""
    if not (available.is_Rational and power.is_Rational):
        return bool(available == power)
    if (available - power).is_Integer is False:
        return False
    return bool(0 < power <= available or available <= power < 0)
