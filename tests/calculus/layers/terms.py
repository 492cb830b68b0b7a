"""Layers of a few exponentials or squares that are written out, term by term."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import cos, exp, log, sigmoid, sqrt, sum_over
from tests.calculus.layers.register import layer

if TYPE_CHECKING:
    from derive import Definition


@layer
def log_of_terms(d: Definition) -> None:
    """Logarithms of two and of four exponentials."""
    N = d.sizes("N")
    x, z, w = d.input("x", N), d.input("z", N), d.input("w", N)
    d.output("y", log(exp(x) + exp(z)))
    d.output("u", log(1 + exp(x) + 2 * exp(z) + exp(w)))


@layer
def gate_of_two(d: Definition) -> None:
    """A mean of two values, weighted by a softmax that is written out."""
    N = d.sizes("N")
    s, t, u, v = (d.input(name, N) for name in "stuv")
    d.output("y", (exp(s) * u + exp(t) * v) / (exp(s) + exp(t)))


@layer
def contrastive_loss(d: Definition) -> None:
    """One similarity beside the sum over many."""
    K = d.sizes("K")
    s, t = d.input("s"), d.input("t", K)
    k = d.indices("k")
    d.output("L", -log(exp(s) / (exp(s) + sum_over(k, exp(t[k])))))


@layer
def two_gaussians(d: Definition) -> None:
    """The log of the density of a mixture."""
    N = d.sizes("N")
    x, m, w = d.input("x", N), d.param("m"), d.param("w")
    i = d.indices("i")
    y = d.output("y", N)
    one, two = exp(-((x[i] - m) ** 2) / 2), exp(-(x[i] ** 2) / 8) / 2
    y[i] = log(sigmoid(w) * one + (1 - sigmoid(w)) * two)


@layer
def lengths(d: Definition) -> None:
    """Distances in the plane, and from an axis in a space."""
    N, K = d.sizes("N K")
    x, z, t = d.input("x", N), d.input("z", N), d.input("t", K)
    k = d.indices("k")
    d.output("y", sqrt(x**2 + z**2))
    d.output("u", x / sqrt(x**2 + sum_over(k, t[k] ** 2)))


@layer
def pseudo_huber(d: Definition) -> None:
    """A loss that is quadratic near 0 and linear far from it, with its scale."""
    N = d.sizes("N")
    x, s, i = d.input("x", N), d.param("s"), d.indices("i")
    y = d.output("y", N)
    y[i] = s[()] ** 2 * (sqrt(1 + (x[i] / s[()]) ** 2) - 1)


@layer
def small_differences(d: Definition) -> None:
    """What is nearly 0 near 0, as an angle's chord and the logarithm of what is nearly 1."""
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", 1 - cos(x))
    d.output("u", log(x + sqrt(x**2 + 1)))
