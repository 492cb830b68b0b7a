"""Loops over lanes: which loops become one, what is kept for the next, what is shared out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from derive.layers import quantizer, softmax_mlp_rows
from derive.program.check import check_routine
from derive.program.code import (
    MOST_SHARES,
    Accumulate,
    Choose,
    Declare,
    Define,
    For,
    Lanes,
    Routine,
    Shares,
    Store,
    When,
    walk,
)
from derive.program.ir import Axis, Buffer, Call, Expr, Extent, Load, Local, Number, subtrees
from derive.program.lanes import lanes
from derive.program.suite import suite
from derive.program.threads import threads
from derive.program.traverse import expressions
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
    (given,) = [p for p in loop.body if isinstance(p, Define)]
    (added,) = [p for p in walk(loop.body) if isinstance(p, Accumulate)]
    assert given.value == x_n and added.value == tanh(times(Local(given.name), store.target))


def test_factors_of_outer_loops_are_multiplied_first_and_outside():
    product = times(times(tanh(times(x_n, a_k)), a_k), tanh(x_n))
    loop = For(n, (Declare("s", "sum"), For(k, (Accumulate(Local("s"), "sum", product),))))
    (made,) = laned(For(n, (*loop.body, Store(y_n, Local("s")))))
    outside = [part for part in made.body if isinstance(part, Define)]
    assert tanh(Local(outside[0].name)) in [part.value for part in outside]


def over_a(value: Expr, divisor: Expr) -> Call:
    return Call("div", (value, divisor))


def test_a_product_is_divided_by_a_size_where_it_is_the_same_in_all_lanes():
    first = Load("a", (Number(Fraction(0)),))
    value = over_a(times(tanh(x_n), first), N)
    *_, loop = laned(For(n, (Store(y_n, value),)))
    (store,) = over(loop.body, Store)
    assert store.value == times(over_a(first, N), tanh(x_n))


def test_what_is_divided_anyway_is_divided_once():
    first = Load("a", (Number(Fraction(0)),))
    e = tanh(x_n)
    value = Call("sub", (over_a(times(x_n, e), first), tanh(over_a(e, first))))
    *_, loop = laned(For(n, (Store(y_n, value),)))
    quotients = [
        each
        for part in walk(loop.body)
        for whole in expressions(part)
        for each in subtrees(whole)
        if isinstance(each, Call) and each.function == "div"
    ]
    (quotient,) = quotients
    assert isinstance(quotient.arguments[0], Call) and quotient.arguments[0].function == "tanh"


@pytest.mark.parametrize("kind", ["gradient", "tangent"])
def test_costly_functions_have_lanes_even_where_these_are_rows_apart(kind):
    layer, program = derived(LAYERS["rbf"](), kind)
    routines = stages(program)
    for routine in routines:
        check_routine(routine)
    few, many = (part for part in routines[2].body if isinstance(part, When))
    (loop,) = over(few.body)
    assert loop.axis.extent == Call("mul", (Extent("B"), Extent("N")))
    assert not [p for p in walk(loop.body) if isinstance(p, Lanes)]
    held = {b.name for b in routines[2].buffers if b.name.startswith("x_held")}
    assert held and loop.axis not in {part.axis for part in over(many.body)}
    assert_same(layer, routines, seed=3, ones=False)


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
    (part,) = found.body
    assert isinstance(part, Shares) and part.before == (first,)
    check_routine(found)
    with pytest.raises(ValueError, match="s is read before it is defined"):
        check_routine(replace(found, body=(first, replace(part, before=()))))


def test_a_position_is_found_in_lanes_and_is_the_first_of_all():
    made = suite(LAYERS["softmax_cross_entropy"]())
    (program,) = [each for each in made.programs if each.name == "forward_backward"]
    layer, routines = dict(made.layers)["forward_backward"], stages(program)
    loops = [each for each in over(routines[2].body) if over(each.body, Choose)]
    ends = [over(each.after, Choose) for each in loops]
    assert [part.value.function for (part,) in ends] == ["lanes_first"]
    for seed in range(3):
        assert_same(layer, routines, seed=seed, ones=False)


def test_rows_are_shared_out_with_scratch_memory_and_sums_of_their_own():
    _, program = derived(LAYERS["layer_norm"](), "gradient")
    laned, shared = stages(program)[2:]
    (part,) = over(shared.body, Shares)
    assert isinstance(part.body, For) and over(part.body.body)
    before, after = ({b.name: b.shape for b in r.buffers} for r in (laned, shared))
    assert [len(before[name]) for name in ("c", "dc")] == [2, 2]
    assert [after[name][0] for name in ("c", "dc")] == [MOST_SHARES, MOST_SHARES]
    assert {"dgamma_parts", "dbeta_parts"} <= after.keys() - before.keys()


def test_turns_that_need_one_another_are_not_shared_out():
    last = For(n, (Store(Load("t", ()), tanh(x_n)), Store(y_n, Load("t", ()))))
    again = For(n, (Store(y_n, Load("t", ())),))
    buffers = (*BUFFERS, Buffer("t", (), "temporary"))
    alone = threads(Routine("f", ("N", "K"), buffers, (last,)))
    assert isinstance(alone.body[0], Shares) and alone.buffers[-1].shape == (MOST_SHARES,)
    both = Routine("f", ("N", "K"), buffers, (last, again))
    assert threads(both).body == both.body
