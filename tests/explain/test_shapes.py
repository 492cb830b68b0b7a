"""The shapes in a product: right, and silent where they cannot be told."""

import pytest
import sympy as sp

from derive.explain.shapes import product_shapes, shape_formula
from derive.explain.text import written
from derive.explain.tree import (
    Bracket,
    Call,
    Elementwise,
    Letter,
    Number,
    Plus,
    Times,
    Transposed,
)
from derive.index.terms import Size

D, H, K = (Size(name) for name in "DHK")
SHAPES = {"x": (D,), "s": (H,), "t": (K,), "W": (H, D), "V": (K, H), "c": (), "T": (D, H, K)}
x, s, t, W, V, c, T = (Letter(name) for name in "xstWVcT")


@pytest.mark.parametrize(
    ("formula", "rows", "shown"),
    [
        (Times((s, Transposed(x))), False, "(H, 1) · (1, D) = (H, D)"),
        (Times((Transposed(x), s)), True, "(D, 1) · (1, H) = (D, H)"),
        (Times((Transposed(W), s)), False, "(D, H) · (H, 1) = (D, 1)"),
        (Times((s, W)), True, "(1, H) · (H, D) = (1, D)"),
        (Times((V, W, x)), False, "(K, H) · (H, D) · (D, 1) = (K, 1)"),
        (Times((c, V, s)), False, "(K, H) · (H, 1) = (K, 1)"),
        (Times((Transposed(s), s)), False, "(1, H) · (H, 1) = (1, 1)"),
        (Times((W, Elementwise((x, x)))), False, "(H, D) · (D, 1) = (H, 1)"),
        (
            Times((W, Bracket(Plus(((False, x), (True, Number("1"))))))),
            False,
            "(H, D) · (D, 1) = (H, 1)",
        ),
        (Times((Call("diag", (s,)), W)), False, "(H, H) · (H, D) = (H, D)"),
    ],
)
def test_a_product_tells_its_shapes(formula, rows, shown):
    assert written(product_shapes(formula, SHAPES, {}, rows=rows)) == shown


@pytest.mark.parametrize(
    "formula",
    [
        s,
        Elementwise((s, s)),
        Times((c, s)),
        Times((W, s)),
        Times((T, s)),
        Times((Letter("unknown"), s)),
        Times((W, Elementwise((x, s)))),
        Times((Call("diagonal", (W,)), W)),
    ],
)
def test_what_is_no_product_or_does_not_fit_tells_none(formula):
    assert product_shapes(formula, SHAPES, {}, rows=False) is None


def test_sizes_that_are_given_stand_for_their_letters():
    numbers = {H: sp.Integer(4), D: sp.Integer(3)}
    assert written(shape_formula((H, D, K), numbers)) == "(4, 3, K)"
    shown = product_shapes(Times((s, Transposed(x))), SHAPES, numbers, rows=False)
    assert written(shown) == "(4, 1) · (1, 3) = (4, 3)"
