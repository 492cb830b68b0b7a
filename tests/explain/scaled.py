"""Layers whose gradients are arrays times numbers that are products of vectors themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import Definition, sum_over
from tests.calculus.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from derive.layer.model import Layer

__all__ = ["ALL", "SCALED"]


def squared_form() -> Layer:
    d = Definition("squared_form")
    N, M = d.sizes("N M")
    x, z, P = d.input("x", N), d.input("z", M), d.param("P", N, M)
    i, j = d.indices("i j")
    d.output("y", sum_over(i, sum_over(j, x[i] * P[i, j] * z[j])) ** 2)
    return d.build()


def squared_trace() -> Layer:
    d = Definition("squared_trace")
    N = d.sizes("N")
    A, i = d.param("A", N, N), d.indices("i")
    d.output("y", sum_over(i, A[i, i]) ** 2)
    return d.build()


def projection() -> Layer:
    d = Definition("projection")
    M = d.sizes("M")
    x, w = d.input("x", M), d.param("w", M)
    i, k = d.indices("i k")
    s = d.node("s", sum_over(k, w[k] * x[k]))
    r = d.output("r", M)
    r[i] = x[i] - s.at() * w[i] / sum_over(k, w[k] ** 2)
    return d.build()


def residual_and_quotient() -> Layer:
    d = Definition("residual_and_quotient")
    N, M = d.sizes("N M")
    X, w, A = d.input("X", N, M), d.param("w", M), d.param("A", M, M)
    i, j, k, n = d.indices("i j k n")
    R = d.node("R", N, M)
    R[n, j] = X[n, j] - sum_over(k, X[n, k] * w[k]) * w[j] / sum_over(k, w[k] ** 2)
    form = sum_over(i, sum_over(j, w[i] * A[i, j] * w[j]))
    q = d.node("q", form / sum_over(k, w[k] ** 2))
    d.output("y", sum_over(n, sum_over(j, R[n, j] ** 2)) / 2 + q.at())
    return d.build()


def penalised() -> Layer:
    d = Definition("penalised")
    N, D = d.sizes("N D")
    X, t, w = d.input("X", N, D), d.input("t", N), d.param("w", D)
    i, k = d.indices("i k")
    q = d.node("q", sum_over(k, w[k] ** 2))
    E = d.node("E", sum_over(i, (sum_over(k, X[i, k] * w[k]) - t[i]) ** 2))
    d.output("J", E.at() / N - 3 * q.at() ** 2)
    return d.build()


SCALED: dict[str, Callable[[], Layer]] = {
    layer.__name__: layer
    for layer in (squared_form, squared_trace, projection, residual_and_quotient, penalised)
}
ALL = {**LAYERS, **SCALED}
