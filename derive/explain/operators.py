"""The operator that applies a local Jacobian to a cotangent."""

from __future__ import annotations

from enum import Enum

__all__ = ["Operator"]


class Operator(Enum):
    """What applies a link's Jacobian to the cotangent of u; the name is its key in the words."""

    ZERO = "zero"  # nothing arrives
    COPY = "copy"  # the cotangent as it is
    SCALE = "scale"  # a scalar times an array
    ELEMENTWISE = "elementwise"  # ∘
    MATRIX = "matrix"  # matrix product with a tensor as it stands
    TRANSPOSED = "transposed"  # matrix product with its transpose
    OUTER = "outer"  # no index is shared
    DOT = "dot"  # all indices are shared and summed
    SUM = "sum"  # the cotangent is summed over an index that T lacks
    REPEAT = "repeat"  # the cotangent is repeated along an index that u lacks
    SCATTER = "scatter"  # added up at positions that are data, or fixed
    CONVOLUTION = "convolution"  # summed along shifted positions
    CONTRACTION = "contraction"  # anything else: products summed over indices
