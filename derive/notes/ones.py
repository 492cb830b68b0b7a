r"""How long a bare ``\mathbf 1``, or ``e_c``, is: what it is added to or multiplied with says so.

A shape that is wanted of a part may be known in one axis only; ``...`` stands for the other.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING, TypeAlias

import sympy as sp

from derive.notes import tree
from derive.notes.basis import is_basis, with_bases
from derive.notes.brackets import unbracketed
from derive.notes.meaning import ONES, mean
from derive.notes.settle import rebuilt
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import EllipsisType

    from derive.notes.differentials import Differentials
    from derive.notes.tree import Node

__all__ = ["with_lengths"]

_Axis: TypeAlias = "sp.Expr | EllipsisType | None"
_Shape: TypeAlias = tuple[_Axis, _Axis]

_ANY: _Shape = (..., ...)
_ENTRYWISE = frozenset({r"\odot", r"\circ"})


def with_lengths(
    sides: Sequence[Node], differentials: Differentials, wanted: _Shape = _ANY
) -> list[Node]:
    r"""Return sides with every ``\mathbf 1`` as long as it has to be, where that can be told.

    Parameters
    ----------
    sides : sequence of Node
        What is set equal.
    differentials : Differentials
        Of the note's world.
    wanted : pair
        Their shape, where something else says it.
    """
    world = differentials.world
    sides = [with_bases(side, world.bases) for side in sides]
    if not any(_bare(part) for side in sides for part in tree.walk(side)):
        return list(sides)
    if ONES & world.tensors.keys():
        return list(sides)
    found = [_sized(side, wanted, differentials) for side in sides]
    shapes = (_shape(side, differentials) for side in found)
    known = next((s for s in shapes if ... not in s and s != (None, None)), wanted)
    return [_sized(side, known, differentials) for side in found]


def _bare(node: Node) -> bool:
    return (isinstance(node, tree.Name) and node.spelling in ONES) or is_basis(node)


def _open(node: Node) -> bool:
    """Tell whether a part has ones without a length."""
    if isinstance(node, tree.Scripted) and _bare(node.base) and node.sub:
        return False
    return _bare(node) or any(map(_open, tree.children(node)))


def _is_row(node: Node) -> bool:
    r"""Tell whether a factor is ``\mathbf 1^\top``."""
    return isinstance(node, tree.Scripted) and _bare(node.base) and _transposes(node)


def _transposes(node: tree.Scripted) -> bool:
    return not node.sub and len(node.sup) == 1 and tree.transposes(node.sup[0])


def _shape(node: Node, differentials: Differentials) -> _Shape:
    """Return the shape of a part, as far as it is known."""
    if _bare(node):
        return ..., None
    if _is_row(node):
        return None, ...
    if _open(node):
        return _ANY
    try:
        value = mean(node, differentials.symbolic())
    except Misfit:
        return _ANY
    return _ANY if value.identity or value.data is None else value.shape


def _joined(one: _Shape, two: _Shape) -> _Shape:
    """Return what two shapes tell of one, the first one first."""
    (a, b), (c, d) = one, two
    return (c if a is ... else a), (d if b is ... else b)


def _ones(node: Node, length: sp.Expr, differentials: Differentials) -> Node:
    """Return ones of a length, in the place of ones of any."""
    size = _written(length, node, differentials)
    if isinstance(node, tree.Scripted):
        return replace(node, sub=(*node.sub, size))
    return tree.Scripted(node.start, node.end, node, (size,))


def _written(size: sp.Expr, at: Node, differentials: Differentials) -> Node:
    """Return a size as a tree."""
    place = (at.end, at.end)
    for spelling, known in differentials.world.sizes.items():
        if known == size:
            return tree.Name(*place, spelling)
    parts = [_written(part, at, differentials) for part in size.args]
    if size.is_Add:
        return tree.Add(*place, tuple(tree.Term(*place, "+", part) for part in parts))
    if size.is_Mul:
        return tree.Product(*place, tuple(parts), (tree.Operator(*place, ""),) * (len(parts) - 1))
    if size.is_Integer and size < 0:
        number = tree.Number(*place, str(-size))
        return tree.Add(*place, (tree.Term(*place, "-", number),))
    return tree.Number(*place, str(size))


@singledispatch
def _sized(node: Node, wanted: _Shape, differentials: Differentials) -> Node:
    """Return a part with the lengths of its ones, where it is to have a shape."""
    return rebuilt(node, lambda part: _sized(part, _ANY, differentials))


@_sized.register(tree.Name)
def _long(node: Node, wanted: _Shape, differentials: Differentials) -> Node:
    """Return ones with the length that is wanted of them."""
    rows, columns = wanted
    if not _bare(node):
        return node
    if isinstance(rows, sp.Expr) and isinstance(columns, sp.Expr):
        if is_basis(node):
            return node
        # A matrix of ones: as a number is, it is added to every entry, or times each.
        return tree.Number(node.start, node.end, "1")
    if isinstance(rows, sp.Expr):
        return _ones(node, rows, differentials)
    if isinstance(columns, sp.Expr) and rows is None:
        top = tree.Mark(node.end, node.end, r"\top")
        row = _ones(node, columns, differentials)
        assert isinstance(row, tree.Scripted)
        return replace(row, sup=(top,))
    return node


@_sized.register(tree.Wrapped)
@_sized.register(tree.Norm)
@_sized.register(tree.Root)
@_sized.register(tree.Fraction)
@_sized.register(tree.BigOperator)
@_sized.register(tree.Cases)
@_sized.register(tree.Case)
def _through(node: Node, wanted: _Shape, differentials: Differentials) -> Node:
    """Return what is done entry by entry: it leaves the shape as it is."""
    return rebuilt(node, lambda part: _sized(part, wanted, differentials))


@_sized.register(tree.Group)
def _(node: tree.Group, wanted: _Shape, differentials: Differentials) -> Node:
    if len(node.items) == 1:
        return _through(node, wanted, differentials)
    if len(node.items) == 2 and node.opening == r"\langle":
        shapes = [_shape(item, differentials) for item in node.items]
        pairs = zip(node.items, shapes[::-1], strict=True)
        items = tuple(_sized(item, other, differentials) for item, other in pairs)
        return replace(node, items=items)
    return rebuilt(node, lambda part: _sized(part, _ANY, differentials))


@_sized.register(tree.Scripted)
def _(node: tree.Scripted, wanted: _Shape, differentials: Differentials) -> Node:
    if is_basis(node):
        return _long(node, wanted, differentials)
    if _bare(node.base) and node.sub:
        return node
    if _transposes(node):
        wanted = wanted[::-1]
    elif node.sub:
        wanted = _ANY
    if _bare(node.base) and isinstance(wanted[0], sp.Expr):
        # Its scripts and those of the length are those of one symbol.
        sized = _ones(node.base, wanted[0], differentials)
        assert isinstance(sized, tree.Scripted)
        return replace(node, base=sized) if is_basis(node.base) else replace(node, sub=sized.sub)
    return replace(node, base=_sized(node.base, wanted, differentials))


@_sized.register(tree.FunctionCall)
def _(node: tree.FunctionCall, wanted: _Shape, differentials: Differentials) -> Node:
    if node.argument is None:
        return node
    if node.name.lower() == "diag":
        wanted = (wanted[0], None)
    elif node.name.lower() in ("tr", "trace"):
        wanted = _square(node.argument, differentials)
    elif node.name.lower() in ("sum", "mean", "var", "norm", "det"):
        wanted = _ANY
    return replace(node, argument=_sized(node.argument, wanted, differentials))


def _square(node: Node, differentials: Differentials) -> _Shape:
    """Return the shape of what has a trace, from the factors at its ends."""
    node = unbracketed(node)
    if not isinstance(node, tree.Product):
        return _ANY
    rows = _shape(node.factors[0], differentials)[0]
    columns = _shape(node.factors[-1], differentials)[1]
    size = columns if rows is ... else rows
    return size, size


@_sized.register(tree.Add)
def _(node: tree.Add, wanted: _Shape, differentials: Differentials) -> Node:
    for term in node.terms:
        found = _shape(term.body, differentials)
        if ... not in found and found != (None, None):
            wanted = found
            break
    else:
        if any(_is_identity(term.body, differentials) for term in node.terms):
            wanted = _joined(wanted, wanted[::-1])
    terms = (replace(t, body=_sized(t.body, wanted, differentials)) for t in node.terms)
    return replace(node, terms=tuple(terms))


def _is_identity(node: Node, differentials: Differentials) -> bool:
    try:
        return not _open(node) and mean(node, differentials.symbolic()).identity
    except Misfit:
        return False


@_sized.register(tree.Product)
def _(node: tree.Product, wanted: _Shape, differentials: Differentials) -> Node:
    rows: list[list[Node]] = [[]]
    entrywise = any(sign.text in _ENTRYWISE for sign in node.operators)
    for place, factor in enumerate(node.factors):
        if place and node.operators[place - 1].text in _ENTRYWISE:
            rows.append([])
        rows[-1].append(factor)
    if entrywise:
        shapes = [_row_shape(row, differentials) for row in rows]
        known = (s for s in shapes if ... not in s and s != (None, None))
        wanted = next(known, wanted)
    factors = [factor for row in rows for factor in _row(row, wanted, differentials)]
    return replace(node, factors=tuple(factors))


def _row_shape(row: Sequence[Node], differentials: Differentials) -> _Shape:
    """Return the shape of factors that stand side by side."""
    place = (row[0].start, row[-1].end)
    operators = (tree.Operator(row[0].end, row[0].end, ""),) * (len(row) - 1)
    node = row[0] if len(row) == 1 else tree.Product(*place, tuple(row), operators)
    return _shape(node, differentials)


def _row(row: Sequence[Node], wanted: _Shape, differentials: Differentials) -> list[Node]:
    """Return factors that stand side by side, each as its neighbours say."""
    result = list(row)
    # Numbers only scale.
    solid = [k for k, f in enumerate(row) if _shape(f, differentials) != (None, None)]
    for n, place in enumerate(solid):
        factor = result[place]
        if not _open(factor):
            continue
        before = _shape(result[solid[n - 1]], differentials) if n else None
        after = _shape(result[solid[n + 1]], differentials) if n + 1 < len(solid) else None
        left = wanted[0] if before is None else before[1]
        right = wanted[1] if after is None else after[0]
        if before is not None and left is None and _bare(factor):
            # A column beside a column is a product entry by entry.
            left, right = before[0], None
        if _bare(factor) and (before is not None or after is not None):
            right = None
        result[place] = _sized(factor, (left, right), differentials)
    return result
