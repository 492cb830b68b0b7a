"""Pairs of expressions that are equal, written as people write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp

from derive.index.functions import Select, maximum, minimum, relu, sigmoid, softplus, step
from derive.index.terms import Delta, Entry, Index, IndexMax, IndexProduct, IndexSum, Size
from derive.layer.model import Domain, Fact

N, M, K, D, B = (Size(name) for name in "NMKDB")
SIZES = (N, M, K, D, B)
i, j, k, o, m, n, p, q, b, d = (Index(name) for name in "ijkomnpqbd")
RANGES = {i: N, k: N, o: N, p: N, j: M, m: M, q: K, n: B, b: B, d: D}


def tensor(name, *shape):
    return lambda *indices: Entry(name, shape, *indices)


def total(*indices, of):
    """Return the sum over indices, the last one innermost; their ranges are those above."""
    for index in reversed(indices):
        of = IndexSum(of, index, RANGES[index])
    return of


@dataclass(frozen=True)
class Pair:
    name: str
    left: sp.Expr
    right: sp.Expr
    free: tuple[Index, ...] = ()
    facts: tuple[Fact, ...] = ()
    domains: tuple[Domain, ...] = ()
    definitions: dict[str, tuple[tuple[Index, ...], sp.Expr]] = field(default_factory=dict)
    ranges: dict[Index, sp.Expr] = field(default_factory=dict)

    @property
    def axes(self):
        return tuple((index, {**RANGES, **self.ranges}[index]) for index in self.free)

    @property
    def expressions(self):
        return (self.left, self.right, *(body for _, body in self.definitions.values()))


def sampler(pair: Pair):
    """Return a function that draws sizes, all different, and values that satisfy the facts."""
    entries = sorted({e for x in pair.expressions for e in x.atoms(Entry)}, key=str)
    letters = sorted(
        {s for x in pair.expressions for s in x.atoms(Size)}
        | {s for _, size in pair.axes for s in sp.sympify(size).atoms(Size)},
        key=str,
    )

    def draw(seed: int) -> tuple[dict[str, Any], dict[Size, int]]:
        random = np.random.default_rng(seed)
        numbers = random.permutation(np.arange(1 + seed % 2, 9))
        sizes = {s: int(v) for s, v in zip(letters, numbers, strict=False)}
        for fact in pair.facts:
            if isinstance(fact.left, Size):
                sizes[fact.left] = int(fact.right)
        arrays = {}
        for entry in entries:
            if entry.tensor not in pair.definitions:
                shape = tuple(int(size.xreplace(sizes)) for size in entry.shape)
                arrays[entry.tensor] = random.normal(size=shape)
        for domain in pair.domains:
            values = arrays[domain.tensor]
            arrays[domain.tensor] = {
                "positive": np.exp(values),
                "unit": 1 / (1 + np.exp(values)),
                "binary": np.round(1 / (1 + np.exp(values))),
                "nonzero": values,
            }[domain.values]
        for fact in pair.facts:
            _impose(fact, arrays)
        return arrays, sizes

    return draw


def _impose(fact: Fact, arrays: dict[str, Any]) -> None:
    """Make a fact hold exactly, in sixteenths."""
    left = fact.left
    if isinstance(left, IndexSum):
        body, index = left.open()
        axis = body.indices.index(index)
        values = np.moveaxis(np.round(16 * arrays[body.tensor]) / 16, axis, -1)
        values[..., 0] += 1 - values.sum(axis=-1)
        arrays[body.tensor] = np.moveaxis(values, -1, axis)
    elif isinstance(left, Entry):
        arrays[left.tensor] = arrays[left.tensor] + arrays[left.tensor].T
    elif isinstance(left, sp.Pow):
        name = left.base.tensor
        arrays[name] = np.round(1 / (1 + np.exp(arrays[name])))


x, y, g, t, u, a0 = (tensor(name, N) for name in ("x", "y", "g", "t", "u", "a0"))
a, v, c, z = (tensor(name, M) for name in "avcz")
r, s, e, w0, f0 = (tensor(name)() for name in ("r", "s", "e", "w0", "f0"))
W, V = tensor("W", N, M), tensor("V", M, K)
A, S = tensor("A", N, N), tensor("S", N, N)
X, Y = tensor("X", B, N), tensor("Y", B, N)
Q, Z = tensor("Q", K), tensor("Z", K)


def softmax_at(at, of=x):
    return sp.exp(of(at)) / total(o, of=sp.exp(of(o)))


def mean(of):
    return total(i, of=of) / N


def arg(at):
    """Return the argument of the quantizer's step."""
    return c(at) * (s - v(at))


