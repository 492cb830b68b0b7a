"""The operators that apply a local Jacobian to a cotangent, read off its index form.

For one term of ``Σ_i ū_i ∂u_i/∂T_k`` the indices are of four kinds: *paired* ones, which a delta
carries over from ``u`` to ``T``; *summed* ones, which only ``u`` has; *new* ones, which only ``T``
has; and those inside the factors. Which kinds a factor depends on says what it does:

* on nothing: it scales;
* on indices of ``u`` alone: it multiplies the cotangent elementwise, before anything is summed;
* on a summed and on a new index: it is the matrix of a product;
* on a new index and on no summed one: it comes out of the sum. Where nothing joins it to the
  cotangent, the product is an outer one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from operator import itemgetter
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.structure import factors_of, step_of, touches
from derive.index.terms import Entry, Index, IndexArgmax, close_over, substitute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.gradient.structure import Pattern

__all__ = ["Action", "Operator", "actions"]


class Operator(Enum):
    """What is done to the cotangent of ``u``; the value is its key in the words."""

    #: It passes as it is.
    COPY = "copy"
    #: A number times an array.
    SCALE = "scale"
    #: ``∘``.
    ELEMENTWISE = "elementwise"
    #: The product with a matrix, or with its transpose.
    MATRIX = "matrix"
    #: No index is shared, and none is summed.
    OUTER = "outer"
    #: All indices are shared and summed.
    DOT = "dot"
    #: The cotangent alone is summed over an index that ``T`` lacks.
    SUM = "sum"
    #: The cotangent is repeated along an index that ``u`` lacks.
    REPEAT = "repeat"
    #: Each entry is added where ``T`` was read.
    SCATTER = "scatter"
    #: The same, the places being shifted ones: a transposed convolution.
    CONVOLUTION = "convolution"
    #: The cotangent slides along a factor that is read at shifted places.
    CORRELATION = "correlation"
    #: Products summed over several indices at once.
    CONTRACTION = "contraction"


@dataclass(frozen=True, slots=True)
class Action:
    """One operator and what it works with.

    Parameters
    ----------
    operator : Operator
        What is done.
    factors : tuple of sympy expression
        The factors that it multiplies by.
    indices : tuple of Index
        The indices that it sums over, or that it adds: none for a number that scales an array,
        those of the array where a number meets its first array.
    """

    operator: Operator
    factors: tuple[sp.Expr, ...] = ()
    indices: tuple[Index, ...] = ()


def actions(found: Pattern) -> tuple[Action, ...]:
    """Return what a term of a Jacobian does to the cotangent, in order.

    Examples
    --------
    >>> from derive.gradient.structure import Pattern
    >>> from derive.index.terms import Size
    >>> i, j, k = map(Index, "ijk")
    >>> x_k = Entry("x", (Size("N"),), k)
    >>> [action.operator.value for action in actions(Pattern(((i, j),), (), (), (k,), (x_k,), ()))]
    ['outer']
    """
    if found.accesses:
        return _placed(found)
    carried: dict[sp.Basic, sp.Basic] = {column: row for row, column in found.pairs}
    closed = close_over(found.bound, sp.Mul(*found.factors))
    factors = tuple(substitute(factor, carried) for factor in factors_of(closed))
    paired, summed, new = tuple(row for row, _ in found.pairs), found.rows, found.columns
    scale = tuple(f for f in factors if not touches(f, (*paired, *summed, *new)))
    factors = tuple(f for f in factors if f not in scale)
    before = tuple(f for f in factors if not touches(f, new))
    matrix = tuple(f for f in factors if touches(f, new) and touches(f, summed))
    after = tuple(f for f in factors if touches(f, new) and not touches(f, summed))
    if not paired and not summed:
        # The cotangent is a number.
        whole = (*scale, *after)
        return (Action(Operator.SCALE, whole),) if whole else (Action(Operator.COPY),)
    if summed:
        result = _summed(paired, summed, new, before, matrix, after)
    else:
        result = _kept(paired, new, before, after)
    numbers = tuple(factor for factor in scale if factor not in (1, -1))
    if numbers:
        result = [action for action in result if action.operator is not Operator.COPY]
        result.append(Action(Operator.SCALE, numbers))
    return tuple(result)


def _kept(
    paired: Sequence[Index],
    new: tuple[Index, ...],
    before: tuple[sp.Expr, ...],
    after: tuple[sp.Expr, ...],
) -> list[Action]:
    """Multiply the cotangent, or repeat it: nothing is summed."""
    result = [Action(Operator.ELEMENTWISE, before)] if before else []
    if not new:
        return result or [Action(Operator.COPY)]
    if not after:
        return [*result, Action(Operator.REPEAT, (), new)]
    if any(touches(factor, paired) for factor in after):
        return [*result, Action(Operator.REPEAT, (), new), Action(Operator.ELEMENTWISE, after)]
    return [*result, Action(Operator.OUTER, after)]


def _summed(
    paired: Sequence[Index],
    summed: tuple[Index, ...],
    new: tuple[Index, ...],
    before: tuple[sp.Expr, ...],
    matrix: tuple[sp.Expr, ...],
    after: tuple[sp.Expr, ...],
) -> list[Action]:
    """Sum indices: with a matrix, with a vector, or alone."""
    if matrix:
        return [
            *([Action(Operator.ELEMENTWISE, before)] if before else []),
            _product(paired, summed, new, matrix),
            *([Action(Operator.ELEMENTWISE, after)] if after else []),
        ]
    weighted = any(touches(factor, summed) for factor in before)
    if weighted and not paired:
        result = [Action(Operator.DOT, before, summed)]
    else:
        result = [Action(Operator.ELEMENTWISE, before)] if before else []
        result.append(Action(Operator.SUM, (), summed))
    if not new:
        return result
    if not paired:
        return [*result, Action(Operator.SCALE, after, new)]
    return [*result, *_kept(paired, new, (), after)]


def _product(
    paired: Sequence[Index],
    summed: tuple[Index, ...],
    new: tuple[Index, ...],
    matrix: tuple[sp.Expr, ...],
) -> Action:
    if any(_slides(factor, (*summed, *new)) for factor in matrix):
        return Action(Operator.CORRELATION, matrix, summed)
    wide = len(summed) > 1 or len(new) > 1 or any(touches(factor, paired) for factor in matrix)
    return Action(Operator.CONTRACTION if wide else Operator.MATRIX, matrix, summed)


def _slides(factor: sp.Expr, indices: Sequence[Index]) -> bool:
    """Tell whether a tensor is read at a place that is computed from several of the indices."""
    places = (place for entry in factor.atoms(Entry) for place in entry.indices)
    return any(
        len([index for index in indices if touches(place, (index,))]) > 1
        and not place.has(Entry, IndexArgmax)
        for place in places
    )


def _placed(found: Pattern) -> tuple[Action, ...]:
    """Add each entry of the cotangent where the tensor was read."""
    places = [access for access, _ in found.accesses]
    fixed = any(place.has(Entry, IndexArgmax) or not touches(place, found.rows) for place in places)
    bound = tuple(map(itemgetter(0), found.bound))
    new = (*found.columns, *(column for _, column in found.accesses), *bound)
    before = tuple(f for f in found.factors if not touches(f, new))
    after = tuple(f for f in found.factors if f not in before)
    # Nothing is multiplied entry by entry where a number alone is the factor.
    numbers = before if all(factor.is_Number for factor in before) else ()
    before = before if not numbers else ()
    first = (Action(Operator.ELEMENTWISE, before),) if before and found.rows else ()
    if not fixed and (_shifts(places, found.rows) or any(touches(p, bound) for p in places)):
        return (*first, Action(Operator.CONVOLUTION, (*numbers, *after), found.rows))
    scale = (Action(Operator.SCALE, numbers),) if numbers else ()
    # A row that no place depends on is summed before anything is added anywhere.
    moving = tuple(row for row in found.rows if any(touches(place, (row,)) for place in places))
    summed = tuple(row for row in found.rows if row not in moving)
    if found.columns and after and all(_joins(f, summed, found.columns, moving) for f in after):
        paired = tuple(row for row, _ in found.pairs)
        product = _product(paired, summed, found.columns, after)
        return (*first, product, Action(Operator.SCATTER, (), moving), *scale)
    return (*first, *_spread(found, after), Action(Operator.SCATTER, (), found.rows), *scale)


def _joins(
    factor: sp.Expr, summed: Sequence[Index], columns: Sequence[Index], others: Sequence[Index]
) -> bool:
    """Tell whether a factor leads from summed indices to columns, and has none of the others."""
    return touches(factor, summed) and touches(factor, columns) and not touches(factor, others)


def _shifts(places: Sequence[sp.Expr], rows: Sequence[Index]) -> bool:
    """Tell whether all places move along with the rows, one by one."""
    steps = {step_of(place, (row,)) for place in places for row in rows if touches(place, (row,))}
    return steps == {1}


def _spread(found: Pattern, after: tuple[sp.Expr, ...]) -> tuple[Action, ...]:
    """Give the cotangent the indices that only the tensor has, and the factors that have them."""
    if not after:
        return ()
    if not any(touches(factor, found.rows) for factor in after):
        return (Action(Operator.OUTER, after),)
    # What shares an index with the cotangent is no factor of an outer product.
    repeat = (Action(Operator.REPEAT, (), found.columns),) if found.columns else ()
    return (*repeat, Action(Operator.ELEMENTWISE, after))
