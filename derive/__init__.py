"""derive: write a layer as mathematics; get its gradients derived, checked and emitted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from derive.layer.shown import Shown, show_by

if TYPE_CHECKING:
    from derive.layer.arrays import (
        absolute,
        acos,
        acosh,
        asin,
        asinh,
        atan,
        atanh,
        cos,
        cosh,
        delta,
        erf,
        exp,
        log,
        logsumexp,
        max_over,
        maximum,
        mean_over,
        min_over,
        minimum,
        product_over,
        relu,
        sech,
        select,
        sigmoid,
        sign,
        sin,
        sinh,
        softmax,
        softplus,
        sqrt,
        sum_over,
        tan,
        tanh,
    )
    from derive.layer.build import Definition, grad

__version__ = "0.1.0"

__all__ = [
    "Definition",
    "absolute",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cos",
    "cosh",
    "delta",
    "erf",
    "exp",
    "grad",
    "log",
    "logsumexp",
    "max_over",
    "maximum",
    "mean_over",
    "min_over",
    "minimum",
    "product_over",
    "relu",
    "sech",
    "select",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "sum_over",
    "tan",
    "tanh",
]


def __getattr__(name: str) -> object:
    """Import what a layer file is written with at its first use: it brings SymPy, which is slow."""
    if name in __all__:
        home = "build" if name in ("Definition", "grad") else "arrays"
        return getattr(import_module(f"derive.layer.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


@show_by
def _drawn(value: Shown, form: str) -> str | None:
    """Draw a value for a notebook; what does it is imported at its first use."""
    drawn: str | None = import_module("derive.explain.notebook").drawn(value, form)
    return drawn
