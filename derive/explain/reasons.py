"""Why a link of the chain rule uses the operator that it uses, in phrases.

A reason has a clause for the structure of the Jacobian and one for each operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from derive.explain.compose import compose
from derive.explain.operators import Action, Operator, actions
from derive.explain.tree import (
    Equation,
    Formula,
    Guard,
    Letter,
    Number,
    Partial,
    Times,
    Transposed,
    parts,
)
from derive.explain.words import Phrase, phrase
from derive.gradient.structure import Pattern, Structure, conditions_of, pattern
from derive.index.functions import Select
from derive.index.terms import Entry, Index, IndexArgmax, mentions, substitute
from derive.layer.model import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.explain.names import Notation
    from derive.index.local import Term
    from derive.layer.model import Node, Tensor

__all__ = ["Local", "reasons"]

#: What reads a tensor at places that are computed from those of its result.
_SHIFTED = (
    *(Structure.TOEPLITZ, Structure.BANDED, Structure.HANKEL, Structure.ANTIDIAGONAL),
    Structure.STRIDED,
)


@dataclass(frozen=True, slots=True)
class Local:
    """A link as its reasons need it.

    Parameters
    ----------
    node, tensor : Node, Tensor
        ``u`` and ``T``.
    rows, columns : tuple of Index
        Their indices, as they are called on paper.
    terms : tuple of Term
        ``∂u[rows]/∂T[columns]``.
    structure : Structure
        What the terms make together.
    notation : Notation
        How expressions are written.
    cotangent : Formula or None
        The gradient with respect to ``u``; None if ``u`` is the loss.
    matrix, product : Formula or None
        The Jacobian, and what the link gives to the gradient, in matrix form.
    samples : frozenset of sympy expression
        The sizes that count samples, or positions of a sequence.
    apart : bool
        Whether nothing is computed from several of them: only then they are samples.
    """

    node: Node
    tensor: Tensor
    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    terms: tuple[Term, ...]
    structure: Structure
    notation: Notation
    cotangent: Formula | None
    matrix: Formula | None
    product: Formula | None
    samples: frozenset[sp.Expr]
    apart: bool

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The terms, taken apart."""
        free, extents = (*self.rows, *self.columns), (*self.node.tensor.shape, *self.tensor.shape)
        sizes = dict(zip(free, extents, strict=True))
        return tuple(pattern(term, self.rows, self.columns, sizes) for term in self.terms)

    def written(self, expression: sp.Expr) -> Formula:
        """Return the formula of an expression."""
        return compose(expression, self.notation, (*self.rows, *self.columns))

    def called(self, indices: Sequence[Index]) -> tuple[Formula, ...]:
        """Return the letters of indices: their names, and not the positions that they count."""
        return tuple(Letter(index.name) for index in indices)

    def multiplied(self, factors: Sequence[sp.Expr]) -> Formula:
        """Return the formula of a product."""
        return self.written(sp.Mul(*factors))


def reasons(link: Local) -> tuple[Phrase, ...]:
    """Return the clauses of a link's reason: of its structure, then of each operator."""
    if link.structure is Structure.ZERO:
        return (phrase("structure.zero", of=_whole(link.node), wrt=_whole(link.tensor)),)
    return (_structure(link), *_operators(link))


def _whole(what: Node | Tensor) -> Letter:
    return Letter(what.name)


def _of(link: Local) -> Formula:
    """Return ``u_i``."""
    return link.written(link.node.tensor.at(*link.rows))


def _read(link: Local, found: Pattern) -> Formula:
    """Return the entry of ``T`` that ``u_i`` reads: paired indices have the letters of ``u``."""
    carried: dict[Index, sp.Expr] = {column: row for row, column in found.pairs}
    return _carried(link, {**carried, **{column: access for access, column in found.accesses}})


def _carried(link: Local, places: Mapping[Index, sp.Expr]) -> Formula:
    """Return the entry of ``T`` at these places; other indices keep their letters."""
    return link.written(link.tensor.at(*(places.get(column, column) for column in link.columns)))


def _other(link: Local) -> Formula:
    """Return ``T_j``."""
    return link.written(link.tensor.at(*link.columns))


