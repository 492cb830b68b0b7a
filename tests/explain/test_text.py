"""Formulas as text: what a person would write."""

import pytest
import sympy as sp

from derive.explain.code import code, code_equation
from derive.explain.latex import latex
from derive.explain.names import Notation, for_gradient, for_layer
from derive.explain.report import report
from derive.explain.spelling import spelled
from derive.explain.text import equation, text, written
from derive.explain.tree import Letter, Number, Over, Times
from derive.gradient.reverse import reverse
from derive.index.functions import Select, maximum, relu, step
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexArgmax,
    IndexMax,
    IndexProduct,
    IndexSum,
    Size,
    sum_over,
)
from tests.calculus.layers import LAYERS

N, i, j, k = Size("N"), Index("i"), Index("j"), Index("k")


def x(at):
    return Entry("x", (N,), at)


def W(row, column):
    return Entry("W", (N, N), row, column)


SHOWN = {
    "quantizer": """
Z_i = Σ_j a_j tanh(c_j (X_i − b_j))
∂L/∂X_i = ∂L/∂Z_i Σ_l a_l c_l (1 − tanh²(c_l (X_i − b_l)))
∂L/∂a_i = Σ_l ∂L/∂Z_l tanh(c_i (X_l − b_i))
∂L/∂b_i = a_i c_i Σ_l ∂L/∂Z_l (tanh²(c_i (X_l − b_i)) − 1)
∂L/∂c_i = a_i Σ_l ∂L/∂Z_l (X_l − b_i) (1 − tanh²(c_i (X_l − b_i)))
∂Z_i/∂X_j = δ_{ij} Σ_l a_l c_l (1 − tanh²(c_l (X_i − b_l)))
∂Z_i/∂a_j = tanh(c_j (X_i − b_j))
∂Z_i/∂b_j = a_j c_j (tanh²(c_j (X_i − b_j)) − 1)
∂Z_i/∂c_j = a_j (X_i − b_j) (1 − tanh²(c_j (X_i − b_j)))
""",
    "softmax_mlp_rows": """
r_i = b1_i + Σ_j x_j W1_{ji}
h_i = σ(r_i)
θ_i = b2_i + Σ_j h_j W2_{ji}
ŷ_i = exp(θ_i) / Σ_j exp(θ_j)
J = −Σ_i y_i log ŷ_i
∂J/∂θ_i = ŷ_i − y_i
∂J/∂h_i = Σ_l ∂J/∂θ_l W2_{il}
∂J/∂r_i = ∂J/∂h_i h_i (1 − h_i)
∂J/∂x_i = Σ_l ∂J/∂r_l W1_{il}
∂J/∂W1_{ij} = ∂J/∂r_j x_i
∂J/∂b1_i = ∂J/∂r_i
∂J/∂W2_{ij} = ∂J/∂θ_j h_i
∂J/∂b2_i = ∂J/∂θ_i
""",
    "binary_mlp": """
z_i = b1_i + Σ_j W_{ij} x_j
h_i = σ(z_i)
θ = b2 + Σ_i U_i h_i
ŷ = σ(θ)
L = −y log ŷ − (1 − y) log(1 − ŷ)
∂L/∂θ = ŷ − y
∂L/∂h_i = ∂L/∂θ U_i
∂L/∂z_i = ∂L/∂h_i h_i (1 − h_i)
∂L/∂x_i = Σ_l ∂L/∂z_l W_{li}
∂L/∂U_i = ∂L/∂θ h_i
∂L/∂b2 = ∂L/∂θ
∂L/∂W_{ij} = ∂L/∂z_i x_j
∂L/∂b1_i = ∂L/∂z_i
""",
    "softmax_mlp": """
s_i = w_i + Σ_j W_{ij} x_j
z_i = σ(s_i)
t_i = v_i + Σ_j V_{ij} z_j
g_i = exp(t_i) / Σ_j exp(t_j)
R = −Σ_i y_i log g_i
∂R/∂t_i = g_i − y_i
∂R/∂z_i = Σ_l ∂R/∂t_l V_{li}
∂R/∂s_i = ∂R/∂z_i z_i (1 − z_i)
∂R/∂x_i = Σ_l ∂R/∂s_l W_{li}
∂R/∂W_{ij} = ∂R/∂s_i x_j
∂R/∂w_i = ∂R/∂s_i
∂R/∂V_{ij} = ∂R/∂t_i z_j
∂R/∂v_i = ∂R/∂t_i
""",
}


def lines(name):
    found = report(LAYERS[name]())
    return (*found.definitions, *found.intermediate, *found.gradients, *found.jacobians)


