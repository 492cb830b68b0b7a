"""Layers of networks that people train, and parts of them."""

from __future__ import annotations

import sympy as sp

from derive import (
    Definition,
    erf,
    exp,
    log,
    logsumexp,
    mean_over,
    select,
    sigmoid,
    softmax,
    sqrt,
    sum_over,
    tanh,
)
from tests.calculus.layers.register import layer


@layer
def softmax_alone(d: Definition) -> None:
    K = d.sizes("K")
    x = d.input("x", K)
    d.output("y", softmax(x))


@layer
def softmax_rows(d: Definition) -> None:
    N, K = d.sizes("N K")
    x = d.input("x", N, K)
    d.output("y", softmax(x))


@layer
def log_sum_exp(d: Definition) -> None:
    K = d.sizes("K")
    x = d.input("x", K)
    d.output("y", logsumexp(x))


@layer
def softmax_cross_entropy(d: Definition) -> None:
    K = d.sizes("K")
    t, y = d.input("t", K), d.label("y", K)
    k = d.indices("k")
    g = d.node("g", softmax(t))
    d.output("R", -sum_over(k, y[k] * log(g[k])))
    d.fact(sum_over(k, y[k]), 1, "Σ_k y_k = 1")


@layer
def softmax_with_reference_class(d: Definition) -> None:
    """The output is shorter than what is summed over."""
    K = d.sizes("K")
    x = d.input("x", K + 1)
    i, k = d.indices("i k")
    y = d.output("y", K)
    y[i] = exp(x[i]) / sum_over(k, exp(x[k]))


@layer
def layer_norm_nested(d: Definition) -> None:
    N = d.sizes("N")
    x = d.input("x", N)
    gamma, beta = d.params("gamma beta", N)
    i, j, k = d.indices("i j k")
    y = d.output("y", N)
    mean = mean_over(j, x[j])
    variance = mean_over(k, (x[k] - mean) ** 2)
    y[i] = gamma[i] * (x[i] - mean) / sqrt(variance + 1e-5) + beta[i]


@layer
def layer_norm(d: Definition) -> None:
    N = d.sizes("N")
    x = d.input("x", N)
    gamma, beta = d.params("gamma beta", N)
    i = d.indices("i")
    mu = d.node("mu", mean_over(i, x[i]))
    c = d.node("c", x - mu)
    var = d.node("var", mean_over(i, c[i] ** 2))
    r = d.node("r", 1 / sqrt(var + 1e-5))
    d.output("y", gamma * (c * r) + beta)


@layer
def batch_norm(d: Definition) -> None:
    B, C = d.sizes("B C")
    x = d.input("x", B, C)
    gamma, beta = d.params("gamma beta", C)
    n, c = d.indices("n c")
    mu = d.node("mu", C)
    mu[c] = mean_over(n, x[n, c])
    var = d.node("var", C)
    var[c] = mean_over(n, (x[n, c] - mu[c]) ** 2)
    y = d.output("y", B, C)
    y[n, c] = gamma[c] * (x[n, c] - mu[c]) / sqrt(var[c] + 1e-3) + beta[c]


@layer
def attention(d: Definition) -> None:
    T, S, E, F = d.sizes("T S E F")
    Q, K, V = d.input("Q", T, E), d.input("K", S, E), d.input("V", S, F)
    s = d.node("s", Q @ K.T / sqrt(E))
    A = d.node("A", softmax(s))
    d.output("O", A @ V)


@layer
def attention_nested(d: Definition) -> None:
    T, S, E, F = d.sizes("T S E F")
    Q, K, V = d.input("Q", T, E), d.input("K", S, E), d.input("V", S, F)
    d.output("O", softmax(Q @ K.T / sqrt(E)) @ V)


@layer
def causal_attention(d: Definition) -> None:
    T, E, F = d.sizes("T E F")
    Q, K, V = d.input("Q", T, E), d.input("K", T, E), d.input("V", T, F)
    i, j, k = d.indices("i j k")
    s = d.node("s", Q @ K.T / sqrt(E))
    e = d.node("e", T, T)
    e[i, j] = select(sp.Le(j, i), exp(s[i, j]), 0)
    A = d.node("A", T, T)
    A[i, j] = e[i, j] / sum_over(k, e[i, k])
    d.output("O", A @ V)


