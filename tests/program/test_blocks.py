"""Blocks of rows: which routines have them, and that they compute the same."""

from __future__ import annotations

import numpy as np
import pytest

from derive import Definition, exp, max_over, sum_over, tanh
from derive.gradient.forward import forward
from derive.gradient.reverse import reverse
from derive.layer.run import run
from derive.layer.sample import sample, sample_sizes
from derive.program.blocks import blocks
from derive.program.check import check_routine
from derive.program.code import AGAIN, ROWS, Blocks, For, Product, Routine, Store, walk
from derive.program.ir import Axis, Buffer, Call, Extent, Load, Number
from derive.program.pipeline import compiled
from derive.program.suite import suite
from tests.calculus.layers import LAYERS
from tests.program.machine import assert_computes, assert_same, stages


def routines(layer):
    """Yield the functions of a layer, as formulas and as loops."""
    made = suite(layer)
    formulas = dict(made.computed)
    for program in made.programs:
        yield formulas[program.name], stages(program)[-1]


def blocks_in(routine):
    return [part for part in walk(routine.body) if isinstance(part, Blocks)]


def routine_of(layer, kind):
    return {routine.name: routine for _, routine in routines(layer)}[kind]


N = Extent("N")
#: Layers with blocks in most of their functions: products, sums over rows, scalars, windows.
BLOCKED = (
    *("softmax_mlp", "softmax_mlp_rows", "binary_mlp", "gru_cell", "deep_chain"),
    *("quadratic_form", "convolution_2d", "max_pooling", "product"),
    # Whose own loops have none: scatters, samples in the second place, samples in inner loops.
    *("embedding", "shared_weights", "factorization_machine", "bilinear"),
)


@pytest.mark.parametrize("name", BLOCKED)
@pytest.mark.parametrize("batch", [0, 1, 7])
def test_several_blocks_compute_what_one_does(name, batch):
    """The machine has three blocks, of which the last one may be smaller."""
    found = 0
    for formulas, routine in routines(LAYERS[name]()):
        check_routine(routine)
        if not blocks_in(routine):
            continue
        found += 1
        generator = np.random.default_rng(3)
        sizes = sample_sizes(formulas, generator, ones=False)
        sizes = {size: batch if size.name == "B" else n for size, n in sizes.items()}
        arrays = sample(formulas, sizes, generator)
        if routine.name == "backward":
            forward = dict(suite(LAYERS[name]()).computed)["forward"]
            arrays |= run(forward, {t.name: arrays[t.name] for t in forward.tensors}, sizes)
        assert_computes(routine, formulas, arrays, sizes)
    assert found


def test_scratch_memory_has_the_rows_of_a_block():
    routine = routine_of(LAYERS["softmax_mlp"](), "forward_backward")
    (part,) = blocks_in(routine)
    B, H, K = Extent("B"), Extent("H"), Extent("K")
    five, two = (Number(n) for n in (5, 2))
    width = Call("add", (Call("mul", (five, H)), Call("mul", (two, K))))
    assert part.most == Call("rows_of", (B, width))
    scratch = [b for b in routine.buffers if b.kind == "temporary" and b.name in part.arrays]
    assert len(scratch) == 7
    assert all(buffer.shape[0] == part.most for buffer in scratch)
    # Nothing of the scratch memory is as long as the batch.
    assert not any(B in b.shape for b in routine.buffers if b.kind == "temporary")
    assert all(part.seen(buffer).shape[0] == ROWS for buffer in scratch)


def test_products_over_all_rows_start_anew_in_the_first_block_alone():
    (part,) = blocks_in(routine_of(LAYERS["softmax_mlp"](), "backward"))
    again = {
        product.contract.target: product.again
        for product in part.body
        if isinstance(product, Product)
    }
    assert again == {"dz": None, "dx": None, "dV": AGAIN, "dW": AGAIN}


