"""Formulas as LaTeX."""

import re
from pathlib import Path

import pytest
import sympy as sp

from derive.explain.latex import latex, letter_latex, written_latex
from derive.explain.matrices import in_matrices
from derive.explain.names import Notation
from derive.explain.report import report
from derive.index.functions import Select
from derive.index.terms import Entry, Index, IndexArgmax, IndexMax, Size, sum_over
from derive.layer.find import shipped
from tests.calculus.layers import LAYERS

N, i, j = Size("N"), Index("i"), Index("j")


def x(at):
    return Entry("x", (N,), at)


#: The equations of the shipped layers, a line each.
GOLDEN = Path(__file__).parent / "golden"

MATRICES = {
    "quantizer": r"""
dX = dZ \circ \left((1 - U \circ U) (a \circ c)\right)
da = U^{\top}\, dZ
db = a \circ c \circ \left((U \circ U - 1)^{\top}\, dZ\right)
dc = a \circ \left(\left(V \circ (1 - U \circ U)\right)^{\top}\, dZ\right)
""",
    "softmax_mlp_rows": r"""
dx = dr\, W_1^{\top}
dW_1 = x^{\top}\, dr
db_1 = dr
dW_2 = h^{\top}\, d\theta
db_2 = d\theta
""",
    "softmax_mlp": r"""
dx = W^{\top}\, ds
dW = ds\, x^{\top}
dw = ds
dV = dt\, z^{\top}
dv = dt
""",
}


@pytest.mark.parametrize("name", shipped())
def test_the_shipped_layers_in_latex(name):
    found = report(LAYERS[name]())
    lines = (*found.definitions, *found.intermediate, *found.gradients)
    shown = [written_latex(line.equation, found.notation.origin) for line in lines]
    assert shown == (GOLDEN / f"{name}.tex").read_text().splitlines()


@pytest.mark.parametrize("name", MATRICES)
def test_the_shipped_gradients_in_latex_without_indices(name):
    found = report(LAYERS[name]())
    matrices = in_matrices(found)
    shown = [written_latex(matrices.equations[line.name]) for line in found.gradients]
    assert shown == MATRICES[name].strip().splitlines()


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (x(i) / 2, r"\frac{x_i}{2}"),
        (sp.sqrt(x(i) + 1), r"\sqrt{1 + x_i}"),
        (x(i) ** sp.Rational(3, 2), r"x_i^{\frac{3}{2}}"),
        (x(i) + sp.Rational(1, 100000), r"x_i + 10^{-5}"),
        (Entry("W1", (N, N), i, j) ** 2, r"\left(W^{(1)}_{ij}\right)^2"),
        (sp.Abs(x(i)), r"\left|x_i\right|"),
        (sp.sech(x(i)), r"\operatorname{sech}(x_i)"),
        (IndexMax(x(j), j, N), r"\max_{l} x_l"),
        (IndexArgmax(x(j), j, N), r"\operatorname*{argmax}_{l} x_l"),
        (
            Select(sp.Gt(x(i), 0), x(i), 2),
            r"\begin{cases} x_i & \text{if } x_i > 0 \\ 2 & \text{otherwise} \end{cases}",
        ),
        (
            Select(sp.Gt(x(i), 0), x(i), -sp.oo),
            r"\begin{cases} x_i & \text{if } x_i > 0 \\ -\infty & \text{otherwise} \end{cases}",
        ),
        (Select(sp.Le(i, j), x(i), 0), r"\left[i \le j\right] x_i"),
        (sum_over(j, N, x(j)) * x(i), r"x_i \sum_{l=0}^{N - 1} x_l"),
        (sum_over(j, N + 1, x(j)), r"\sum_{l=0}^{N} x_l"),
        (sum_over(j, N + 2, x(j)), r"\sum_{l=0}^{N + 2 - 1} x_l"),
    ],
)
def test_an_expression_in_latex(expression, shown):
    assert latex(expression) == shown


def test_a_sum_counts_from_one_where_indices_do():
    shown = latex(sum_over(j, N + 1, x(j)), Notation(origin=1))
    assert shown == r"\sum_{l=1}^{N + 1} x_l"


@pytest.mark.parametrize(
    ("name", "subscripts", "shown"),
    [
        ("theta", (), r"\theta"),
        ("Theta", ("i",), r"\Theta_i"),
        ("Alpha", (), "A"),
        ("omicron", (), "o"),
        ("y_hat", ("i", "j"), r"\hat{y}_{ij}"),
        ("theta_bar", (), r"\bar{\theta}"),
        ("W1", (), "W_1"),
        ("W1", ("i", "j"), "W^{(1)}_{ij}"),
        ("h_new", ("i",), r"h_{\mathrm{new},i}"),
        ("table", ("i",), r"\mathrm{table}_i"),
        ("W12", (), "W_{12}"),
    ],
)
def test_names_in_latex(name, subscripts, shown):
    assert letter_latex(name, subscripts) == shown


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_everything_in_latex_is_balanced(name):
    found = report(LAYERS[name]())
    matrices = in_matrices(found)
    lines = (*found.definitions, *found.intermediate, *found.gradients, *found.jacobians)
    equations = [line.equation for line in lines]
    equations += [equation for equation in matrices.equations.values() if equation is not None]
    for equation in (*equations, *matrices.where):
        shown = written_latex(equation, found.notation.origin)
        assert shown.isascii()
        assert shown.count("{") == shown.count("}")
        assert len(re.findall(r"\\left\b", shown)) == len(re.findall(r"\\right\b", shown))
        assert re.findall(r"\\begin{(\w+)}", shown) == re.findall(r"\\end{(\w+)}", shown)[::-1]
        assert nested(shown)


def nested(shown):
    """Tell whether every bracket closes the one that was opened last."""
    pairs = {"}": "{", ")": "(", "]": "["}
    stack = []
    for character in shown:
        if character in "{([":
            stack.append(character)
        elif character in pairs and (not stack or stack.pop() != pairs[character]):
            return False
    return not stack
