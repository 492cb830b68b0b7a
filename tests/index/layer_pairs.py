"""The gradients that derive finds, paired with the formulas that textbooks give."""

from __future__ import annotations

from functools import partial

import sympy as sp

from derive.gradient.reverse import reverse
from derive.index.functions import sigmoid
from derive.index.terms import Delta, Entry, Index, IndexSum
from derive.layer.arrays import exp, log, mean_over, sqrt, sum_over, tanh
from derive.layer.arrays import sigmoid as logistic
from derive.layer.build import Definition
from derive.layer.model import Layer
from derive.layers import binary_mlp, quantizer, softmax_mlp
from tests.index.pairs import Pair

I1, I2, I3 = Index("u1"), Index("u2"), Index("u3")


def layer_norm() -> Layer:
    layer = Definition("norm", "Layer norm over rows.")
    rows, width = layer.sizes("B D")
    x = layer.input("x", rows, width)
    gamma, beta = layer.params("gamma beta", width)
    eps = layer.constant("eps")
    b, d = layer.indices("b d")
    mu, var = layer.node("mu", rows), layer.node("var", rows)
    mu[b] = mean_over(d, x[b, d])
    var[b] = mean_over(d, (x[b, d] - mu[b]) ** 2)
    xh, y = layer.node("xh", rows, width), layer.output("Y", rows, width)
    xh[b, d] = (x[b, d] - mu[b]) / sqrt(var[b] + eps)
    y[b, d] = gamma[d] * xh[b, d] + beta[d]
    layer.domain(eps, "positive")
    return layer.build()


def batch_norm() -> Layer:
    layer = Definition("norm", "Batch norm over columns.")
    rows, width = layer.sizes("B D")
    x = layer.input("x", rows, width)
    gamma, beta = layer.params("gamma beta", width)
    eps = layer.constant("eps")
    b, d = layer.indices("b d")
    mu, var = layer.node("mu", width), layer.node("var", width)
    mu[d] = mean_over(b, x[b, d])
    var[d] = mean_over(b, (x[b, d] - mu[d]) ** 2)
    xh, y = layer.node("xh", rows, width), layer.output("Y", rows, width)
    xh[b, d] = (x[b, d] - mu[d]) / sqrt(var[d] + eps)
    y[b, d] = gamma[d] * xh[b, d] + beta[d]
    layer.domain(eps, "positive")
    return layer.build()


def attention() -> Layer:
    layer = Definition("attention", "Scaled dot-product attention.")
    asked, kept, depth, width = layer.sizes("P T E F")
    query, key = layer.input("Q", asked, depth), layer.input("K", kept, depth)
    value = layer.input("V", kept, width)
    p, t, e, f, o = layer.indices("p t e f o")
    scores, weights = layer.node("S", asked, kept), layer.node("A", asked, kept)
    out = layer.output("O", asked, width)
    scores[p, t] = sum_over(e, query[p, e] * key[t, e]) / sqrt(depth)
    weights[p, t] = exp(scores[p, t]) / sum_over(o, exp(scores[p, o]))
    out[p, f] = sum_over(t, weights[p, t] * value[t, f])
    return layer.build()


def gru() -> Layer:
    layer = Definition("gru", "The last line of a gated recurrent unit.")
    width = layer.sizes("H")
    z, r, u, h, w = (layer.input(name, width) for name in "zruhw")
    i = layer.indices("i")
    gate, out = layer.node("c", width), layer.output("O", width)
    gate[i] = tanh(u[i] + logistic(r[i]) * w[i])
    out[i] = (1 - logistic(z[i])) * gate[i] + logistic(z[i]) * h[i]
    return layer.build()


def contrast() -> Layer:
    layer = Definition("contrast", "Log-sum-exp of the entries.")
    width = layer.sizes("N")
    x = layer.input("x", width)
    i = layer.indices("i")
    layer.output("L", log(sum_over(i, exp(x[i]))))
    return layer.build()


def written(layer: Layer):
    """Return the gradients of a layer, and its definitions."""
    gradients = reverse(layer)
    nodes = (*layer.nodes, *gradients.nodes)
    return gradients, {node.name: (node.indices, node.body) for node in nodes}


