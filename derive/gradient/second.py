"""Second derivatives: the tangent of the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.gradient.forward import forward
from derive.gradient.reverse import reverse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.layer.model import Layer

__all__ = ["hessian_vector"]


def hessian_vector(layer: Layer, wrt: Sequence[str] | None = None) -> Layer:
    """Return the layer of the Hessian-vector product, forward over reverse.

    Its inputs are those of the gradient (with the cotangent of the loss) and a tangent
    ``d_`` + ``T`` for each tensor ``T`` of ``wrt``; its outputs are the tangents of the
    gradients, ``H v``, each of the shape of its tensor.
    """
    names = layer.wrt_names(wrt)
    return forward(reverse(layer, names), names)
