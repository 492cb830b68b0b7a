"""Layers of what underflows, cancels or overflows far from 0 as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive import absolute, exp, log, maximum, mean_over, minimum, sigmoid, sqrt, sum_over, tanh
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
def stable_logistic_loss(d: Definition) -> None:
    """The logistic loss as those write it who know that exponentials overflow."""
    N = d.sizes("N")
    x, t, n = d.input("x", N), d.label("t", N), d.indices("n")
    d.domain(t, "binary")
    terms = maximum(x[n], 0) - x[n] * t[n] + log(1 + exp(-absolute(x[n])))
    d.output("L", mean_over(n, terms))


@layer
def squareplus(d: Definition) -> None:
    """A smooth maximum of x and 0, with a parameter (Barron 2021)."""
    N = d.sizes("N")
    x, b = d.input("x", N), d.param("b")
    d.domain(b, "positive")
    d.output("y", (x + sqrt(x**2 + b)) / 2)


@layer
def variance_given(d: Definition) -> None:
    """The negative log likelihood of numbers with a mean and a variance each."""
    N = d.sizes("N")
    x, v, t, n = d.input("x", N), d.input("v", N), d.label("t", N), d.indices("n")
    d.domain(v, "positive")
    d.output("L", sum_over(n, log(v[n]) + (t[n] - x[n]) ** 2 / v[n]))


@layer
def tweedie(d: Definition) -> None:
    """A deviance in which labels of 0 meet exponentials that overflow (as of Tweedie, p = 3/2)."""
    N = d.sizes("N")
    x, t, n = d.input("x", N), d.label("t", N), d.indices("n")
    d.domain(t, "binary")
    d.output("L", sum_over(n, 2 * t[n] * exp(-x[n] / 2) + 6 * exp(x[n] / 2)))


@layer
def apart(d: Definition) -> None:
    """Differences of two sigmoids and of two tanh, and a log cosh that is written out."""
    N = d.sizes("N")
    x, z = d.input("x", N), d.input("z", N)
    d.output("y", 1 - sigmoid(x) * sigmoid(z))
    d.output("u", tanh(x) - tanh(z))
    d.output("v", log((exp(x - z) + exp(z - x)) / 2))


@layer
def negative_binomial(d: Definition) -> None:
    """The negative log likelihood of counts with a dispersion, but for what x is not in."""
    N = d.sizes("N")
    x, t, r, n = d.input("x", N), d.label("t", N), d.param("r"), d.indices("n")
    d.domain(r, "positive")
    d.output("L", sum_over(n, (t[n] + r[()]) * log(r[()] + exp(x[n])) - t[n] * x[n]))
