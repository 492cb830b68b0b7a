"""Loops of every layer, checked and run, before and after scalars are shared."""

from __future__ import annotations

import numpy as np
import pytest

from derive import Definition, max_over, mean_over, select, sum_over, tanh
from derive.layers import quantizer, softmax_mlp
from derive.program.check import check_program, check_routine, check_trees
from derive.program.code import Accumulate, Declare, Define, For, Product, Store, walk
from derive.program.fuse import fuse
from derive.program.ir import Call, Load, Local, Loop
from derive.program.suite import suite
from derive.program.together import together
from tests.calculus.layers import LAYERS
from tests.program.machine import Machine, assert_same, derived, stages

NAMES = sorted(set(LAYERS) - {"deep_chain"})


@pytest.mark.parametrize("kind", ["gradient", "tangent"])
@pytest.mark.parametrize("name", NAMES)
def test_every_stage_is_well_formed_and_computes_what_the_definition_says(name, kind):
    layer, program = derived(LAYERS[name](), kind)
    check_program(program)
    check_trees(program, fuse(program))
    check_trees(program, together(fuse(program)))
    routines = stages(program)
    for routine in routines:
        check_routine(routine)
    assert_same(layer, routines, seed=len(name), ones=False)
    assert_same(layer, routines, seed=len(name) + 1, ones=True)


def quantizer_loops():
    layer, program = derived(quantizer.layer.build(), "gradient")
    return layer, stages(program)


def test_the_quantizer_computes_one_tanh_for_each_sample_value_and_step():
    layer, routines = quantizer_loops()
    plain, shared, laned, _ = assert_same(layer, routines, seed=3, ones=False)
    points = np.prod([shared.scalars[size] for size in ("B", "N", "M")])
    assert shared.calls["tanh"] == laned.calls["tanh"] == points
    assert plain.calls["tanh"] > 5 * points


def test_the_quantizer_stores_no_temporary_over_samples_and_values():
    _, (_, shared, *_) = quantizer_loops()
    temporaries = [buffer for buffer in shared.buffers if buffer.kind == "temporary"]
    assert [len(buffer.shape) for buffer in temporaries] == [1, 1]


def test_a_value_that_is_read_where_it_is_made_is_not_stored():
    _, program = derived(softmax_mlp.layer.build(), "gradient")
    kept = {buffer.name for buffer in stages(program)[0].buffers}
    assert {"z", "dt", "ds"} <= kept  # matrix products read these
    assert not {"s", "g"} & kept


def test_a_sum_inside_the_loops_of_its_target_is_one_scalar():
    d = Definition("rows")
    N, M = d.sizes("N M")
    x = d.input("x", N, M)
    i, j = d.indices("i j")
    y = d.output("y", N)
    y[i] = sum_over(j, tanh(x[i, j]))
    _, program = derived(d.build(), "tangent")
    body = list(walk(stages(program)[0].body))
    (total,) = [part for part in body if isinstance(part, Declare)]
    (added,) = [part for part in body if isinstance(part, Accumulate)]
    (stored,) = [part for part in body if isinstance(part, Store)]
    assert added.target == stored.value == Local(total.name)


def test_a_sum_outside_the_loops_of_its_target_fills_the_target_first():
    _, (plain, *_) = quantizer_loops()
    first = plain.body[0]
    assert isinstance(first, For) and first.axis.name == "i_M"
    assert [part.target.buffer for part in first.body] == ["t1", "t2", "da"]


def innermost(trees, target):
    """Return the axis of the innermost loop around each statement that makes a target."""
    found = []
    for tree in trees:
        if isinstance(tree, Loop):
            inner = innermost(tree.body, target)
            found += [tree.axis.name if name is None else name for name in inner]
        elif tree.target == target:
            found.append(None)
    return found


