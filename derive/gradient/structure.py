"""What a Jacobian looks like: where its entries are 0, and which of them are the same.

Found from its index form, term by term. A delta that *pairs* a row index with a column index
carries that index over; a delta with arithmetic or data reads the tensor somewhere else; what a
coefficient depends on says the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.functions import Select
from derive.index.terms import Delta, Entry, Index, IndexArgmax, symbols

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from derive.index.local import Term

__all__ = [
    "Pattern",
    "Structure",
    "conditions_of",
    "factors_of",
    "pattern",
    "step_of",
    "structure",
    "touches",
]


class Structure(Enum):
    """What a Jacobian ``∂u_i/∂T_k`` looks like, ``i`` and ``k`` standing for any indices."""

    ZERO = "zero"
    #: Both are scalars: one number.
    SCALAR = "number"
    #: ``u`` is a scalar.
    ROW = "row"
    #: ``T`` is a scalar.
    COLUMN = "column"
    #: ``δ_ik``.
    IDENTITY = "identity"
    #: ``δ_ik f_i``: every index of ``u`` is paired with one of ``T``.
    DIAGONAL = "diagonal"
    #: ``δ_ik f_ni``: every index of ``T`` is paired, ``u`` has more (a batch).
    REPEATED = "repeated diagonal"
    #: ``δ_ik f_ikl``: some indices are paired.
    BLOCK = "block diagonal"
    #: ``f_i g_k``.
    RANK_ONE = "rank one"
    #: ``δ_ik f_i + g_i h_k``.
    DIAGONAL_AND_RANK_ONE = "diagonal and rank one"
    #: ``Σ_m δ(i + m, k) w_m``: each row is another one, moved.
    TOEPLITZ = "Toeplitz"
    #: ``Σ_m δ(i + m, k) f_im``.
    BANDED = "banded"
    #: ``Σ_m δ(m - i, k) w_m``: the same along each anti-diagonal.
    HANKEL = "Hankel"
    #: ``Σ_m δ(m - i, k) f_im``.
    ANTIDIAGONAL = "anti-diagonal"
    #: ``Σ_m δ(2 i + m, k) f_im``: each row has its entries further along than by one.
    STRIDED = "strided"
    #: ``δ(place_i, k) f_i``: each row has its entries where data says.
    GATHERED = "gathered"
    #: ``δ(0, k) f_i``: each row has its entries at one fixed place.
    SELECTED = "selected"
    #: 0 on one side of a diagonal.
    TRIANGULAR = "triangular"
    #: 0 unless a condition of ``i`` and ``k`` holds, of another kind.
    MASKED = "masked"
    #: A sum of sparse parts with different patterns: ``T`` is read in several ways.
    MIXED = "sum of sparse parts"
    #: None of these.
    DENSE = "dense"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One term of a Jacobian, taken apart.

    Parameters
    ----------
    pairs : tuple of (row, column)
        The indices that a delta carries over.
    accesses : tuple of (expression, column)
        Where else the tensor is read.
    rows, columns : tuple of Index
        The indices that no delta pins down.
    factors : tuple of sympy expression
        The factors of the coefficient, a condition as a selection of 1 and 0.
    bound : tuple of (Index, size)
        The indices that are summed inside the term.
    """

    pairs: tuple[tuple[Index, Index], ...]
    accesses: tuple[tuple[sp.Expr, Index], ...]
    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    factors: tuple[sp.Expr, ...]
    bound: tuple[tuple[Index, sp.Expr], ...]


#: The sizes of rows and columns, where somebody knows them; taken to be all alike if not.
Sizes = Mapping[Index, sp.Expr]
_ANY: Sizes = {}


