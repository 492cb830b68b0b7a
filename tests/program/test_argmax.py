"""A maximum whose place is looked for as well is what the place is chosen by."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from derive.program.argmax import argmax
from derive.program.check import check_routine
from derive.program.code import Accumulate, Choose, Declare, For, Routine, Store, walk
from derive.program.ir import Axis, Buffer, Call, Extent, Load, Local, Number
from tests.program.machine import Machine

B, K = Extent("B"), Extent("K")
n, k = Axis("i_B", B), Axis("i_K", K)
x = Load("x", (n, k))
START = (Declare("m", "max"), Declare("p", "argmax"), Declare("b", "max"))
CHOICE = Choose(Local("p"), Local("b"), k, x)
MAXIMUM = Accumulate(Local("m"), "max", x)
USE = Store(Load("y", (n,)), Call("add", (Local("m"), Local("b"))))


def routine(*inside) -> Routine:
    buffers = (Buffer("x", (B, K), "input"), Buffer("y", (B,), "output"))
    made = Routine("f", ("B", "K"), buffers, (For(n, (*START, For(k, inside), USE)),))
    check_routine(made)
    return made


def test_a_maximum_is_what_its_place_is_chosen_by():
    found = argmax(routine(MAXIMUM, CHOICE))
    check_routine(found)
    use = Store(USE.target, Call("add", (Local("b"), Local("b"))))
    assert found.body == (For(n, (*START[1:], For(k, (CHOICE,)), use)),)


@pytest.mark.parametrize(
    "other",
    [
        Accumulate(Local("m"), "max", Call("neg", (x,))),
        Accumulate(Local("m"), "max", Load("x", (n, Number(Fraction(0))))),
    ],
    ids=["another function", "another entry"],
)
def test_a_maximum_of_other_values_stays(other):
    assert argmax(routine(other, CHOICE)) == routine(other, CHOICE)


@pytest.mark.parametrize("last", [0.5, 3.0, -np.inf, np.inf, np.nan])
def test_results_are_the_same_with_equal_numbers_and_with_none(last):
    given = {"x": np.array([[1.0, 3.0, last], [last, -2.0, -np.inf], [last] * 3])}
    plain = routine(MAXIMUM, CHOICE)
    one, other = (Machine(each, {"B": 3, "K": 3}, given) for each in (plain, argmax(plain)))
    assert [type(p) for p in walk(argmax(plain).body)].count(Accumulate) == 0
    np.testing.assert_array_equal(one.arrays["y"], other.arrays["y"])
