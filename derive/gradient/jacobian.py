"""The full Jacobian, and what structure it has.

The Jacobian is reverse mode with the identity as cotangent: one cotangent for every output
entry, ``ū[o, i] = δ(o, i)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.edges import edge
from derive.gradient.reverse import letters_for
from derive.gradient.structure import Structure, structure
from derive.index.delta import close, eliminate, prenex, solve_affine
from derive.index.inverses import read
from derive.index.local import Term, renamed, scaled
from derive.index.simplify import tidy
from derive.index.terms import Index, fresh

if TYPE_CHECKING:
    from derive.layer.model import Layer, Node

__all__ = ["Jacobian", "jacobian"]


@dataclass(frozen=True, slots=True)
class Jacobian:
    """``∂ of[rows] / ∂ wrt[columns] = body``.

    Parameters
    ----------
    of, wrt : str
        An output or node, and the tensor it is differentiated by.
    rows, columns : tuple of Index
        The free indices of the two.
    body : sympy expression
        The entry of the Jacobian.
    structure : Structure
        Where its entries are 0, and which of them are the same.
    """

    of: str
    wrt: str
    rows: tuple[Index, ...]
    columns: tuple[Index, ...]
    body: sp.Expr
    structure: Structure


def jacobian(layer: Layer, of: str, wrt: str) -> Jacobian:
    """Return the Jacobian of a node by a tensor, through every path between them.

    Intermediate nodes between the two are written out: what is left are given tensors and
    values of nodes, never a cotangent.

    Parameters
    ----------
    layer : Layer
        The layer that both belong to.
    of : str
        A node.
    wrt : str
        A given tensor or another node.
    """
    node, tensor = layer.node(of), layer.tensor(wrt)
    letters = letters_for(layer, len(node.indices) + len(tensor.shape))
    rows, columns = letters[: len(node.indices)], letters[len(node.indices) :]
    defined = {node.name: node for node in layer.nodes}
    memo: dict[str, list[Term]] = {}
    targets = tuple(fresh() for _ in columns)
    sizes = dict(zip(targets, tensor.shape, strict=True))

    def of_node(current: Node) -> list[Term]:
        """Return ∂ current[current.indices] / ∂ wrt[targets]."""
        if current.name in memo:
            return memo[current.name]
        terms: list[Term] = []
        for name in sorted(read(current.body)):
            if name == wrt:
                local = edge(current, tensor, targets)
                back = dict(zip(local.indices, current.indices, strict=True))
                terms += [renamed(term, back) for term in local.terms]
            elif name in defined:
                inner = of_node(defined[name])
                if inner:
                    terms += _chained(current, defined[name], inner, sizes)
        memo[current.name] = terms
        return terms

    swap: dict[sp.Basic, sp.Basic] = dict(zip(node.indices, rows, strict=True))
    swap.update(zip(targets, columns, strict=True))
    terms = [renamed(term, swap) for term in of_node(node)]
    shape = (*node.tensor.shape, *tensor.shape)
    free = dict(zip((*rows, *columns), shape, strict=True))
    body = solve_affine(tidy(close(terms)), free)
    parts = prenex(sp.expand(body) if body.is_Add else body)
    return Jacobian(of, wrt, rows, columns, body, structure(parts, rows, columns, free))


def _chained(
    outer: Node, middle: Node, inner: list[Term], sizes: dict[Index, sp.Expr]
) -> list[Term]:
    """Return ``Σ_m ∂outer/∂middle[m] · ∂middle[m]/∂wrt``."""
    at = tuple(fresh() for _ in middle.indices)
    local = edge(outer, middle.tensor, at)
    bound = tuple(zip(at, middle.tensor.shape, strict=True))
    known = {**sizes, **dict(zip(local.indices, outer.tensor.shape, strict=True))}
    back = dict(zip(local.indices, outer.indices, strict=True))
    result = []
    for left in local.terms:
        for right in inner:
            # The bound indices of a stored term are used again: they get fresh names.
            again = {index: fresh() for index, _ in right.bound}
            moved = renamed(right, {**dict(zip(middle.indices, at, strict=True)), **again})
            product = Term(
                (*bound, *left.bound, *((again[i], size) for i, size in right.bound)),
                (*left.deltas, *moved.deltas),
                scaled(left.coefficient, moved.coefficient),
            )
            reduced = eliminate(product, known)
            if reduced is not None:
                result.append(renamed(reduced, back))
    return result
