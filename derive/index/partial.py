"""A derivative that has not been worked out yet, as it stands in the lines of a derivation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.index.terms import IndexSum, Reduction

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from derive.index.terms import Entry

__all__ = ["Partial", "worked"]


class Partial(sp.Expr):  # type: ignore[misc]
    """``∂ body / ∂ entry``: what ``body`` reads besides the entry's tensor is held fixed.

    Where ``body`` is an entry of a defined tensor, it stands for its definition.

    >>> from derive.index.terms import Entry, Index, Size
    >>> N, i, k = Size("N"), Index("i"), Index("k")
    >>> Partial(sp.exp(Entry("x", (N,), i)), Entry("x", (N,), k))
    ∂(exp(x[i]))/∂x[k]
    """

    is_commutative = True
    is_real = True
    is_extended_real = True

    def __new__(cls, body: sp.Expr, entry: Entry) -> Self:
        """Build the derivative; nothing is evaluated."""
        node: Self = sp.Expr.__new__(cls, sp.sympify(body, strict=True), entry)
        return node

    @property
    def body(self) -> sp.Expr:
        """What is differentiated."""
        return self.args[0]

    @property
    def entry(self) -> Entry:
        """What it is differentiated by."""
        entry: Entry = self.args[1]
        return entry

    def _sympystr(self, printer: Any) -> str:
        return f"∂({printer.doprint(self.body)})/∂{printer.doprint(self.entry)}"


def worked(expression: sp.Expr, work: Callable[[Partial], sp.Expr]) -> sp.Expr:
    """Replace every derivative that is not worked out yet, those under binders too.

    The derivatives handed to ``work`` have fresh indices in the place of bound ones. A number
    that has come to be a factor below a sum is written before it.
    """
    if not expression.has(Partial):
        return expression
    if isinstance(expression, Partial):
        return work(expression)
    if isinstance(expression, Reduction):
        body, index = expression.open()
        after = worked(body, work)
        number, rest = after.as_coeff_Mul() if isinstance(expression, IndexSum) else (1, after)
        return number * expression.func(rest, index, expression.size)
    return expression.func(*(worked(argument, work) for argument in expression.args))
