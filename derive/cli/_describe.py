"""What commands say about a layer, as strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.explain.latex import written_latex
from derive.explain.text import written
from derive.gradient.jacobian import Jacobian

if TYPE_CHECKING:
    import sympy as sp

    from derive.explain.report import Line
    from derive.layer.model import Layer, Tensor

__all__ = ["line_json", "shape_text", "tensor_json"]


def shape_text(shape: tuple[sp.Expr, ...]) -> str:
    """Return ``(N, M)``; nothing for a scalar.

    >>> from derive.index.terms import Size
    >>> shape_text((Size("N"), Size("M") + 1))
    '(N, M + 1)'
    """
    return f"({', '.join(map(str, shape))})" if shape else ""


def tensor_json(layer: Layer, tensor: Tensor) -> dict[str, Any]:
    """Return a tensor for JSON."""
    return {
        "name": tensor.name,
        "role": "output" if tensor.name in layer.outputs else tensor.role.value,
        "shape": [str(size) for size in tensor.shape],
        "doc": tensor.doc,
    }


def line_json(line: Line, origin: int) -> dict[str, Any]:
    """Return an equation for JSON, in every way of writing it."""
    result: dict[str, Any] = {
        "name": line.name,
        "text": written(line.equation),
        "latex": written_latex(line.equation, origin),
    }
    if line.wrt:
        result |= {"of": line.of or None, "wrt": line.wrt}
    if isinstance(line.source, Jacobian):
        result["structure"] = line.source.structure
    else:
        result |= {"facts": list(line.source.facts)}
    return result
