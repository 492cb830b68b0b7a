"""Formulas that are too wide are broken at their operators, and nothing gets lost."""

import re
from functools import cache

import pytest

from derive.explain.breaking import broken_latex, broken_text, cells
from derive.explain.compose import compose_node
from derive.explain.latex import written_latex
from derive.explain.measure import width
from derive.explain.names import for_gradient, for_layer
from derive.explain.text import written
from derive.gradient.reverse import reverse
from tests.calculus.layers import LAYERS


@cache
def equations():
    found = []
    for build in LAYERS.values():
        layer = build()
        gradient = reverse(layer)
        for notation, nodes in (
            (for_layer(layer), layer.nodes),
            (for_gradient(layer, gradient), gradient.nodes),
        ):
            for node in nodes:
                found.append((compose_node(node, notation), notation.origin))
    return found


@pytest.mark.parametrize("limit", [20, 40, 78])
def test_rows_of_text_hold_all_of_it_and_fit(limit):
    fitted = 0
    for equation, _ in equations():
        text = written(equation.right)
        found = [text[start:end] for start, end in broken_text(text, limit, 2)]
        assert " ".join(found) == text
        assert all(row == row.strip() for row in found)
        fitted += all(cells(row) <= limit for row in found)
    assert fitted == len(equations()) if limit == 78 else fitted > 0.8 * len(equations())


def test_a_row_of_text_does_not_end_with_an_operator_or_with_a_big_sign():
    for equation, _ in equations():
        text = written(equation.right)
        for _, end in broken_text(text, 16)[:-1]:
            assert not re.search(r"(^| )([+−∘/=]|[(−]*[Σ∏]\S*|log)$", text[:end]), text[:end]


def test_a_sum_is_broken_before_a_product_and_outside_of_brackets():
    text = "a_i (b_i + c_i) + d_i e_i"
    assert [text[s:e] for s, e in broken_text(text, 18)] == ["a_i (b_i + c_i)", "+ d_i e_i"]


def unsized(latex):
    return re.sub(r"\\(Bigl|left|Bigr|right)(?![a-z])| ", "", latex)


@pytest.mark.parametrize("limit", [60, 150, 400])
def test_rows_of_latex_hold_all_of_it_and_have_their_brackets(limit):
    for equation, origin in equations():
        latex = written_latex(equation.right, origin)
        found = broken_latex(latex, limit)
        for row in found:
            assert row.count("{") == row.count("}")
            assert row.count(r"\left") == row.count(r"\right")
        joined = " ".join(re.sub(r"^\\cdot ", "", row) for row in found)
        # A root that is broken is written as a power, a fraction as one or as a product.
        once = len(re.findall(r"\\frac\{1\}", latex))
        in_front = len(re.findall(r"\\frac\{1\}", joined)) > once
        if not in_front and not re.search(r"\^\{(-1|1/2)\}", joined):
            assert unsized(joined) == unsized(latex)
        assert all(width(row) <= limit + 30 for row in found) or limit < 400


def test_a_mark_that_is_broken_goes_on_in_the_next_row():
    latex = r"a + {\color{blue} \exp\left(\frac{b}{c}\right) + \exp\left(\frac{d}{e}\right)} + f"
    assert broken_latex(latex, 80) == [
        r"a + {\color{blue} \exp\left(\frac{b}{c}\right)}",
        r"{\color{blue} + \exp\left(\frac{d}{e}\right)} + f",
    ]


def test_a_fraction_that_is_wider_than_a_row_becomes_a_product():
    latex = r"\frac{a + \exp\left(b\right) + c + d}{e + f}"
    assert broken_latex(latex, 120) == [latex]
    assert broken_latex(latex, 70) == [
        r"\Bigl(a + \exp\left(b\right)",
        r"+ c + d\Bigr)",
        r"\cdot \left(e + f\right)^{-1}",
    ]


def test_one_over_what_is_short_stands_before_a_fraction_that_is_wider_than_a_row():
    latex = r"-\frac{a + \exp\left(b\right) + c + d}{2}"
    assert broken_latex(latex, 120) == [latex]
    assert broken_latex(latex, 90) == [
        r"-\frac{1}{2} \Bigl(a + \exp\left(b\right)",
        r"+ c + d\Bigr)",
    ]


def test_a_row_that_begins_after_a_comma_gets_no_dot():
    assert broken_latex(r"\max\left(\frac{a}{b}, \tanh(c)\right)", 45) == [
        r"\max\Bigl(\frac{a}{b},",
        r"\tanh(c)\Bigr)",
    ]


def test_a_comparison_stays_in_its_row():
    latex = r"a_i + \Bigl[z_i > x_i\Bigr] \min(x_i, z_i) + \Bigl[w_i \le x_i\Bigr] b_i"
    for limit in range(20, 140, 3):
        for row in broken_latex(latex, limit):
            assert not row.rstrip().endswith((">", r"\le"))
            assert not row.lstrip().startswith((">", r"\le"))
            assert r"\cdot x_i" not in row
    text = "a_i + [z_i > x_i] min(x_i, z_i)"
    for limit in range(4, 40):
        found = [text[start:end] for start, end in broken_text(text, limit)]
        assert not any(row.endswith(">") or row.startswith(">") for row in found)


def test_what_stands_below_a_letter_stays_with_it():
    text = "Σ_l ∂L/∂y_l w_{argmax_m s_{lm} w_m} δ_{argmax_m s_{lm} w_m,j} δ_{li}"
    for limit in range(10, 70, 3):
        for start, end in broken_text(text, limit):
            row = text[start:end]
            assert row.count("{") == row.count("}")
