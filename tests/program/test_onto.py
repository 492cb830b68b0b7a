"""Sums of matrix products, added up where they are computed: which are, and which are not."""

from __future__ import annotations

import numpy as np
import pytest

from derive import Definition, tanh
from derive.program.check import check_program, check_routine
from derive.program.ir import Assign, Contract
from derive.program.onto import onto
from derive.program.pipeline import compiled
from tests.calculus.layers import LAYERS
from tests.program.machine import assert_same, derived, stages


def products(program):
    return [statement for statement in program.body if isinstance(statement, Contract)]


def three(sum_of):
    """Return a layer whose output is made of three products, and a fourth array."""
    d = Definition("three")
    N, M, K = d.sizes("N M K")
    x, y, z = d.input("x", N, M), d.input("y", N, M), d.input("z", N, M)
    U, V, W = (d.param(name, M, K) for name in "UVW")
    d.output("r", sum_of(x @ U, y @ V, z @ W, d.input("s", N, K)))
    return d.build()


@pytest.mark.parametrize(
    ("sum_of", "added", "scales"),
    [
        (lambda a, b, c, s: a + b + c + s, 2, {1}),
        (lambda a, b, c, s: tanh(a - b) * s + c, 1, {1, -1}),
        (lambda a, b, c, s: tanh(s - a - b - c), 2, {1}),
        (lambda a, b, c, s: a * b + c, 0, {1}),
        (lambda a, b, c, s: tanh(a + b) * (a + c), 0, {1}),
    ],
    ids=["all", "a difference", "all taken away", "no sum", "needed twice"],
)
def test_products_that_are_needed_in_one_sum_alone_are_added(sum_of, added, scales):
    layer = three(sum_of)
    program = compiled(layer, "forward")
    found = onto(program)
    check_program(found)
    assert [p.adds for p in products(found)].count(True) == added
    assert {int(p.scale.value) for p in products(found)} == scales
    assert len(found.buffers) == len(program.buffers) - added
    routines = stages(program)
    for routine in routines:
        check_routine(routine)
    assert_same(layer, routines, seed=3, ones=False)


def test_a_sum_of_products_that_is_an_output_is_written_there():
    program = compiled(three(lambda a, b, c, s: a - b + c), "forward")
    found = onto(program)
    assert [s.target for s in found.body] == ["r", "r", "r"]
    assert [s.adds for s in products(found)] == [False, True, True]
    assert sorted(s.scale.value for s in products(found)) == [-1, 1, 1]
    assert not found.of_kind("temporary") and not any(isinstance(s, Assign) for s in found.body)


def test_the_sums_of_a_gru_cell_are_sums_of_products():
    layer, program = derived(LAYERS["gru_cell"](), "gradient")
    found = onto(program)
    targets = [p.target for p in products(found) if p.adds]
    assert targets.count("dx") == 2 and len(targets) == 6
    (machine, *_) = assert_same(layer, stages(program), seed=4, ones=False)
    assert all(np.isfinite(machine.arrays[name]).all() for name in layer.outputs)


def test_products_of_other_shapes_are_not_added():
    d = Definition("parts")
    N, M = d.sizes("N M")
    x, y = d.input("x", N), d.input("y", N, M)
    W, V = d.param("W", M, N), d.param("V", M)
    d.output("r", W @ x)
    d.output("q", y @ V)
    program = compiled(d.build(), "forward")
    assert not any(product.adds for product in products(onto(program)))
