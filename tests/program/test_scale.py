"""Numbers before the terms of a sum: they go before the sum, if what is summed stays finite."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.program.contract import contract
from derive.program.ir import (
    Assign,
    Axis,
    Buffer,
    Call,
    Contract,
    Extent,
    Load,
    Number,
    Program,
    Reduce,
    Scatter,
)
from derive.program.scale import scale

N, M = Extent("N"), Extent("M")
n, m = Axis("i_N", N), Axis("i_M", M)
x, y, t = Load("x", (n, m)), Load("y", (n,)), Load("t", (m,))


def call(function, *arguments):
    return Call(function, arguments)


def number(value):
    return Number(Fraction(value))


def program(*body, kind="temporary"):
    buffers = (
        *(Buffer("x", (N, M), "input"), Buffer("y", (N,), "input")),
        *(Buffer("t", (M,), kind), Buffer("r", (M,), "output")),
    )
    return Program("f", ("N", "M"), buffers, body)


def total(value):
    return Reduce("t", (m,), (n,), "sum", value)


READER = Assign("r", (m,), call("exp", t))


@pytest.mark.parametrize(
    ("value", "left", "read"),
    [
        (call("mul", number(2), x), x, call("mul", number(2), t)),
        (call("mul", x, call("mul", number(3), y)), call("mul", x, y), call("mul", number(3), t)),
        (call("mul", number(-2), x), call("neg", x), call("mul", number(2), t)),
        (call("neg", call("mul", number(2), x)), call("neg", x), call("mul", number(2), t)),
    ],
    ids=str,
)
def test_a_number_goes_before_the_sum(value, left, read):
    first, second = scale(program(total(value), READER)).body
    assert first.value == left
    assert second.value == call("exp", read)


@pytest.mark.parametrize(
    "value",
    [call("mul", number("1/2"), x), call("mul", number(-1), x), x, call("add", number(2), x)],
    ids=str,
)
def test_a_number_that_makes_terms_smaller_stays(value):
    before = program(total(value), READER)
    assert scale(before) == before


def test_what_nothing_reads_here_keeps_its_number():
    before = program(total(call("mul", number(2), x)), kind="output")
    assert scale(before) == before


def test_a_part_of_what_something_else_adds_to_keeps_its_number():
    more = Scatter("t", (Load("k", (n,)),), (n,), y)
    before = program(total(call("mul", number(2), x)), more, READER)
    assert scale(before) == before


def test_what_a_matrix_product_reads_keeps_its_number():
    product = Contract("r", (m,), "t", (m,), "s", (), (), number(1))
    before = program(total(call("mul", number(2), x)), product)
    assert scale(before) == before


def test_a_maximum_keeps_its_number():
    largest = Reduce("t", (m,), (n,), "max", call("mul", number(2), x))
    before = program(largest, READER)
    assert scale(before) == before


@pytest.mark.parametrize("factor", [3, -3])
def test_a_matrix_product_has_the_number(factor):
    K = Extent("K")
    k = Axis("i_K", K)
    arrays = (("x", (N, M), "input"), ("z", (N, K), "input"), ("u", (M, K), "output"))
    value = call("mul", call("mul", number(factor), x), Load("z", (n, k)))
    before = Program(
        "f",
        ("N", "M", "K"),
        tuple(Buffer(*array) for array in arrays),
        (Reduce("u", (m, k), (n,), "sum", value),),
    )
    (product,) = contract(before).body
    assert isinstance(product, Contract)
    assert (product.left, product.right, product.scale.value) == ("x", "z", factor)
