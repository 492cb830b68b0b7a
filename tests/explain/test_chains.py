"""Whole chains: what joins the factors, in the conventions in which the notes are written."""

import pytest
import sympy as sp

from derive.explain.chain import chain
from derive.explain.explained import page_of
from derive.explain.explanation import explanation
from derive.explain.layout import Orientation
from derive.explain.links import links, setting
from derive.explain.page import Paragraph
from derive.explain.putting import put_in
from derive.explain.shapes import product_shapes
from derive.explain.text import written
from derive.explain.tree import Elementwise, Letter, Number, Over, Plus, Times, Transposed
from derive.explain.words import in_line, said
from tests.explain.scaled import ALL


def chains(name, **options):
    layer = ALL[name]()
    where = setting(layer, **options)
    return {tensor.name: chain(where, tensor.name) for tensor in layer.wrt}


def test_the_chain_in_rows_is_a_matrix_product_then_elementwise_then_a_matrix_product():
    found = chains("softmax_mlp_rows")["x"]
    assert written(found.whole) == "∂J/∂x = (((ŷ − y) W2ᵀ) ∘ h ∘ (1 − h)) W1ᵀ"
    assert [f"{link.of}/{link.wrt}" for link in found.links] == [
        *("J/y_hat", "y_hat/theta", "theta/h", "h/r", "r/x"),
    ]
    assert [written(link.matrix) for link in found.links] == [
        *("−y ⊘ ŷ", "diag(ŷ) − ŷᵀ ŷ", "W2ᵀ", "diag(h ∘ (1 − h))", "W1ᵀ"),
    ]


def test_links_that_are_taken_at_once_are_said_to_be_and_by_which_fact():
    (remark,) = chains("softmax_mlp_rows")["b2"].remarks
    assert said(remark) == (
        "∂J/∂ŷ and ∂ŷ/∂θ are multiplied at once: with Σ_l y_l = 1 their product ŷ_i − y_i is "
        "simpler than they are."
    )


def test_no_product_is_named_where_other_links_end_at_the_same_tensor():
    (remark,) = chains("layer_norm")["x"].remarks
    assert said(remark) == (
        "∂L/∂var and ∂var/∂c are multiplied at once, so the whole chain does without ∂L/∂var."
    )


def test_with_deltas_as_rows_beside_columns_the_outer_products_are_transposed():
    found = chains("softmax_mlp", orientation=Orientation.MIXED)
    assert [written(step) for step in found["x"].steps] == [
        *("dt = (g − y)ᵀ", "dz = dt V", "ds = dz diag(z ∘ (1 − z))", "dx = ds W"),
    ]
    last = {name: written(one.steps[-1]) for name, one in found.items()}
    assert last == {
        "x": "dx = ds W",
        "W": "dW = dsᵀ xᵀ",
        "w": "dw = dsᵀ",
        "V": "dV = dtᵀ zᵀ",
        "v": "dv = dtᵀ",
    }
    assert written(found["x"].whole) == "∂R/∂x = (g − y)ᵀ V diag(z ∘ (1 − z)) W"


def test_in_numerator_layout_a_gradient_has_the_transposed_shape():
    found = chains("softmax_mlp", orientation=Orientation.NUMERATOR)
    assert written(found["W"].whole) == "∂R/∂W = x (g − y)ᵀ V diag(z ∘ (1 − z))"
    assert written(found["w"].steps[-1]) == "dw = ds"
    rows = chains("softmax_mlp", rows=True, orientation=Orientation.NUMERATOR)
    assert written(rows["x"].whole) == "∂R/∂x = Wᵀ diag(z ∘ (1 − z)) Vᵀ (g − y)ᵀ"


def test_the_gradient_of_a_weight_is_an_outer_product_with_these_shapes():
    layer = ALL["binary_mlp"]()
    (link,) = (link for link in links(setting(layer)) if link.wrt == "W")
    D, H = layer.sizes
    shapes = {name: tensor.shape for name, tensor in layer.by_name.items()}
    found = product_shapes(link.product, shapes, {D: sp.Integer(3), H: sp.Integer(4)}, rows=False)
    assert written(link.product) == "dz xᵀ"
    assert written(found) == "(4, 1) · (1, 3) = (4, 3)"


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("orientation", Orientation)
def test_shapes_fit_in_every_layout(rows, orientation):
    found = explanation(ALL["softmax_mlp"](), ("W",), rows=rows, orientation=orientation)
    (link,) = found.links_to("W")
    shapes = product_shapes(link.product, found.shapes, {}, rows=rows)
    turned = orientation is Orientation.NUMERATOR
    expected = "(D, 1) · (1, H) = (D, H)" if turned else "(H, 1) · (1, D) = (H, D)"
    assert written(shapes) == expected
    (link,) = found.links_to("z")
    shapes = product_shapes(link.product, found.shapes, {}, rows=rows)
    row = rows == (orientation is Orientation.TENSOR)
    assert written(shapes) == ("(1, K) · (K, H) = (1, H)" if row else "(H, K) · (K, 1) = (H, 1)")