SCALARS = [
    Pair("sech² is 1 - tanh²", 1 - sp.tanh(s) ** 2, sp.sech(s) ** 2),
    Pair("tanh² - 1, negated", sp.tanh(s) ** 2 - 1, -(1 - sp.tanh(s) ** 2)),
    Pair("factors of 1 - tanh²", (1 - sp.tanh(s)) * (1 + sp.tanh(s)), 1 / sp.cosh(s) ** 2),
    Pair("two sigmoids are a sech²", 4 * sigmoid(2 * s) * sigmoid(-2 * s), sp.sech(s) ** 2),
    Pair("sigmoid reflected", sigmoid(-s), 1 - sigmoid(s)),
    Pair("sigmoid by exp(-x)", sigmoid(s), 1 / (1 + sp.exp(-s))),
    Pair("sigmoid by exp(x)", sigmoid(s), sp.exp(s) / (1 + sp.exp(s))),
    Pair("tanh by sigmoid", sp.tanh(s), 2 * sigmoid(2 * s) - 1),
    Pair("tanh by sinh and cosh", sp.tanh(s), sp.sinh(s) / sp.cosh(s)),
    Pair("tanh of a double", sp.tanh(2 * s), 2 * sp.tanh(s) / (1 + sp.tanh(s) ** 2)),
    Pair("cosh² - sinh²", sp.cosh(s) ** 2 - sp.sinh(s) ** 2, sp.S.One),
    Pair("half-angle", sp.sech(s / 2) ** 2 / 4, sigmoid(s) * (1 - sigmoid(s))),
    Pair("softplus reflected", softplus(s) - softplus(-s), s),
    Pair("softplus by log", softplus(s), sp.log(1 + sp.exp(s))),
    Pair("log sigmoid", sp.log(sigmoid(s)), -softplus(-s)),
    Pair("log of 1 - sigmoid", sp.log(1 - sigmoid(s)), -softplus(s)),
    Pair("log of a quotient of sigmoids", sp.log(sigmoid(s) / sigmoid(-s)), s),
    Pair("relu by parts", relu(s) - relu(-s), s),
    Pair("relu by step", relu(s - r), (s - r) * step(s - r)),
    Pair("relu by maximum", relu(s), maximum(s, sp.S.Zero)),
    Pair("relu by Select", relu(s), Select(s > 0, s, 0)),
    Pair("absolute square", sp.Abs(s) ** 2, s**2),
    Pair("root of a square", sp.sqrt(s**2), sp.Abs(s)),
    Pair("absolute value by sign", sp.Abs(s - r), (s - r) * sp.sign(s - r)),
    Pair("maximum and minimum", maximum(s, r) + minimum(s, r), s + r),
    Pair("maximum by relu", maximum(s, r), r + relu(s - r)),
    Pair("sin² + cos²", sp.sin(s) ** 2 + sp.cos(s) ** 2, sp.S.One),
    Pair("a quotient divided out", s / (1 + s), 1 - 1 / (1 + s)),
    Pair("partial fractions", 1 / (s * (1 + s)), 1 / s - 1 / (1 + s)),
    Pair("expanded", (s + r) ** 3, s**3 + 3 * s**2 * r + 3 * s * r**2 + r**3),
    Pair("a root in the denominator", (s + r) / sp.sqrt(s + r), sp.sqrt(s + r)),
    Pair("gelu's halves", s / sp.sqrt(2) * sp.sqrt(2) * sp.erf(-s), -s * sp.erf(s)),
    Pair(
        "swish's derivative",
        sigmoid(s) + s * sigmoid(s) * (1 - sigmoid(s)),
        s * sigmoid(s) + sigmoid(s) * (1 - s * sigmoid(s)),
    ),
    Pair(
        "logloss of a sigmoid",
        -r * sp.log(sigmoid(s)) - (1 - r) * sp.log(1 - sigmoid(s)),
        softplus(s) - r * s,
    ),
    Pair(
        "logloss's derivative",
        -r / sigmoid(s) * sigmoid(s) * (1 - sigmoid(s))
        + (1 - r) / (1 - sigmoid(s)) * sigmoid(s) * (1 - sigmoid(s)),
        sigmoid(s) - r,
    ),
    Pair(
        "log of a positive product",
        sp.log(s * r),
        sp.log(s) + sp.log(r),
        domains=(Domain("s", "positive"), Domain("r", "positive")),
    ),
    Pair(
        "log of a positive square", sp.log(s**2), 2 * sp.log(s), domains=(Domain("s", "positive"),)
    ),
    Pair(
        "a power's derivative", r * s ** (r - 1), r * s**r / s, domains=(Domain("s", "positive"),)
    ),
]

