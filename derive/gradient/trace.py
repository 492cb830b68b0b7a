"""The lines of a derivation, from what reverse mode found on its way.

T̄[k]  =  Σ_consumers u  Σ_i  ū[i] · ∂u[i]/∂T[k]  =  …  =  the gradient's body
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.index.partial import Partial
from derive.index.terms import IndexSum
from derive.layer.model import Rule, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from derive.index.terms import Entry, Index
    from derive.layer.model import Node

__all__ = ["Consumer", "steps_of"]

#: A node that reads the tensor, and its cotangent at given indices.
Consumer = tuple["Node", "tuple[Index, ...]", sp.Expr]


def steps_of(
    node: Node, entry: Entry, consumers: Iterable[Consumer], own: sp.Expr
) -> tuple[Step, ...]:
    """Return the steps from the gradient's entry to its body.

    Parameters
    ----------
    node : Node
        The gradient.
    entry : Entry
        The entry that is differentiated by.
    consumers : iterable of (Node, indices, cotangent)
        The chain rule's summands.
    own : sympy expression
        What the loss depends on besides, for an output that other nodes read as well.
    """
    total = own
    names = []
    for consumer, indices, cotangent in consumers:
        names.append(consumer.name)
        here = consumer.tensor.at(*indices)
        total += _summed(cotangent * Partial(here, entry), indices, consumer.tensor.shape)
    lines = [(Rule.CHAIN, total, tuple(names)), (Rule.COLLECT, node.body, ())]
    before: sp.Expr = node.entry
    steps = []
    for rule, after, detail in lines:
        if after != before:
            steps.append(Step(rule, before, after, before, after, detail))
            before = after
    return tuple(steps)


def _summed(body: sp.Expr, indices: Sequence[Index], shape: Sequence[sp.Expr]) -> sp.Expr:
    """Return the body summed over the indices, its factors left where they are."""
    for index, size in reversed(list(zip(indices, shape, strict=True))):
        body = IndexSum(body, index, size)
    return body