@pytest.mark.parametrize("name", SHOWN)
def test_the_shipped_layers_read_as_in_the_notes(name):
    assert [written(line.equation) for line in lines(name)] == SHOWN[name].strip().splitlines()


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (x(i) ** 2 / 2, "x_i²/2"),
        (-x(i), "−x_i"),
        (-x(i) - x(j), "−x_i − x_j"),
        (3 - x(i), "3 − x_i"),
        (x(i) + sp.Rational(1, 100000), "x_i + 10⁻⁵"),
        (x(i) * 0.5, "0.5 x_i"),
        (x(i) * (x(j) + 1) ** 2, "x_i (1 + x_j)²"),
        (2 * x(i) - 2 * x(j), "2 x_i − 2 x_j"),
        (x(k) * (2 * x(i) - 2 * x(j)), "2 x_k (x_i − x_j)"),
        (-x(k) * (-x(i) - x(j)), "x_k (x_i + x_j)"),
        (sp.sqrt(x(i)), "√x_i"),
        (1 / sp.sqrt(x(i) + x(j)), "1/√(x_i + x_j)"),
        (x(i) ** sp.Rational(3, 2), "x_i^(3/2)"),
        (x(i) / (x(j) * x(k)), "x_i/(x_j x_k)"),
        (sp.tanh(x(i)) ** 2, "tanh²(x_i)"),
        (sp.log(x(i)) * x(j), "x_j log x_i"),
        (sp.log(x(i)) * sp.cos(x(j)), "cos(x_j) log x_i"),
        (sp.log(x(i)) * sp.tan(x(j)), "log(x_i) tan(x_j)"),
        (sp.log(x(i)) / x(j), "log(x_i)/x_j"),
        (sp.Abs(x(i)), "|x_i|"),
        (maximum(x(i), 0), "max(x_i, 0)"),
        (relu(x(i)) * step(x(i) - x(j)), "[x_i > x_j] relu(x_i)"),
        (step(-x(i)), "[x_i < 0]"),
        (Delta(i, j) * x(i), "x_i δ_{ij}"),
        (Delta(2 * i + k, j), "δ_{2i+k,j}"),
        (x(2 * i + k - 1), "x_{2i+k−1}"),
        (W(0, i), "W_{0i}"),
        (sum_over(j, N, x(j)) / N, "(1/N) Σ_l x_l"),
        (sum_over(j, N, x(j)) ** 2, "(Σ_l x_l)²"),
        (sum_over(j, N, x(j) + x(i)), "Σ_l (x_i + x_l)"),
        (sum_over(j, N, x(j)) * x(i) + 1, "1 + x_i Σ_l x_l"),
        (sum_over(j, N, x(j)) * sum_over(j, N, W(j, i)), "(Σ_l W_{li}) Σ_l x_l"),
        (IndexSum(IndexSum(W(i, j), i, N), j, N), "Σ_l Σ_m W_{ml}"),
        (IndexMax(W(i, j), j, N), "max_l W_{il}"),
        (IndexArgmax(W(i, j), j, N), "argmax_l W_{il}"),
        (IndexProduct(Select(sp.Ne(j, i), x(j), 1), j, N), "∏_{l≠i} x_l"),
        (
            Select(sp.And(sp.Ge(j - 2 * i, 0), sp.Lt(j - 2 * i, N)), x(j - 2 * i), 0),
            "[0 ≤ j − 2 i < N] x_{j−2i}",
        ),
        (Select(sp.Gt(x(i), 0), x(i), 2), "(x_i if x_i > 0, else 2)"),
        (Select(sp.Gt(x(i), 0), x(i), -sp.oo), "(x_i if x_i > 0, else −∞)"),
        (sp.log(Select(sp.Ne(x(i), 0), x(i), 1)) / x(j), "log(x_i if x_i ≠ 0, else 1)/x_j"),
        (sp.tanh(Select(sp.Ne(x(i), 0), x(i), 1)) ** 2, "tanh²(x_i if x_i ≠ 0, else 1)"),
        (maximum(Select(sp.Ne(x(i), 0), x(i), 1), 2), "max((x_i if x_i ≠ 0, else 1), 2)"),
        (Select(sp.Or(sp.Lt(i, 2), sp.Eq(i, N)), 1, 0), "[i = N or i < 2]"),
    ],
)
def test_an_expression_is_written_as_a_person_writes_it(expression, shown):
    assert text(expression) == shown


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (x(i) ** 2 / 2, "x[i]**2/2"),
        (x(i) / (x(j) * x(k)), "x[i]/(x[j]*x[k])"),
        (-((x(i) - x(j)) ** 2), "-(x[i] - x[j])**2"),
        (sum_over(j, N, W(i, j) * x(j)), "sum_l(W[i, l]*x[l])"),
        (x(2 * i + k), "x[2*i + k]"),
        (Delta(i, j) * x(i), "x[i]*delta(i, j)"),
        (Select(sp.Gt(x(i), 0), x(i), 2), "where(x[i] > 0, x[i], 2)"),
        (Select(sp.Gt(x(i), 0), x(i), -sp.oo), "where(x[i] > 0, x[i], -inf)"),
        (Select(sp.Le(i, j), x(i), 0), "(i <= j)*x[i]"),
        (x(i) + sp.Rational(1, 100000), "x[i] + 1e-5"),
        (sp.Rational(127, 10**11) * x(i) + sp.Float("3e-7"), "1.27e-9*x[i] + 3e-7"),
        (x(i) ** sp.Rational(3, 2), "x[i]**(3/2)"),
        (IndexProduct(Select(sp.Ne(j, i), x(j), 1), j, N), "prod_l(x[l], l != i)"),
    ],
)
def test_the_code_form_is_plain_text_with_brackets(expression, shown):
    assert code(expression) == shown
    assert code(expression).isascii()


