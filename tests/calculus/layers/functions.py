"""Layers of functions and reductions: kinks, extremes, products, quotients."""

from __future__ import annotations

import sympy as sp

from derive import (
    Definition,
    absolute,
    cos,
    erf,
    exp,
    log,
    max_over,
    maximum,
    min_over,
    minimum,
    product_over,
    relu,
    sech,
    select,
    sin,
    softmax,
    softplus,
    sqrt,
    sum_over,
    tanh,
)
from tests.calculus.layers.register import layer


@layer
def extremes(d: Definition) -> None:
    """A max-shifted log-sum-exp, and the range of a matrix."""
    N, K = d.sizes("N K")
    x = d.input("x", N, K)
    n, k, m = d.indices("n k m")
    y, span = d.output("y", N), d.output("span")
    top = max_over(k, x[n, k])
    y[n] = top + log(sum_over(m, exp(x[n, m] - top)))
    span[()] = max_over(n, max_over(k, x[n, k])) - min_over(n, min_over(k, x[n, k]))


@layer
def max_of_sums(d: Definition) -> None:
    N, K = d.sizes("N K")
    x, w = d.input("x", N, K), d.param("w", K)
    n, k = d.indices("n k")
    y = d.output("y")
    y[()] = max_over(n, tanh(sum_over(k, w[k] * x[n, k])))


@layer
def inverse_functions(d: Definition) -> None:
    """Inverses of trigonometric and hyperbolic functions, where they have values."""
    N = d.sizes("N")
    x, z, i = d.input("x", N), d.input("z", N), d.indices("i")
    d.domain(x, "unit")
    y = d.output("y", N)
    first = sp.asin(x[i]) * z[i] + sp.acos(x[i] * sp.tanh(z[i])) + sp.atanh(x[i]) ** 2
    y[i] = first + sp.asinh(z[i]) * sp.acosh(1 + x[i])


@layer
def kinks(d: Definition) -> None:
    N = d.sizes("N")
    x, z = d.input("x", N), d.input("z", N)
    d.output("y", relu(x) * absolute(z) + maximum(x, z) * minimum(x, tanh(z)) + relu(-z))


@layer
def focal_loss(d: Definition) -> None:
    """One minus a probability, read again after its square (Lin et al. 2017)."""
    K = d.sizes("K")
    t, y, k = d.input("t", K), d.label("y", K), d.indices("k")
    p, loss = d.node("p", softmax(t)), d.output("L")
    loss[()] = -sum_over(k, y[k] * (1 - p[k]) ** 2 * log(p[k]))


@layer
def product(d: Definition) -> None:
    N, M = d.sizes("N M")
    x, w = d.input("x", N, M), d.param("w", M)
    n, m = d.indices("n m")
    y = d.output("y", N)
    y[n] = product_over(m, 1 - w[m] * x[n, m]) + product_over(m, w[m])


@layer
def quadratic_form(d: Definition) -> None:
    N = d.sizes("N")
    x, A = d.input("x", N), d.param("A", N, N)
    d.output("y", x @ A @ x)


@layer
def cosine_similarity(d: Definition) -> None:
    N = d.sizes("N")
    u, v = d.input("u", N), d.input("v", N)
    d.output("y", (u @ v) / sqrt((u @ u) * (v @ v)))


@layer
def unit_vector(d: Definition) -> None:
    N = d.sizes("N")
    u = d.input("u", N)
    length = d.node("length", sqrt(u @ u))
    d.output("y", u / length)


@layer
def smooth_functions(d: Definition) -> None:
    N = d.sizes("N")
    x, p = d.input("x", N), d.param("p", N)
    d.domain(p, "positive")
    h = d.node("h", softplus(x) + erf(x) * cos(p) + sech(x * p))
    d.output("y", h * p**1.5 + sqrt(p) * log(p) * sin(h) + p ** sin(x))


@layer
def guarded_quotient(d: Definition) -> None:
    N = d.sizes("N")
    x = d.input("x", N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = select(sp.Gt(x[i], 0), log(x[i]) / x[i], x[i] ** 2) * i


@layer
def scalars(d: Definition) -> None:
    x, w, b = d.input("x"), d.param("w"), d.param("b")
    s = d.node("s", w * x + b)
    d.output("y", log(1 + s**2) * x)
