"""A part of a formula that is marked: the formula reads as it would without."""

import pytest
import sympy as sp

from derive.explain.compose import compose
from derive.explain.focus import focused, unfocused
from derive.explain.latex import written_latex
from derive.explain.text import marked, written
from derive.index.terms import Entry, Index, Size, sum_over

N = Size("N")
i, j = Index("i"), Index("j")
A, B, C = (Entry(name, (N,), j) for name in "abc")
TOTAL = sum_over(j, N, -A * sp.tanh(B * C) ** 2 * (1 - B)) + 3 * Entry("a", (N,), i)
#: What a bound index is called inside the sum.
UNDER = {j: Index("_1")}
PARTS = {
    "tanh²(b_l c_l)": sp.tanh(B * C).xreplace(UNDER),
    "b_l c_l": (B * C).xreplace(UNDER),
    "1 − b_l": (1 - B).xreplace(UNDER),
    "a_l (1 − b_l)": (A * (1 - B)).xreplace(UNDER),
    "Σ_l a_l (1 − b_l) tanh²(b_l c_l)": sum_over(j, N, A * sp.tanh(B * C) ** 2 * (1 - B)),
    "3 a_i": 3 * Entry("a", (N,), i),
}


@pytest.mark.parametrize("shown", PARTS)
def test_a_part_is_marked_and_nothing_else_changes(shown):
    expression = focused(TOTAL, PARTS[shown])
    text, spans = marked(compose(expression))
    assert [text[start:end] for start, end, _ in spans] == [shown]
    assert text == written(compose(TOTAL))
    assert unfocused(expression) == TOTAL


@pytest.mark.parametrize("part", [TOTAL, Entry("d", ()), sp.Integer(3)])
def test_the_whole_and_what_does_not_occur_are_not_marked(part):
    assert marked(compose(focused(TOTAL, part)))[1] == ()


def test_every_occurrence_is_marked():
    expression = sp.exp(Entry("x", (N,), i)) * (1 + sp.exp(Entry("x", (N,), i)))
    text, spans = marked(compose(focused(expression, Entry("x", (N,), i))))
    assert text == "exp(x_i) (1 + exp(x_i))"
    assert len(spans) == 2


def test_in_latex_a_mark_is_a_colour():
    part = compose(focused(TOTAL, PARTS["1 − b_l"]))
    assert r"({\color{blue} 1 - b_l})" in written_latex(part)
    assert written_latex(part).replace(r"{\color{blue} 1 - b_l}", "1 - b_l") == written_latex(
        compose(TOTAL)
    )


def test_terms_that_are_marked_together_keep_their_places():
    a, b, c = (Entry(name, ()) for name in "abc")
    text, spans = marked(compose(focused(a - b + c, a - b)))
    assert text == "a + c − b"
    assert [text[start:end] for start, end, _ in spans] == ["a", "b"]