@layer
def rbf(d: Definition) -> None:
    N, M, D = d.sizes("N M D")
    x = d.input("x", N, D)
    c, w, beta = d.param("c", M, D), d.param("w", M), d.param("beta", M)
    n, m, k = d.indices("n m k")
    y = d.output("y", N)
    y[n] = sum_over(m, w[m] * exp(-beta[m] * sum_over(k, (x[n, k] - c[m, k]) ** 2)))


@layer
def gru_cell(d: Definition) -> None:
    D, H = d.sizes("D H")
    x, h = d.input("x", D), d.input("h", H)
    Wz, Wr, Wn = (d.param(name, H, D) for name in ("Wz", "Wr", "Wn"))
    Uz, Ur, Un = (d.param(name, H, H) for name in ("Uz", "Ur", "Un"))
    bz, br, bn = d.params("bz br bn", H)
    z = d.node("z", sigmoid(Wz @ x + Uz @ h + bz))
    r = d.node("r", sigmoid(Wr @ x + Ur @ h + br))
    n = d.node("n", tanh(Wn @ x + r * (Un @ h) + bn))
    d.output("h_new", (1 - z) * n + z * h)


@layer
def gelu_mlp(d: Definition) -> None:
    N, D, H = d.sizes("N D H")
    x, W, V, b = d.input("x", N, D), d.param("W", D, H), d.param("V", H, D), d.param("b", H)
    n, k = d.indices("n k")
    r = d.node("r", N, H)
    r[n, k] = (x @ W)[n, k] + b[k]
    g = d.node("g", 0.5 * r * (1 + erf(r / sqrt(2))))
    d.output("y", x + g @ V)


@layer
def bilinear(d: Definition) -> None:
    P, Q, K = d.sizes("P Q K")
    x, z, W, b = d.input("x", P), d.input("z", Q), d.param("W", K, P, Q), d.param("b", K)
    i, j, k = d.indices("i j k")
    y = d.output("y", K)
    y[k] = sum_over(i, sum_over(j, W[k, i, j] * x[i] * z[j])) + b[k]


@layer
def factorization_machine(d: Definition) -> None:
    N, F = d.sizes("N F")
    x, w0, w, V = d.input("x", N), d.param("w0"), d.param("w", N), d.param("V", N, F)
    i, f = d.indices("i f")
    y = d.output("y")
    pairs = sum_over(f, sum_over(i, V[i, f] * x[i]) ** 2 - sum_over(i, V[i, f] ** 2 * x[i] ** 2))
    y[()] = w0.at() + sum_over(i, w[i] * x[i]) + 0.5 * pairs


@layer
def factorization_machine_by_pairs(d: Definition) -> None:
    N, F = d.sizes("N F")
    x, V = d.input("x", N), d.param("V", N, F)
    i, j, f = d.indices("i j f")
    y = d.output("y")
    pair = sum_over(f, V[i, f] * V[j, f]) * x[i] * x[j]
    y[()] = sum_over(i, sum_over(j, select(sp.Lt(i, j), pair, 0), size=N), size=N)


@layer
def quantized_classifier(d: Definition) -> None:
    """The shipped layers in a row: quantizer, hidden layer, softmax, cross-entropy."""
    N, M, K = d.sizes("N M K")
    X, W = d.input("X", N), d.param("W", K, N)
    a, b, c = d.params("a b c", M)
    y = d.label("y", K)
    i, j, k = d.indices("i j k")
    Z = d.node("Z", N)
    Z[i] = sum_over(j, a[j] * tanh(c[j] * (X[i] - b[j])))
    g = d.node("g", softmax(W @ Z))
    d.output("R", -sum_over(k, y[k] * log(g[k])))
    d.fact(sum_over(k, y[k]), 1, "Σ_k y_k = 1")


@layer
def deep_chain(d: Definition) -> None:
    N = d.sizes("N")
    h = d.input("x", N)
    for depth in range(4):
        W, b = d.param(f"W{depth}", N, N), d.param(f"b{depth}", N)
        h = d.node(f"h{depth}", tanh(W @ h + b))
    d.output("y", h @ h)
