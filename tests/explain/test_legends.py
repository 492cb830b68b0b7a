"""What a page says of its own names and signs is true of that page."""

import pytest

from derive import Definition, softmax, sum_over, tanh
from derive.explain.explained import page_of
from derive.explain.explanation import explanation
from derive.explain.latex import written_latex
from derive.explain.layout import Orientation
from derive.explain.lines import lines, plain
from derive.explain.links import links, setting
from derive.explain.page import Paragraph
from derive.explain.text import text, written
from derive.explain.words import LANGUAGES, in_line, sentence
from derive.index.terms import Entry, Index, Size


def through_an_output():
    d = Definition("past", "")
    N = d.sizes("N")
    x = d.input("x", N)
    h = d.output("h", tanh(x))
    d.output("y", h * h + x)
    return d.build()


def with_a_node_called_dx():
    d = Definition("taken", "")
    N = d.sizes("N")
    x, w = d.input("x", N), d.param("w", N)
    dx = d.node("dx", w * x)
    d.output("y", tanh(dx))
    return d.build()


def quotient():
    d = Definition("quotient", "")
    N = d.sizes("N")
    x, A = d.input("x", N), d.param("A", N, N)
    i, j = d.indices("i j")
    s, t, f = d.node("s"), d.node("t"), d.output("f")
    s[()] = sum_over(i, x[i] ** 2)
    t[()] = sum_over(i, x[i] * sum_over(j, A[i, j] * x[j]))
    f[()] = t / s
    return d.build()


def legend(layer, language="en", **more):
    """Return what a page says before its derivations."""
    page = page_of(explanation(layer, **more), language)
    first = next(block for block in page.blocks if isinstance(block, Paragraph))
    texts = [in_line(b.text) for b in page.blocks if isinstance(b, Paragraph)]
    return next((t for t in texts if "∂L/∂x_i" in t or "∂L/∂x" in t), in_line(first.text))


def test_the_two_names_of_an_output_that_another_reads_are_told_apart():
    found = legend(through_an_output())
    assert "dh is the part of ∂L/∂h that does not go through another output." in found
    assert "dh_total is short for ∂L/∂h." in found
    assert "dx is short for ∂L/∂x." in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_are_told_apart_in_every_language(language):
    found = legend(through_an_output(), language)
    assert "dh_total" in found
    assert found.replace("dh_total", "").count("dh") == 1


def test_both_names_are_set_as_all_names_of_gradients_are():
    found = explanation(through_an_output())
    (chain,) = found.chains
    assert [written_latex(step) for step in chain.steps] == [
        r"dh_{\mathrm{total}} = 2 (dy \circ h) + dh",
        r"dx = dh_{\mathrm{total}} \circ (1 - h \circ h) + dy",
    ]
    assert written(chain.steps[0]) == "dh_total = 2 (dy ∘ h) + dh"


def test_a_name_that_is_taken_is_not_said_to_be_that_of_a_gradient():
    found = legend(with_a_node_called_dx())
    assert "dx is short" not in found.replace("d_x is", "")
    assert "dw is short for ∂L/∂w. d_x is short for ∂L/∂x." in found
    assert "dy is short for ∂L/∂y. d_x is short" in legend(with_a_node_called_dx(), wrt=["x"])


def test_where_gradients_lie_transposed_nothing_says_that_they_have_the_shape_of_their_tensors():
    layer = with_a_node_called_dx()
    assert "stands where" in legend(layer)
    for orientation in (Orientation.NUMERATOR, Orientation.MIXED):
        assert "stands where" not in legend(layer, orientation=orientation)


def test_the_vector_on_a_diagonal_is_explained():
    d = Definition("trace", "")
    N = d.sizes("N")
    W, x = d.param("W", N, N), d.input("x", N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = W[i, i] * x[i]
    found = plain(lines(page_of(explanation(d.build())), 100))
    assert "diagonal(W)" in found
    assert "diagonal(A) is the vector of the entries on the diagonal of A." in found


def test_what_is_written_down_is_not_said_to_be_left_out():
    found = " ".join(plain(lines(page_of(explanation(quotient(), ["x"])), 100)).split())
    assert "∂f/∂s = −f/s" in found
    assert "than to write" not in found
    assert "∂f/∂s and ∂s/∂x are multiplied at once, so the whole chain does without ∂f/∂s." in found


def test_positions_that_read_one_another_are_no_samples():
    def whys(mixing):
        d = Definition("tokens", "")
        T, D, H = d.sizes("T D H")
        X, W = d.input("X", T, D), d.param("W", D, H)
        Q = d.node("Q", X @ W)
        d.output("Y", softmax(Q @ Q.T) @ Q if mixing else tanh(Q))
        return [in_line(sentence(link.reason)) for link in links(setting(d.build()), "W")]

    assert any("every sample" in why for why in whys(False))
    assert not any("sample" in why for why in whys(True))
    assert any("because every i uses the same W" in why for why in whys(True))


def test_a_subscript_of_several_signs_has_braces():
    i, N = Index("i"), Size("N")
    assert text(Entry("x", (N,), 2 * i)) == "x_{2i}"
    assert text(Entry("x", (N,), i)) == "x_i"
    assert text(Entry("x", (N,), 12 + 0 * i)) == "x_12"
