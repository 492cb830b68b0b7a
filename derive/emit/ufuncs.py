"""The functions of programs in NumPy: its own ufuncs, and helpers for those that it lacks."""

from __future__ import annotations

__all__ = ["BOOLEAN", "HELPERS", "LOUD", "UFUNCS", "WITH_ZERO"]

#: Functions that NumPy lacks, as helpers of the generated module (see templates/numpy).
HELPERS = ("sigmoid", "softplus", "sech", "sech2", "erf", "erfc")

#: A function of the program by its ufunc, and by its operator where Python has one.
UFUNCS: dict[str, tuple[str, str]] = {
    "add": ("np.add", "+"),
    "sub": ("np.subtract", "-"),
    "mul": ("np.multiply", "*"),
    "div": ("np.divide", "/"),
    "neg": ("np.negative", "-"),
    "exp": ("np.exp", ""),
    "expm1": ("np.expm1", ""),
    "log": ("np.log", ""),
    "log1p": ("np.log1p", ""),
    "tanh": ("np.tanh", ""),
    "sinh": ("np.sinh", ""),
    "cosh": ("np.cosh", ""),
    "sin": ("np.sin", ""),
    "cos": ("np.cos", ""),
    "tan": ("np.tan", ""),
    "atan": ("np.arctan", ""),
    "asin": ("np.arcsin", ""),
    "acos": ("np.arccos", ""),
    "asinh": ("np.arcsinh", ""),
    "acosh": ("np.arccosh", ""),
    "atanh": ("np.arctanh", ""),
    "sqrt": ("np.sqrt", ""),
    "pow": ("np.power", ""),
    "abs": ("np.abs", ""),
    "sign": ("np.sign", ""),
    "maximum": ("np.maximum", ""),
    "minimum": ("np.minimum", ""),
    "lt": ("np.less", "<"),
    "le": ("np.less_equal", "<="),
    "gt": ("np.greater", ">"),
    "ge": ("np.greater_equal", ">="),
    "eq": ("np.equal", "=="),
    "ne": ("np.not_equal", "!="),
    "and": ("np.logical_and", ""),
    "or": ("np.logical_or", ""),
    "not": ("np.logical_not", ""),
    **{name: (f"_{name}", "") for name in HELPERS},
}
#: Functions that are a ufunc with 0 for its second argument.
WITH_ZERO = {"relu": "np.maximum", "step": "np.heaviside"}

#: Functions whose result is no array of reals, so that no scratch array can hold it.
BOOLEAN = {"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"}

#: Functions that overflow or meet a pole where what is made of them need not, or that are computed
#: where nobody wants them.
LOUD = {"select", "exp", "expm1", "sinh", "cosh", "pow", "log", "log1p", "atanh"}
