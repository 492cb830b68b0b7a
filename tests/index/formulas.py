"""Random formulas in index notation, as trees that are independent of the letters used."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import sympy as sp
from hypothesis import strategies as st

from derive.index.evaluate import evaluate
from derive.index.functions import Select, relu, sigmoid
from derive.index.terms import (
    Entry,
    Index,
    IndexMax,
    IndexProduct,
    Reduction,
    Size,
    sum_over,
)

N, M = Size("N"), Size("M")
SIZES = {N: 3, M: 2}
SHAPES: dict[str, tuple[Size, ...]] = {"x": (N,), "v": (M,), "W": (N, M), "A": (N, N), "s": ()}
FREE = Index("i")  # of size N

UNARY: dict[str, Callable[[sp.Expr], sp.Expr]] = {
    "tanh": sp.tanh,
    "sigmoid": sigmoid,
    "exp": lambda e: sp.exp(sp.tanh(e)),
    "sin": sp.sin,
    "square": lambda e: e**2,
    "inverse": lambda e: 1 / (1 + e**2),
    "root": lambda e: sp.sqrt(1 + e**2),
    "log": lambda e: sp.log(1 + e**2),
    "negative": lambda e: -e,
    "relu": relu,
}
BINARY: dict[str, Callable[[sp.Expr, sp.Expr], sp.Expr]] = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - 2 * b,
    "times": lambda a, b: a * b,
    "over": lambda a, b: a / (2 + sp.sin(b)),
}
BINDERS: dict[str, Callable[[Index, Size, sp.Expr], sp.Expr]] = {
    "sum": sum_over,
    "product": lambda index, size, e: IndexProduct(1 + e / 2, index, size),
    "max": lambda index, size, e: IndexMax(e, index, size),
}

leaves = st.tuples(st.just("entry"), st.sampled_from(list(SHAPES)), st.integers(0, 5))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("unary"), st.sampled_from(list(UNARY)), inner),
        st.tuples(st.just("binary"), st.sampled_from(list(BINARY)), inner, inner),
        st.tuples(
            st.just("binder"), st.sampled_from(list(BINDERS)), st.sampled_from([N, M]), inner
        ),
        st.tuples(st.just("select"), st.integers(0, 5), inner, inner),
    ),
    max_leaves=6,
)


def formula(tree, letters: Callable[[int], str], bound=((FREE, N),)) -> sp.Expr:
    """Write a tree with the letters that its binders get, by how deep they are."""
    kind, *rest = tree
    if kind == "entry":
        name, choice = rest
        return Entry(name, SHAPES[name], *(_pick(bound, size, choice) for size in SHAPES[name]))
    if kind == "unary":
        return UNARY[rest[0]](formula(rest[1], letters, bound))
    if kind == "binary":
        return BINARY[rest[0]](*(formula(part, letters, bound) for part in rest[1:]))
    if kind == "select":
        choice, *parts = rest
        condition = sp.Le(_pick(bound, N, choice), _pick(bound, N, choice + 1))
        return Select(condition, *(formula(part, letters, bound) for part in parts))
    name, size, inner = rest
    index = Index(letters(len(bound)))
    return BINDERS[name](index, size, formula(inner, letters, (*bound, (index, size))))


def _pick(bound, size, choice) -> sp.Expr:
    """Choose among the indices of a size that are in scope."""
    fitting = [index for index, extent in bound if extent == size]
    return fitting[choice % len(fitting)] if fitting else sp.Integer(choice % SIZES[size])


def plain(depth: int) -> str:
    return f"j{depth}"


def arrays(seed: int = 5):
    random = np.random.default_rng(seed)
    return {
        name: _precise(np.asarray(random.standard_normal([SIZES[size] for size in shape])))
        for name, shape in SHAPES.items()
    }


def _precise(values):
    result = np.empty(values.shape, object)
    for where in np.ndindex(values.shape):
        result[where] = mpmath.mpf(float(values[where]))
    return result


def value(expression, indices=((FREE, N),), given=None):
    """Return the array of an expression over the indices, each with its size."""
    return evaluate(
        expression,
        tuple(index for index, _ in indices),
        arrays() if given is None else given,
        SIZES,
        tuple(SIZES[size] for _, size in indices),
    )


def distance(first, second) -> mpmath.mpf:
    """Return the greatest relative distance between two arrays."""
    pairs = [(first[w], second[w]) for w in np.ndindex(first.shape)]
    return max((abs(a - b) / (1 + abs(b)) for a, b in pairs), default=mpmath.mpf(0))


def binders(expression: sp.Expr) -> int:
    return sum(isinstance(node, Reduction) for node in sp.preorder_traversal(expression))
