"""What is known at a place in an expression, and where a factor belongs in a product there.

The order of factors is that of the notes: numbers, guards, cotangents, sizes, entries (so that a
contraction reads from left to right: ``W_il x_l``, ``x_l V_li``; parameters first where that
says nothing), deltas, sums in brackets, functions, and big sums last, where their scope needs
no bracket.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.explain.counted import counted
from derive.explain.focus import unfocused
from derive.explain.names import Notation, letters
from derive.index.functions import Select, step
from derive.index.partial import Partial
from derive.index.terms import Delta, Entry, Index, Reduction, Size, free_indices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Key",
    "Scope",
    "Spelled",
    "degree",
    "key",
    "numbers_lead",
    "on_paper",
    "scope_of",
    "spelling",
]


class Spelled:
    """The spelling of an expression as something to sort by: spelt only where that decides."""

    __slots__ = ("_expression", "_scope")

    def __init__(self, expression: sp.Expr, scope: Scope) -> None:
        self._expression, self._scope = expression, scope

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spelled) and str(self) == str(other)

    def __lt__(self, other: Spelled) -> bool:
        return str(self) < str(other)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return spelling(self._expression, self._scope)


#: Where a factor stands: its kind, its indices, its tensor, and at last its name.
Key = tuple[int, tuple[float, ...], int, Spelled]


@dataclass(frozen=True, slots=True)
class Scope:
    """The letters of the indices that are known at a place, and their order."""

    notation: Notation
    names: Mapping[Index, str]  # the letters of opened binders
    ranks: Mapping[Index, int]  # the order in which indices are met: free ones first

    def named(self, index: Index) -> str:
        """Return what an index is called on paper."""
        return self.names.get(index, index.name)

    def inside(self, index: Index) -> Scope:
        """Return the scope under a binder, with a letter for its index."""
        taken = {self.named(known) for known in self.ranks} | self.notation.taken
        letter = next(letters(self.notation.letters, taken))
        return replace(
            self,
            names={**self.names, index: letter},
            ranks={**self.ranks, index: len(self.ranks)},
        )


def on_paper(
    expression: sp.Expr, notation: Notation | None, indices: Iterable[Index]
) -> tuple[sp.Expr, Scope]:
    """Return an expression as it is to be written, counted as the author counts, and its scope."""
    known = notation or Notation()
    written = counted(expression, 1, known.places) if known.shifted else expression
    return written, scope_of(written, known, indices)


def scope_of(expression: sp.Expr, notation: Notation, indices: Iterable[Index]) -> Scope:
    """Return the scope of a whole expression, its free indices in their order."""
    free = dict.fromkeys([*indices, *sorted(free_indices(expression), key=str)])
    met = {entry.tensor for entry in expression.atoms(Entry)}
    met |= {size.name for size in expression.atoms(Size)}
    known = replace(notation, taken=notation.taken | met)
    return Scope(known, {}, {index: rank for rank, index in enumerate(free)})


def numbers_lead(total: sp.Add) -> bool:
    """Tell whether a sum's number comes first: ``1 + h²`` and ``3 − h``, but ``var + 10⁻⁵``."""
    others = [term for term in total.args if not term.is_Number]
    return bool(total.has(Entry, Reduction, sp.Function)) and (
        1 in total.args or all(term.could_extract_minus_sign() for term in others)
    )


def degree(term: sp.Expr) -> int:
    """Return how many letters a term multiplies: products come before single letters."""
    total = 0
    for factor in sp.Mul.make_args(term):
        exponent = factor.exp if factor.is_Pow and factor.exp.is_Integer else 1
        total += 0 if factor.is_Number else max(0, int(exponent))
    return total


def key(factor: sp.Expr, scope: Scope) -> Key:
    """Return where a factor stands in a product, see the module's docstring."""
    notation = scope.notation
    factor = unfocused(factor)
    if factor.is_Mul:
        # Some factors of a product that are in focus together.
        return min(key(one, scope) for one in factor.args)
    base = factor.base if factor.is_Pow and factor.exp.is_Rational else factor
    if isinstance(base, Entry):
        place = 2 if base.tensor in notation.cotangents else 4
        ranks = tuple(_rank(index, scope) for index in base.indices)
        known = base.tensor in notation.order
        declared = notation.order.index(base.tensor) if known else len(notation.order)
        return (place, ranks, declared, Spelled(base, scope))
    if isinstance(base, Partial) and isinstance(base.body, Entry):
        # ∂L/∂Z_l ∂Z_l/∂b_i: what the chain rule joins stands together.
        return (2, (len(scope.ranks),), 0, Spelled(base, scope))
    return (_place(base), (), 0, Spelled(base, scope))


def _place(factor: sp.Expr) -> int:
    if factor.is_Number:
        return 0
    if isinstance(factor, step):
        return 1
    if factor.is_Symbol:
        return 3
    if isinstance(factor, Delta):
        return 5
    if isinstance(factor, Select):
        return 8
    if isinstance(factor, sp.Add):
        return 8 if factor.has(Reduction, sp.Function) else 6
    if isinstance(factor, Partial):
        return 10
    return 9 if isinstance(factor, Reduction) else 7


def _rank(index: sp.Expr, scope: Scope) -> float:
    """Return when an index was met; what is computed from indices comes after them."""
    found = [scope.ranks[i] for i in free_indices(index) if i in scope.ranks]
    return max(found, default=-1) + (0 if isinstance(index, Index) else 0.5)


def spelling(expression: sp.Expr, scope: Scope) -> str:
    """Return a string that orders equals, the same in every run: opened indices get letters."""
    return str(expression.xreplace({index: Index(name) for index, name in scope.names.items()}))