def test_a_sum_that_two_products_add_to_starts_in_the_first_of_them():
    (part,) = blocks_in(routine_of(LAYERS["quadratic_form"](), "forward_backward"))
    targets = [p for p in part.body if isinstance(p, Product) and not p.contract.adds]
    assert all(p.again is None or "i_B" in {a.name for a in p.contract.over} for p in targets)


def test_a_scalar_that_rows_add_up_to_is_kept_in_memory():
    routine = routine_of(LAYERS["binary_mlp"](), "backward")
    (start,) = [
        part
        for part in routine.body
        if isinstance(part, Store) and part.target == Load("db2_sum", ())
    ]
    assert start.value == Number(0)
    assert [b.shape for b in routine.buffers if b.name == "db2_sum"] == [()]
    assert len(blocks_in(routine)) == 1


def test_a_maximum_that_all_rows_read_stays_with_its_place():
    """The gradient goes where the maximum stood: it is chosen, and no block sees it change."""
    d = Definition("scaled_by_a_maximum")
    N, M, K = d.sizes("N M K")
    x, w, v = d.input("x", N), d.param("w", M), d.param("v", K, N)
    n, m, k = d.indices("n m k")
    h, y = d.node("h", N), d.output("y", K)
    h[n] = tanh(max_over(m, w[m]) * x[n])
    y[k] = sum_over(n, v[k, n] * h[n])
    for formulas, routine in routines(d.build()):
        check_routine(routine)
        if routine.name == "backward":  # it needs what forward has kept
            continue
        generator = np.random.default_rng(4)
        sizes = sample_sizes(formulas, generator, ones=False)
        arrays = sample(formulas, sizes, generator)
        assert_computes(routine, formulas, arrays, sizes)


def rows_of_a_matrix(what):
    """Return a layer over the rows of a matrix, which are no samples, but for what it does."""
    d = Definition("rows_of_a_matrix")
    N, M, K = d.sizes("N M K")
    x, W = d.input("x", N, M), d.param("W", M, K)
    n, j, k = d.indices("n j k")
    h = d.node("h", tanh(x @ W))
    if what == "each by itself":
        y = d.output("y", N)
        y[n] = sum_over(k, exp(h[n, k]))
    elif what == "a sum over all":
        s, y = d.node("s", K), d.output("y", N, K)
        s[k] = sum_over(n, exp(h[n, k]))
        y[n, k] = tanh(h[n, k]) / s[k]
    else:
        y = d.output("y", N)
        y[n] = sum_over(j, sum_over(k, tanh(h[n, k] - h[j, k])))
    return d.build()


@pytest.mark.parametrize("what", ["each by itself", "a sum over all", "pairs of rows"])
@pytest.mark.parametrize("kind", [forward, reverse])
def test_rows_that_need_others_are_not_in_blocks(what, kind):
    layer = kind(rows_of_a_matrix(what))
    program = compiled(layer, "f")
    routine = stages(program)[-1]
    check_routine(routine)
    assert len(blocks_in(routine)) == (what == "each by itself")
    assert_same(layer, [routine], seed=4, ones=False)


def test_what_the_last_row_leaves_behind_is_that_of_all_rows():
    n, x, y = Axis("i_N", N), Load("x", (Axis("i_N", N),)), Load("y", (Axis("i_N", N),))
    row, last = Load("row", (n,)), Load("last", ())
    buffers = (
        *(Buffer("x", (N,), "input"), Buffer("y", (N,), "output")),
        *(Buffer("row", (N,), "temporary"), Buffer("last", (), "temporary")),
    )
    first = For(n, (Store(row, Call("exp", (x,))), Store(last, x)))
    for value, count in ((Call("add", (row, last)), 0), (row, 1)):
        routine = Routine("f", ("N",), buffers, (first, For(n, (Store(y, value),))))
        check_routine(routine)
        assert len(blocks_in(blocks(routine))) == count


def test_what_has_no_rows_to_keep_has_no_blocks():
    assert not any(blocks_in(routine) for _, routine in routines(LAYERS["quantizer"]()))
