"""What a local Jacobian looks like, and the operator that applies it."""

from __future__ import annotations

from enum import Enum

__all__ = ["Operator", "Structure"]


class Structure(Enum):
    """What the Jacobian ``∂u_i/∂T_k`` of a link looks like; the name is its key in the words."""

    ZERO = "zero"  # 0 everywhere
    SCALAR = "scalar"  # one number: both are scalars
    ROW = "row"  # u is a scalar: one row, a gradient
    COLUMN = "column"  # T is a scalar: one column
    IDENTITY = "identity"  # δ_ik
    DIAGONAL = "diagonal"  # every index of T is paired with one of u by a delta
    REPEATED = "repeated"  # diagonal for each value of further indices of u (a batch)
    BLOCK = "block"  # some indices are paired: blocks on the diagonal
    RANK_ONE = "rank_one"  # f_i g_k
    DIAGONAL_AND_RANK_ONE = "diagonal_and_rank_one"  # δ_ik f_i + g_i h_k: softmax
    BANDED = "banded"  # T is read at a shifted position, i + m: constant along a diagonal
    GATHERED = "gathered"  # T is read at a position that is data: one entry in each row
    SELECTED = "selected"  # T is read at a fixed position
    TRIANGULAR = "triangular"  # 0 where a comparison of i and k fails
    DENSE = "dense"  # none of these


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
