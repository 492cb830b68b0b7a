"""Layers whose subscripts are more than a letter: windows, gathers, diagonals, deltas."""

from __future__ import annotations

import sympy as sp

from derive import (
    Definition,
    cos,
    delta,
    logsumexp,
    max_over,
    mean_over,
    select,
    sin,
    sum_over,
    tanh,
)
from tests.calculus.layers.register import layer


@layer
def convolution_stride_two(d: Definition) -> None:
    L, K = d.sizes("L K")
    X, w = d.input("X", 2 * (L - 1) + K), d.param("w", K)
    i, k = d.indices("i k")
    Y = d.output("Y", L)
    Y[i] = sum_over(k, w[k] * X[2 * i + k])


@layer
def convolution_symbolic_stride(d: Definition) -> None:
    L, K, s = d.sizes("L K s")
    X, w, b = d.input("X", s * (L - 1) + K), d.param("w", K), d.param("b")
    i, k = d.indices("i k")
    Y = d.output("Y", L)
    Y[i] = tanh(sum_over(k, w[k] * X[s * i + k]) + b.at())


@layer
def correlation_flipped(d: Definition) -> None:
    """A true convolution: the kernel runs backwards."""
    L, K = d.sizes("L K")
    X, w = d.input("X", L + K - 1), d.param("w", K)
    i, k = d.indices("i k")
    Y = d.output("Y", L)
    Y[i] = sum_over(k, w[k] * X[i + K - 1 - k])


@layer
def convolution_2d(d: Definition) -> None:
    C, H, K = d.sizes("C H K")
    X, w = d.input("X", C, H + K - 1, H + K), d.param("w", 2, C, K, K)
    o, c, i, j, p, q = d.indices("o c i j p q")
    Y = d.output("Y", 2, H, H + 1)
    Y[o, i, j] = sum_over(c, sum_over(p, sum_over(q, w[o, c, p, q] * X[c, i + p, j + q])))


@layer
def max_pooling(d: Definition) -> None:
    L, K = d.sizes("L K")
    X = d.input("X", 2 * (L - 1) + K)
    i, k = d.indices("i k")
    Y = d.output("Y", L)
    Y[i] = max_over(k, X[2 * i + k], size=K)


@layer
def pairs_of_rows(d: Definition) -> None:
    """Every second row, and the sum of all: an axis whose size is a product is joined."""
    H, W = d.sizes("H W")
    x = d.input("x", 2 * H, W)
    i, j, k = d.indices("i j k")
    y, z = d.output("y", H, W), d.output("z")
    y[i, j] = x[2 * i, j]
    z[()] = sum_over(k, sum_over(j, x[k, j]))


@layer
def groups_of_channels(d: Definition) -> None:
    """Two letters count one axis, that of the channels, in two axes of the result."""
    G, K, H = d.sizes("G K H")
    x, gamma = d.input("x", G * K, H), d.param("gamma", G * K)
    g, k, h = d.indices("g k h")
    m, y = d.node("m", G), d.output("y", G, K, H)
    m[g] = mean_over(k, mean_over(h, x[g * K + k, h]), size=K)
    y[g, k, h] = gamma[g * K + k] * tanh(x[g * K + k, h] - m[g])


@layer
def first_row_and_maximum(d: Definition) -> None:
    """A maximum over two axes: its second place is read where the first one is known."""
    H, W = d.sizes("H W")
    x = d.input("x", H, W)
    i, j = d.indices("i j")
    y, z = d.output("y", W), d.output("z")
    y[j] = x[0, j]
    z[()] = max_over(i, max_over(j, x[i, j]))


@layer
def neighbours(d: Definition) -> None:
    """Differences of neighbours, and a triangular sum."""
    N = d.sizes("N")
    x = d.input("x", N + 1)
    i, j = d.indices("i j")
    y, z = d.output("y", N), d.output("z", N + 1)
    y[i] = (x[i + 1] - x[i]) ** 2
    z[i] = sum_over(j, select(sp.Le(j, i), x[j] ** 2, 0))


@layer
def padded(d: Definition) -> None:
    """A read past the end, in a branch that is not taken."""
    N, K = d.sizes("N K")
    x, w = d.input("x", N), d.param("w", K)
    i, k = d.indices("i k")
    y = d.output("y", N)
    y[i] = sum_over(k, w[k] * select(sp.Lt(i + k, N), sin(x[i + k]), 0))