def derived(name: str, layer: Layer, of: str, formula) -> Pair:
    """Pair a derived gradient with a formula, which is given the tensors and the indices."""
    gradients, definitions = written(layer)
    node = gradients.node(of)
    tensors = {
        key: partial(Entry, key, known.shape)
        for key, known in {**layer.by_name, **gradients.by_name}.items()
    }
    sizes = {size.name: size for size in layer.sizes}
    return Pair(
        name,
        node.entry,
        formula(tensors, sizes, *node.indices),
        node.indices,
        layer.facts,
        layer.domains,
        definitions,
        node.sizes,
    )


def over(index, size, body):
    return IndexSum(body, index, size)


def _three_terms(t, s, b, d):
    """The layer norm backward pass as everyone programs it."""
    g = lambda at: t["dY"](b, at) * t["gamma"](at)  # noqa: E731
    width = s["D"]
    return (
        width * g(d)
        - over(I1, width, g(I1))
        - t["xh"](b, d) * over(I1, width, g(I1) * t["xh"](b, I1))
    ) / (width * sp.sqrt(t["var"](b) + t["eps"]()))


def _batch_three_terms(t, s, b, d):
    rows = s["B"]
    sums = over(I1, rows, t["dY"](I1, d)), over(I1, rows, t["dY"](I1, d) * t["xh"](I1, d))
    scale = t["gamma"](d) / (rows * sp.sqrt(t["var"](d) + t["eps"]()))
    return scale * (rows * t["dY"](b, d) - sums[0] - t["xh"](b, d) * sums[1])


def _attention_scores(t, s, p, at):
    """Return the cotangent of a score."""
    weight = lambda k: over(I3, s["F"], t["dO"](p, I3) * t["V"](k, I3))  # noqa: E731
    mean = over(I2, s["T"], t["A"](p, I2) * weight(I2))
    return t["A"](p, at) * (weight(at) - mean) / sp.sqrt(s["E"])


def _attention_nested(t, s, p, e):
    """The gradient of the queries as one nested expression, by the softmax's Jacobian."""
    jacobian = t["A"](p, I1) * (Delta(I1, I2) - t["A"](p, I2))
    weight = over(I3, s["F"], t["dO"](p, I3) * t["V"](I1, I3))
    body = over(I1, s["T"], weight * jacobian)
    return over(I2, s["T"], body * t["K"](I2, e)) / sp.sqrt(s["E"])


def _keys_nested(t, s, k, e):
    jacobian = t["A"](I3, I1) * (Delta(I1, k) - t["A"](I3, k))
    weight = over(I2, s["F"], t["dO"](I3, I2) * t["V"](I1, I2))
    return over(I3, s["P"], over(I1, s["T"], weight * jacobian) * t["Q"](I3, e)) / sp.sqrt(s["E"])