def _structure(link: Local) -> Phrase:
    """Return the clause of the structure."""
    first = link.patterns[0]
    kind, of, wrt = link.structure, _of(link), _whole(link.tensor)
    key = f"structure.{kind.name.lower()}"
    if kind is Structure.COLUMN and len(link.rows) > 1:
        return phrase(f"{key}.array", of=of, wrt=wrt)
    if kind in (Structure.SCALAR, Structure.ROW, Structure.COLUMN):
        return phrase(key, of=of, wrt=wrt)
    if kind is Structure.REPEATED:
        return phrase(key, of=of, read=_read(link, first), others=link.called(first.rows))
    if kind is Structure.IDENTITY:
        return phrase(key, of=of, read=_read(link, first), wrt=wrt)
    if kind is Structure.BLOCK:
        shared = set.intersection(*(set(found.pairs) for found in link.patterns))
        read = _carried(link, {column: row for row, column in shared})
        return phrase(key, of=of, read=read, wrt=wrt)
    if kind is Structure.DIAGONAL:
        read = _read(link, first)
        if link.matrix is None:
            return phrase(f"{key}.plain", of=of, read=read)
        return phrase(key, of=of, read=read, matrix=link.matrix)
    if kind in (Structure.RANK_ONE, Structure.DIAGONAL_AND_RANK_ONE):
        return phrase(key, of=of, wrt=_other(link))
    if kind in _SHIFTED and any(f.accesses for f in link.patterns):
        return _shifted(link)
    if kind is Structure.GATHERED:
        places = [access for access, _ in first.accesses]
        maximum = any(place.has(IndexArgmax) for place in places)
        return phrase(f"{key}.maximum" if maximum else key, of=of, read=_read(link, first), wrt=wrt)
    if kind is Structure.SELECTED:
        return phrase(key, of=of, read=_read(link, first), wrt=wrt)
    if kind in (Structure.TRIANGULAR, Structure.BANDED, Structure.MASKED):
        others = [conditions_of(found) for found in link.patterns[1:]]
        common = (c for c in conditions_of(first) if all(c in other for other in others))
        guard = link.written(Select(sp.And(*common), 1, 0))
        condition = guard.condition if isinstance(guard, Guard) else guard
        return phrase("structure.masked", condition=condition)
    if kind is Structure.MIXED:
        return phrase(key, of=of, wrt=wrt)
    linear = not any(mentions(term.coefficient, link.tensor.name) for term in link.terms)
    if linear and isinstance(link.matrix, (Letter, Transposed)):
        return phrase("structure.weights", of=of, wrt=_other(link), matrix=link.matrix)
    return phrase("structure.dense", of=of, wrt=_other(link))


def _shifted(link: Local) -> Phrase:
    """Return the clause for a tensor that is read at shifted places."""
    reads = tuple(dict.fromkeys(_read(link, found) for found in link.patterns))
    key = f"structure.{link.structure.name.lower()}"
    return phrase(key, of=_of(link), reads=reads, wrt=_whole(link.tensor))


def _operators(link: Local) -> tuple[Phrase, ...]:
    """Return a clause for each operator; one for all where the Jacobian is a sum of terms."""
    if link.cotangent is None:
        one = Equation(Partial(_whole(link.node), _whole(link.node)), Number("1"))
        return (phrase("operator.start", one=one),)
    if link.structure in (Structure.SCALAR, Structure.ROW):
        key = "scale.numbers" if link.structure is Structure.SCALAR else "scale.gradient"
        return (phrase(f"operator.{key}", cotangent=link.cotangent),)
    if len(link.terms) > 1:
        both = link.structure is Structure.DIAGONAL_AND_RANK_ONE
        return (phrase("operator.diagonal_and_rank_one" if both else "operator.terms"),)
    found = link.patterns[0]
    parts = actions(found)
    clauses: list[Phrase] = []
    for place, part in enumerate(parts):
        if part.operator in (Operator.MATRIX, Operator.CONTRACTION) and _over_samples(link, part):
            clauses.append(_sum(link, part))
        clause = _clause(link, found, part, parts[:place])
        clauses += [] if clause is None else [clause]
    return tuple(clauses)


