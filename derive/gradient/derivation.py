"""Derivations as data: how each gradient came about, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.gradient.reverse import cotangent_names, reverse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.layer.model import Layer, Node, Step

__all__ = ["Derivation", "derivations"]


@dataclass(frozen=True, slots=True)
class Derivation:
    """How one gradient came about.

    Parameters
    ----------
    of : str
        What is differentiated: an output or a node; empty for the loss, where it has no name.
    wrt : str
        The tensor that it is differentiated by.
    node : Node
        The result, ``node.entry = node.body``.
    steps : tuple of Step
        The lines: the first starts at ``node.entry``, the last ends at ``node.body``, and each
        starts where the one before it ended.
    """

    of: str
    wrt: str
    node: Node
    steps: tuple[Step, ...]


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
    gradient = reverse(layer, wrt, traced=True)
    _, titles = cotangent_names(layer, wrt)
    tensor_of = {title: name for name, title in titles.items()}
    scalar = len(layer.outputs) == 1 and not layer.tensor(layer.outputs[0]).shape
    of = layer.outputs[0] if scalar else ""
    derived = [node for node in gradient.nodes if node.name in tensor_of]
    results = [gradient.node(name) for name in gradient.outputs]
    between = [node for node in derived if node.name not in gradient.outputs]
    return tuple(
        Derivation(of, tensor_of[node.name], node, node.steps) for node in (*results, *between)
    )