@layer
def embedding(d: Definition) -> None:
    T, K, E = d.sizes("T K E")
    words = d.integers("words", T)
    table, W = d.param("table", K, E), d.param("W", E)
    t, e = d.indices("t e")
    y = d.output("y", T)
    y[t] = tanh(sum_over(e, W[e] * table[words[t], e]))


@layer
def gather_of_gather(d: Definition) -> None:
    T, K, M = d.sizes("T K M")
    first, second = d.integers("first", T), d.constant("x", K)
    where, v = d.integers("where", K), d.param("v", M)
    t = d.indices("t")
    y = d.output("y", T)
    y[t] = second[first[t]] * v[where[first[t]]] ** 2


@layer
def cross_entropy_by_class(d: Definition) -> None:
    """The label is a subscript."""
    N, K = d.sizes("N K")
    x, label = d.input("x", N, K), d.integers("label", N)
    n = d.indices("n")
    y = d.output("y")
    y[()] = mean_over(n, logsumexp(x)[n] - x[n, label[n]])


@layer
def diagonals_and_constants(d: Definition) -> None:
    N = d.sizes("N")
    W, x = d.param("W", N + 1, N + 1), d.input("x", N)
    i = d.indices("i")
    y, trace = d.output("y", N), d.output("trace")
    y[i] = W[i, i] * x[i] + W[0, i] * W[i + 1, i] + x[0] * W[i + 1, 1]
    trace[()] = sum_over(i, W[i, i])


@layer
def kronecker(d: Definition) -> None:
    """Deltas that the user writes, also between indices of different sizes."""
    N, M = d.sizes("N M")
    x, W, label = d.input("x", N), d.param("W", N, M), d.integers("label", N)
    i, j, k = d.indices("i j k")
    y, z = d.output("y", N, M), d.output("z", N, N)
    y[i, j] = delta(i, j) * x[i] ** 2 + delta(label[i], j) * W[i, j] ** 3
    z[i, k] = (delta(i, k) - tanh(x[i])) * x[k]


@layer
def pairs_of_parameters(d: Definition) -> None:
    """Parameters meet themselves in another place: no block of rows has both."""
    N, M = d.sizes("N M")
    x, a, c, W = d.input("x", N), d.param("a", N), d.param("c", M), d.param("W", N, N)
    i, j, k = d.indices("i j k")
    p, y = d.node("p", N), d.output("y", N)
    p[i] = sum_over(k, sum_over(j, tanh(c[k] * (a[i] - a[j])) * tanh(c[k] * W[i, j] * W[j, i])))
    y[i] = x[i] * p[i]


@layer
def maximum_of_what_all_share(d: Definition) -> None:
    """What every sample may choose an entry of: the gradient goes where each of them did."""
    N, M = d.sizes("N M")
    x, w = d.input("x", N, M), d.param("w", M)
    n, m = d.indices("n m")
    s, y = d.node("s", M), d.output("y", N)
    s[m] = tanh(w[m])
    y[n] = max_over(m, select(x[n, m] > 0, x[n, m] ** 2, s[m]))


@layer
def concatenation(d: Definition) -> None:
    """Two vectors, one after the other: an index runs past the axes on which it stands."""
    A, B, K = d.sizes("A B K")
    x, z, W = d.input("x", A), d.input("z", B), d.param("W", K, A + B)
    i, k = d.indices("i k")
    both = d.node("both", A + B)
    both[i] = select(i < A, x[i] ** 2, tanh(z[i - A]))
    y = d.output("y", K)
    y[k] = sum_over(i, W[k, i] * both[i])


@layer
def fourier_features(d: Definition) -> None:
    """Cosines, then sines: what is summed in a branch runs past the axis that it stands on."""
    N, D, F = d.sizes("N D F")
    z, B = d.input("z", N, D), d.param("B", F, D)
    i, k, f = d.indices("i k f")
    y = d.output("y", N, 2 * F)
    above = sin(sum_over(k, B[f - F, k] * z[i, k]))
    y[i, f] = select(f < F, cos(sum_over(k, B[f, k] * z[i, k])), above)


@layer
def path_of_labels(d: Definition) -> None:
    """Steps from each label to the next: there is none after the last."""
    T, K = d.sizes("T K")
    label, A, x = d.integers("label", T), d.param("A", K, K), d.input("x", T, K)
    t, j, k = d.indices("t j k")
    p, y = d.node("p", K, K), d.output("y")
    p[j, k] = A[j, k] ** 2
    step = tanh(p[label[t], label[t + 1]] * x[t, label[t + 1]])
    y[()] = sum_over(t, x[t, label[t]] + select(t + 1 < T, step, 0))
