"""Derivations as data: how each gradient came about, line by line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.gradient.edges import edge
from derive.gradient.reverse import cotangent_nodes, letters_for
from derive.gradient.trace import edge_steps
from derive.index.terms import Index, substitute, tensors
from derive.layer.model import Node, Role, Tensor
from derive.layer.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sympy as sp

    from derive.layer.model import Layer, Step

__all__ = ["Derivation", "derivations", "in_letters", "local_derivation"]


@dataclass(frozen=True, slots=True)
class Derivation(Shown):
    """How one gradient, or one local derivative, came about.

    Parameters
    ----------
    of : str
        What is differentiated: a node; empty for the loss, where it has no name.
    wrt : str
        The tensor that it is differentiated by.
    node : Node
        The result.
    steps : tuple of Step
        The lines: the first starts at ``node.entry`` (at the :class:`Partial` of a local
        derivative), the last ends at ``node.body``, and each starts where the one before it ended.
    layer : Layer
        The layer that is differentiated.
    """

    of: str
    wrt: str
    node: Node
    steps: tuple[Step, ...]
    layer: Layer


def derivations(layer: Layer, wrt: Sequence[str] | None = None) -> tuple[Derivation, ...]:
    """Return the derivations of a layer's gradients.

    Parameters
    ----------
    layer : Layer
        What to differentiate.
    wrt : sequence of str, optional
        The tensors to differentiate by; all inputs and parameters if not given.

    Returns
    -------
    tuple of Derivation
        The gradients in their order, then the cotangents of intermediates that they use, those
        nearest to the loss first.
    """
    names = layer.wrt_names(wrt)
    nodes = cotangent_nodes(layer, names, traced=True)
    tensor_of = {node.name: name for name, node in nodes.items()}
    used = {nodes[name].name for name in names}
    between = []
    for name, node in reversed(nodes.items()):
        if node.name in used:
            used |= {n for step in node.steps for n in tensors(step.after) if n in tensor_of}
            between += [name] if name not in names else []
    scalar = len(layer.outputs) == 1 and not layer.tensor(layer.outputs[0]).shape
    of = layer.outputs[0] if scalar else ""
    return tuple(
        Derivation(of, name, nodes[name], nodes[name].steps, layer)
        for name in (*names, *reversed(between))
    )


def local_derivation(layer: Layer, of: str, wrt: str) -> Derivation:
    """Return the derivation of a local derivative: other nodes stay what they are.

    Parameters
    ----------
    layer : Layer
        The layer that both belong to.
    of : str
        A node.
    wrt : str
        A tensor that it reads.
    """
    node, tensor = layer.node(of), layer.tensor(wrt)
    free = letters_for(layer, len(node.indices) + len(tensor.shape))
    rows, columns = free[: len(node.indices)], free[len(node.indices) :]
    steps = edge_steps(node, edge(node, tensor, columns), rows, tensor.at(*columns))
    whole = Tensor(f"d{of}/d{wrt}", (*node.tensor.shape, *tensor.shape), Role.NODE)
    return Derivation(of, wrt, Node(whole, free, steps[-1].after), steps, layer)


def in_letters(one: Derivation, letters: Sequence[str]) -> Derivation:
    """Return a derivation with other letters for its free indices.

    Parameters
    ----------
    one : Derivation
        The derivation.
    letters : sequence of str
        A letter for each index of ``one.node``; as many, all different.
    """
    swap: dict[sp.Basic, sp.Basic] = dict(zip(one.node.indices, map(Index, letters), strict=True))

    def changed(expression: sp.Expr) -> sp.Expr:
        return substitute(expression, swap)

    steps = tuple(
        replace(
            step,
            before=changed(step.before),
            after=changed(step.after),
            part=changed(step.part),
            became=changed(step.became),
        )
        for step in one.steps
    )
    indices = tuple(map(Index, letters))
    node = replace(one.node, indices=indices, body=changed(one.node.body), steps=steps)
    return replace(one, node=node, steps=steps)
