"""What commands say about a layer, as strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.explain.latex import written_latex
from derive.explain.shapes import shape_formula
from derive.explain.text import written
from derive.gradient.jacobian import Jacobian

if TYPE_CHECKING:
    import sympy as sp

    from derive.explain.report import Line
    from derive.explain.tree import Equation
    from derive.layer.model import Layer, Tensor

__all__ = ["formula_json", "kink_names", "line_json", "shape_text", "tensor_json"]


#: Functions whose names in a formula are not those of their classes.
_ON_PAPER = {
    "Abs": "|·|",
    "IndexArgmax": "argmax",
    "IndexMax": "max",
    "Select": "select",
    "maximum": "max",
    "minimum": "min",
}


def kink_names(layer: Layer) -> tuple[str, ...]:
    """Return the functions that have a point without a derivative, as formulas have them."""
    return tuple(sorted({_ON_PAPER.get(name, name) for name in layer.kinks}))


def shape_text(shape: tuple[sp.Expr, ...]) -> str:
    """Return ``(N, M)``; nothing for a scalar.

    >>> from derive.index.terms import Size
    >>> shape_text((Size("N"), Size("M") - Size("K") + 1))
    '(N, M + 1 − K)'
    """
    return written(shape_formula(shape, {})) if shape else ""


def tensor_json(layer: Layer, tensor: Tensor) -> dict[str, Any]:
    """Return a tensor for JSON."""
    return {
        "name": tensor.name,
        "role": "output" if tensor.name in layer.outputs else tensor.role.value,
        "shape": [str(size) for size in tensor.shape],
        "doc": tensor.doc,
    }


def formula_json(equation: Equation, origin: int) -> dict[str, str]:
    """Return an equation for JSON, in both ways of writing it."""
    return {"text": written(equation), "latex": written_latex(equation, origin)}


def line_json(line: Line, matrix: Equation | None, origin: int) -> dict[str, Any]:
    """Return a line of a report for JSON; ``matrix`` is null where there is no matrix form."""
    result: dict[str, Any] = {
        "name": line.name,
        "index": formula_json(line.equation, origin),
        "matrix": None if matrix is None else formula_json(matrix, origin),
    }
    if line.wrt:
        result |= {"of": line.of or None, "wrt": line.wrt}
    if isinstance(line.source, Jacobian):
        result["structure"] = line.source.structure.value
    else:
        result["facts"] = list(line.source.facts)
    return result
