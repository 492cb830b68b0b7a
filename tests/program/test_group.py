"""Groups of vectors: which loops take several at a time, and what they have in common."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from derive.layers import quantizer
from derive.program.check import check_routine
from derive.program.code import (
    NTH,
    Accumulate,
    Declare,
    Define,
    Each,
    For,
    Lanes,
    Routine,
    Store,
    walk,
)
from derive.program.group import group
from derive.program.ir import Axis, Buffer, Call, Extent, Load, Local
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


def grouped(*body, varying=()) -> tuple:
    loop = Lanes(n, (START,), body, (), frozenset(varying))
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
    assert first == Each(("s", "v"), (), body[:2])
    assert loop == For(k, (Each((), (), body[2].body),))
    assert last == Each((), (), body[3:])


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
    assert first.body == (Each((), (), (Store(own, TANH),)),)
    assert second.body == (Each((), (), (Accumulate(Local("s"), "sum", own),)),)


def test_a_sum_over_vectors_that_each_of_them_reads_is_left_vector_by_vector():
    add = Accumulate(t_k, "sum", TANH)
    body = (For(k, (add, Define("v", t_k))), Store(y_n, x_n))
    assert grouped(*body, varying=("v",)) == ()


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
