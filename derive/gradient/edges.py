"""The local derivatives of a layer: what both modes of differentiation are made of.

An *edge* goes from a tensor to a node that reads it. Its derivative ``∂u[i] / ∂T[k]`` is a sum
of terms, written with saved values where they are known (``1 - h²`` for ``h = tanh(r)``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from derive.index.delta import eliminate
from derive.index.functions import Select
from derive.index.inverses import read
from derive.index.local import Term, derivative
from derive.index.rewrite import fold
from derive.index.terms import Index, fresh, substitute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import sympy as sp

    from derive.index.terms import Entry
    from derive.layer.model import Layer, Node, Tensor

__all__ = ["Edge", "active", "edge", "gradient_names", "readers"]


@dataclass(frozen=True, slots=True)
class Edge:
    """``∂ node[indices] / ∂ tensor[target]``, and how it came about.

    Parameters
    ----------
    indices : tuple of Index
        Fresh ones, free in all that follows.
    body : sympy expression
        The node's definition at these indices.
    raw, reduced, terms : tuples of Term
        The derivative as it is found; without the deltas that only sums inside the node's own
        body pin down; and with saved values.
    """

    indices: tuple[Index, ...]
    body: sp.Expr
    raw: tuple[Term, ...]
    reduced: tuple[Term, ...]
    terms: tuple[Term, ...]


def readers(layer: Layer) -> dict[str, list[Node]]:
    """Return, for each tensor, the nodes that read it: the graph's edges, turned round."""
    found: dict[str, list[Node]] = {name: [] for name in layer.names}
    for node in layer.nodes:
        for name in sorted(read(node.body) & found.keys()):
            found[name].append(node)
    return found


def active(layer: Layer, wrt: tuple[str, ...]) -> set[str]:
    """Return the tensors that depend on one of ``wrt``, those themselves included."""
    reached = set(wrt)
    for node in layer.nodes:
        if not reached.isdisjoint(read(node.body)):
            reached.add(node.name)
    return reached


def edge(node: Node, tensor: Tensor, target: tuple[Index, ...]) -> Edge:
    """Return ``∂ node[i] / ∂ tensor[target]`` for fresh indices ``i``."""
    return _edge(node.body, node.entry, tensor, target)


@lru_cache(maxsize=4096)
def _edge(body: sp.Expr, entry: Entry, tensor: Tensor, target: tuple[Index, ...]) -> Edge:
    """Derive an edge once for all gradients (with saved values, with outputs, …) of a layer.

    The fresh indices of an answer may be given out again: each is bound, or put back, in the one
    term that it goes into.
    """
    indices = tuple(fresh() for _ in entry.indices)
    renamed = substitute(body, dict(zip(entry.indices, indices, strict=True)))
    sizes: dict[Index, sp.Expr] = dict(zip(indices, entry.shape, strict=True))
    sizes.update(zip(target, tensor.shape, strict=True))
    raw = derivative(renamed, tensor.name, target)
    found = (eliminate(term, sizes) for term in raw)
    reduced = tuple(term for term in found if term is not None)
    terms = []
    for term in reduced:
        known = {**sizes, **dict(term.bound)}
        guarded = not all(
            isinstance(access, Index) and known.get(access) == known.get(place)
            for access, place in term.deltas
        )
        folded = _folded(term.coefficient, body, entry, known, guarded)
        terms.append(replace(term, coefficient=folded))
    return Edge(indices, renamed, raw, reduced, tuple(terms))


def _folded(
    coefficient: sp.Expr,
    body: sp.Expr,
    entry: Entry,
    sizes: Mapping[Index, sp.Expr],
    guarded: bool,
) -> sp.Expr:
    """Write a coefficient with the node's own value, but keep a condition that guards an access."""
    if guarded and isinstance(coefficient, Select):
        condition, *branches = coefficient.args
        return Select(
            condition, *(_folded(branch, body, entry, sizes, True) for branch in branches)
        )
    return fold(coefficient, body, entry, sizes)


def gradient_names(names: Sequence[str], taken: set[str]) -> dict[str, str]:
    """Return the name of each tensor's gradient: ``d`` and the name, or ``d_`` where that is taken.

    >>> gradient_names(["x", "W"], {"x", "W", "dx"})
    {'x': 'd_x', 'W': 'dW'}
    """
    result: dict[str, str] = {}
    used = set(taken)
    for name in dict.fromkeys(names):
        choice = f"d{name}"
        while choice in used:
            choice = f"d_{choice[1:]}"
        used.add(choice)
        result[name] = choice
    return result
