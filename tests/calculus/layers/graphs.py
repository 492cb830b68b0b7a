"""Layers whose nodes, outputs and names are what is hard about them."""

from __future__ import annotations

from derive import Definition, sin, sum_over, tanh
from tests.calculus.layers.register import layer


@layer
def shared_weights(d: Definition) -> None:
    N = d.sizes("N")
    x, W = d.input("x", N), d.param("W", N, N)
    h = d.node("h", tanh(W @ x))
    d.output("y", tanh(W @ h) + W.T @ x)


@layer
def several_outputs(d: Definition) -> None:
    """One output is read by another, one by nobody, one is a parameter's alone."""
    N, M = d.sizes("N M")
    x, W = d.input("x", N), d.param("W", M, N)
    i, j = d.indices("i j")
    h = d.output("h", tanh(W @ x))
    d.output("y", h * h + 1)
    d.output("total", sum_over(i, h[i] * sin(h[i])))
    d.output("norm", sum_over(i, sum_over(j, W[i, j] ** 2)))


@layer
def unused_parameter(d: Definition) -> None:
    N, M = d.sizes("N M")
    x, w, dead = d.input("x", N), d.param("w", N), d.param("dead", M, N)
    d.node("ignored", tanh(dead))
    d.output("y", w @ x)


@layer
def constant_output(d: Definition) -> None:
    N = d.sizes("N")
    d.param("w", N)
    x = d.label("x", N)
    d.output("y", x * x)


@layer
def same_tensor_twice(d: Definition) -> None:
    N = d.sizes("N")
    x = d.input("x", N)
    i, j = d.indices("i j")
    y = d.output("y", N, N)
    y[i, j] = x[i] * x[j] + x[i] * x[i] ** 3


@layer
def nested_sums_of_one_letter(d: Definition) -> None:
    N, M = d.sizes("N M")
    x, W = d.input("x", N), d.param("W", M)
    i, j = d.indices("i j")
    y = d.output("y", N)
    inner = sum_over(j, W[j] * x[i])
    y[i] = sum_over(j, W[j] * tanh(inner + sum_over(j, W[j] ** 2))) * inner


@layer
def free_index_named_as_a_bound_one(d: Definition) -> None:
    N = d.sizes("N")
    x, W = d.input("x", N), d.param("W", N, N)
    i, j = d.indices("i j")
    h, y = d.node("h", N), d.output("y", N)
    h[i] = tanh(sum_over(j, W[i, j] * x[j]))
    y[j] = x[j] * sum_over(i, W[j, i] * h[i] * x[i]) + sum_over(j, x[j])


@layer
def colliding_names(d: Definition) -> None:
    """Names that gradients, tangents and letters would like to have."""
    N, B = d.sizes("N B")
    x, dx, i, d_x = d.input("x", N), d.input("dx", N), d.param("i", B), d.param("d_x", N)
    dy = d.node("dy", tanh(x * dx + d_x))
    j, k = d.indices("j k")
    y, y_total = d.output("y", B), d.output("y_total")
    y[j] = i[j] * sum_over(k, dy[k] * x[k])
    y_total[()] = sum_over(j, y[j] ** 2)