SUMS = [
    Pair("renamed bound indices", total(i, j, of=x(i) * W(i, j)), total(k, m, of=x(k) * W(k, m))),
    Pair(
        "swapped sums",
        total(i, of=x(i) * total(j, of=W(i, j) * a(j))),
        total(j, of=a(j) * total(i, of=W(i, j) * x(i))),
    ),
    Pair(
        "swapped sums of a function",
        total(i, j, of=sp.tanh(W(i, j) + a(j))),
        total(j, i, of=sp.tanh(a(j) + W(i, j))),
    ),
    Pair("a product of sums", total(i, of=x(i)) * total(j, of=a(j)), total(i, j, of=x(i) * a(j))),
    Pair("the square of a sum", total(i, of=x(i)) ** 2, total(i, k, of=x(i) * x(k))),
    Pair(
        "the square of an inner sum",
        total(i, of=total(j, of=W(i, j) * a(j)) ** 2),
        total(j, m, of=a(j) * a(m) * total(i, of=W(i, j) * W(i, m))),
    ),
    Pair(
        "split sums",
        total(i, of=x(i) * (y(i) - s)),
        total(i, of=x(i) * y(i)) - s * total(i, of=x(i)),
    ),
    Pair("1/n moved in", total(i, of=x(i) ** 2) / N, total(i, of=x(i) ** 2 / N)),
    Pair("the sum of ones", total(i, of=sp.S.One), N),
    Pair("the sum of a constant", total(i, of=s * r), N * r * s),
    Pair("the sum of deviations", total(i, of=x(i) - total(k, of=x(k)) / N), sp.S.Zero),
    Pair("variance", mean((x(i) - mean(x(i))) ** 2), mean(x(i) ** 2) - mean(x(i)) ** 2),
    Pair("covariance", mean((x(i) - mean(x(i))) * y(i)), mean(x(i) * (y(i) - mean(y(i))))),
    Pair(
        "squares of differences",
        total(i, k, of=(x(i) - x(k)) ** 2),
        2 * N * total(i, of=x(i) ** 2) - 2 * total(i, of=x(i)) ** 2,
    ),
    Pair("softmax shifted", sp.exp(x(k) + s) / total(o, of=sp.exp(x(o) + s)), softmax_at(k), (k,)),
    Pair(
        "softmax shifted by its maximum",
        sp.exp(x(k) - IndexMax(x(o), o, N)) / total(o, of=sp.exp(x(o) - IndexMax(x(o), o, N))),
        softmax_at(k),
        (k,),
    ),
    Pair("log-softmax", sp.log(softmax_at(k)), x(k) - sp.log(total(o, of=sp.exp(x(o)))), (k,)),
    Pair(
        "log-sum-exp shifted",
        sp.log(total(o, of=sp.exp(x(o)))),
        s + sp.log(total(o, of=sp.exp(x(o) - s))),
    ),
    Pair("softmax sums to 1", total(k, of=softmax_at(k)), sp.S.One),
    Pair(
        "softmax's Jacobian",
        softmax_at(i) * (Delta(i, k) - softmax_at(k)),
        softmax_at(k) * (Delta(i, k) - softmax_at(i)),
        (i, k),
    ),
    Pair(
        "softmax's Jacobian times a vector",
        total(k, of=g(k) * softmax_at(k) * (Delta(k, i) - softmax_at(i))),
        softmax_at(i) * (g(i) - total(k, of=g(k) * softmax_at(k))),
        (i,),
    ),
    Pair("x/(1 + x) summed", total(i, of=x(i) / (1 + x(i))), N - total(i, of=1 / (1 + x(i)))),
    Pair(
        "partial fractions summed",
        total(i, of=1 / (x(i) * (1 + x(i)))),
        total(i, of=1 / x(i)) - total(i, of=1 / (1 + x(i))),
    ),
    Pair("a delta in a sum", total(i, of=Delta(i, k) * x(i) * y(k)), x(k) * y(k), (k,)),
    Pair(
        "a delta between sums", total(i, o, of=Delta(i, o) * x(i) * y(o)), total(i, of=x(i) * y(i))
    ),
    Pair("the trace with a delta", total(i, k, of=A(i, k) * Delta(i, k)), total(o, of=A(o, o))),
    Pair("all but one", total(i, of=Select(sp.Ne(i, k), x(i), 0)), total(i, of=x(i)) - x(k), (k,)),
    Pair(
        "a masked sum",
        total(i, of=Select(sp.Le(i, k), x(i), 0)),
        total(i, of=x(i)) - total(i, of=Select(sp.Gt(i, k), x(i), 0)),
        (k,),
    ),
    Pair("the trace of a product", total(i, j, of=W(i, j) * W(i, j)), total(j, i, of=W(i, j) ** 2)),
    Pair(
        "a quadratic form's gradient",
        total(i, of=(A(i, k) + A(k, i)) * x(i)),
        total(i, of=A(i, k) * x(i)) + total(o, of=A(k, o) * x(o)),
        (k,),
    ),
    Pair(
        "pairwise logistic",
        total(i, k, of=A(i, k) * sigmoid(x(i) - x(k))),
        total(i, k, of=A(k, i) * sp.exp(x(k)) / (sp.exp(x(i)) + sp.exp(x(k)))),
    ),
    Pair("a product of exponentials", IndexProduct(sp.exp(x(i)), i, N), sp.exp(total(i, of=x(i)))),
    Pair(
        "cosine's gradient",
        y(k) / sp.sqrt(total(i, of=x(i) ** 2))
        - x(k) * total(i, of=x(i) * y(i)) / total(i, of=x(i) ** 2) ** sp.Rational(3, 2),
        (y(k) * total(i, of=x(i) ** 2) - x(k) * total(i, of=x(i) * y(i)))
        / (total(i, of=x(i) ** 2) * sp.sqrt(total(i, of=x(i) ** 2))),
        (k,),
    ),
    Pair("a maximum shifted", IndexMax(x(i) + s, i, N), s + IndexMax(x(k), k, N)),
    Pair(
        "relu's sum", total(i, of=relu(x(i)) * step(x(i))), total(i, of=(x(i) + sp.Abs(x(i))) / 2)
    ),
]

