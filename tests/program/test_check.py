"""The checker refuses every kind of broken program."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from derive.program.check import check_program, check_routine, check_trees
from derive.program.code import Accumulate, Declare, Define, For, Routine, Store
from derive.program.ir import Assign, Axis, Buffer, Extent, Load, Local, Loop, Number, Program

N = Extent("N")
i, j = Axis("i", N), Axis("j", N)
x, y = Load("x", (i,)), Load("y", (i,))
BUFFERS = (
    Buffer("x", (N,), "input"),
    Buffer("y", (N,), "output"),
    Buffer("t", (N,), "temporary"),
)
GOOD = Program("f", ("N",), BUFFERS, (Assign("t", (i,), x), Assign("y", (i,), Load("t", (i,)))))


def test_a_sound_program_passes():
    check_program(GOOD)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ((Assign("y", (i,), Load("t", (i,))), Assign("t", (i,), x)), "too early"),
        ((Assign("y", (i,), Load("x", (j,))),), "axis j is not bound"),
        ((Assign("y", (i,), Load("z", (i,))),), "z"),
        ((Assign("y", (i,), Load("x", (i, i))),), "2 subscripts"),
        ((Assign("y", (i,), Extent("M")),), "no size M"),
        ((Assign("y", (i,), Local("v")),), "before it is defined"),
        ((Assign("t", (i,), x),), "nothing writes y"),
    ],
)
def test_a_broken_program_is_refused(body, message):
    with pytest.raises(ValueError, match=message):
        check_program(replace(GOOD, body=body))


def test_a_name_for_two_things_is_refused():
    with pytest.raises(ValueError, match="two things"):
        check_program(replace(GOOD, sizes=("x",)))


def test_a_statement_in_the_loops_of_another_is_refused():
    with pytest.raises(ValueError, match="loops of others"):
        check_trees(GOOD, [Loop(i, (Loop(j, (Assign("y", (i,), x),)),))])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ((For(i, (For(i, (Store(y, x),)),)),), "inside itself"),
        ((Store(y, x),), "axis i is not bound"),
        ((For(i, (Store(y, Local("v")),)),), "before it is defined"),
        ((For(i, (Define("v", x),)), For(i, (Store(y, Local("v")),))), "before it is defined"),
        ((For(i, (Define("v", x), Define("v", x), Store(y, x))),), "taken"),
        ((For(i, (Define("v", x), Accumulate(Local("v"), "sum", x))),), "no accumulator"),
        ((For(i, (Accumulate(y, "sum", x),)),), "before it is written"),
        ((For(i, (Store(y, Load("t", (i,))),)),), "t is read before"),
        ((For(i, (Store(x, Number(Fraction(1))),)),), "input x"),
        ((Declare("v", "sum"),), "nothing writes"),
    ],
)
def test_broken_loops_are_refused(body, message):
    with pytest.raises(ValueError, match=message):
        check_routine(Routine("f", ("N",), BUFFERS, body))
