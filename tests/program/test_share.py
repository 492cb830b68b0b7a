"""Sharing: each scalar once, as far out as it may be, and nothing that may not be looked at."""

from __future__ import annotations

from fractions import Fraction

from derive.program.check import check_routine
from derive.program.code import Accumulate, Declare, Define, For, Routine, Store, When
from derive.program.ir import Axis, Buffer, Call, Expr, Extent, Load, Local, Number
from derive.program.share import share

N, K = Extent("N"), Extent("K")
n, k = Axis("n", N), Axis("k", K)
x_n, y_k, y_n = Load("x", (n,)), Load("y", (k,)), Load("y", (n,))
one = Number(Fraction(1))
INPUTS = (Buffer("x", (N,), "input"), Buffer("y", (K,), "input"))
OUT = Buffer("out", (N, K), "output")


def call(function: str, *arguments: Expr) -> Call:
    return Call(function, arguments)


def routine(*body) -> Routine:
    found = Routine("f", ("N", "K"), (*INPUTS, OUT), body)
    check_routine(found)
    return found


def shared(*body) -> tuple:
    after = share(routine(*body))
    check_routine(after)
    return after.body


def test_what_does_not_change_in_a_loop_stands_before_it():
    inner = Store(Load("out", (n, k)), call("mul", call("tanh", x_n), y_k))
    (outer,) = shared(For(n, (For(k, (inner,)),)))
    assert outer.body[0] == Define("tanh_1", call("tanh", x_n))
    assert outer.body[1].body[0].value == call("mul", Local("tanh_1"), y_k)


def test_what_is_computed_twice_is_defined_at_its_first_use():
    t = call("tanh", call("mul", x_n, y_k))
    inner = Store(Load("out", (n, k)), call("sub", one, call("mul", t, t)))
    ((_, loop),) = [part.body for part in shared(For(n, (For(k, (inner,)),)))]
    assert loop.body == (
        Define("tanh_1", call("tanh", call("mul", Local("x_1"), y_k))),
        Store(Load("out", (n, k)), call("sub", one, call("mul", Local("tanh_1"), Local("tanh_1")))),
    )


def test_two_loops_share_what_both_took_out():
    root = call("sqrt", K)
    first = For(k, (Store(Load("out", (n, k)), call("div", y_k, root)),))
    again = Axis("k2", K)
    second = For(again, (Store(Load("out", (n, again)), call("mul", Load("y", (again,)), root)),))
    body = shared(For(n, (first, second)))
    assert body[0] == Define("sqrt_1", root)
    assert len(body) == 2 and len(body[1].body) == 2


def test_an_entry_of_an_array_that_the_loop_writes_stays():
    out = Load("out", (n, Number(Fraction(0))))
    body = (
        Store(out, x_n),
        For(k, (Store(Load("out", (n, k)), call("tanh", out)),)),
        For(k, (Accumulate(Load("out", (n, k)), "sum", call("tanh", out)),)),
    )
    assert shared(For(n, body)) == (For(n, body),)


def test_an_accumulator_is_not_read_before_it_is_complete():
    total = Local("total")
    body = (
        Declare("total", "sum"),
        For(k, (Accumulate(total, "sum", y_k),)),
        For(k, (Store(Load("out", (n, k)), call("exp", total)),)),
    )
    (loop,) = shared(For(n, body))
    assert [type(part) for part in loop.body] == [Declare, For, Define, For]


def test_a_branch_that_may_read_what_is_not_there_is_left_alone():
    before = Load("x", (call("sub", n, one),), guarded=True)
    condition = call("gt", n, Number(Fraction(0)))
    guarded = call("select", condition, call("exp", before), x_n)
    inner = Store(Load("out", (n, k)), call("add", guarded, call("exp", before)))
    (loop,) = shared(For(n, (For(k, (inner,)),)))
    moved = [part for part in loop.body if isinstance(part, Define)]
    # The selection as a whole may move, its branch may not be taken out of it.
    assert any(part.value == guarded for part in moved) or any(
        part.value == call("add", guarded, call("exp", before)) for part in moved
    )
    assert all(part.value != before for part in moved)


def test_the_inside_of_a_conditional_is_not_computed_outside():
    inside = Store(Load("out", (n, k)), call("exp", x_n))
    body = (For(n, (For(k, (When(call("lt", n, K), (inside,)),)),)),)
    assert shared(*body) == body


def test_subscripts_and_their_comparisons_are_left_as_they_are():
    shifted = Load("y", (call("mul", n, n),))
    same = call("eq", call("mul", n, n), k)
    value = call("select", same, shifted, one)
    body = (For(n, (For(k, (Store(Load("out", (n, k)), value),)),)),)
    (outer,) = shared(*body)
    assert outer.body[0] == Define("y_1", shifted)
    assert outer.body[1].body[0].value == call("select", same, Local("y_1"), one)


def test_new_names_are_not_taken_ones():
    t = call("exp", x_n)
    body = (
        Declare("exp_1", "sum"),
        For(n, (Accumulate(Local("exp_1"), "sum", call("mul", t, t)),)),
        For(n, (For(k, (Store(Load("out", (n, k)), Local("exp_1")),)),)),
    )
    assert shared(*body)[1].body[0] == Define("exp_2", t)
