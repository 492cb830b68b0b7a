r"""Entries of a transposed or inverted matrix without brackets: ``X^\top_{ij}``, ``K^{-1}_{ij}``.

The transpose of a number says nothing, so an index pair below a transpose is of the transposed
matrix. ``K^{-1}_{ij}`` is of the inverse, if there is one. ``K_{ij}^{-1}``, with the indices first,
is one over an entry, or else the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.indexing import hung, is_transpose, raised, subscripted
from derive.notes.meaning import constant
from derive.notes.scope import INVERSE
from derive.notes.subscripts import place

if TYPE_CHECKING:
    from derive.notes.scope import Scope, Tensor
    from derive.notes.tree import Node, Scripted
    from derive.notes.values import Value

__all__ = ["entry", "is_inverse", "raised_first"]


def entry(node: Scripted, tensor: Tensor, nodes: tuple[Node, ...], scope: Scope) -> Value | None:
    """Return the entry of a transposed or inverted matrix that a symbol with scripts is.

    None where what stands above is that of the entry.
    """
    rank = len(tensor.shape)
    if rank < 2 or len(nodes) != rank or len(node.sup) != 1:
        return None
    if is_transpose(node.sup[0], scope):
        *first, row, column = (place(part, scope) for part in nodes)
        return subscripted(tensor, (*first, column, row), scope, node.start, node.end)
    if not is_inverse(node, tensor, scope):
        return None
    first_axes = tuple(place(part, scope) for part in nodes[:-2])
    matrix = subscripted(tensor, first_axes, scope, node.start, node.end)
    value = hung(raised(matrix, node.sup, scope), replace(node, sub=nodes[-2:], sup=()), scope)
    if raised_first(node):
        return value
    return replace(value, readings=(*value.readings, "took an entry to the -1 as the inverse's"))


def is_inverse(node: Scripted, tensor: Tensor, scope: Scope) -> bool:
    """Tell whether what stands above a symbol with all its indices inverts the matrix."""
    shape = tensor.shape
    square = len(shape) > 1 and shape[-1] == shape[-2] != 1
    if not square or len(node.sup) != 1 or len(tree.indices(node)) != len(shape):
        return False
    mark = node.sup[0]
    if isinstance(mark, tree.Add) and [term.sign for term in mark.terms] == ["-"]:
        mark = mark.terms[0].body
        if is_transpose(mark, scope) or constant(mark, scope) != 1:
            return is_transpose(mark, scope)
    elif constant(mark, scope) != -1:
        return False
    if raised_first(node):
        return True
    scope.doubts.add(INVERSE)
    return INVERSE in scope.other


def raised_first(node: Node) -> bool:
    """Tell whether a node has its superscript before its subscript."""
    if not isinstance(node, tree.Scripted) or node.sub_range is None or node.sup_range is None:
        return False
    return node.sup_range[0] < node.sub_range[0]
