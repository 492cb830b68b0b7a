r"""Declared facts: what a note assumes of its quantities.

Read are ``Σ_k y_k = 1``, ``y_k ∈ \{0, 1\}``, ``t ∈ \{-1, 1\}``, ``ε > 0``, ``z_i ≠ 0``,
``0 < p < 1``, bounds by other numbers, ``a < b`` of two that are given, entry by entry, and
``b_k < b_{k+1}``, and ``Σ = Σ^⊤`` or ``S_{ij} = S_{ji}``. A fact of another
form is refused: no values are known that satisfy it, so nothing could be said under it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from derive.errors import DeriveError
from derive.index.terms import Entry, Index, IndexSum, fresh, substitute, tensors
from derive.layer.model import Domain, Fact
from derive.notes import tree
from derive.notes.meaning import constant, mean
from derive.notes.values import Misfit, transposed
from derive.notes.world import Bounds, Condition

if TYPE_CHECKING:
    from collections.abc import Collection

    import sympy as sp

    from derive.errors import Span
    from derive.notes.differentials import Differentials

__all__ = ["Declared", "fact_of", "settle_bounds"]


@dataclass(slots=True)
class Declared:
    """The facts of a note."""

    facts: list[Fact] = field(default_factory=list)
    domains: list[Domain] = field(default_factory=list)
    symmetric: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    bounds: dict[str, Bounds] = field(default_factory=dict)
    orders: list[tuple[str, str]] = field(default_factory=list)


_REALS = (r"\mathbb{R}", r"\mathbf{R}", r"\R")
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
    if relations[0] in (r"\neq", r"\ne") and len(relations) == 1:
        if constant(node.sides[1], differentials.symbolic()) == 0:
            _domain(node.sides[0], "nonzero", differentials, into)
            return
        raise Misfit("unreadable", _UNREAD, node.start, node.end)
    for (left, right), relation in zip(pairwise(node.sides), relations, strict=True):
        _bound(left, right, relation, differentials, into)


_LESS = ("<", r"\le", r"\leq", r"\leqslant")
_MORE = (">", r"\ge", r"\geq", r"\geqslant")


def _bound(
    left: tree.Node,
    right: tree.Node,
    relation: str,
    differentials: Differentials,
    into: Declared,
) -> None:
    """Add ``left < right``, of which one is a number, or both are given."""
    if relation not in (*_LESS, *_MORE):
        raise Misfit("unreadable", _UNREAD, left.start, right.end)
    scope = differentials.symbolic()
    small, great = (left, right) if relation in _LESS else (right, left)
    low, high = constant(small, scope), constant(great, scope)
    number = high if low is None else low
    if low is None and high is None:
        into.orders.append(_order(small, great, differentials, into))
        return
    if number is None or not number.is_number or (low is not None and high is not None):
        raise Misfit("unreadable", _UNREAD, left.start, right.end)
    name = _tensor(great if high is None else small, differentials)
    old = into.bounds.get(name, Bounds())
    if high is None:
        into.bounds[name] = replace(old, low=float(number))
    else:
        into.bounds[name] = replace(old, high=float(number))


def _order(
    small: tree.Node, great: tree.Node, differentials: Differentials, into: Declared
) -> tuple[str, str]:
    """Return what is less than what, entry by entry: twice the same where each is than the next."""
    one, two = (mean(side, differentials.symbolic()).data for side in (small, great))
    if isinstance(one, Entry) and isinstance(two, Entry) and one.shape == two.shape:
        names = one.tensor, two.tensor
        given = {tensor.name for tensor in differentials.world.layer.tensors}
        steps = [b - a for a, b in zip(one.indices, two.indices, strict=True)]
        fits = steps == [1] if names[0] == names[1] else not any(steps)
        if fits and given.issuperset(names):
            return names
    raise Misfit("unreadable", _UNREAD, small.start, great.end)


def _settle_orders(into: Declared, assumed: Span | None) -> None:
    """Give what is less than something its upper bound, and that the lower one.

    Values are exchanged then, so that they are in order: both have to have the same bounds.

    Raises
    ------
    DeriveError
        If they have not.
    """
    for _ in into.orders:
        for small, great in into.orders:
            one, two = (into.bounds.get(name, Bounds()) for name in (small, great))
            low, high = (one.low, two.high)
            low = two.low if low is None or (two.low is not None and two.low > low) else low
            high = one.high if high is None or (one.high is not None and one.high < high) else high
            into.bounds[great] = replace(two, low=low)
            into.bounds[small] = replace(one, high=high)
    others = {domain.tensor for domain in into.domains} | {*into.symmetric}
    others |= {name for fact in into.facts for name in tensors(fact.left)}
    for small, great in into.orders:
        same = into.bounds[small] == into.bounds[great] and not into.bounds[small].choices
        if not same or not others.isdisjoint((small, great)):
            what = f"{small} < {great} is not read where other facts are declared of them"
            raise DeriveError(what, assumed)
    into.bounds = {name: bounds for name, bounds in into.bounds.items() if bounds != Bounds()}


def settle_bounds(given: Collection[str], into: Declared, assumed: Span | None) -> None:
    """Say what bounds mean: a domain of the layer where it is one, else where values are drawn.

    ``assumed`` is where the note has its facts.
    """
    _settle_orders(into, assumed)
    kinds = {(0.0, None): "positive", (0.0, 1.0): "unit"}
    for name, bounds in list(into.bounds.items()):
        kind = kinds.get((bounds.low, bounds.high)) if bounds.low is not None else None
        if name not in given:
            into.conditions.append(Condition(name, bounds.hold))
        elif kind is not None and not bounds.choices:
            into.domains.append(Domain(name, kind))
        else:
            continue
        del into.bounds[name]


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
        "nonzero": lambda array: bool(np.all(np.abs(array) > 1e-3)),
        "binary": lambda array: bool(np.all((array == 0) | (array == 1))),
    }
    into.conditions.append(Condition(name, tests[kind]))


def _membership(node: tree.Relation, differentials: Differentials, into: Declared) -> None:
    right = node.sides[1]
    scope = differentials.symbolic()
    inner = right.base if isinstance(right, tree.Scripted) else right
    if isinstance(inner, tree.Name) and inner.spelling in _REALS:
        # So is everything.
        return
    if isinstance(right, tree.Group):
        values = [constant(item, scope) for item in right.items]
        if right.opening == r"\{" and values == [0, 1]:
            _domain(node.sides[0], "binary", differentials, into)
            return
        numbers = tuple(float(v) for v in values if v is not None and v.is_number)
        if len(numbers) == len(values) and right.opening == r"\{":
            into.bounds[_tensor(node.sides[0], differentials)] = Bounds(choices=numbers)
            return
        if len(numbers) == len(values) == 2 and right.opening in ("(", "["):
            into.bounds[_tensor(node.sides[0], differentials)] = Bounds(*numbers)
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
