"""The order of the axes of temporaries."""

from __future__ import annotations

from fractions import Fraction

from derive.program.arrange import arrange
from derive.program.check import check_program
from derive.program.contract import contract
from derive.program.ir import (
    ONE,
    Assign,
    Axis,
    Buffer,
    Call,
    Contract,
    Extent,
    Load,
    Number,
    Program,
    Scatter,
)
from derive.program.lower import lower
from tests.calculus.layers import LAYERS
from tests.program.machine import derived

B, S, K = Extent("B"), Extent("S"), Extent("K")
b, s, k = Axis("i_B", B), Axis("i_S", S), Axis("i_K", K)
GIVEN = (Buffer("x", (B, K), "input"), Buffer("w", (S, K), "input"), Buffer("a", (B, S), "input"))
PRODUCT = Contract("t", (s, b), "w", (s, k), "x", (b, k), (k,), Number(Fraction(1)))


def arranged(*body, temporaries, outputs) -> Program:
    made = tuple(Buffer(name, shape, "temporary") for name, shape in temporaries)
    results = tuple(Buffer(name, shape, "output") for name, shape in outputs)
    program = Program("f", ("B", "S", "K"), (*GIVEN, *results, *made), body)
    check_program(program)
    found = arrange(program)
    check_program(found)
    return found


def test_a_temporary_has_its_axes_as_the_arrays_beside_it():
    use = Assign("y", (b, s), Call("mul", (Load("t", (s, b)), Load("a", (b, s)))))
    found = arranged(PRODUCT, use, temporaries=[("t", (S, B))], outputs=[("y", (B, S))])
    assert found.buffer("t").shape == (B, S)
    product, use = found.body
    assert product.target_axes == (b, s) and product.left == "x" and product.right == "w"
    assert use.value.arguments[0] == Load("t", (b, s))


def test_an_order_that_others_have_stays():
    use = Assign("y", (s, b), Load("t", (s, b)))
    found = arranged(PRODUCT, use, temporaries=[("t", (S, B))], outputs=[("y", (S, B))])
    assert found.body == (PRODUCT, use)


def test_sums_that_begin_alike_are_not_one():
    places = Buffer("n", (B,), "input", integer=True)
    body, found = [], {}
    for name, array in (("t", "x"), ("u", "a")):
        value = Load(array, (b, Number(Fraction(0))))
        body += [Assign(name, (s,), Number(Fraction(0)))]
        body += [Scatter(name, (Load("n", (b,)),), (b,), value)]
        body += [Contract(f"{name}_w", (k,), name, (s,), "w", (s, k), (s,), ONE)]
        found[name] = Buffer(name, (S,), "temporary")
    results = tuple(Buffer(f"{name}_w", (K,), "output") for name in found)
    program = Program(
        "f", ("B", "S", "K"), (*GIVEN, places, *results, *found.values()), tuple(body)
    )
    check_program(program)
    assert arrange(program) == program


def test_results_that_are_alike_are_both_there():
    wide = [Buffer(name, (B, S), "output") for name in ("g", "h")]
    body = [Assign(out.name, (b, s), Call("tanh", (Load("a", (b, s)),))) for out in wide]
    made = [Buffer(f"{out.name}_w", (B, K), "output") for out in wide]
    body += [
        Contract(f"{out.name}_w", (b, k), out.name, (b, s), "w", (s, k), (s,), ONE) for out in wide
    ]
    program = Program("f", ("B", "S", "K"), (*GIVEN, *wide, *made), tuple(body))
    assert arrange(program) == program


def test_what_two_products_need_is_computed_once():
    layer, program = derived(LAYERS["gru_cell"](), "gradient")
    made = {s.target for s in program.body if isinstance(s, Assign) and s.target[:1] == "p"}
    read = [name for s in program.body if isinstance(s, Contract) for name in (s.left, s.right)]
    assert made and all(read.count(name) > 1 for name in made)
    before = contract(lower(layer, "gradient"))
    assert len(before.of_kind("temporary")) > len(program.of_kind("temporary"))