STEPS = [
    Pair(
        "quantizer, sech²",
        total(j, of=a(j) * c(j) * (1 - sp.tanh(arg(j)) ** 2)),
        total(j, of=a(j) * c(j) * sp.sech(arg(j)) ** 2),
    ),
    Pair(
        "quantizer, sign outside",
        total(j, of=a(j) * c(j) * (1 - sp.tanh(arg(j)) ** 2)),
        -total(j, of=c(j) * a(j) * (sp.tanh(arg(j)) ** 2 - 1)),
    ),
    Pair(
        "quantizer, expanded",
        total(j, of=a(j) * c(j) * (1 - sp.tanh(arg(j)) ** 2)),
        total(j, of=a(j) * c(j)) - total(j, of=a(j) * c(j) * sp.tanh(arg(j)) ** 2),
    ),
    Pair(
        "quantizer, argument expanded",
        total(j, of=a(j) * c(j) * (1 - sp.tanh(s * c(j) - v(j) * c(j)) ** 2)),
        4 * total(j, of=a(j) * c(j) * sigmoid(2 * arg(j)) * sigmoid(-2 * arg(j))),
    ),
    Pair(
        "quantizer's b",
        -a(j) * c(j) * total(i, of=g(i) * (1 - sp.tanh(c(j) * (x(i) - v(j))) ** 2)),
        c(j) * a(j) * total(i, of=(sp.tanh((x(i) - v(j)) * c(j)) ** 2 - 1) * g(i)),
        (j,),
    ),
]