def pattern(
    term: Term, rows: Sequence[Index], columns: Sequence[Index], sizes: Sizes = _ANY
) -> Pattern:
    """Take a term apart; a delta carries a row over to a column of the same size.

    Examples
    --------
    >>> from derive.index.local import Term
    >>> from derive.index.terms import Size
    >>> i, j, k = map(Index, "ijk")
    >>> found = pattern(Term((), ((i, j),), Entry("x", (Size("N"),), k)), (i,), (j, k))
    >>> found.pairs, found.rows, found.columns, found.factors
    (((i, j),), (), (k,), (x[k],))
    """
    factors = factors_of(term.coefficient)
    deltas = [*term.deltas, *(f.args for f in factors if isinstance(f, Delta))]
    pairs: list[tuple[Index, Index]] = []
    accesses: list[tuple[sp.Expr, Index]] = []
    others: list[sp.Expr] = []
    for left, right in deltas:
        if left in columns and right in rows:
            left, right = right, left
        alike = sizes.get(left) == sizes.get(right)
        if alike and left in rows and right in columns and left not in [row for row, _ in pairs]:
            pairs.append((left, right))
        elif right in columns and right not in (column for _, column in pairs):
            accesses.append((left, right))
        else:
            others.append(Delta(left, right))
    pinned = {column for _, column in (*pairs, *accesses)}
    return Pattern(
        tuple(pairs),
        tuple(accesses),
        tuple(row for row in rows if row not in [paired for paired, _ in pairs]),
        tuple(column for column in columns if column not in pinned),
        (*(f for f in factors if not isinstance(f, Delta)), *others),
        term.bound,
    )


def factors_of(coefficient: sp.Expr) -> list[sp.Expr]:
    """Return the factors of a product but 1; what is 0 unless a condition holds is two factors."""
    result: list[sp.Expr] = []
    for factor in sp.Mul.make_args(coefficient):
        if isinstance(factor, Select) and factor.args[2] == 0 and factor.args[1] != 1:
            result += [Select(factor.args[0], 1, 0), *factors_of(factor.args[1])]
        elif isinstance(factor, Select) and factor.args[1] == 0 != factor.args[2]:
            result += [Select(sp.Not(factor.args[0]), 1, 0), *factors_of(factor.args[2])]
        elif factor != 1:
            result.append(factor)
    return result


def conditions_of(found: Pattern) -> tuple[sp.Basic, ...]:
    """Return what has to hold for an entry of a term not to be 0: the conditions of its masks.

    A selection of two things is no mask, and what a summed index has to fulfil is no condition of
    an entry.
    """
    bound = [index for index, _ in found.bound]
    masks = [f for f in found.factors if isinstance(f, Select) and f.args[2] == 0]
    parts = (part for mask in masks for part in sp.And.make_args(mask.args[0]))
    return tuple(part for part in parts if not touches(part, bound))


def touches(expression: sp.Basic, indices: Collection[Index]) -> bool:
    """Tell whether an expression depends on one of the indices."""
    return not symbols(expression).isdisjoint(indices)


def structure(
    terms: Iterable[Term], rows: Sequence[Index], columns: Sequence[Index], sizes: Sizes = _ANY
) -> Structure:
    """Return the structure of a Jacobian that is the sum of the terms.

    Examples
    --------
    >>> from derive.index.local import Term
    >>> i, j = map(Index, "ij")
    >>> structure([Term((), ((i, j),), sp.Integer(1))], (i,), (j,))
    <Structure.IDENTITY: 'identity'>
    """
    patterns = [pattern(term, rows, columns, sizes) for term in terms if term.coefficient != 0]
    if not patterns:
        return Structure.ZERO
    if not rows or not columns:
        found = Structure.COLUMN if rows else Structure.ROW
        return found if rows or columns else Structure.SCALAR
    kinds = {_of_term(found, rows, columns) for found in patterns}
    shared = set.intersection(*(set(found.pairs) for found in patterns))
    masks = {_relating(found, rows, columns) for found in patterns}
    one_mask = kinds.isdisjoint(_OF_MASKS) or len(masks) == 1
    if len(patterns) == 1 or (
        len(kinds) == 1 and kinds != {Structure.RANK_ONE} and _alike(patterns) and one_mask
    ):
        return kinds.pop()
    square = {Structure.DIAGONAL, Structure.IDENTITY}
    if kinds <= square and _alike(patterns):
        return Structure.DIAGONAL
    if shared:
        return Structure.BLOCK
    if kinds <= {*square, Structure.BANDED, Structure.TOEPLITZ} and one_mask:
        return Structure.BANDED
    if kinds <= {*square, Structure.RANK_ONE} and sum(not found.pairs for found in patterns) == 1:
        return Structure.DIAGONAL_AND_RANK_ONE
    full = {Structure.DENSE, Structure.RANK_ONE}
    return Structure.MIXED if kinds.isdisjoint(full) else Structure.DENSE