def _clause(link: Local, found: Pattern, part: Action, before: tuple[Action, ...]) -> Phrase | None:
    """Return the clause of one operator, or None where there is nothing to be said."""
    if link.cotangent is None:
        raise ValueError("the loss has no cotangent to apply an operator to")
    cotangent = link.cotangent
    key = f"operator.{part.operator.value}"
    if part.operator is Operator.SCALE:
        telling = [factor for factor in part.factors if not factor.is_Number]
        if part.indices and telling:
            return phrase(f"{key}.array", factor=link.multiplied(telling))
        return phrase(key, factor=link.multiplied(telling)) if telling else None
    if part.operator is Operator.COPY:
        return phrase(key)
    if part.operator is Operator.ELEMENTWISE:
        factor = link.multiplied((*_numbers(found, part), *part.factors))
        if link.structure is Structure.DIAGONAL:
            return phrase(key)
        summed = [a for a in before if a.operator in (Operator.MATRIX, Operator.CONTRACTION)]
        if summed:
            return phrase(f"{key}.after", factor=factor, summed=link.called(summed[0].indices))
        if before:
            return phrase(f"{key}.repeated", factor=factor)
        return phrase(f"{key}.before", factor=factor, cotangent=cotangent)
    if part.operator is Operator.MATRIX:
        return _matrix(link, found, part)
    if part.operator is Operator.SUM:
        return _sum(link, part)
    if part.operator is Operator.DOT and len(part.indices) > 1:
        return phrase(f"{key}.several", summed=link.called(part.indices))
    if part.operator in (Operator.OUTER, Operator.DOT):
        return phrase(key)
    if part.operator is Operator.REPEAT:
        wrt = _whole(link.tensor)
        return phrase(key, wrt=wrt, of=_whole(link.node), new=link.called(part.indices))
    if part.operator is Operator.SCATTER:
        return phrase(key, of=_of(link), read=_read(link, found))
    if part.operator is Operator.CONVOLUTION:
        factor = link.multiplied(part.factors)
        return phrase(key, of=_of(link), read=_read(link, found), factor=factor)
    if part.operator is Operator.CORRELATION:
        return phrase(key, factor=link.multiplied(part.factors), cotangent=cotangent)
    return phrase(key, summed=link.called(part.indices))


def _numbers(found: Pattern, part: Action) -> tuple[sp.Expr, ...]:
    """Return the numbers that scale the result: no clause tells of them but that of a factor.

    They are told once, with the last elementwise product.
    """
    every = actions(found)
    last = [action for action in every if action.operator is Operator.ELEMENTWISE][-1]
    scales = [action for action in every if action.operator is Operator.SCALE]
    numbers = [f for action in scales for f in action.factors if f.is_Number]
    return tuple(numbers) if part == last else ()


def _matrix(link: Local, found: Pattern, part: Action) -> Phrase:
    """Return why a matrix is transposed: which of its indices is summed, and where it stands."""
    (summed,) = part.indices
    entry = part.factors[0]
    single = len(part.factors) == 1 and isinstance(entry, Entry) and len(entry.indices) == 2
    if not single or link.product is None:
        return phrase("operator.matrix.jacobian", summed=link.called(part.indices))
    position = "first" if entry.indices[0] == summed else "second"
    letter = Letter(entry.tensor)
    cotangent = link.cotangent
    if cotangent is not None and _multiplies(link.product, Transposed(cotangent)):
        return phrase(
            "operator.matrix.gradient", summed=link.called(part.indices), cotangent=cotangent
        )
    turned = "transposed" if _holds(link.product, Transposed(letter)) else "plain"
    carried = {column: row for row, column in found.pairs}
    shown = link.written(substitute(entry, carried))
    key = f"operator.matrix.{position}.{turned}"
    return phrase(key, summed=link.called(part.indices), matrix=letter, entry=shown)


def _sum(link: Local, part: Action) -> Phrase:
    is_batch = link.apart and _over_samples(link, part)
    key = "operator.sum.samples" if is_batch else "operator.sum"
    return phrase(key, summed=link.called(part.indices), wrt=_whole(link.tensor))


def _over_samples(link: Local, part: Action) -> bool:
    """Tell whether what is summed are samples, all of which use one parameter."""
    sizes = dict(zip(link.rows, link.node.tensor.shape, strict=True))
    samples = all(sizes[index] in link.samples for index in part.indices)
    return samples and link.tensor.role is Role.PARAM


def _multiplies(formula: Formula, wanted: Formula) -> bool:
    """Tell whether a formula has this as a factor of a matrix product, and not within one."""
    return any(isinstance(part, Times) and wanted in part.factors for part in parts(formula))


def _holds(formula: Formula, wanted: Formula) -> bool:
    """Tell whether a formula has this part somewhere."""
    return any(part == wanted for part in parts(formula))