def test_the_code_form_of_a_gradient_keeps_the_names_of_its_arguments():
    layer = LAYERS["quantizer"]()
    (node,) = reverse(layer, ["b"]).nodes
    shown = "db[i] = a[i]*c[i]*sum_l(dZ[l]*(tanh(c[i]*(X[l] - b[i]))**2 - 1))"
    assert code_equation(node) == shown


def test_a_bound_index_gets_no_letter_that_means_something_else():
    body = Entry("l", (N,), i) * sum_over(j, Size("m"), x(j))
    assert text(body) == "l_i Σ_n x_n"
    assert text(sum_over(j, N, x(j)), Notation(taken=frozenset("lmn"))) == "Σ_p x_p"
    letters = "lmnpqrstuvwxyz"
    assert text(sum_over(j, N, x(j)), Notation(taken=frozenset(letters))) == "Σ_l1 x_l1"


def test_a_bound_index_gets_no_letter_of_a_free_index():
    assert text(x(Index("l")) * sum_over(j, N, x(j))) == "x_l Σ_m x_m"


def test_sums_beside_one_another_share_a_letter_and_nested_ones_do_not():
    inner = sum_over(k, N, W(j, k))
    assert text(sum_over(j, N, x(j) * inner) + sum_over(j, N, x(j))) == (
        "Σ_l x_l + Σ_l x_l Σ_m W_{lm}"
    )


def test_a_layer_with_a_tensor_named_L_has_a_loss_of_another_name():
    layer = LAYERS["convolution_stride_two"]()
    assert for_gradient(layer, reverse(layer)).loss == "J"


def test_the_cotangent_of_a_scalar_loss_is_one_and_not_written():
    layer = LAYERS["log_sum_exp"]()
    gradient = reverse(layer)
    shown = equation(gradient.node("dx"), for_gradient(layer, gradient))
    assert shown == "∂y/∂x_i = exp(x_i) / Σ_l exp(x_l)"


def test_several_cotangents_number_the_loss():
    layer = LAYERS["quantizer"]()
    gradient = reverse(layer, ["b"], cotangents=Size("P"))
    shown = equation(gradient.nodes[-1], for_gradient(layer, gradient, ["b"]))
    assert shown == "∂L_i/∂b_j = a_j c_j Σ_l ∂L_i/∂Z_l (tanh²(c_j (X_l − b_j)) − 1)"


def test_what_is_given_for_an_output_that_others_read_keeps_its_own_name():
    layer = LAYERS["several_outputs"]()
    gradient = reverse(layer)
    shown = equation(gradient.node("dh_total"), for_gradient(layer, gradient))
    assert shown.startswith("∂L/∂h_i = ")
    assert shown.endswith(" + dh_i")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("theta", "θ_i"),
        ("y_hat", "ŷ_i"),
        ("W1", "W1_i"),
        ("h_new", "h_{new,i}"),
        ("Gamma", "Γ_i"),
        ("x_bar", "x̄_i"),
        ("a_1", "a1_i"),
    ],
)
def test_names_are_spelled_with_their_own_letters(name, shown):
    assert text(Entry(name, (N,), i)) == shown


def test_a_name_that_is_not_a_letter_with_something_stays_whole():
    assert spelled("_3x").stem == "_3x"


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_indices_count_from_one_only_where_nothing_is_computed_with_them(name):
    computed = {
        "causal_attention", "convolution_stride_two", "convolution_symbolic_stride",
        "correlation_flipped", "convolution_2d", "max_pooling", "padded", "guarded_quotient",
        "factorization_machine_by_pairs", "embedding", "gather_of_gather", "neighbours",
        "cross_entropy_by_class", "diagonals_and_constants", "kronecker",
        "pairs_of_rows", "first_row_and_maximum", "concatenation", "path_of_labels", "power_loss",
        "weights_of_the_past", "fourier_features", "groups_of_channels",
    }  # fmt: skip
    assert for_layer(LAYERS[name]()).origin == (0 if name in computed else 1)


def test_what_is_masked_is_less_than_every_number():
    masked = Select(sp.Le(j, i), x(j), -sp.oo)
    assert "−∞" in text(masked)
    assert r"-\infty" in latex(masked)
    assert "-inf" in code(masked)


def test_a_quotient_on_a_fraction_line_ends_where_it_ends():
    a, b, c, two = Letter("a"), Letter("b"), Letter("c"), Number("2")
    assert written(Over(Times((Over(a, b), c)), two)) == "(a/b) c/2"
    assert written(Over(Over(a, b), two)) == "(a/b)/2"
