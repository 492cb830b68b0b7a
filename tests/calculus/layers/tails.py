"""Layers of what underflows, cancels or overflows far from 0 as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive import exp, log, maximum, minimum, sigmoid, sqrt, tanh
from tests.calculus.layers.register import layer

if TYPE_CHECKING:
    from derive import Definition


@layer
def links(d: Definition) -> None:
    """Logarithms of probabilities: complementary log-log, log-log."""
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", log(1 - exp(-exp(x))))
    d.output("u", -log(-log(sigmoid(x))))


@layer
def celu(d: Definition) -> None:
    """The exponential unit, of a maximum and a minimum."""
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", maximum(x, 0) + minimum(0, 2.0 * (exp(x / 2) - 1.0)))


@layer
def gelu_by_tanh(d: Definition) -> None:
    """The approximation of GELU by tanh, with decimals (Hendrycks and Gimpel 2016)."""
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", 0.5 * x * (1.0 + tanh(sqrt(2 / sp.pi) * (x + 0.044715 * x**3))))


@layer
def apart(d: Definition) -> None:
    """Differences of two sigmoids and of two tanh, and a log cosh that is written out."""
    N = d.sizes("N")
    x, z = d.input("x", N), d.input("z", N)
    d.output("y", 1 - sigmoid(x) * sigmoid(z))
    d.output("u", tanh(x) - tanh(z))
    d.output("v", log((exp(x - z) + exp(z - x)) / 2))
