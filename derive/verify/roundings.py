"""How many roundings stand between the inputs and each result, in the definition as written.

A sum of n terms counts n, an operation or a function 1; what is counted is the longest path. It
is a property of the definition (or of its derivative), not of the code that was generated, so
that no rewrite can earn itself a looser limit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from derive.program.ir import Assign, Call, Expr, Extent, Load, Number, Reduce, Scatter
from derive.program.lower import lower

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.index.terms import Size
    from derive.layer.model import Layer

__all__ = ["roundings"]

#: What is exact.
_EXACT = frozenset(
    (
        *("neg", "abs", "sign", "relu", "step", "maximum", "minimum", "select"),
        *("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"),
    )
)


def roundings(layer: Layer, sizes: Mapping[Size, int]) -> dict[str, int]:
    """Return, for each output of a layer, the length of the longest path of roundings.

    Examples
    --------
    >>> from derive.layers import quantizer
    >>> layer = quantizer.layer.build()
    >>> N, M = layer.sizes
    >>> roundings(layer, {N: 5, M: 4})
    {'Z': 8}
    """
    numbers = {size.name: number for size, number in sizes.items()}
    depth: dict[str, int] = {}
    for statement in lower(layer, "").body:
        if isinstance(statement, Assign):
            found = _depth(statement.value, depth)
        elif isinstance(statement, (Reduce, Scatter)):
            found = _depth(statement.value, depth)
            axes = statement.over if isinstance(statement, Reduce) else statement.axes
            sums = isinstance(statement, Scatter) or statement.op in ("sum", "product")
            found += math.prod(_number(axis.extent, numbers) for axis in axes) if sums else 0
        else:
            raise TypeError(f"no roundings known of a {type(statement).__name__}")
        depth[statement.target] = max(found, depth.get(statement.target, 0))
    return {name: max(depth.get(name, 0), 1) for name in layer.outputs}


def _depth(expression: Expr, known: Mapping[str, int]) -> int:
    if isinstance(expression, Load):
        return known.get(expression.buffer, 0)
    if isinstance(expression, Call):
        below = max(_depth(argument, known) for argument in expression.arguments)
        return below + (expression.function not in _EXACT)
    return 0


def _number(extent: Expr, sizes: Mapping[str, int]) -> int:
    if isinstance(extent, Extent):
        return sizes[extent.name]
    if isinstance(extent, Number):
        return int(extent.value)
    if isinstance(extent, Call):
        left, *right = (_number(argument, sizes) for argument in extent.arguments)
        return {
            "add": lambda: left + right[0],
            "sub": lambda: left - right[0],
            "mul": lambda: left * right[0],
            "neg": lambda: -left,
        }[extent.function]()
    raise TypeError(f"no number for a {type(extent).__name__}")