ONE = Fact(total(k, of=y(k)), sp.S.One, "Σ_k y_k = 1")
ROWS = Fact(total(i, of=Y(b, i)), sp.S.One, "Σ_i Y_bi = 1")
SYMMETRIC = Fact(S(i, k), S(k, i), "S symmetric")
ZERO_ONE = Fact(y(k) ** 2, y(k), "y_k² = y_k")

FACTS = [
    Pair(
        "a sum of 1", total(i, of=y(i) * softmax_at(k)) - y(k), softmax_at(k) - y(k), (k,), (ONE,)
    ),
    Pair(
        "cross-entropy's gradient",
        -total(i, of=y(i) * (Delta(i, k) - softmax_at(k, t))),
        softmax_at(k, t) - y(k),
        (k,),
        (ONE,),
    ),
    Pair(
        "rows that sum to 1",
        total(b, of=tensor("h", B)(b) * total(i, of=Y(b, i))),
        total(b, of=tensor("h", B)(b)),
        (),
        (ROWS,),
    ),
    Pair(
        "rows summed in the other order",
        total(i, b, of=tensor("h", B)(b) * Y(b, i)),
        total(b, of=tensor("h", B)(b)),
        (),
        (ROWS,),
    ),
    Pair(
        "a symmetric quadratic form",
        total(i, of=(S(i, k) + S(k, i)) * x(i)),
        2 * total(i, of=S(k, i) * x(i)),
        (k,),
        (SYMMETRIC,),
    ),
    Pair(
        "a symmetric product",
        total(i, of=S(i, k) * S(i, o)),
        total(i, of=S(k, i) * S(o, i)),
        (k, o),
        (SYMMETRIC,),
    ),
    Pair(
        "idempotent by a fact",
        total(k, of=y(k) ** 2 * x(k)),
        total(k, of=y(k) * x(k)),
        (),
        (ZERO_ONE,),
    ),
    Pair(
        "idempotent by a domain",
        total(k, of=y(k) * (1 - y(k)) * x(k)),
        sp.S.Zero,
        domains=(Domain("y", "binary"),),
    ),
    Pair(
        "squared error of a label",
        (y(k) - g(k)) ** 2,
        y(k) * (1 - 2 * g(k)) + g(k) ** 2,
        (k,),
        domains=(Domain("y", "binary"),),
    ),
    Pair(
        "a size of 1",
        total(j, of=a(j) * W(i, j)),
        a(m) * W(i, m),
        (i, m),
        (Fact(M, sp.S.One, "M = 1"),),
    ),
]
