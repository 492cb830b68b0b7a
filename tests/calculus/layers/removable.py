"""Layers of what is 0/0, or cancels, at one point, and of 0 times infinity far from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive import (
    absolute,
    exp,
    log,
    logsumexp,
    product_over,
    sech,
    sigmoid,
    sin,
    sqrt,
    sum_over,
    tanh,
)
from tests.calculus.layers.register import layer

if TYPE_CHECKING:
    from derive import Definition


@layer
def sinc(d: Definition) -> None:
    """The cardinal sine, of a number and of a length."""
    N = d.sizes("N")
    x, y = d.input("x", N), d.input("y", N)
    d.output("u", sin(x) / x)
    d.output("v", sin(sqrt(x**2 + y**2)) / sqrt(x**2 + y**2))


@layer
def box_cox(d: Definition) -> None:
    """The power transformation of Box and Cox (1964), with one exponent for each number."""
    N = d.sizes("N")
    x, p = d.input("x", N), d.param("p", N)
    d.domain(x, "positive")
    d.output("y", (x**p - 1) / p)


@layer
def exponential_integrator(d: Definition) -> None:
    """A step of a linear differential equation with decay."""
    N = d.sizes("N")
    x, r = d.input("x", N), d.param("r", N)
    d.domain(r, "positive")
    d.output("y", x * (1 - exp(-r)) / r)


@layer
def occupation(d: Definition) -> None:
    """The mean energy of an oscillator at a temperature (Planck 1901)."""
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", x / (exp(x) - 1))


@layer
def above_a_tangent(d: Definition) -> None:
    """What a line is above the functions that it touches."""
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", x - sin(x))
    d.output("z", x - tanh(x))


@layer
def near_one(d: Definition) -> None:
    """Functions of what is near 1: a hyperbolic angle, a log-determinant, a robust loss."""
    N = d.sizes("N")
    x, p, n = d.input("x", N), d.param("p"), d.indices("n")
    d.domain(p, "positive")
    angle = d.output("a", N)
    angle[n] = sp.acosh(1 + x[n] ** 2)
    d.output("l", log(absolute(1 + x)))
    d.output("r", ((1 + x**2) ** p - 1) / p)


@layer
def squashed(d: Definition) -> None:
    """The log density of what a tanh has squashed (Haarnoja et al. 2018), and of the sech."""
    N = d.sizes("N")
    x = d.input("x", N)
    a = d.node("a", tanh(x))
    d.output("y", log(1 - a**2))
    d.output("z", log(sech(x)))


@layer
def growth(d: Definition) -> None:
    """Exponentials within what they make vanish: TanhExp (Liu and Di 2020), Gumbel's density."""
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", x * tanh(exp(x)))
    d.output("z", exp(x - exp(x)))


@layer
def occupations(d: Definition) -> None:
    """Bosons, and hyperbolic functions written out."""
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", 1 / (exp(x) - 1))
    d.output("z", 1 / (exp(x) - exp(-x)))
    d.output("c", (exp(x) + exp(-x)) / (exp(x) - exp(-x)))


@layer
def kalman_update(d: Definition) -> None:
    """The variance after a measurement, by the gain (Kalman 1960)."""
    P, R = d.input("P"), d.input("R")
    d.domain(P, "positive")
    d.domain(R, "positive")
    S = d.node("S", P + R)
    K = d.node("K", P / S)
    d.output("V", (1 - K) * P)


@layer
def all_of_many(d: Definition) -> None:
    """The log probability that all of many events happen."""
    N = d.sizes("N")
    x, n = d.input("x", N), d.indices("n")
    d.output("y", log(product_over(n, sigmoid(x[n]))))


@layer
def mixture_density(d: Definition) -> None:
    """The negative log likelihood of a mixture of Gaussians (Bishop 1994), by their logs."""
    K = d.sizes("K")
    x, k = d.label("x"), d.indices("k")
    m, s, a = d.input("m", K), d.input("s", K), d.input("a", K)
    z = d.node("z", K)
    z[k] = (x[()] - m[k]) * exp(-s[k])
    c = d.node("c", a - s - z**2 / 2)
    d.output("L", -logsumexp(c))


@layer
def student_t(d: Definition) -> None:
    """The negative log likelihood of Student's distribution, but for a constant, by log scales."""
    N = d.sizes("N")
    x, s, v, n = d.input("x", N), d.input("s", N), d.param("v"), d.indices("n")
    d.domain(v, "positive")
    terms = s[n] + (v[()] + 1) / 2 * log(1 + x[n] ** 2 * exp(-2 * s[n]) / v[()])
    d.output("L", sum_over(n, terms))
