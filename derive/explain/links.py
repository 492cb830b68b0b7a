"""The chain rule link by link: each local Jacobian, its structure, and the operator that follows.

A link is an edge of the layer's graph, from a node ``u`` back to a tensor ``T`` that it reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.explain.operators import Operator
    from derive.explain.tree import Equation
    from derive.explain.words import Phrase
    from derive.gradient.jacobian import Jacobian
    from derive.gradient.structure import Structure
    from derive.layer.model import Layer

__all__ = ["Chain", "Link", "chain", "links"]


@dataclass(frozen=True, slots=True)
class Link:
    """One edge of the graph, as the chain rule uses it.

    Parameters
    ----------
    of, wrt : str
        The node ``u``, and the tensor ``T`` that it reads.
    jacobian : Jacobian
        ``∂u[rows]/∂T[columns]``, local: other nodes stay what they are.
    index : Equation
        The Jacobian in index form, to print.
    matrix : Equation or None
        The Jacobian as a matrix, where it has at most two indices and a matrix form.
    structure : Structure
        What the Jacobian looks like.
    operator : Operator
        What applies it to the cotangent of ``u``.
    product : Equation or None
        What the link gives to the gradient with respect to ``T``, in matrix form: ``dx = Wᵀ ds``.
    einsum : str
        The same as a line of code, where there is no matrix form but a product of tensors.
    reason : Phrase
        Why this operator: one sentence.
    """

    of: str
    wrt: str
    jacobian: Jacobian
    index: Equation
    matrix: Equation | None
    structure: Structure
    operator: Operator
    product: Equation | None
    einsum: str
    reason: Phrase


@dataclass(frozen=True, slots=True)
class Chain:
    """A gradient as one product, with the notes that belong to it.

    Parameters
    ----------
    wrt : str
        The tensor.
    links : tuple of Link
        The links that it uses, from the outputs down to the tensor.
    steps : tuple of Equation
        The gradients on the way and at last the one with respect to the tensor, each in matrix
        form where it has one, else in index form.
    whole : Equation or None
        All of them put into one another: ``((ŷ − y) W2ᵀ ∘ h ∘ (1 − h)) W1ᵀ``.
    einsum : str
        A line of code where there is no matrix form.
    remarks : tuple of Phrase
        What else is to be said: that two links are taken together, that there is no matrix form.
    """

    wrt: str
    links: tuple[Link, ...]
    steps: tuple[Equation, ...]
    whole: Equation | None
    einsum: str
    remarks: tuple[Phrase, ...]


def links(
    layer: Layer, wrt: str | None = None, *, rows: bool | None = None, numerator: bool = False
) -> tuple[Link, ...]:
    """Return the links that a gradient uses, those near the outputs first.

    Parameters
    ----------
    layer : Layer
        The layer.
    wrt : str, optional
        The tensor that the gradient is with respect to; all links of the layer if not given.
    rows : bool, optional
        Whether vectors are rows in matrix form; as the layer is written, if not given.
    numerator : bool
        Whether a gradient is laid out as the transpose of its tensor.
    """
    return ()


def chain(layer: Layer, wrt: str, *, rows: bool | None = None, numerator: bool = False) -> Chain:
    """Return the whole chain of one gradient; the parameters are those of :func:`links`."""
    return Chain(wrt, links(layer, wrt, rows=rows, numerator=numerator), (), None, "", ())
