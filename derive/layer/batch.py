"""A batch is one more index: a transformation of the layer, not a case in any rule."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.index.terms import Entry, Index, Size, free_indices
from derive.layer.model import Fact, Layer, Node, Tensor

if TYPE_CHECKING:
    import sympy as sp

__all__ = ["batch", "batch_size", "free_name"]


def batch_size(layer: Layer) -> Size:
    """Return the size that counts the samples: ``B``, or a name that the layer does not use."""
    taken = {*layer.names, *(size.name for size in layer.sizes)}
    return Size(free_name(("B", "batch"), taken))


def batch(layer: Layer) -> Layer:
    """Return the layer over a batch: one more, first, axis on every tensor that has its own
    value for each sample.

    Parameters and constants are shared; a node is batched if it reads anything that is. A
    gradient with respect to a parameter is then summed over the batch by the calculus itself.

    Examples
    --------
    >>> from derive.layers import quantizer
    >>> batch(quantizer.layer.build()).nodes[0].entry
    Z[n, i]
    """  # noqa: D205
    size = batch_size(layer)
    taken = {*layer.names, *(s.name for s in layer.sizes)}
    taken |= {index.name for node in layer.nodes for index in node.indices}
    taken |= {index.name for fact in layer.facts for index in free_indices(fact.left)}
    letter = Index(free_name(("n", "s", "t", "u"), taken))
    batched = {tensor.name for tensor in layer.tensors if tensor.role.batched}
    for node in layer.nodes:
        if any(entry.tensor in batched for entry in node.body.atoms(Entry)):
            batched.add(node.name)

    def tensor(old: Tensor) -> Tensor:
        return replace(old, shape=(size, *old.shape)) if old.name in batched else old

    def body(old: sp.Expr) -> sp.Expr:
        # Entries keep their own indices, bound ones too, so no binder needs to be opened.
        return _entries(old, batched, size, letter)

    def defined(old: Node) -> Node:
        if old.name not in batched:
            return old
        return replace(
            old,
            tensor=tensor(old.tensor),
            indices=(letter, *old.indices),
            body=body(old.body),
        )

    return replace(
        layer,
        sizes=(size, *layer.sizes),
        tensors=tuple(tensor(t) for t in layer.tensors),
        nodes=tuple(defined(node) for node in layer.nodes),
        facts=tuple(Fact(body(f.left), body(f.right), f.text) for f in layer.facts),
    )


def free_name(wished: tuple[str, ...], taken: set[str]) -> str:
    """Return the first name that is not taken; if all are, the first one with a number.

    >>> free_name(("n", "s"), {"n"}), free_name(("n", "s"), {"n", "s"})
    ('s', 'n2')
    """
    names = itertools.chain(wished, (f"{wished[0]}{count}" for count in itertools.count(2)))
    return next(name for name in names if name not in taken)


def _entries(expression: sp.Expr, batched: set[str], size: Size, letter: Index) -> sp.Expr:
    """Give every entry of a batched tensor its sample's index, subscripts inside subscripts too."""
    if not expression.args:
        return expression
    if isinstance(expression, Entry):
        indices = [_entries(index, batched, size, letter) for index in expression.indices]
        if expression.tensor in batched:
            return Entry(expression.args[0], (size, *expression.shape), letter, *indices)
        return Entry(expression.args[0], expression.shape, *indices)
    return expression.func(*(_entries(a, batched, size, letter) for a in expression.args))
