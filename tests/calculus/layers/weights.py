"""Layers of exponentials that are divided by their sum: as powers, as weights, beside a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive import exp, log, mean_over, select, softmax, sqrt, sum_over
from tests.calculus.layers.register import layer

if TYPE_CHECKING:
    from derive import Definition


@layer
def power_loss(d: Definition) -> None:
    """A power of the softmax at a label, that is no root: the generalised cross-entropy."""
    N, K = d.sizes("N K")
    x, y = d.input("x", N, K), d.integers("y", N)
    n = d.indices("n")
    p = d.node("p", softmax(x))
    d.output("L", mean_over(n, 1 - p[n, y[n]] ** 0.75))


@layer
def tempered_softmax(d: Definition) -> None:
    """A power of a whole softmax."""
    K = d.sizes("K")
    x, k = d.input("x", K), d.indices("k")
    p = d.node("p", softmax(x))
    q = d.output("q", K)
    q[k] = p[k] ** 0.75


@layer
def softmax_of_products(d: Definition) -> None:
    """A softmax with a scale for each entry."""
    N = d.sizes("N")
    x, s = d.input("x", N), d.param("s", N)
    d.output("p", softmax(s * x))


@layer
def log_sum_of_products(d: Definition) -> None:
    """The logarithm of a sum of exponentials of products."""
    N = d.sizes("N")
    x, s, n = d.input("x", N), d.param("s", N), d.indices("n")
    d.output("y", log(sum_over(n, exp(x[n] * s[n]))))


@layer
def weights_with_a_name(d: Definition) -> None:
    """A mean whose weights are exponentials, which are a node."""
    T, E = d.sizes("T E")
    s, V = d.input("s", T, T), d.input("V", T, E)
    i, j, k, e = d.indices("i j k e")
    w = d.node("w", T, T)
    w[i, j] = exp(s[i, j])
    y = d.output("y", T, E)
    y[i, e] = sum_over(j, w[i, j] * V[j, e]) / sum_over(k, w[i, k])


@layer
def weights_of_the_past(d: Definition) -> None:
    """The same, where only some of them count."""
    T = d.sizes("T")
    s, v = d.input("s", T, T), d.input("v", T)
    i, j, k = d.indices("i j k")
    w = d.node("w", T, T)
    w[i, j] = select(sp.Le(j, i), exp(s[i, j]), 0)
    y = d.output("y", T)
    y[i] = sum_over(j, w[i, j] * v[j] ** 2) / sum_over(k, w[i, k])


@layer
def frobenius_norm(d: Definition) -> None:
    """The length of a matrix."""
    N, M = d.sizes("N M")
    X, i, j = d.input("X", N, M), *d.indices("i j")
    d.output("y", sqrt(sum_over(i, sum_over(j, X[i, j] ** 2))))


@layer
def root_mean_square(d: Definition) -> None:
    """The root of the mean of the squares in a matrix."""
    N, M = d.sizes("N M")
    X, i, j = d.input("X", N, M), *d.indices("i j")
    d.output("y", sqrt(mean_over(i, mean_over(j, X[i, j] ** 2))))


@layer
def reference_class(d: Definition) -> None:
    """The probability of one of three classes, of which one has the score 0, and its logarithm."""
    N = d.sizes("N")
    x, z = d.input("x", N), d.input("z", N)
    d.output("y", exp(x) / (1 + exp(x) + exp(z)))
    d.output("u", log(1 + exp(x) + exp(z)) - x)


@layer
def log_laplace(d: Definition) -> None:
    """The logarithm of the distribution function of Laplace."""
    N = d.sizes("N")
    x, m, i = d.input("x", N), d.param("m"), d.indices("i")
    y = d.output("y", N)
    below, above = exp(x[i] - m[()]) / 2, 1 - exp(m[()] - x[i]) / 2
    y[i] = log(select(x[i] < m[()], below, above))
