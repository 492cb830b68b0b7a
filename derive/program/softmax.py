"""What is a softmax, or a part of one: ``exp(t_k) / Σ_j exp(t_j)``, by itself or by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select
from derive.index.rewrite import matches
from derive.index.terms import (
    Entry,
    Index,
    IndexArgmax,
    IndexMax,
    IndexSum,
    fresh,
    substitute,
    symbols,
)
from derive.program.exponents import exponent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from derive.program.rules import Around

__all__ = [
    *("Quotient", "Softmax", "exponentials", "log_sum", "powers", "quotient", "scaled_sum"),
    "softmax_of",
]

#: The logit, its index, the sum of the exponentials, and where the quotient is read.
Quotient = tuple[sp.Expr, Index, IndexSum, sp.Expr]


@dataclass(frozen=True, slots=True)
class Softmax:
    """``exp(t_k) / Σ_j exp(t_j)``: its value at any position, its logits, and the present k."""

    value: Callable[[sp.Expr], sp.Expr]
    score: Callable[[sp.Expr], sp.Expr]
    size: sp.Expr
    at: sp.Expr

    @property
    def largest(self) -> sp.Expr:
        """The position of the largest."""
        j = fresh()
        return IndexArgmax(self.score(j), j, self.size)

    @property
    def most(self) -> sp.Expr:
        """The largest value."""
        j, largest = fresh(), self.largest
        score, top = self.score(largest), IndexMax(self.score(j), j, self.size)
        return self.value(largest).xreplace({sp.exp(score): sp.exp(top)})

    @property
    def others(self) -> sp.Expr:
        """The sum of the values at all positions but that of the largest."""
        j = fresh()
        return scaled_sum(Select(sp.Ne(j, self.largest), 1, 0), self.value(j), j, self.size)

    @property
    def complement(self) -> sp.Expr:
        """One minus the value at ``k``."""
        return Select(sp.Eq(self.at, self.largest), self.others, 1 - self.value(self.at))


def scaled_sum(weight: sp.Expr, value: sp.Expr, index: Index, size: sp.Expr) -> sp.Expr:
    """Return ``Σ_index weight · value``, with what does not depend on the index outside."""
    inside = [f for f in sp.Mul.make_args(value) if index in symbols(f)]
    outside = [f for f in sp.Mul.make_args(value) if index not in symbols(f)]
    if isinstance(weight, Select):
        body = Select(weight.args[0], sp.Mul(*inside), 0)
    else:
        body = weight * sp.Mul(*inside)
    return sp.Mul(*outside) * IndexSum(body, index, size)


def softmax_of(expression: sp.Expr, around: Around) -> Softmax | None:
    """Return the softmax that the expression is, or stands for."""
    node = around.nodes.get(expression.tensor) if isinstance(expression, Entry) else None
    if node is None:
        found = quotient(expression)
        if found is None:
            return None
        logit, j, total, at = found

        def logits(position: sp.Expr) -> sp.Expr:
            return substitute(logit, {j: position})

        def value(position: sp.Expr) -> sp.Expr:
            return sp.exp(logits(position)) / total

        return Softmax(value, logits, total.size, at)
    found = quotient(node.body)
    if found is None or found[3] not in node.indices:
        return None
    axis = node.indices.index(found[3])

    def entry(position: sp.Expr) -> sp.Expr:
        indices = list(expression.indices)
        indices[axis] = position
        return Entry(expression.args[0], expression.shape, *indices)

    return Softmax(entry, entry, found[2].size, expression.indices[axis])


def quotient(expression: sp.Expr) -> Quotient | None:
    """Return ``t_j``, ``j``, ``Σ_j exp(t_j)`` and ``k`` of ``exp(t_k) / Σ_j exp(t_j)``."""
    if not (isinstance(expression, sp.Mul) and len(expression.args) == 2):
        return None
    for above, below in (expression.args, expression.args[::-1]):
        total = 1 / below
        if isinstance(above, sp.exp) and isinstance(total, IndexSum):
            body, j = total.open()
            if isinstance(body, sp.exp):
                for binding in matches(body.args[0], above.args[0], frozenset({j})):
                    if j in binding:
                        return body.args[0], j, total, binding[j]
    return None


def powers(expression: sp.Expr) -> Iterator[tuple[Quotient, int]]:
    """Yield what :func:`quotient` finds of any two factors, and to which power they have it.

    SymPy writes ``(exp(t_k) / Σ_j exp(t_j))^q`` as ``exp(q t_k) / (Σ_j exp(t_j))^q``.
    """
    factors = expression.args if isinstance(expression, sp.Mul) else ()
    for below in factors:
        total, power = (1 / below).as_base_exp()
        if not (isinstance(total, IndexSum) and power.is_Integer and power > 0):
            continue
        for above in (factor for factor in factors if isinstance(factor, sp.exp)):
            found = quotient(sp.exp(above.args[0] / power) / total)
            if found is not None:
                yield found, int(power)


def exponentials(
    expression: sp.Expr,
    around: Around,
    of: Callable[[sp.Expr, Around], sp.Expr | None] = exponent,
) -> tuple[sp.Expr, Index, IndexSum] | None:
    """Return ``t_j``, ``j`` and ``Σ_j exp(t_j)`` where the expression is, or stands for, that."""
    total = around.meaning(expression)
    if not isinstance(total, IndexSum):
        return None
    body, j = total.open()
    logit = of(body, around)
    return None if logit is None else (logit, j, IndexSum(sp.exp(logit), j, total.size))


def log_sum(expression: sp.Expr) -> tuple[sp.Expr, Index, sp.Expr] | None:
    """Return ``t_j``, ``j`` and the size of ``log Σ_j exp(t_j)``."""
    total = expression.args[0] if isinstance(expression, sp.log) else None
    if not isinstance(total, IndexSum):
        return None
    body, j = total.open()
    return (body.args[0], j, total.size) if isinstance(body, sp.exp) else None
