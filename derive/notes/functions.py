"""Functions that notes use by name, as expressions in one letter."""

from __future__ import annotations

import sympy as sp

from derive.index.functions import relu, sigmoid, softplus, step
from derive.index.scalars import LETTER

__all__ = ["ELEMENTWISE"]

_u = LETTER

#: Elementwise functions by the names that notes give them.
ELEMENTWISE: dict[str, sp.Expr] = {
    "exp": sp.exp(_u),
    "log": sp.log(_u),
    "ln": sp.log(_u),
    "sigmoid": sigmoid(_u),
    "logistic": sigmoid(_u),
    "sigm": sigmoid(_u),
    r"\sigma": sigmoid(_u),
    "tanh": sp.tanh(_u),
    "sech": 1 / sp.cosh(_u),
    "cosh": sp.cosh(_u),
    "sinh": sp.sinh(_u),
    "softplus": softplus(_u),
    "relu": relu(_u),
    "ReLU": relu(_u),
    "sqrt": sp.sqrt(_u),
    "abs": sp.Abs(_u),
    "sign": sp.sign(_u),
    "sgn": sp.sign(_u),
    "erf": sp.erf(_u),
    "sin": sp.sin(_u),
    "cos": sp.cos(_u),
    "tan": sp.tan(_u),
    "arctan": sp.atan(_u),
    "step": step(_u),
    "silu": _u * sigmoid(_u),
    "swish": _u * sigmoid(_u),
    "gelu": _u * (1 + sp.erf(_u / sp.sqrt(2))) / 2,
    "square": _u**2,
}
