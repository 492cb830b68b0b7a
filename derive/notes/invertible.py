r"""Derivatives by functions of one symbol: ``\partial f/\partial\sigma^2``, by ``\log s_j``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.brackets import bare
from derive.notes.entries import is_inverse
from derive.notes.indexing import index_nodes
from derive.notes.meaning import constant, divides

if TYPE_CHECKING:
    from derive.notes.scope import Scope
    from derive.notes.tree import Node

__all__ = ["inside", "is_whole"]

#: Functions that take no value twice; powers take one twice, of opposite signs.
_INVERTIBLE = {
    *("exp", "log", "ln", "sqrt", "tanh", "sinh", "arctan", "erf"),
    *("sigmoid", "logistic", "softplus", "Sigmoid", "Softplus"),
}


def inside(node: Node, scope: Scope) -> Node | None:
    """Return the symbol that a node is an invertible function of: a number, an entry, a vector.

    None where it is the symbol itself, or no such function.
    """
    within = _argument(node, scope)
    if within is None:
        return None
    return within if _is_symbol(within, scope) else inside(within, scope)


def is_whole(node: Node, scope: Scope) -> bool:
    """Tell whether a node is a vector without an index."""
    return isinstance(node, tree.Name) and bool(scope.tensors[node.spelling].shape)


def _argument(node: Node, scope: Scope) -> Node | None:
    """Return what the outermost function of a node is applied to."""
    if isinstance(node, tree.Group | tree.Wrapped):
        body = bare(node)
        return None if body is node else _argument(body, scope)
    if isinstance(node, tree.Scripted) and len(node.sup) == 1 and not node.primes:
        power = constant(node.sup[0], scope)
        if power is None or power == 0 or _inverts(node, scope):
            return None
        return bare(replace(node, sup=(), sup_range=None) if node.sub else node.base)
    if isinstance(node, tree.FunctionCall) and node.argument is not None:
        known = node.name in _INVERTIBLE and node.name not in scope.functions
        plain = not (node.sub or node.sup or node.primes)
        return bare(node.argument) if known and plain else None
    if isinstance(node, tree.Root) and node.order is None:
        return bare(node.body)
    if isinstance(node, tree.Fraction) and constant(node.numerator, scope) not in (None, 0):
        return bare(node.denominator)
    if isinstance(node, tree.Product) and [divides(sign) for sign in node.operators] == [True]:
        above, below = node.factors
        return None if constant(above, scope) in (None, 0) else bare(below)
    return None


def _inverts(node: tree.Scripted, scope: Scope) -> bool:
    """Tell whether a node is an entry of an inverse: a function of the whole matrix."""
    tensor = scope.tensors.get(node.base.spelling) if isinstance(node.base, tree.Name) else None
    return tensor is not None and is_inverse(node, tensor, scope)


def _is_symbol(node: Node, scope: Scope) -> bool:
    """Tell whether a node is a number or a vector of the note, or an entry of a symbol."""
    base = node.base if isinstance(node, tree.Scripted) else node
    symbol = scope.tensors.get(base.spelling) if isinstance(base, tree.Name) else None
    if symbol is None:
        return False
    rank = len(symbol.shape)
    if not isinstance(node, tree.Scripted):
        return rank < 2
    nodes, above = index_nodes(node, rank, scope)
    return len(nodes) == rank and (above or not node.sup) and not node.primes