def test_a_scatter_runs_along_the_rows_of_what_it_adds_to_where_a_subscript_is_computed():
    d = Definition("groups")
    G, K, H = d.sizes("G K H")
    x, g, k, h = d.input("x", G * K, H), *d.indices("g k h")
    m, y = d.node("m", G), d.output("y", G, K, H)
    m[g] = mean_over(k, mean_over(h, x[g * K + k, h]), size=K)
    y[g, k, h] = tanh(x[g * K + k, h] - m[g])
    (program,) = [p for p in suite(d.build()).programs if p.name == "backward"]
    # It is filled with zeros, and added to once for each of two places where x is read.
    assert innermost(fuse(program), "dx") == ["i_H", "i_H", "i_H"]


def test_a_pool_runs_along_rows_and_not_over_its_window():
    d = Definition("pool")
    L, C = d.sizes("L C")
    x, i, q, c = d.input("x", 2 * L, C), *d.indices("i q c")
    y, m = d.output("y", L, C), d.output("m", L, C)
    y[i, c] = mean_over(q, x[2 * i + q, c], size=2)
    m[i, c] = max_over(q, x[2 * i + q, c], size=2)
    (program,) = [p for p in suite(d.build()).programs if p.name == "forward"]
    assert innermost(fuse(program), "y") == innermost(fuse(program), "m") == ["i_C"]


def test_a_convolution_runs_over_its_window_inside():
    d = Definition("convolution")
    L, K = d.sizes("L K")
    x, w, i, k = d.input("x", 2 * L + K), d.param("w", K), *d.indices("i k")
    y = d.output("y", L)
    y[i] = sum_over(k, w[k] * x[2 * i + k])
    (program,) = [p for p in suite(d.build()).programs if p.name == "forward"]
    assert innermost(fuse(program), "y") == ["i_K"]


def test_a_matrix_product_runs_along_rows():
    _, program = derived(softmax_mlp.layer.build(), "gradient")
    for part in walk(stages(program)[0].body):
        if isinstance(part, Product):
            inner = [p for p in walk(part.body) if isinstance(p, For)][-1].axis
            (added,) = [p for p in walk(part.body) if isinstance(p, Accumulate)]
            assert isinstance(added.value, Call)
            for load in (*added.value.arguments, added.target):
                assert not isinstance(load, Load) or inner not in load.at[:-1]


def test_nothing_lands_or_is_read_outside_its_array_where_a_selection_guards_it():
    d = Definition("before")
    N = d.sizes("N")
    x = d.input("x", N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = select(i > 0, x[i - 1] * x[i], x[i])
    for kind in ("gradient", "tangent"):
        layer, program = derived(d.build(), kind)
        # The machine asserts that every place exists.
        assert_same(layer, stages(program), seed=4, ones=False)


def test_the_first_of_equal_maxima_is_chosen():
    d = Definition("pool")
    N, K = d.sizes("N K")
    x = d.input("x", N, K)
    i, k = d.indices("i k")
    y = d.output("y", N)
    y[i] = max_over(k, x[i, k])
    _, program = derived(d.build(), "gradient")
    x_values = np.array([[[1.0, 3.0, 3.0], [-2.0, -5.0, -2.0]]])
    inputs = {"x": x_values, "dy": np.array([[10.0, 20.0]])}
    for routine in stages(program):
        machine = Machine(routine, {"B": 1, "N": 2, "K": 3}, inputs)
        assert machine.arrays["y"].tolist() == [[3.0, -2.0]]
        assert machine.arrays["dx"].tolist() == [[[0.0, 10.0, 0.0], [20.0, 0.0, 0.0]]]


def test_an_empty_batch_gives_parameter_gradients_of_zero():
    _, routines = quantizer_loops()
    inputs = {name: np.ones(3) for name in "abc"}
    inputs |= {"X": np.ones((0, 2)), "dZ": np.ones((0, 2))}
    for routine in routines:
        machine = Machine(routine, {"B": 0, "N": 2, "M": 3}, inputs)
        for name in ("da", "db", "dc"):
            assert machine.arrays[name].tolist() == [0.0, 0.0, 0.0]


def test_scalars_have_the_names_of_what_they_replace():
    _, (plain, *_) = quantizer_loops()
    names = [part.name for part in walk(plain.body) if isinstance(part, (Declare, Define))]
    assert names == ["Z_sum", "t3"]
