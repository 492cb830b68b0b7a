"""Whatever rules meet, and in whatever order: no formula changes its value."""

from __future__ import annotations

import random

import mpmath
import numpy as np
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive import Definition, exp, select, sum_over
from derive.index.evaluate import evaluate
from derive.index.functions import Select, logaddexp, sigmoid, softplus, step
from derive.index.terms import Entry, Index, IndexSum, Size
from derive.layer.model import Layer
from derive.program.rules import Around, Rules
from derive.program.stabilise import BEFORE, safe

K, k, i = Size("K"), Index("k"), Index("i")
x, y, z, t = *(Entry(name, ()) for name in "xyz"), Entry("t", (K,), k)
w, v, p = Entry("w", (K,), k), Entry("v", ()), Entry("p", (K,), k)
LEAVES = (x, y, z, -x, x - y, 2 * x, x / 2, x * y, sp.Integer(1), IndexSum(t * x, k, K))


def around() -> Layer:
    """Return a layer with nodes that rules look through."""
    d = Definition("around", "Exponentials, some of them masked, and a softmax.")
    size, i, j = d.sizes("K"), *d.indices("i j")
    a, b, c = (d.input(name) for name in "xyz")
    t = d.input("t", size)
    w, p = d.node("w", size), d.node("p", size)
    w[i] = select(sp.Ge(i, 1), exp(t[i] * a[()]), 0)
    d.node("v", sigmoid(b[()]))
    p[i] = exp(t[i]) / sum_over(j, exp(t[j]))
    d.output("o", a[()] + b[()] + c[()])
    return d.build()


AROUND = around()


def positive(draw: random.Random, depth: int) -> sp.Expr:
    """Return what is positive by its form."""
    leaf = draw.choice(LEAVES)
    inner = (lambda: positive(draw, depth - 1)) if depth else (lambda: sp.exp(leaf))
    makers = [
        lambda: sp.exp(leaf),
        lambda: sigmoid(leaf),
        lambda: 1 - sigmoid(leaf),
        lambda: sp.exp(leaf) + inner(),
        lambda: sp.Integer(draw.choice([1, 2, 3])),
        lambda: IndexSum(sp.exp(t * draw.choice([1, x, y])), k, K),
        lambda: sp.cosh(leaf),
        lambda: inner() * inner(),
        lambda: inner() / inner(),
        lambda: inner() ** draw.choice([sp.Rational(7, 10), sp.Float(0.75), sp.S.Half, z]),
        lambda: inner() + inner(),
        lambda: Select(x < y, inner(), inner()),
        lambda: v * IndexSum(p**2, k, K),
    ]
    return draw.choice(makers)()


def mean(draw: random.Random, value: sp.Expr) -> sp.Expr:
    """Return a mean with weights."""
    weight = draw.choice([sp.exp(t * x), w, p, Select(sp.Ne(k, 1), sp.exp(t), 0), sp.exp(y)])
    given = draw.choice([weight * value, Select(sp.Ne(k, 2), weight * value, 0)])
    return IndexSum(given, k, K) / IndexSum(weight, k, K)


def formula(draw: random.Random, depth: int) -> sp.Expr:
    """Return a formula with the left sides of many rules in it."""
    if depth == 0:
        return draw.choice(LEAVES)

    def inner() -> sp.Expr:
        return formula(draw, depth - 1)

    def share(a: sp.Expr) -> sp.Expr:
        return 1 / (1 + a**2) - a**2 / (1 + a**2) ** 2

    def root(a: sp.Expr) -> sp.Expr:
        return sp.sqrt(a**2 + 4) - draw.choice([2, sp.Abs(a), 1])

    def scaled(function: type[sp.Function], scale: sp.Expr, a: sp.Expr) -> sp.Expr:
        return scale * function(a) - scale

    def square(a: sp.Expr) -> sp.Expr:
        return (t - 2 * t.xreplace({k: i}) * draw.choice([a, 1])) ** 2 * draw.choice([1, 3, x**2])

    makers = [
        lambda: draw.choice(LEAVES),
        lambda: sp.log(positive(draw, depth)),
        lambda: inner() + draw.choice([1, -1, 2]) * inner(),
        lambda: inner() * inner(),
        lambda: positive(draw, depth) / positive(draw, depth),
        lambda: sigmoid(inner()) - draw.choice([1, 2, sp.Rational(1, 2), sigmoid(inner())]),
        lambda: sigmoid(x) - sigmoid(-x) + inner(),
        lambda: inner() / sp.sqrt(inner() ** 2 + inner() ** 2),
        lambda: softplus(inner()) + inner(),
        lambda: sp.sinh(inner()) / sp.cosh(inner()),
        lambda: share(inner()),
        lambda: inner() * root(inner()) + inner(),
        lambda: 1 - draw.choice([sigmoid, sp.tanh])(inner()) * sigmoid(inner()) + inner(),
        lambda: 1 - sp.tanh(inner()) * sp.tanh(inner()),
        lambda: draw.choice([1, 2]) * (sp.tanh(inner()) - sp.tanh(inner())),
        lambda: (sp.exp(inner()) - 1) / (sp.exp(inner()) + 1),
        lambda: sp.log(sp.exp(positive(draw, depth - 1)) - 1),
        lambda: 1 - step(inner()) + step(inner()) * sp.exp(inner()),
        lambda: scaled(draw.choice([sp.cos, sp.cosh]), inner(), inner()),
        lambda: sp.log((lambda a: a + sp.sqrt(a**2 + draw.choice([1, 4])))(inner())),
        lambda: mean(draw, draw.choice([t, t * inner(), inner()])),
        lambda: inner() / (1 + sp.exp(inner()) + positive(draw, depth)),
        lambda: inner() / sp.sqrt(IndexSum(IndexSum(square(inner()), k, K), i, K)),
        lambda: softplus(inner()) - sp.log(2) * draw.choice([1, 2]),
        lambda: draw.choice([-1, 1]) * logaddexp(x, logaddexp(y, inner())) + x,
    ]
    return draw.choice(makers)()


def value(expression: sp.Expr, seed: int) -> mpmath.mpf:
    generator = np.random.default_rng(seed)
    arrays = {
        name: np.array([mpmath.mpf(float(v)) for v in generator.normal(size=3 if shape else 1)])
        for name, shape in (("x", 0), ("y", 0), ("z", 0), ("t", 1))
    }
    arrays = {name: a if name == "t" else a.reshape(()) for name, a in arrays.items()}
    for node in AROUND.nodes:
        arrays[node.name] = evaluate(
            node.body, node.indices, arrays, {K: 3}, (3,) * len(node.indices)
        )
    return evaluate(expression, (), arrays, {K: 3}, ())[()]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_a_random_formula_has_the_value_that_it_had(seed: int) -> None:
    with mpmath.workdps(60):
        try:
            expression = formula(random.Random(seed), 3)
            want = value(expression, seed)
        except (ArithmeticError, ValueError, TypeError):
            assume(False)
        assume(mpmath.isfinite(want) and abs(want) < 1e6)
        # Rules that leave out what rounding would leave out are equal to as many digits only.
        exact = [[rule for rule in rows if not rule.within] for rows in BEFORE]
        for passes, digits in ((exact, 40), (BEFORE, 12)):
            prepared = expression
            for rows in passes:
                prepared = Rules(rows, Around.of(AROUND))(prepared)
            for changed in (prepared, safe(prepared, AROUND)):
                off = abs(value(changed, seed) - want)
                assert off < mpmath.mpf(10) ** -digits * (1 + abs(want))
