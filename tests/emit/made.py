"""Layers of which modules are generated, and arguments for them."""

from __future__ import annotations

import inspect
from functools import cache

import numpy as np

from derive import Definition, exp, log, relu, softmax, sum_over, tanh
from derive.errors import DeriveError
from derive.layers import binary_mlp, quantizer, softmax_mlp, softmax_mlp_rows
from derive.verify.load import find_compiler
from tests.calculus.layers import LAYERS

try:
    find_compiler()
    TARGETS = ["numpy", "c"]
except DeriveError:
    TARGETS = ["numpy"]


def attention_of_two():
    """Return a layer with two outputs, one of them a scalar, that saves nodes."""
    d = Definition("two", 'A layer whose "doc" has quotes """ and a \\ in it,\nover two lines.')
    N, M = d.sizes("N M")
    x, W = d.input("x", N), d.param("W", M, N, doc='weights """ \\')
    s = d.node("s", tanh(W @ x))
    d.output("p", softmax(s))
    d.output("total", s @ s)
    return d.build()


def nasty():
    """Return a quantizer with a softmax on top, all names of which somebody else wants."""
    d = Definition("lambda", "Names that are taken.")
    np_, rows = d.sizes("np rows")
    dtype, X_r = d.input("dtype", np_), d.input("X_r", np_)
    lambda_, out, block = d.params("lambda out block", rows)
    lambda__, X, None_ = d.params("lambda_ X None_", rows)
    save, min_ = d.param("save"), d.param("min")
    low, high = d.indices("low high")
    t1, u1, s1 = d.node("t1", np_), d.node("u1", np_), d.node("s1", np_)
    t1[low] = sum_over(
        high, lambda_[high] * tanh(out[high] * (dtype[low] * X_r[low] - block[high]))
    )
    u1[low] = t1[low] + sum_over(high, lambda__[high] * exp(-((X[high] - X_r[low]) ** 2)))
    s1[low] = tanh(u1[low]) * save.at() + min_.at() * sum_over(high, None_[high] * t1[low])
    saved = d.output("saved", np_)
    saved[low] = s1[low] * u1[low]
    d.output("Saved", softmax(s1))
    d.output("Gradients", sum_over(low, t1[low] * relu(s1[low])))
    return d.build()


def lookup():
    d = Definition("lookup")
    T, K, E = d.sizes("T K E")
    words, table, W = d.integers("words", T), d.param("table", K, E), d.param("W", E)
    t, e = d.indices("t e")
    y = d.output("y", T)
    y[t] = tanh(sum_over(e, W[e] * table[words[t], e]))
    return d.build()


def labelled():
    """Return the cross-entropy of a softmax, whose gradient needs no more than where a label is."""
    d = Definition("labelled")
    K = d.sizes("K")
    x, label = d.input("x", K), d.integers("label")
    p = d.node("p", softmax(x))
    d.output("L", -log(p[label]))
    return d.build()


def square_length():
    """Return a layer that is given an array of length N*N, which tells N to nobody."""
    d = Definition("square_length")
    N = d.sizes("N")
    x = d.input("x", N * N)
    i, j = d.indices("i j")
    y = d.output("y", N)
    y[i] = sum_over(j, x[i * N + j], size=N)
    return d.build()


MADE = {
    "quantizer": quantizer.layer.build,
    "binary_mlp": binary_mlp.layer.build,
    "softmax_mlp": softmax_mlp.layer.build,
    "softmax_mlp_rows": softmax_mlp_rows.layer.build,
    "strided": LAYERS["convolution_symbolic_stride"],
    "pooling": LAYERS["max_pooling"],
    "two": attention_of_two,
    "nasty": nasty,
    "lookup": lookup,
    "labelled": labelled,
    "scalars": LAYERS["scalars"],
}
layer_of = cache(lambda name: MADE[name]())


def numbers(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


def quantizer_arguments(*lead, N=5, M=3, dtype=np.float64):
    x = [numbers(*lead, N, seed=1, dtype=dtype)]
    return x + [numbers(M, seed=n, dtype=dtype) for n in (2, 3, 4)]


def mlp_arguments(*lead, dtype=np.float64):
    D, H, K = 5, 2, 3
    y = np.abs(numbers(*lead, K, seed=9)) + 0.1
    y = y / y.sum(-1, keepdims=True)
    arrays = [(*lead, D), (H, D), (H,), (K, H), (K,)]
    found = [numbers(*shape, seed=n, dtype=dtype) for n, shape in enumerate(arrays)]
    return [*found, y.astype(dtype)]


def parameters(function):
    return [p.name for p in inspect.signature(function).parameters.values()]
