"""Memory that is asked for before it is needed: what, in which loop, and of which row."""

from __future__ import annotations

import pytest

from derive.program.ahead import ahead
from derive.program.check import check_routine
from derive.program.code import Accumulate, Define, Fetch, For, Lanes, Routine, Store, When, walk
from derive.program.ir import Axis, Buffer, Call, Extent, Load, Local
from tests.calculus.layers import LAYERS
from tests.program.machine import derived, stages

B, N, M = Extent("B"), Extent("N"), Extent("M")
b, n, m = Axis("i_B", B), Axis("i_N", N), Axis("i_M", M)
x, y, z = (Load(name, (b, n)) for name in "xyz")
w, v = Load("w", (n,)), Load("v", (b, m))
BUFFERS = (
    *(Buffer(name, (B, N), "input") for name in "xy"),
    *(Buffer("z", (B, N), "output"), Buffer("w", (N,), "output"), Buffer("v", (B, M), "output")),
)


def over(axis, *body):
    return Lanes(axis, (), body, (), frozenset())


def plus(*values):
    return Call("add", values)


def asked(*body, axis=b):
    """Return what each loop over lanes asks for, whether to write, and how much further on."""
    found = ahead(Routine("f", ("B", "N", "M"), BUFFERS, (For(axis, body),)))
    (loop,) = found.body
    return [
        [
            (part.place, part.writes, *part.further)
            for part in walk(inside.body)
            if isinstance(part, Fetch)
        ]
        for inside in loop.body
        if isinstance(inside, Lanes)
    ]


def test_a_loop_asks_for_what_the_next_one_begins_with_and_the_last_one_for_the_next_row():
    first, second = over(n, Store(w, x)), over(n, Store(z, plus(x, y)))
    # The first two ask for what is new in the second: y, and z to be written.
    assert asked(first, second) == [[(y, False), (z, True)], [(x, False, N)]]


def test_loops_share_out_what_is_asked_for():
    first, second = over(n, Store(w, x)), over(n, Store(w, plus(x, w)))
    third = over(n, Store(z, plus(x, y)))
    assert asked(first, second, third) == [
        [(z, True)],
        [(y, False)],
        [(x, False, N)],
    ]


@pytest.mark.parametrize(
    "body",
    [
        (over(n, Store(z, x)),),
        (For(n, (Store(w, x),)), For(n, (Store(z, x),))),
        (over(n, Store(w, w)), over(n, Store(w, w))),
        (over(n, Store(w, Load("x", (n, b)))), over(n, Store(w, w))),
        (over(m, Store(v, Local("s"))), For(n, (Store(z, x),))),
    ],
    ids=["one loop", "no lanes", "no rows", "columns of rows", "rows of another length"],
)
def test_nothing_is_asked_for_where_it_does_not_help(body):
    places = [place for each in asked(*body) for place, *_ in each]
    assert not {"x", "z", "w"} & {place.buffer for place in places}


def test_rows_that_do_not_stay_in_the_cache_are_not_asked_for():
    found = ahead(
        Routine(
            "f",
            ("B", "N", "M"),
            BUFFERS,
            (For(b, (over(n, Store(w, x)), over(n, Store(z, y)))),),
        )
    )
    asking = [part for part in walk(found.body) if isinstance(part, When)]
    assert asking and all(part.condition.function == "le" for part in asking)
    assert all(part.condition.arguments[0] == N for part in asking)
    inside = [code for part in asking for code in part.body]
    assert inside == [part for part in walk(found.body) if isinstance(part, Fetch)]


def test_the_next_row_of_rows_that_were_joined_is_one_row_on():
    joined = Axis("i_BN", Call("mul", (B, N)))
    p, q = Load("p", (joined, m)), Load("q", (joined, m))
    buffers = (Buffer("p", (B, N, M), "input"), Buffer("q", (B, N, M), "output"), *BUFFERS)
    body = (For(joined, (over(m, Define("s", p)), over(m, Store(q, p)))),)
    found = ahead(Routine("f", ("B", "N", "M"), buffers, body))
    asking = [part for part in walk(found.body) if isinstance(part, Fetch)]
    assert asking == [Fetch(q, writes=True), Fetch(p, writes=False, further=(M,))]


@pytest.mark.parametrize("name", ["layer_norm", "softmax_cross_entropy"])
def test_layers_over_rows_ask_for_every_array_of_samples(name):
    _, program = derived(LAYERS[name](), "gradient")
    routine = stages(program)[-1]
    check_routine(routine)
    places = {part.place.buffer for part in walk(routine.body) if isinstance(part, Fetch)}
    rows = {
        buffer.name
        for buffer in routine.buffers
        if buffer.kind != "temporary" and len(buffer.shape) == 2
    }
    assert rows and rows <= places


def test_the_code_is_the_same_but_for_what_asks():
    body = (For(b, (Define("s", x), over(n, Accumulate(w, "sum", x)), over(n, Store(z, y)))),)
    found = ahead(Routine("f", ("B", "N", "M"), BUFFERS, body))
    added = (When, Fetch)
    left = [p for p in walk(found.body) if not isinstance(p, (*added, For, Lanes))]
    assert left == [p for p in walk(body) if not isinstance(p, (For, Lanes))]