def test_the_jacobian_of_the_quantizer_by_its_input_is_a_diagonal_matrix():
    (link,) = (link for link in links(setting(ALL["quantizer"]())) if link.wrt == "X")
    assert written(link.matrix) == "diag((1 − U ∘ U) (a ∘ c))"


def test_a_gradient_of_three_indices_is_a_line_of_einsum_and_says_why():
    found = chains("bilinear")["W"]
    assert found.whole is None
    assert found.einsum == 'dW = einsum("i,j,k->ijk", dy, x, z)'
    assert [said(remark) for remark in found.remarks] == [
        "A matrix has two indices and this gradient has more, so it stays in index form."
    ]


def test_a_remark_on_some_of_the_gradients_says_on_which():
    page = page_of(explanation(ALL["bilinear"]()))
    texts = [in_line(block.text) for block in page.blocks if isinstance(block, Paragraph)]
    assert "∂L/∂W: A matrix has two indices and this gradient has more, so it" in " ".join(texts)
    alone = page_of(explanation(ALL["bilinear"](), ["W"]))
    texts = [in_line(block.text) for block in alone.blocks if isinstance(block, Paragraph)]
    assert (
        "A matrix has two indices and this gradient has more, so it stays in index form." in texts
    )


def test_a_gradient_that_no_product_gives_says_so():
    found = chains("max_pooling")["X"]
    assert (found.whole, found.einsum) == (None, "")
    assert [remark.key for remark in found.remarks] == ["chain.formless"]


def test_a_chain_too_long_to_read_is_left_in_steps():
    found = chains("layer_norm_nested")["x"]
    assert found.whole is None
    assert len(found.steps) == 1


@pytest.mark.parametrize("rows", [False, True])
def test_a_chain_reads_the_same_in_every_layout_if_no_gradient_is_in_it(rows):
    texts = {
        written(chains("quadratic_form", rows=rows, orientation=orientation)["A"].whole)
        for orientation in Orientation
    }
    assert texts == {"∂y/∂A = xᵀ x" if rows else "∂y/∂A = x xᵀ"}


def test_products_put_into_products_are_one_product():
    a, b, c, d = (Letter(name) for name in "abcd")
    assert put_in(Times((a, b)), {b: Times((c, d))}) == Times((a, c, d))
    assert put_in(Elementwise((a, b)), {a: Elementwise((c, d))}) == Elementwise((c, d, b))
    assert put_in(Transposed(a), {a: Transposed(b)}) == b


def test_a_product_that_is_a_number_keeps_together_where_it_is_put_in():
    found = {name: written(one.whole) for name, one in chains("projection").items()}
    assert found["x"] == "∂L/∂x = −(drᵀ w/(wᵀ w)) w + dr"
    assert found["w"] == ("∂L/∂w = 2 s (drᵀ w) w/(wᵀ w)² − (drᵀ w/(wᵀ w)) x − s dr/(wᵀ w)")
    a, b, c, d = (Letter(name) for name in "abcd")
    product = put_in(Times((Number("3"), a, d)), {a: Times((Number("2"), b, c))}, {a})
    assert written(product) == "6 (b c) d"


def test_numbers_that_are_put_in_are_multiplied_out():
    found = {name: written(one.whole) for name, one in chains("penalised").items()}
    assert found["X"] == "∂J/∂X = (2/N) (X w − t) wᵀ"
    a, b, x = (Letter(name) for name in "abx")
    one, two, half = Number("1"), Number("2"), Number("0.5")
    doubled = Times((two, a, x))
    assert put_in(doubled, {a: one}) == Times((two, x))
    assert put_in(doubled, {a: half}) == x
    assert put_in(doubled, {a: Plus(((True, one),))}) == Plus(((True, Times((two, x))),))
    assert put_in(doubled, {a: Over(one, b)}) == Times((Over(two, b), x))
    assert put_in(Times((a, x)), {a: one}) == x
    minus = Plus(((False, x), (True, doubled)))
    assert written(put_in(minus, {a: Plus(((True, one),))})) == "x + 2 x"


def test_a_quotient_by_a_number_is_transposed_above_the_line():
    found = chains("attention", orientation=Orientation.NUMERATOR)["Q"]
    assert written(found.steps[-1]) == "dQ = Kᵀ ds/√E"
    turned = chains("projection", orientation=Orientation.NUMERATOR)["w"]
    assert written(turned.steps[-1]) == "dw = 2 s (dr w) wᵀ/(wᵀ w)² + ds xᵀ − s dr/(wᵀ w)"