def layer_pairs() -> list[Pair]:
    norm, batch, heads, unit = layer_norm(), batch_norm(), attention(), gru()
    steps, net, binary = (m.layer.build() for m in (quantizer, softmax_mlp, binary_mlp))
    th = lambda t, i, j: sp.tanh(t["c"](j) * (t["X"](i) - t["b"](j)))  # noqa: E731
    return [
        derived(
            "quantizer, a",
            steps,
            "da",
            lambda t, s, j: over(I1, s["N"], t["dZ"](I1) * th(t, I1, j)),
        ),
        derived(
            "quantizer, b",
            steps,
            "db",
            lambda t, s, j: (
                t["a"](j) * t["c"](j) * over(I1, s["N"], t["dZ"](I1) * (th(t, I1, j) ** 2 - 1))
            ),
        ),
        derived(
            "quantizer, b by sech²",
            steps,
            "db",
            lambda t, s, j: (
                -over(
                    I1,
                    s["N"],
                    t["dZ"](I1)
                    * t["a"](j)
                    * t["c"](j)
                    * sp.sech(t["c"](j) * (t["X"](I1) - t["b"](j))) ** 2,
                )
            ),
        ),
        derived(
            "quantizer, c expanded",
            steps,
            "dc",
            lambda t, s, j: (
                over(I1, s["N"], t["dZ"](I1) * t["a"](j) * t["X"](I1))
                - over(I1, s["N"], t["dZ"](I1) * t["a"](j) * t["X"](I1) * th(t, I1, j) ** 2)
                - t["b"](j) * t["a"](j) * over(I1, s["N"], t["dZ"](I1) * (1 - th(t, I1, j) ** 2))
            ),
        ),
        derived(
            "quantizer, X",
            steps,
            "dX",
            lambda t, s, i: (
                t["dZ"](i) * over(I1, s["M"], t["c"](I1) * t["a"](I1) * (1 - th(t, i, I1) ** 2))
            ),
        ),
        derived("softmax net, v", net, "dv", lambda t, s, k: t["dR"]() * (t["g"](k) - t["y"](k))),
        derived(
            "softmax net, V",
            net,
            "dV",
            lambda t, s, k, h: t["dR"]() * (t["g"](k) - t["y"](k)) * t["z"](h),
        ),
        derived(
            "softmax net, w",
            net,
            "dw",
            lambda t, s, h: (
                t["dR"]()
                * t["z"](h)
                * (1 - t["z"](h))
                * over(I1, s["K"], (t["g"](I1) - t["y"](I1)) * t["V"](I1, h))
            ),
        ),
        derived(
            "softmax net, W by logits",
            net,
            "dW",
            lambda t, s, h, d: (
                t["dR"]()
                * t["x"](d)
                * (sigmoid(t["s"](h)) - sigmoid(t["s"](h)) ** 2)
                * over(I1, s["K"], (t["g"](I1) - t["y"](I1)) * t["V"](I1, h))
            ),
        ),
        derived(
            "binary net, U",
            binary,
            "dU",
            lambda t, s, h: t["dL"]() * (t["y_hat"]() - t["y"]()) * t["h"](h),
        ),
        derived(
            "binary net, b1",
            binary,
            "db1",
            lambda t, s, h: (
                t["dL"]() * (t["y_hat"]() - t["y"]()) * t["U"](h) * t["h"](h) * (1 - t["h"](h))
            ),
        ),
        derived("layer norm, three terms", norm, "dx", _three_terms),
        derived(
            "layer norm, gamma",
            norm,
            "dgamma",
            lambda t, s, d: over(I1, s["B"], t["dY"](I1, d) * t["xh"](I1, d)),
        ),
        derived("batch norm, three terms", batch, "dx", _batch_three_terms),
        derived(
            "attention, V",
            heads,
            "dV",
            lambda t, s, k, f: over(I1, s["P"], t["A"](I1, k) * t["dO"](I1, f)),
        ),
        derived(
            "attention, Q",
            heads,
            "dQ",
            lambda t, s, p, e: over(I1, s["T"], _attention_scores(t, s, p, I1) * t["K"](I1, e)),
        ),
        derived(
            "attention, K",
            heads,
            "dK",
            lambda t, s, k, e: over(I1, s["P"], _attention_scores(t, s, I1, k) * t["Q"](I1, e)),
        ),
        derived("attention, Q by the Jacobian", heads, "dQ", _attention_nested),
        derived("attention, K by the Jacobian", heads, "dK", _keys_nested),
        derived("gated unit, h", unit, "dh", lambda t, s, i: t["dO"](i) * sigmoid(t["z"](i))),
        derived(
            "gated unit, z",
            unit,
            "dz",
            lambda t, s, i: (
                t["dO"](i) * (t["h"](i) - t["c"](i)) * sigmoid(t["z"](i)) * sigmoid(-t["z"](i))
            ),
        ),
        derived(
            "gated unit, r",
            unit,
            "dr",
            lambda t, s, i: (
                t["dO"](i)
                * (1 - sigmoid(t["z"](i)))
                * t["w"](i)
                * (1 - t["c"](i) ** 2)
                * sp.sech(t["r"](i) / 2) ** 2
                / 4
            ),
        ),
        derived(
            "log-sum-exp's gradient",
            contrast(),
            "dx",
            lambda t, s, i: t["dL"]() * sp.exp(t["x"](i) - t["L"]()),
        ),
    ]
