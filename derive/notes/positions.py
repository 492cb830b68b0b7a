r"""Whole numbers that are given and stand below a symbol, or end a sum: positions on that axis.

What the header reads by them says so of itself. A number that only a claim has as an index, as in
``\log\pi_a``, or that a sum ends at, ``\sum_{t=1}^{\ell_n} x_{nt}``, is tied to the axis there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.limits import limits_of
from derive.notes.meaning import letter_of
from derive.notes.ranges import REDUCTIONS, axis_of
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sympy as sp

    from derive.notes.differentials import Differentials
    from derive.notes.scope import Scope
    from derive.notes.tree import Node

__all__ = ["tie_positions"]


def tie_positions(formula: Node, differentials: Differentials) -> None:
    """Tie the whole numbers that stand as positions in a formula to the axes there."""
    scope = differentials.symbolic()
    for part in tree.walk(formula):
        for node, size in _places(part, scope):
            base = node.base if isinstance(node, tree.Scripted) else node
            number = scope.tensors.get(letter_of(base) or "")
            if number is not None and number.integer:
                differentials.world.tie(number.name, size)


def _places(node: Node, scope: Scope) -> Iterator[tuple[Node, sp.Expr]]:
    """Yield what says where on an axis something is, with the size of the axis."""
    if isinstance(node, tree.Scripted) and isinstance(node.base, tree.Name):
        symbol = scope.tensors.get(node.base.spelling)
        indices = tree.indices(node)
        if symbol is not None and len(indices) <= len(symbol.shape):
            yield from zip(indices, symbol.shape, strict=False)
    elif isinstance(node, tree.BigOperator) and node.operator in REDUCTIONS and node.upper:
        try:
            limits = limits_of(node, scope)
        except Misfit:
            return
        for limit in limits:
            size = None if limit.last is None else axis_of(limit.letter, node.body, scope)
            if limit.last is not None and size is not None:
                yield limit.last, size
