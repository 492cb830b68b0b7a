"""What ``derive list`` and ``derive show`` print."""

import json

import pytest

from derive.cli._stability import shortened
from derive.cli.main import entry
from derive.layer.find import shipped

QUANTIZER = """\
quantizer  Soft-to-hard quantization layer in its training phase.

Tensors
  X  (N)  input   values to quantize
  a  (M)  param   heights of the steps
  b  (M)  param   places of the steps
  c  (M)  param   slopes of the steps
  Z  (N)  output  quantized values

Definition
  Z_i = Σ_j a_j tanh(c_j (X_i − b_j))

Gradients  of a scalar L that depends on Z
  ∂L/∂b_i = a_i c_i Σ_l ∂L/∂Z_l (tanh²(c_i (X_l − b_i)) − 1)

Jacobians
  ∂Z_i/∂b_j = a_j c_j (tanh²(c_j (X_i − b_j)) − 1)    dense
"""

ROWS = """\
Definition
  r = x W1 + b1
  h = σ(r)
  θ = h W2 + b2
  ŷ = exp(θ)/(𝟏 exp(θ)ᵀ)
  J = −y log(ŷ)ᵀ

Facts
  Σ_k y_k = 1

On the way
  dθ = ŷ − y               by Σ_k y_k = 1
  dh = dθ W2ᵀ
  dr = dh ∘ h ∘ (1 − h)

Gradients
  dx  = dr W1ᵀ
  dW1 = xᵀ dr
  db1 = dr
  dW2 = hᵀ dθ
  db2 = dθ

Notation  vectors are rows; ∘ and ⊘ act elementwise; 𝟏 is a vector of ones; dx is ∂J/∂x
"""

LATEX = r"""% quantizer: Soft-to-hard quantization layer in its training phase.
% Definition
\begin{align*}
  Z &= U a
\end{align*}
% Gradients: of a scalar L that depends on Z
\begin{align*}
  da &= U^{\top}\, dZ
\end{align*}
% Jacobians
\begin{align*}
  \frac{\partial Z}{\partial a} &= U
\end{align*}
% Notation: vectors are columns; ∘ and ⊘ act elementwise; 𝟏 is a vector of ones; da is ∂L/∂a
\begin{align*}
  U_{ij} &= \tanh\left(c_j (X_i - b_j)\right)
\end{align*}
"""


@pytest.fixture
def shown(capsys):
    def call(*arguments):
        assert entry(list(arguments)) == 0
        return capsys.readouterr().out

    return call


def test_a_gradient_of_the_quantizer(shown):
    assert shown("show", "quantizer", "--wrt", "b") == QUANTIZER


def test_a_layer_in_matrix_form(shown):
    assert shown("show", "softmax_mlp_rows", "--form", "matrix").endswith(ROWS)


def test_vectors_can_be_columns_or_rows(shown):
    columns = shown("show", "softmax_mlp_rows", "--form", "matrix", "--vectors", "columns")
    assert "dW1 = x drᵀ" in columns
    assert "vectors are columns" in columns
    assert "dV = dtᵀ z" in shown("show", "softmax_mlp", "--form", "matrix", "--vectors", "rows")


def test_latex_is_ready_to_paste(shown):
    assert shown("show", "quantizer", "--wrt", "a", "--form", "matrix", "--latex") == LATEX


def test_two_gradients_are_shown_in_the_order_asked_for(shown):
    found = json.loads(shown("show", "quantizer", "--wrt", "c", "--wrt", "X", "--format", "json"))
    assert [line["wrt"] for line in found["gradients"]] == ["c", "X"]


def test_a_gradient_by_an_intermediate_can_be_asked_for(shown):
    assert "∂J/∂θ_i = ŷ_i − y_i" in shown("show", "softmax_mlp_rows", "--wrt", "theta")


def test_a_gradient_that_uses_a_fact_says_so(shown):
    assert "∂J/∂θ_i = ŷ_i − y_i" in shown("show", "softmax_mlp_rows")
    assert "by Σ_k y_k = 1" in shown("show", "softmax_mlp_rows")


