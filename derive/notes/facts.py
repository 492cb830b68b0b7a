r"""Declared facts: what a note assumes of its quantities.

Read are ``Σ_k y_k = 1``, ``y_k ∈ \{0, 1\}``, ``ε > 0``, ``z_i ≠ 0``, ``0 < p < 1`` and
``Σ = Σ^⊤`` or ``S_{ij} = S_{ji}``. A fact of another form is refused: no values are known that
satisfy it, so nothing could be said under it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from derive.index.terms import Entry, Index, IndexSum, fresh, substitute
from derive.layer.model import Domain, Fact
from derive.notes import tree
from derive.notes.meaning import constant, mean
from derive.notes.values import Misfit, transposed
from derive.notes.world import Condition

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes.differentials import Differentials

__all__ = ["Declared", "fact_of"]


@dataclass(slots=True)
class Declared:
    """The facts of a note."""

    facts: list[Fact] = field(default_factory=list)
    domains: list[Domain] = field(default_factory=list)
    symmetric: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)


_UNREAD = "a fact of this form is not read"


def fact_of(node: tree.Node, differentials: Differentials, into: Declared, text: str) -> None:
    """Add a declared fact.

    Raises
    ------
    Misfit
        If it is of a form that is not read.
    """
    if not isinstance(node, tree.Relation):
        raise Misfit("unreadable", _UNREAD, node.start, node.end)
    relations = [sign.text for sign in node.relations]
    if relations == ["="]:
        _equation(node, differentials, into, text)
        return
    if relations == [r"\in"]:
        _membership(node, differentials, into)
        return
    scope = differentials.symbolic()
    if len(relations) == 2 and set(relations) <= {"<", r"\le", r"\leq"}:
        bounds = [constant(side, scope) for side in (node.sides[0], node.sides[2])]
        if bounds == [0, 1]:
            _domain(node.sides[1], "unit", differentials, into)
            return
    if len(relations) == 1 and constant(node.sides[1], scope) == 0:
        kind = {
            ">": "positive",
            r"\neq": "nonzero",
            r"\ne": "nonzero",
            r"\ge": "positive",
            r"\geq": "positive",
        }.get(relations[0])
        if kind is not None:
            _domain(node.sides[0], kind, differentials, into)
            return
    raise Misfit("unreadable", _UNREAD, node.start, node.end)


def _tensor(node: tree.Node, differentials: Differentials) -> str:
    value = mean(node, differentials.symbolic())
    if not isinstance(value.data, Entry):
        raise Misfit("unreadable", _UNREAD, node.start, node.end)
    return value.data.tensor


def _domain(node: tree.Node, kind: str, differentials: Differentials, into: Declared) -> None:
    name = _tensor(node, differentials)
    if name in {tensor.name for tensor in differentials.world.layer.tensors}:
        into.domains.append(Domain(name, kind))
        return
    tests = {
        "positive": lambda array: bool(np.all(array > 0)),
        "nonzero": lambda array: bool(np.all(np.abs(array) > 1e-3)),
        "unit": lambda array: bool(np.all((array > 0) & (array < 1))),
    }
    into.conditions.append(Condition(name, tests[kind]))


def _membership(node: tree.Relation, differentials: Differentials, into: Declared) -> None:
    right = node.sides[1]
    scope = differentials.symbolic()
    if isinstance(right, tree.Group):
        values = [constant(item, scope) for item in right.items]
        if right.opening == r"\{" and values == [0, 1]:
            _domain(node.sides[0], "binary", differentials, into)
            return
        if right.opening in ("(", "[") and values == [0, 1]:
            _domain(node.sides[0], "unit", differentials, into)
            return
    raise Misfit("unreadable", _UNREAD, node.start, node.end)


def _equation(node: tree.Relation, differentials: Differentials, into: Declared, text: str) -> None:
    scope = differentials.symbolic()
    left = mean(node.sides[0], scope)
    right = mean(node.sides[1], scope)
    data: sp.Expr = left.data
    given = {tensor.name for tensor in differentials.world.layer.tensors}
    if isinstance(data, IndexSum) and isinstance(data.args[0], Entry) and right.data.is_Number:
        if data.args[0].tensor not in given:
            raise Misfit("unreadable", "a sum of something that is not given", node.start, node.end)
        into.facts.append(Fact(_wild(data), right.data, text))
        return
    if isinstance(data, Entry) and isinstance(right.data, Entry):
        flipped = transposed(scope.algebra, left).data
        last = data.indices[-2:]
        swapped = (*data.indices[:-2], *reversed(last))
        same = right.data.tensor == data.tensor
        if same and (right.data == flipped or right.data.indices == swapped):
            into.symmetric.append(data.tensor)
            return
    raise Misfit("unreadable", _UNREAD, node.start, node.end)


def _wild(expression: sp.Expr) -> sp.Expr:
    """Return a pattern whose free letters stand for anything."""
    letters = [i for i in expression.atoms(Index) if not i.name.startswith("_")]
    return substitute(expression, {letter: fresh() for letter in letters})