#: What may be so because of a condition.
_OF_MASKS = {Structure.TRIANGULAR, Structure.MASKED, Structure.BANDED}


def _alike(patterns: Sequence[Pattern]) -> bool:
    """Tell whether all terms carry the same indices over."""
    return len({frozenset(found.pairs) for found in patterns}) == 1


def _of_term(found: Pattern, rows: Sequence[Index], columns: Sequence[Index]) -> Structure:
    if found.accesses:
        return _of_accesses(found, rows)
    if not found.columns:
        if found.rows:
            return Structure.REPEATED
        return Structure.DIAGONAL if found.factors else Structure.IDENTITY
    if found.pairs:
        return Structure.BLOCK
    both = [f for f in found.factors if touches(f, rows) and touches(f, columns)]
    relating = _relating(found, rows, columns)
    if relating:
        return _of_mask(relating, rows, columns)
    bound = [index for index, _ in found.bound]
    tied = any(touches(f, rows) and touches(f, bound) for f in found.factors) and any(
        touches(f, columns) and touches(f, bound) for f in found.factors
    )
    return Structure.DENSE if both or tied else Structure.RANK_ONE


def _relating(
    found: Pattern, rows: Sequence[Index], columns: Sequence[Index]
) -> tuple[sp.Basic, ...]:
    """Return the conditions that relate rows and columns."""
    every = conditions_of(found)
    return tuple(part for part in every if touches(part, rows) and touches(part, columns))


def _of_mask(
    conditions: Iterable[sp.Basic], rows: Sequence[Index], columns: Sequence[Index]
) -> Structure:
    """Return the structure of what is 0 unless conditions of rows and columns hold."""
    sides = set()
    for part in conditions:
        if not isinstance(part, (sp.Lt, sp.Le, sp.Gt, sp.Ge)):
            return Structure.MASKED
        less = part.gts - part.lts
        down, across = step_of(less, rows), step_of(less, columns)
        if down is None or across is None or down != -across:
            return Structure.MASKED
        sides.add(down > 0)
    return Structure.BANDED if len(sides) > 1 else Structure.TRIANGULAR


def step_of(place: sp.Expr, indices: Sequence[Index]) -> sp.Expr | None:
    """Return by how much a place moves with the only one of the indices that is in it."""
    moving = [index for index in indices if touches(place, (index,))]
    if len(moving) != 1:
        return None
    step = sp.expand(place).coeff(moving[0])
    return step if step.is_number and not touches(place - step * moving[0], moving) else None


def _of_accesses(found: Pattern, rows: Sequence[Index]) -> Structure:
    places = [access for access, _ in found.accesses]
    if any(place.has(Entry, IndexArgmax) for place in places):
        return Structure.GATHERED
    if not any(touches(place, rows) for place in places):
        return Structure.SELECTED
    accessed = [column for _, column in found.accesses]
    moving = [index for place in places for index in symbols(place) if index in rows]
    depends = any(touches(f, (*moving, *accessed)) for f in found.factors)
    steps = {step_of(place, (index,)) for place in places for index in moving if place.has(index)}
    if steps == {1}:
        return Structure.BANDED if depends else Structure.TOEPLITZ
    if steps == {-1}:
        return Structure.ANTIDIAGONAL if depends else Structure.HANKEL
    return Structure.STRIDED