@pytest.mark.parametrize("name", ["q", "Z", "y", ""])
def test_an_unknown_gradient_lists_the_choices(capsys, name):
    assert entry(["show", "quantizer", "--wrt", name]) == 2
    assert capsys.readouterr().err == (
        f"error: quantizer has no gradient with respect to {name!r}\n"
        "  hint: there are those with respect to X, a, b, c\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stability", "--wrt", "nope"), "--stability takes no --wrt"),
        (("--stability", "--latex"), "--stability takes no --latex"),
        (("--stability", "--form", "index"), "--stability takes no --form"),
        (("--stability", "--vectors", "rows"), "--stability takes no --vectors"),
        (("--latex", "--format", "json"), "--format json takes no --latex"),
        (("--form", "matrix", "--format", "json"), "--format json takes no --form"),
        (("--vectors", "rows"), "--form index takes no --vectors"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(capsys, arguments, message):
    assert entry(["show", "quantizer", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.err.splitlines()[0] == f"error: {message}"
    said = json.loads(shown.out)["error"]["message"] if "json" in arguments else ""
    assert said == (message if shown.out else "")


def test_json_has_every_form_of_every_equation(shown):
    found = json.loads(shown("show", "quantizer", "--format", "json"))
    assert list(found) == [
        "name", "doc", "sizes", "tensors", "facts", "kinks", "loss", "indices_from", "vectors",
        "definitions", "intermediate", "gradients", "jacobians", "where",
    ]  # fmt: skip
    assert found["tensors"][0] == {
        "name": "X",
        "role": "input",
        "shape": ["N"],
        "doc": "values to quantize",
    }
    assert found["gradients"][2] == {
        "name": "db",
        "index": {
            "text": "∂L/∂b_i = a_i c_i Σ_l ∂L/∂Z_l (tanh²(c_i (X_l − b_i)) − 1)",
            "latex": r"\frac{\partial L}{\partial b_i} = a_i c_i \sum_{l=1}^{N} "
            r"\frac{\partial L}{\partial Z_l}\left(\tanh^2\left(c_i (X_l - b_i)\right) - 1\right)",
        },
        "matrix": {
            "text": "db = a ∘ c ∘ ((U ∘ U − 1)ᵀ dZ)",
            "latex": r"db = a \circ c \circ \left((U \circ U - 1)^{\top}\, dZ\right)",
        },
        "of": None,
        "wrt": "b",
        "facts": [],
    }
    assert [line["structure"] for line in found["jacobians"]] == ["diagonal"] + ["dense"] * 3
    assert [line["text"] for line in found["where"]] == [
        "U_{ij} = tanh(c_j (X_i − b_j))",
        "V_{ij} = X_i − b_j",
    ]


def test_json_of_a_loss_names_it(shown):
    found = json.loads(shown("show", "softmax_mlp", "--format", "json"))
    assert found["loss"] == "R"
    assert found["jacobians"] == []
    assert {line["of"] for line in found["gradients"]} == {"R"}
    assert found["intermediate"][0]["facts"] == ["Σ_k y_k = 1"]


CONVOLUTION = """
from derive import Definition, relu, sum_over

layer = Definition("conv", "A convolution, then a cube of three indices.")
L, K, M = layer.sizes("L K M")
X, w, u = layer.input("X", L + K - 1), layer.param("w", K), layer.param("u", M)
i, k, m, n = layer.indices("i k m n")
Y = layer.node("Y", L)
Y[i] = relu(sum_over(k, w[k] * X[i + k]))
T = layer.output("T", L, M, M)
T[i, m, n] = Y[i] * u[m] * u[n]
"""


TWO_OUTPUTS = """
from derive import Definition, tanh

layer = Definition("two", "One output is read by the other.")
N = layer.sizes("N")
x = layer.input("x", N)
h = layer.output("h", tanh(x))
y = layer.output("y", h * h)
"""


def test_an_output_that_another_reads_is_explained(shown, tmp_path):
    path = tmp_path / "two.py"
    path.write_text(TWO_OUTPUTS, encoding="utf-8")
    found = shown("show", str(path))
    assert "On the way  dh: what does not go through another output\n" in found
    assert "  ∂L/∂h_i = 2 ∂L/∂y_i h_i + dh_i\n" in found


def test_a_layer_without_gradients_is_shown_all_the_same(shown, tmp_path):
    path = tmp_path / "none.py"
    path.write_text(TWO_OUTPUTS.replace("input", "label"), encoding="utf-8")
    found = shown("show", str(path))
    assert "h_i = tanh(x_i)" in found
    assert "Gradients" not in found
    assert json.loads(shown("show", str(path), "--format", "json"))["gradients"] == []


def test_what_has_no_matrix_form_says_so(shown, tmp_path):
    path = tmp_path / "conv.py"
    path.write_text(CONVOLUTION, encoding="utf-8")
    found = shown("show", str(path), "--form", "matrix")
    assert "Tensors  indices count from 0\n" in found
    assert "Kinks  no derivative exists there; derive takes a fixed value\n  relu\n" in found
    assert "T_{imn} = Y_i u_m u_n" in found
    assert 'T = einsum("i,m,n->imn", Y, u, u)' in found
    assert "no matrix form" in found
    assert r"\sum_{j=0}^{K - 1}" in shown("show", str(path), "--latex")


def test_list_shows_the_shipped_layers(shown):
    lines = shown("list").splitlines()
    assert lines[0].split() == ["layer", "inputs", "params", "outputs", "what", "it", "computes"]
    assert [line.split()[0] for line in lines[1:]] == list(shipped())


def test_list_as_json(shown):
    found = json.loads(shown("list", "--format", "json"))
    assert found[1] == {
        "name": "quantizer",
        "doc": "Soft-to-hard quantization layer in its training phase.",
        "sizes": ["N", "M"],
        "inputs": ["X"],
        "params": ["a", "b", "c"],
        "outputs": ["Z"],
    }


def test_what_is_rewritten_is_shown_with_its_errors(derive):
    status, out, err = derive("show", "binary_mlp", "--stability")
    assert (status, err) == (0, "")
    assert (
        "log of a sigmoid  in L; proved\n"
        "  where   x → -∞: σ(x) is 0; x → ∞: 1 - σ(x) is 0\n"
        "  before  log(y_hat)\n"
        "  after   -softplus(-theta)\n" in out
    )
    assert (
        "  before  1 - h[i]\n  after   sigmoid(-z[i])\n  error   1.0e+00 → " in out
        and "1 - σ  in dz; proved\n" in out
    )
    status, out, _ = derive("show", "binary_mlp", "--stability", "--format", "json")
    found = json.loads(out)["rewritten"]
    assert {each["rule"] for each in found} == {"log of a sigmoid", "1 - σ"}
    for each in found:
        assert each["equal"] == "proved"
        assert each["error_after"] < 1e-14
        assert each["domain"]
        assert each["source"]


def test_a_rewriting_that_a_formula_does_not_show_is_left_out(derive, tmp_path):
    path = tmp_path / "unit.py"
    path.write_text(
        "from derive import Definition, sqrt, sum_over\n"
        'd = layer = Definition("unit", "")\n'
        'N = d.sizes("N")\n'
        'u, (i, j) = d.input("u", N), d.indices("i j")\n'
        'y = d.output("y", N)\n'
        "y[i] = u[i] / sqrt(sum_over(j, u[j] ** 2))\n",
        encoding="utf-8",
    )
    status, out, err = derive("show", str(path), "--stability")
    assert (status, err) == (0, "")
    before = [line.removeprefix("  before  ") for line in out.splitlines() if "  before" in line]
    after = [line.removeprefix("  after   ") for line in out.splitlines() if "  after" in line]
    assert before and all(b != a for b, a in zip(before, after, strict=True))


def test_of_two_long_formulas_what_differs_is_shown():
    same, more = "a + " * 100, " + b" * 100
    shown, other = (shortened(f"{same}{x}{more}", f"{same}{y}{more}") for x, y in ("pq", "qp"))
    assert "a + p + b" in shown and "a + q + b" in other
    assert shown.startswith("… ") and shown.endswith(" …") and len(shown) <= 245
    assert shortened("x" * 240, "y") == "x" * 240
    assert "a + cc" in shortened(f"{same}{'c' * 500}", same) and "cc … cc" in shortened(
        f"{same}{'c' * 500}", same
    )


def test_a_masked_softmax_written_out_is_shown_with_minus_infinity(derive, tmp_path):
    path = tmp_path / "masked.py"
    path.write_text(
        "from derive import Definition, exp, select, sum_over\n"
        'd = layer = Definition("masked", "")\n'
        'N = d.sizes("N")\n'
        's, m, v = d.input("s", N), d.label("m", N), d.input("v", N)\n'
        'j, k = d.indices("j k")\n'
        'w = d.node("w", N)\n'
        "w[j] = select(m[j] > 0, exp(s[j]), 0)\n"
        'd.output("y", sum_over(j, v[j] * w[j] / sum_over(k, w[k])))\n',
        encoding="utf-8",
    )
    status, out, err = derive("show", str(path), "--stability")
    assert (status, err) == (0, "")
    assert "exp(where(m[i] > 0, s[i], -inf))" in out
    status, _, err = derive("generate", str(path), "--out", str(tmp_path / "made"))
    assert (status, err) == (0, "")
    assert "where(m[n, k] > 0, s[n, k], -inf)" in (tmp_path / "made/numpy/masked.py").read_text(
        encoding="utf-8"
    )


def test_kinks_are_named_as_formulas_name_them(shown, tmp_path):
    path = tmp_path / "kinked.py"
    path.write_text(
        "from derive import Definition, absolute, max_over, maximum\n"
        'layer = Definition("kinked", "")\n'
        'N = layer.sizes("N")\n'
        'x = layer.input("x", N)\n'
        'i = layer.indices("i")\n'
        'layer.output("y", maximum(max_over(i, absolute(x[i])), 2))\n',
        encoding="utf-8",
    )
    assert "takes a fixed value\n  max, |·|\n" in shown("show", str(path))


def test_the_notation_names_gradients_as_they_are_named_there(shown, tmp_path):
    path = tmp_path / "taken.py"
    path.write_text(
        "from derive import Definition, tanh\n"
        'layer = Definition("taken", "")\n'
        'N = layer.sizes("N")\n'
        'x, w = layer.input("x", N), layer.param("w", N)\n'
        'dx = layer.node("dx", w * x)\n'
        'layer.output("y", tanh(dx))\n',
        encoding="utf-8",
    )
    assert "dw is ∂L/∂w; d_x is ∂L/∂x\n" in shown("show", str(path), "--form", "matrix")
