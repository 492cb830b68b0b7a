"""Layers that the calculus must be able to differentiate, each in a few lines.

``LAYERS`` maps a name to a function that builds the layer; other tests run over all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp

from derive import (
    Definition,
    absolute,
    cos,
    delta,
    erf,
    exp,
    log,
    logsumexp,
    max_over,
    maximum,
    mean_over,
    min_over,
    minimum,
    product_over,
    relu,
    sech,
    select,
    sigmoid,
    sin,
    softmax,
    softplus,
    sqrt,
    sum_over,
    tanh,
)
from derive.layer.model import Layer
from derive.layers import binary_mlp, quantizer, softmax_mlp, softmax_mlp_rows

LAYERS: dict[str, Callable[[], Layer]] = {
    module.layer.build().name: cache(module.layer.build)
    for module in (quantizer, softmax_mlp_rows, binary_mlp, softmax_mlp)
}


def layer(define: Callable[[Definition], None]) -> Callable[[], Layer]:
    """Register a definition under its function's name."""

    def build() -> Layer:
        definition = Definition(define.__name__, (define.__doc__ or "").strip())
        define(definition)
        return definition.build()

    built = cache(build)
    LAYERS[define.__name__] = built
    return built


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
def kinks(d: Definition) -> None:
    N = d.sizes("N")
    x, z = d.input("x", N), d.input("z", N)
    d.output("y", relu(x) * absolute(z) + maximum(x, z) * minimum(x, tanh(z)) + relu(-z))


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
def shared_weights(d: Definition) -> None:
    N = d.sizes("N")
    x, W = d.input("x", N), d.param("W", N, N)
    h = d.node("h", tanh(W @ x))
    d.output("y", tanh(W @ h) + W.T @ x)


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


@layer
def scalars(d: Definition) -> None:
    x, w, b = d.input("x"), d.param("w"), d.param("b")
    s = d.node("s", w * x + b)
    d.output("y", log(1 + s**2) * x)


@layer
def smooth_functions(d: Definition) -> None:
    N = d.sizes("N")
    x, p = d.input("x", N), d.param("p", N)
    d.domain(p, "positive")
    h = d.node("h", softplus(x) + erf(x) * cos(p) + sech(x * p))
    d.output("y", h * p**1.5 + sqrt(p) * log(p) * sin(h) + p ** sin(x))


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
def diagonals_and_constants(d: Definition) -> None:
    N = d.sizes("N")
    W, x = d.param("W", N + 1, N + 1), d.input("x", N)
    i = d.indices("i")
    y, trace = d.output("y", N), d.output("trace")
    y[i] = W[i, i] * x[i] + W[0, i] * W[i + 1, i] + x[0] * W[i + 1, 1]
    trace[()] = sum_over(i, W[i, i])


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
def kronecker(d: Definition) -> None:
    """Deltas that the user writes, also between indices of different sizes."""
    N, M = d.sizes("N M")
    x, W, label = d.input("x", N), d.param("W", N, M), d.integers("label", N)
    i, j, k = d.indices("i j k")
    y, z = d.output("y", N, M), d.output("z", N, N)
    y[i, j] = delta(i, j) * x[i] ** 2 + delta(label[i], j) * W[i, j] ** 3
    z[i, k] = (delta(i, k) - tanh(x[i])) * x[k]


@layer
def padded(d: Definition) -> None:
    """A read past the end, in a branch that is not taken."""
    N, K = d.sizes("N K")
    x, w = d.input("x", N), d.param("w", K)
    i, k = d.indices("i k")
    y = d.output("y", N)
    y[i] = sum_over(k, w[k] * select(sp.Lt(i + k, N), sin(x[i + k]), 0))


@layer
def guarded_quotient(d: Definition) -> None:
    N = d.sizes("N")
    x = d.input("x", N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = select(sp.Gt(x[i], 0), log(x[i]) / x[i], x[i] ** 2) * i


@layer
def deep_chain(d: Definition) -> None:
    N = d.sizes("N")
    h = d.input("x", N)
    for depth in range(4):
        W, b = d.param(f"W{depth}", N, N), d.param(f"b{depth}", N)
        h = d.node(f"h{depth}", tanh(W @ h + b))
    d.output("y", h @ h)
