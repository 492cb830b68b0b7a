"""Groups of vectors: which loops take several at a time, and what they have in common."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from derive.layers import quantizer
from derive.program.check import check_routine
from derive.program.code import (
    GROUP,
    LARGE_GROUP,
    NTH,
    Accumulate,
    Declare,
    Define,
    Each,
    Fetch,
    For,
    Lanes,
    Routine,
    Store,
    When,
    walk,
)
from derive.program.group import group
from derive.program.ir import Axis, Buffer, Call, Extent, Load, Local, Number
from tests.program.machine import Machine, derived, stages

N, K = Extent("N"), Extent("K")
n, k = Axis("i_N", N), Axis("i_K", K)
x_n, y_n, a_k, t_k = Load("x", (n,)), Load("y", (n,)), Load("a", (k,)), Load("t", (k,))
BUFFERS = (
    *(Buffer("x", (N,), "input"), Buffer("a", (K,), "input")),
    *(Buffer("y", (N,), "output"), Buffer("t", (K,), "lanes")),
)
TANH = Call("tanh", (Call("mul", (x_n, a_k)),))
START = For(k, (Store(t_k, Load("a", (k,))),))


def grouped(*body, varying=(), sums=()) -> tuple:
    loop = Lanes(n, (START, *sums), body, (), frozenset(varying))
    routine = group(Routine("f", ("N", "K"), BUFFERS, (loop,)))
    check_routine(routine)
    (found,) = routine.body
    return found.several


def test_what_several_runs_read_is_there_for_every_vector():
    body = (
        Declare("s", "sum"),
        Define("v", x_n),
        For(k, (Accumulate(Local("s"), "sum", Call("tanh", (Call("mul", (Local("v"), a_k)),))),)),
        Store(y_n, Local("s")),
    )
    first, loop, last = grouped(*body, varying=("s", "v"))
    assert first == Each(("s", "v"), (), body[:2], LARGE_GROUP)
    assert loop == For(k, (Each((), (), body[2].body, LARGE_GROUP),))
    assert last == Each((), (), body[3:], LARGE_GROUP)


def test_an_entry_that_all_vectors_add_to_is_read_and_written_once():
    (loop, _) = grouped(For(k, (Accumulate(t_k, "sum", TANH),)), Store(y_n, x_n))
    (run,) = loop.body
    assert run.kept == (("t_sum", t_k),)
    assert run.body == (Accumulate(Local("t_sum"), "sum", TANH),)


def test_what_is_the_same_for_all_vectors_stands_before_them():
    same = Define("c", Call("exp", (a_k,)))
    inner = (Define("v", TANH), same, Accumulate(t_k, "sum", Call("mul", (Local("v"), Local("c")))))
    (loop, _) = grouped(For(k, inner), Store(y_n, x_n), varying=("v",))
    assert loop.body[0] == same
    assert loop.body[1].made == ()
    assert [type(part) for part in loop.body[1].body] == [Define, Accumulate]


def test_loops_without_elementary_functions_inside_go_vector_by_vector():
    assert grouped(Store(y_n, Call("tanh", (x_n,)))) == ()
    assert grouped(For(k, (Accumulate(t_k, "sum", x_n),)), Store(y_n, x_n)) == ()


def test_what_a_vector_holds_for_itself_there_is_for_each():
    leave, read = Store(t_k, TANH), Accumulate(Local("s"), "sum", t_k)
    body = (Declare("s", "sum"), For(k, (leave,)), For(k, (read,)), Store(y_n, Local("s")))
    _, first, second, _ = grouped(*body, varying=("s",))
    own = Load("t_each", (k, NTH))
    assert first.body == (Each((), (), (Store(own, TANH),), GROUP),)
    assert second.body == (Each((), (), (Accumulate(Local("s"), "sum", own),), GROUP),)


def test_more_vectors_go_together_where_no_loop_is_in_a_loop():
    add = Accumulate(Local("s"), "sum", TANH)
    sums = (Declare("s", "sum"), For(k, (add,)), Store(y_n, Local("s")))
    flat = grouped(*sums, varying=("s",))
    j = replace(k, name="i_J")
    deep = grouped(sums[0], For(j, (For(k, (add,)),)), sums[2], varying=("s",))
    assert {part.group for part in walk(flat) if isinstance(part, Each)} == {LARGE_GROUP}
    assert {part.group for part in walk(deep) if isinstance(part, Each)} == {GROUP}


def test_a_sum_over_vectors_that_each_of_them_reads_is_left_vector_by_vector():
    add = Accumulate(t_k, "sum", TANH)
    body = (For(k, (add, Define("v", t_k))), Store(y_n, x_n))
    assert grouped(*body, varying=("v",)) == ()


TERM = Call("mul", (x_n, x_n))
SUMS = Declare("s", "sum"), Declare("m", "max")
ADDS, EXCEEDS = (Accumulate(Local(name), op, TERM) for name, op in (("s", "sum"), ("m", "max")))


def test_what_a_loop_sums_up_is_summed_up_for_each_group_by_itself():
    fetch = When(Call("lt", (Number(Fraction(2)), N)), (Fetch(y_n, writes=True),))
    body = (Define("v", x_n), ADDS, EXCEEDS, Store(y_n, Local("v")), fetch)
    parts = Local("s_part"), Local("m_part")
    inside = (replace(ADDS, target=parts[0]), replace(EXCEEDS, target=parts[1]))
    assert grouped(*body, varying=("s", "m", "v"), sums=SUMS) == (
        *(Declare("s_part", "sum"), Declare("m_part", "max")),
        Each((), (), (body[0], *inside, *body[3:]), GROUP),
        *(Accumulate(Local("s"), "sum", parts[0]), Accumulate(Local("m"), "max", parts[1])),
    )


@pytest.mark.parametrize(
    "body",
    [
        (Store(y_n, TERM),),
        (replace(ADDS, value=Call("exp", (x_n,))), Store(y_n, x_n)),
        (ADDS, Store(y_n, x_n), When(Call("gt", (x_n, y_n)), (Store(y_n, TERM),))),
        (ADDS, Store(y_n, x_n), Accumulate(Load("t", (Number(Fraction(0)),)), "sum", x_n)),
    ],
    ids=["no sum", "much to compute", "more than sums", "a sum elsewhere"],
)
def test_a_loop_that_does_not_wait_for_its_sums_alone_goes_vector_by_vector(body):
    assert grouped(*body, varying=("s", "m"), sums=SUMS) == ()


@pytest.mark.parametrize("count", [2, 3, 6, 11])
def test_sums_of_groups_are_those_of_all(count):
    x = np.random.default_rng(count).normal(size=count)
    total, largest = Local("total"), Local("largest")
    loop = Lanes(
        *(n, SUMS, (ADDS, EXCEEDS)),
        (
            Accumulate(total, "sum", Call("lanes_sum", (Local("s"),))),
            Accumulate(largest, "max", Call("lanes_max", (Local("m"),))),
        ),
        frozenset({"s", "m"}),
    )
    end = (Store(Load("y", (Number(Fraction(k)),)), v) for k, v in enumerate((total, largest)))
    buffers = (Buffer("x", (N,), "input"), Buffer("y", (N,), "output"))
    body = (Declare("total", "sum"), Declare("largest", "max"), loop, *end)
    routine = group(Routine("f", ("N",), buffers, body))
    found = Machine(routine, {"N": len(x)}, {"x": x}).arrays["y"]
    assert found[0] == pytest.approx((x * x).sum())
    assert found[1] == (x * x).max()


def test_groups_compute_what_vectors_compute_one_by_one():
    layer, program = derived(quantizer.layer.build(), "gradient")
    routine = stages(program)[-1]
    check_routine(routine)
    loops = [part for part in walk(routine.body) if isinstance(part, Lanes)]
    assert any(part.several for part in loops)
    sizes = {"B": 3, "N": 7, "M": 2}
    arrays = {
        buffer.name: _numbers([sizes[extent.name] for extent in buffer.shape])
        for buffer in routine.buffers
        if buffer.kind == "input"
    }
    one = Machine(routine, sizes, arrays)
    other = Machine(_single(routine), sizes, arrays)
    for name in layer.outputs:
        assert one.arrays[name].tolist() == other.arrays[name].tolist()


def _numbers(shape):
    return np.random.default_rng(len(shape)).normal(size=shape)


def _single(routine: Routine) -> Routine:
    def each(part):
        if isinstance(part, Lanes):
            return replace(part, several=())
        if hasattr(part, "body") and isinstance(part.body, Lanes):
            return replace(part, body=each(part.body))
        return part

    return replace(routine, body=tuple(map(each, routine.body)))
