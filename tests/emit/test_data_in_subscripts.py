"""Integers that lead outside of an axis are refused, with those that are allowed."""

from __future__ import annotations

import numpy as np
import pytest

from derive import Definition, select, sum_over, tanh
from derive.program.ir import Reduce
from derive.program.lower import lower
from tests.calculus.layers import LAYERS
from tests.emit.modules import imported, written

#: The subscript, integers that are allowed, and what is said of others.
SUBSCRIPTS = {
    "plain": (lambda t, i, N: t, [0, 3], [1, 4], "positions from 0 to 3, got 1 to 4"),
    "more": (lambda t, i, N: t + 1, [-1, 2], [0, 3], "integers from -1 to 2, got 0 to 3"),
    "counted from 1": (lambda t, i, N: t - 1, [1, 4], [0, 3], "integers from 1 to 4, got 0 to 3"),
    "from the end": (lambda t, i, N: N - t, [1, 4], [0, 3], "integers from 1 to 4, got 0 to 3"),
    "odd": (lambda t, i, N: 2 * t + 1, [0, 1], [0, 2], "integers from 0 to 1, got 0 to 2"),
    "back by twos": (
        lambda t, i, N: N - 2 * t,
        [1, 2],
        [1, 3],
        "integers from 1 to 2, got 1 to 3",
    ),
    "beside an index": (
        lambda t, i, N: t + i,
        [0, 2],
        [0, 3],
        "integers from 0 to 2, got 0 to 3",
    ),
    "times an index": (
        lambda t, i, N: t * i,
        [1, 3],
        [1, -1],
        "positions from 0 to 3, got -1 to 1",
    ),
    "squared": (lambda t, i, N: t * t, [-1, 1], [-2, 0], "positions from 0 to 3, got 0 to 4"),
}


@pytest.mark.parametrize("name", SUBSCRIPTS)
def test_a_message_says_which_integers_are_allowed(name, tmp_path):
    subscript, allowed, wrong, message = SUBSCRIPTS[name]
    d = Definition("gathered")
    N, T = d.sizes("N T")
    v, t, i = d.param("v", N), d.integers("t", T), d.indices("i")
    y = d.output("y", T)
    y[i] = v[subscript(t[i], i, N)] ** 2
    module = imported(written(d.build(), tmp_path, "numpy") / "gathered.py")
    values = np.arange(4.0)
    module.forward(values, np.array(allowed))
    with pytest.raises(ValueError, match=f"t: expected {message}"):
        module.forward(values, np.array(wrong))


def test_data_that_a_selection_guards_is_read_nowhere_else_in_a_gradient(tmp_path):
    module = imported(written(LAYERS["path_of_labels"](), tmp_path, "numpy") / "path_of_labels.py")
    label, A, x = np.array([2, 0, 0]), *np.linspace(-1, 2, 18).reshape(2, 3, 3)
    got = module.backward(label, A, x)
    # From 2 to 0, and from 0 to 0; after that there is no step.
    wanted = np.zeros((3, 3))
    for n, (j, k) in enumerate([(2, 0), (0, 0)]):
        wanted[j, k] += (1 - np.tanh(A[j, k] ** 2 * x[n, k]) ** 2) * x[n, k] * 2 * A[j, k]
    assert np.allclose(got.dA, wanted)
    module.backward(label[:1], A, x[:1])  # one label, and no step at all


def test_gradients_of_two_products_that_data_reads_are_two(tmp_path):
    d = Definition("two_tables")
    N, K, D = d.sizes("N K D")
    x, z, V, W = d.input("x", D), d.input("z", D), d.param("V", K, D), d.param("W", K, D)
    t, s = d.integers("t", N), d.integers("s", N)
    i, k, j = d.indices("i k j")
    g, h = d.node("g", K), d.node("h", K)
    g[k], h[k] = sum_over(j, V[k, j] * x[j]), sum_over(j, W[k, j] * z[j])
    y = d.output("y", N)
    y[i] = g[t[i]] * h[s[i]]
    module = imported(written(d.build(), tmp_path, "numpy") / "two_tables.py")
    x, z, V, W = np.arange(1, 3.0), np.arange(2, 4.0), *np.linspace(-1, 2, 12).reshape(2, 3, 2)
    t, s, dy = np.array([0, 2, 2, 1]), np.array([1, 1, 0, 2]), np.array([1.0, -2.0, 3.0, 0.5])
    got = module.backward(dy, x, z, V, W, t, s)
    dg, dh = np.zeros(3), np.zeros(3)
    np.add.at(dg, t, dy * (W @ z)[s])
    np.add.at(dh, s, dy * (V @ x)[t])
    for found, wanted in (
        (got.dV, np.outer(dg, x)),
        (got.dW, np.outer(dh, z)),
        (got.dx, V.T @ dg),
        (got.dz, W.T @ dh),
    ):
        assert np.allclose(found, wanted)


def test_what_is_summed_within_a_branch_may_lie_outside_where_it_is_not_chosen(tmp_path):
    written_to = written(LAYERS["fourier_features"](), tmp_path, "numpy")
    module = imported(written_to / "fourier_features.py")
    z, B = np.linspace(-1, 2, 10).reshape(2, 5), np.linspace(-2, 1, 15).reshape(3, 5)
    assert np.allclose(module.forward(z, B), np.hstack([np.cos(z @ B.T), np.sin(z @ B.T)]))


def test_a_sum_that_is_also_read_where_nothing_guards_it_is_made_once():
    d = Definition("shared")
    N = d.sizes("N")
    x, i, j = d.input("x", N + 1), *d.indices("i j")
    y, z = d.output("y", N), d.output("z", N)
    total = sum_over(j, x[i + 1] ** 2 * x[j])
    y[i] = total + select(i > 0, tanh(total), 0)
    z[i] = select(i > 0, total**2, 0)
    sums = [s for s in lower(d.build(), "forward").body if isinstance(s, Reduce)]
    assert len(sums) == 1
