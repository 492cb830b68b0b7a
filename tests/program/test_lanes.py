"""Loops over lanes: which loops become one, what is kept for the next, what is shared out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from derive.layers import quantizer, softmax_mlp_rows
from derive.program.check import check_routine
from derive.program.code import (
    Accumulate,
    Choose,
    Declare,
    Define,
    For,
    Lanes,
    Routine,
    Shares,
    Store,
    walk,
)
from derive.program.ir import Axis, Buffer, Call, Expr, Extent, Load, Local, Number, subtrees
from derive.program.lanes import lanes
from derive.program.suite import suite
from derive.program.threads import threads
from tests.calculus.layers import LAYERS
from tests.program.machine import assert_same, derived, stages

N, K = Extent("N"), Extent("K")
n, k = Axis("i_N", N), Axis("i_K", K)
x_n, x_nk, y_n, a_k = Load("x", (n,)), Load("w", (n, k)), Load("y", (n,)), Load("a", (k,))
BUFFERS = (
    *(Buffer("x", (N,), "input"), Buffer("w", (N, K), "input"), Buffer("a", (K,), "input")),
    Buffer("y", (N,), "output"),
)


def tanh(value: Expr) -> Call:
    return Call("tanh", (value,))


def times(*values: Expr) -> Call:
    return Call("mul", values)


def laned(*body) -> tuple:
    given = Routine("f", ("N", "K"), BUFFERS, body)
    check_routine(given)
    found = lanes(given)
    check_routine(found)
    check_routine(threads(found))
    return found.body


def over(body, kind=Lanes) -> list:
    return [part for part in walk(body) if isinstance(part, kind)]


def test_loops_within_one_another_are_joined_where_arrays_have_their_axes_side_by_side():
    _, program = derived(quantizer.layer.build(), "gradient")
    (loop,) = over(stages(program)[-1].body)
    assert loop.axis.extent == Call("mul", (Extent("B"), Extent("N")))
    assert [part.axis.name for part in over(loop.body, For)] == ["i_M"]


def test_a_sum_over_the_loop_is_one_of_vectors_until_its_end():
    add = Accumulate(Local("s"), "sum", tanh(x_n))
    store = For(n, (Store(y_n, Local("s")),))
    _, loop, _ = laned(Declare("s", "sum"), For(n, (add,)), store)
    assert loop.before == (Declare("s_lanes", "sum"),)
    assert loop.body == (Accumulate(Local("s_lanes"), "sum", tanh(x_n)),)
    added = Call("lanes_sum", (Local("s_lanes"),))
    assert loop.after == (Accumulate(Local("s"), "sum", added),)


def test_a_sum_that_is_read_on_its_way_is_left_in_order():
    add = Accumulate(Local("s"), "sum", tanh(x_n))
    running = For(n, (add, Store(y_n, Local("s"))))
    assert not over(laned(Declare("s", "sum"), running))


def test_entries_that_are_apart_in_memory_are_not_lanes():
    inner = For(n, (Store(y_n, tanh(Load("w", (n, Number(Fraction(0)))))),))
    assert not over(laned(inner))


def test_a_loop_that_compilers_make_vectors_of_is_left_as_it_is():
    assert not over(laned(For(n, (Store(y_n, times(x_n, x_n)),))))
    assert over(laned(For(n, (Store(y_n, tanh(x_n)),))))


def test_what_is_the_same_in_all_lanes_is_computed_before_them():
    value = tanh(times(x_n, tanh(times(a_k, a_k))))
    body = (Declare("s", "sum"), For(k, (Accumulate(Local("s"), "sum", value),)))
    table, loop = laned(For(n, (*body, Store(y_n, Local("s")))))
    assert isinstance(table, For) and table.axis == k
    (store,) = table.body
    assert store.value == tanh(times(a_k, a_k))
    (added,) = [p for p in walk(loop.body) if isinstance(p, Accumulate)]
    assert added.value == tanh(times(store.target, x_n))


def test_a_softmax_keeps_exponentials_for_its_next_loop():
    made = suite(softmax_mlp_rows.layer.build())
    (program,) = [each for each in made.programs if each.name == "forward_backward"]
    layer = dict(made.layers)["forward_backward"]
    _, shared, kept, _ = assert_same(layer, stages(program), seed=5, ones=False)
    assert kept.calls["exp"] < shared.calls["exp"]


def test_a_choice_of_a_position_reads_what_loops_keep():
    made = suite(LAYERS["softmax_with_reference_class"]())
    for program in made.programs:
        for routine in stages(program):
            check_routine(routine)


def test_costly_loops_alone_are_shared_out():
    body = laned(For(n, (Store(y_n, tanh(x_n)),)))
    given = Routine("f", ("N", "K"), BUFFERS, body)
    (part,) = threads(given).body
    assert isinstance(part, Shares) and part.body == body[0] and part.after == ()
    plain = (Declare("s", "sum"), For(n, (Accumulate(Local("s"), "sum", x_n),)))
    store = For(n, (Store(y_n, Local("s")),))
    again = Routine("f", ("N", "K"), BUFFERS, laned(*plain, store))
    assert over(again.body) and threads(again).body == again.body


def test_a_share_finds_by_itself_the_scalars_that_it_reads():
    first = Define("s", Load("a", (Number(Fraction(0)),)))
    body = laned(first, For(n, (Store(y_n, tanh(times(x_n, Local("s")))),)))
    found = threads(Routine("f", ("N", "K"), BUFFERS, body))
    (_, part) = found.body
    assert isinstance(part, Shares) and part.before == (first,)
    check_routine(found)
    with pytest.raises(ValueError, match="s is read before it is defined"):
        check_routine(replace(found, body=(first, replace(part, before=()))))


@pytest.mark.parametrize("kind", ["gradient", "tangent"])
def test_no_loop_over_lanes_holds_a_choice_of_a_position(kind):
    _, program = derived(softmax_mlp_rows.layer.build(), kind)
    for loop in over(stages(program)[-1].body):
        assert not over(loop.body, Choose)
        for part in over(loop.body, (Store, Accumulate)):
            assert loop.axis not in [p for p in subtrees(part.value) if p == part.value]
