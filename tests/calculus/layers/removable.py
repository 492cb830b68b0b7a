"""Layers with quotients and differences that are 0/0, or cancel, at 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import cos, exp, sin, sqrt, tanh
from tests.calculus.layers.register import layer

if TYPE_CHECKING:
    from derive import Definition


@layer
def sinc(d: Definition) -> None:
    """The cardinal sine, of a number and of a length, and what a cosine lacks of 1."""
    N = d.sizes("N")
    x, y = d.input("x", N), d.input("y", N)
    d.output("u", sin(x) / x)
    d.output("v", sin(sqrt(x**2 + y**2)) / sqrt(x**2 + y**2))
    d.output("w", (1 - cos(x)) / x**2)


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
