"""The elementary functions of generated C, compiled by themselves."""

from __future__ import annotations

import ctypes
import math
from pathlib import Path

import numpy as np

from derive.emit.c_lanes import POLYNOMIALS, helpers
from derive.emit.c_text import HELPERS, IN_LANES
from derive.verify.load import build

FUNCTIONS = POLYNOMIALS
#: Those that numbers have functions of their own for, too.
OF_NUMBERS = tuple(name for name in POLYNOMIALS if name in (*HELPERS, *IN_LANES))
TYPES = {"f64": "double", "f32": "float"}
HEAD = "#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n"


def text() -> str:
    """Return a C file with functions over arrays for each elementary function."""
    loops = []
    for name in FUNCTIONS:
        for bits, real in TYPES.items():
            lanes = f"LANES_{bits.upper()}"
            loops.append(
                f"void array_{name}_{bits}(size_t n, const {real} *x, {real} *y)\n"
                "{\n"
                f"    for (size_t i = 0; i < n; i += {lanes}) {{\n"
                f"        const size_t m = n - i < {lanes} ? n - i : {lanes};\n"
                f"        store_{bits}(y + i, {name}_vec_{bits}(load_{bits}(x + i, m)), m);\n"
                "    }\n"
                "}\n"
            )
            if name in OF_NUMBERS:
                loops.append(
                    f"void array_{name}_number_{bits}(size_t n, const {real} *x, {real} *y)\n"
                    "{\n"
                    "    for (size_t i = 0; i < n; ++i)\n"
                    f"        y[i] = {name}_{bits}(x[i]);\n"
                    "}\n"
                )
    return with_helpers("\n".join(loops))


def with_helpers(body: str) -> str:
    """Return a C file of functions, after those that they call."""
    return "\n\n".join((HEAD, *helpers(body), body))


def library(text: str, folder: Path) -> ctypes.CDLL:
    """Return a C file compiled and loaded."""
    source = folder / "functions.c"
    source.write_text(text, encoding="utf-8")
    source.with_suffix(".h").write_text("", encoding="utf-8")
    return ctypes.CDLL(str(build(source, folder, blas=False).library))


class Compiled:
    """The functions, each from an array to an array."""

    def __init__(self, folder: Path) -> None:
        self.library = library(text(), folder)

    def __call__(self, name: str, x: np.ndarray, kind: str = "") -> np.ndarray:
        """Return the function of every number, in vectors or, with ``_number``, one by one."""
        x = np.ascontiguousarray(x)
        y = np.empty_like(x)
        bits = {8: "f64", 4: "f32"}[x.itemsize]
        function = getattr(self.library, f"array_{name}{kind}_{bits}")
        function.restype = None
        function(
            ctypes.c_size_t(x.size), ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data)
        )
        return y


def double(name: str, x: np.ndarray) -> np.ndarray:
    """Return the function in double precision, for numbers in single precision."""
    with np.errstate(all="ignore"):
        x = x.astype(np.float64)
        if name == "sigmoid":
            return np.where(x >= 0, 1.0, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x)))
        if name == "softplus":
            return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
        if name.startswith("sech"):
            power = 2 if name == "sech2" else 1
            return (2 * np.exp(-np.abs(x)) / (1 + np.exp(-2 * np.abs(x)))) ** power
        if name.startswith("erf"):
            return np.frompyfunc(getattr(math, name), 1, 1)(x).astype(np.float64)
        return getattr(np, name)(x)


def ulps(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Return how far numbers in single precision are from those in double, in last places."""
    with np.errstate(all="ignore"):
        near = want.astype(np.float32)
        unit = np.spacing(np.abs(near)).astype(np.float64)
        unit = np.where(np.isfinite(unit), unit, 2.0**104)
        off = np.abs(got.astype(np.float64) - want) / unit
    # Where one is no number, or infinite, the other has to be the same.
    same = (got == near) | (np.isnan(got) & np.isnan(want))
    return np.where(same, np.where(np.isfinite(off), off, 0.0), np.nan_to_num(off, nan=np.inf))
