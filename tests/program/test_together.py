"""Matrix products in loops over their batch: which join, which stay alone, and what that saves."""

from __future__ import annotations

import pytest

from derive import Definition, exp, sum_over, tanh
from derive.program.code import SLOT, For, Product, Shares, walk
from derive.program.fuse import fuse
from derive.program.ir import Contract, Loop, leaves
from derive.program.together import together
from tests.calculus.layers import LAYERS
from tests.program.machine import assert_same, derived, stages


def joined(definition, kind="gradient"):
    _, program = derived(definition.build(), kind)
    return program, together(fuse(program))


def test_all_of_attention_is_one_loop_over_samples():
    _, program = derived(LAYERS["attention"](), "gradient")
    (whole,) = together(fuse(program))
    assert isinstance(whole, Loop) and whole.axis.extent.name == "B"
    assert [s.target for s in leaves(whole)] == [s.target for t in fuse(program) for s in leaves(t)]
    *_, shared = stages(program)
    sizes = {part.name for b in shared.buffers if b.kind == "temporary" for part in b.shape}
    assert "B" not in sizes
    (shares,) = [part for part in shared.body if isinstance(part, Shares)]
    products = [part for part in walk((shares.body,)) if isinstance(part, Product)]
    assert len(products) == sum(isinstance(s, Contract) for s in leaves(whole)) == 6
    slots = [SLOT in entry.at for part in products for entry in part.entries]
    assert any(slots) and not all(slots)


def test_axes_that_all_products_have_become_loops_within_one_another():
    d = Definition("heads")
    H, T, E = d.sizes("H T E")
    x, y = d.input("x", H, T, E), d.input("y", H, T, E)
    h, t, s, e = d.indices("h t s e")
    w = d.node("w", H, T, T)
    w[h, t, s] = sum_over(e, x[h, t, e] * y[h, s, e])
    v = d.node("v", H, T, T)
    v[h, t, s] = exp(w[h, t, s])
    z = d.output("z", H, T, E)
    z[h, t, e] = sum_over(s, v[h, t, s] * y[h, s, e])
    program, (outer,) = joined(d)
    (inner,) = outer.body
    assert [outer.axis.extent.name, inner.axis.extent.name] == ["B", "H"]
    for kind in ("gradient", "tangent"):
        layer, program = derived(d.build(), kind)
        assert_same(layer, stages(program), seed=5, ones=False)


def test_a_product_over_the_batch_stays_outside_and_what_it_reads_is_kept_for_all_samples():
    d = Definition("dense")
    N, M = d.sizes("N M")
    x, W = d.input("x", N), d.param("W", M, N)
    d.output("y", tanh(W @ x))
    program, trees = joined(d)
    assert trees == fuse(program)
    products = [tree for tree in trees if isinstance(tree, Contract)]
    assert len(products) == 3 and not any(product.batch for product in products)


def test_products_among_themselves_stay_alone():
    d = Definition("pair")
    N, M, K = d.sizes("N M K")
    x, y = d.input("x", N, M), d.input("y", M, K)
    d.output("z", x @ y)
    program, trees = joined(d)
    assert trees == fuse(program)
    assert [len(tree.batch) for tree in trees if isinstance(tree, Contract)] == [1, 1, 1]


@pytest.mark.parametrize("kind", ["gradient", "tangent"])
def test_what_needs_a_sum_over_the_batch_comes_after_its_loop(kind):
    d = Definition("later")
    N, M = d.sizes("N M")
    x, p = d.input("x", N, M), d.param("p", N, N)
    i, j, k = d.indices("i j k")
    w = d.node("w", N, N)
    w[i, j] = sum_over(k, x[i, k] * x[j, k])
    y = d.output("y", N, N)
    y[i, j] = tanh(p[i, j] * w[i, j])
    layer, program = derived(d.build(), kind)
    trees = together(fuse(program))
    assert any(
        isinstance(t, Loop) and any(isinstance(s, Contract) for s in leaves(t)) for t in trees
    )
    assert_same(layer, stages(program), seed=7, ones=False)
    assert all(isinstance(part, (For, Shares, Product)) for part in stages(program)[-1].body)
