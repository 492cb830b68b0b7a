"""Opposite differences: one of two is left, and signs stand before products."""

from __future__ import annotations

import pytest

from derive.program.ir import Assign, Axis, Buffer, Call, Extent, Load, Program
from derive.program.opposite import opposite

N = Extent("N")
n = Axis("i_N", N)
a, b, x, y = (Load(name, (n,)) for name in "abxy")


def call(function, *arguments):
    return Call(function, arguments)


FIRST, SECOND = call("sub", x, y), call("sub", y, x)


def after(value):
    """Return what a value becomes beside ``a (x − y)``."""
    buffers = tuple(Buffer(name, (N,), "input") for name in "abxy")
    out = tuple(Buffer(name, (N,), "output") for name in "uv")
    first = Assign("u", (n,), call("mul", a, FIRST))
    program = Program("f", ("N",), (*buffers, *out), (first, Assign("v", (n,), value)))
    kept, changed = opposite(program).body
    assert kept == first
    return changed.value


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (SECOND, call("neg", FIRST)),
        (call("mul", b, SECOND), call("neg", call("mul", b, FIRST))),
        (call("mul", SECOND, SECOND), call("mul", FIRST, FIRST)),
        (call("div", SECOND, b), call("neg", call("div", FIRST, b))),
        (call("neg", SECOND), FIRST),
        (call("add", b, SECOND), call("sub", b, FIRST)),
        (call("add", SECOND, b), call("sub", b, FIRST)),
        (call("sub", b, SECOND), call("add", b, FIRST)),
        (call("sub", SECOND, b), call("sub", call("neg", FIRST), b)),
        (call("exp", SECOND), call("exp", call("neg", FIRST))),
        (call("mul", b, call("sub", b, y)), call("mul", b, call("sub", b, y))),
    ],
    ids=str,
)
def test_the_second_of_two_opposites_is_the_first_with_a_sign(before, wanted):
    assert after(before) == wanted


def test_subscripts_are_left_as_they_are():
    shifted = Load("b", (call("sub", N, n),))
    other = Load("b", (call("sub", n, N),))
    assert after(call("mul", shifted, other)) == call("mul", shifted, other)
