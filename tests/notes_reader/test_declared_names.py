"""A declared name wins over juxtaposition, the longest first."""

import pytest

from derive.errors import DeriveError
from derive.notes.outline import outline
from derive.notes.parse import canonical, parse
from derive.notes.tree import Name, walk


@pytest.mark.parametrize(
    ("latex", "declared", "expected"),
    [
        ("dy x", ["dy"], "(dy x)"),
        ("Wx loss", ["loss"], "(W x loss)"),
        ("h2_i 2", ["h2"], "(h2_{i} 2)"),
        (r"\sigma^2 \sigma", [r"\sigma^2"], r"(\sigma^2 \sigma)"),
        ("X'_i X_i' X''", ["X'"], "(X'_{i} X'_{i} X'')"),
        ("W^{(2)}_{ij} W_{ij}^{(2)}", ["W^{(2)}"], "(W^{(2)}_{(i j)} W^{(2)}_{(i j)})"),
        ("a^{(1)T} W^{(2) T}", ["a^{(1)}", "W^{(2)}"], "(a^{(1)}^{T} W^{(2)}^{T})"),
        (r"\delta_{t1} \delta_{t1,i} \delta_t", [r"\delta_{t1}"],
         r"(\delta_{t1} \delta_{t1}_{i} \delta_{t})"),
        ("A^{l-1}_j", ["A^{l-1}"], "A^{l-1}_{j}"),
        (r"(\mathbf 1_n)_{i,1}", [r"\mathbf 1_n"], r"(\mathbf{1}_n)_{i, 1}"),
        (r"u_o u_k", ["u_o", "u"], "(u_o u_{k})"),
        (r"da_{next} d\tilde c^{\langle t\rangle}", ["da_{next}", r"d\tilde c^{\langle t\rangle}"],
         r"(da_{\mathrm{next}} d\tilde{c}^{\langle t\rangle})"),
        (r"\frac{\partial L}{\partial dy}", ["dy"], "D[L; dy]"),
        (r"\frac{dy}{dx}", ["dy"], "D[y; x or plain]"),
        (r"\log dy_i", ["dy"], "log@<dy_{i}>"),
        (r"\text{cross entropy}(y)", [r"\text{cross entropy}"], r"(\mathrm{cross entropy} (y))"),
        (r"\mathrm{max}(x)", [r"\mathrm{max}"], r"(\mathrm{max} (x))"),
        ("D_x f", ["D"], "(D_{x} f)"),
        ("2e-3 x", ["e"], "((2 e) -(3 x))"),
        ("2e-3 x", [], "(2e-3 x)"),
        (r"\mathbf{dV} x", [r"\mathbf{dV}"], r"(\mathbf{d}\mathbf{V} x)"),
    ],
)  # fmt: skip
def test_a_declared_name_is_found(latex: str, declared: list[str], expected: str) -> None:
    assert outline(parse(latex, declared)) == expected


def test_a_name_in_two_pieces_knows_both() -> None:
    latex = "a_{i}^{(3)}"
    (name,) = (
        node
        for node in walk(parse(latex, ["a^{(3)}"]))
        if isinstance(node, Name) and node.spelling == "a^{(3)}"
    )
    assert [latex[start:end] for start, end in name.parts] == ["a", "^{(3)}"]


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        (r"\hat y", r"\hat{y}"),
        (r"\widehat{ y }", r"\hat{y}"),
        ("b_{1}", "b_1"),
        (r"\text{loss}", r"\mathrm{loss}"),
        (r"\bm{W}", r"\boldsymbol{W}"),
        (r"\Gamma_{f}^{\langle t \rangle}", r"\Gamma_f^{\langle t\rangle}"),
        (r"\alpha x", r"\alpha x"),
        ("X '", "X'"),
    ],
)
def test_a_spelling_has_one_canonical_form(spelling: str, expected: str) -> None:
    assert canonical(spelling) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize("spelling", ["a = b", "a, b", r"\frac{a}{b}", "", r"\foo", "f(x)"])
def test_what_is_no_name_is_refused(spelling: str) -> None:
    with pytest.raises(DeriveError, match="cannot be a name"):
        canonical(spelling)
