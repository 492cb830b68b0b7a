"""A note is a source of code: show, generate, build and verify without a Python layer."""

import importlib.util
import inspect
import json
import re

import numpy as np
import pytest

from tests.cli.checking import written

QUANTIZER = r"""---
derive: 1
title: Soft-to-hard quantization
dims: {N: values, M: steps}
symbols:
  X: {shape: [N], role: input, doc: values to quantize}
  a: {shape: [M], role: param, doc: heights of the steps}
  b: {shape: [M], role: param, doc: places of the steps}
  c: {shape: [M], role: param, doc: slopes of the steps}
  Z: {shape: [N]}
define:
  - Z_i = \sum_{j=1}^M a_j \tanh[c_j (X_i - b_j)]
---
"""
#: Out of order, with names that only LaTeX has, a fact, and vectors as columns.
PERCEPTRON = r"""---
derive: 1
dims: {D: features, H: units, K: classes}
symbols:
  x: {shape: [D], role: input}
  W: {shape: [H, D], role: param}
  w: {shape: [H], role: param}
  V: {shape: [K, H], role: param}
  v: {shape: [K], role: param}
  y: {shape: [K], role: label}
  s: {shape: [H]}
  z: {shape: [H]}
  t: {shape: [K]}
  g: {shape: [K]}
  R: {shape: []}
define:
  - s = w + W x
  - z = \sigma(s)
  - t = v + V z
  - g = \mathrm{softmax}(t)
  - R = -\sum_k y_k \log g_k
assume:
  - \sum_k y_k = 1
---
"""
NAMES = r"""---
derive: 1
dims: {N: n}
symbols:
  'x''': {shape: [N], role: input}
  '\hat y': {shape: [N], role: param}
  'W^{(1)}': {shape: [N, N], role: param}
  '\lambda': {shape: [], role: constant}
  '\tilde h': {shape: [N]}
  c: {shape: []}
  L: {shape: [], role: loss, of: ['\tilde h', c]}
define:
  - \tilde h = \hat y \circ (W^{(1)} x')
  - c = \lambda \sum_i (x'_i)^2
---
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def imported(path):
    spec = importlib.util.spec_from_file_location(f"generated_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generated(derive, here, text, name):
    written(here, text, f"{name}.md")
    out = here / "out"
    assert derive("generate", f"{name}.md", "--target", "numpy,c", "--out", str(out))[0] == 0
    assert derive("build", f"{name}.md", "--out", str(out))[0] == 0
    return imported(out / "numpy" / f"{name}.py"), imported(out / "c" / f"{name}.py")


def shipped(derive, here, name):
    out = here / "shipped"
    assert derive("generate", name, "--target", "numpy", "--out", str(out))[0] == 0
    return imported(out / "numpy" / f"{name}.py")


def called(function, given):
    wanted = inspect.signature(function).parameters
    return function(**{name: value for name, value in given.items() if name in wanted})


def assert_same(left, right):
    for one, two in zip(left, right, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-14)


def test_show_prints_the_layer_of_a_note(derive, here):
    written(here, QUANTIZER, "steps.md")
    status, out, _ = derive("show", "steps.md")
    assert status == 0
    assert out.startswith("steps  Soft-to-hard quantization\n")
    assert "  Z_i = Σ_j a_j tanh(c_j (X_i − b_j))\n" in out
    assert "∂L/∂b_i = a_i c_i Σ_l ∂L/∂Z_l (tanh²(c_i (X_l − b_i)) − 1)" in out


def test_the_code_of_a_quantizer_note_computes_what_the_shipped_layers_does(derive, here):
    own = shipped(derive, here, "quantizer")
    generator = np.random.default_rng(0)
    X, dZ = generator.standard_normal((2, 3, 5))
    a, b, c = generator.standard_normal((3, 4))
    for module in generated(derive, here, QUANTIZER, "steps"):
        Z = module.forward(X, a, b, c)
        np.testing.assert_allclose(Z, own.forward(X, a, b, c), rtol=1e-12)
        assert_same(module.backward(dZ, X, a, b, c), own.backward(dZ, X, a, b, c))


def test_the_code_of_a_perceptron_note_computes_what_the_shipped_layers_does(derive, here):
    own = shipped(derive, here, "softmax_mlp")
    generator = np.random.default_rng(1)
    D, H, K = 3, 5, 2
    x, y = generator.standard_normal((4, D)), generator.dirichlet(np.ones(K), 4)
    W, w = generator.standard_normal((H, D)), generator.standard_normal(H)
    V, v = generator.standard_normal((K, H)), generator.standard_normal(K)
    dR = generator.standard_normal(4)
    given = {"dR": dR, "x": x, "W": W, "w": w, "V": V, "v": v, "y": y}
    for module in generated(derive, here, PERCEPTRON, "perceptron"):
        np.testing.assert_allclose(
            called(module.forward, given), called(own.forward, given), rtol=1e-12
        )
        assert_same(called(module.backward, given), called(own.backward, given))


def test_what_is_generated_from_notes_is_verified(derive, here):
    written(here, QUANTIZER, "steps.md")
    written(here, NAMES, "names.md")
    arguments = ("--target", "numpy", "--out", str(here / "out"))
    assert derive("generate", "steps.md", "names.md", *arguments)[0] == 0
    status, out, _ = derive("verify", "steps.md", "names.md", *arguments, "--format", "json")
    assert status == 0
    assert [report["verdict"] for report in json.loads(out)] == ["verified", "verified"]


def test_names_that_only_latex_has_get_identifiers(derive, here):
    written(here, NAMES, "2 names-of.md")
    shown = json.loads(derive("show", "2 names-of.md", "--format", "json")[1])
    assert shown["name"] == "note_2_names_of"
    assert [(t["name"], t["role"]) for t in shown["tensors"]] == [
        *(("x_prime", "input"), ("y_hat", "param"), ("W1", "param"), ("lambda", "constant")),
        *(("h_tilde", "output"), ("c", "output")),
    ]


def test_definitions_may_stand_in_any_order(derive, here):
    lines = PERCEPTRON.splitlines()
    first, last = lines.index(r"  - s = w + W x"), lines.index(r"  - R = -\sum_k y_k \log g_k")
    turned = [*lines[:first], *lines[first : last + 1][::-1], *lines[last + 1 :]]
    written(here, "\n".join(turned) + "\n")
    status, out, err = derive("show", "note.md")
    assert (status, err) == (0, "")
    assert "∂R/∂t_i" in out


def test_facts_and_sets_of_a_note_are_the_layers(derive, here):
    written(here, PERCEPTRON)
    assert json.loads(derive("show", "note.md", "--format", "json")[1])["facts"] == [
        r"\sum_k y_k = 1"
    ]


def test_a_note_about_a_shipped_layer_is_that_layer(derive, here):
    written(here, "---\nderive: 1\nlayer: quantizer\n---\n")
    assert derive("show", "note.md") == derive("show", "quantizer")


def test_a_latex_note_is_a_layer_too(derive, here):
    header = "".join(f"% {line}\n" for line in QUANTIZER.splitlines())
    written(here, header, "steps.tex")
    assert derive("show", "steps.tex")[1].startswith("steps  Soft-to-hard quantization\n")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("# Words\n", "1:1", "the note has no header"),
        (
            "---\nderive: 1\ndims: {N: n}\nsymbols:\n  x: {shape: [N], role: input}\n---\n",
            "2:1",
            "defines nothing, so there is no layer in it",
        ),
        (
            "---\nderive: 1\nsymbols:\n  x: {shape: [], role: input}\ndefine:\n"
            "  - f(u) = u^2\n---\n",
            "5:1",
            "defines functions only",
        ),
        (
            "---\nderive: 1\ndims: {N: n}\nsymbols:\n  x: {shape: [N], role: input}\n"
            "  '\\mu': {shape: []}\n  f: {shape: []}\ndefine:\n  - f = \\mu \\sum_i x_i\n---\n",
            "9:9",
            "nothing says what mu is",
        ),
        (
            "---\nderive: 1\ndims: {N: n}\nsymbols:\n  A: {shape: [N, N], role: param}\n"
            "  x: {shape: [N], role: input}\n  f: {shape: [N]}\ndefine:\n"
            "  - f = A^{-1} x\n---\n",
            "9:5",
            "the inverse A^{-1} is only understood in claims",
        ),
        (
            "---\nderive: 1\nsymbols:\n  x: {shape: [], role: input}\n  f: {shape: []}\n"
            "  g: {shape: []}\ndefine:\n  - f = x g\n  - g = x f\n---\n",
            "8:5",
            "definitions need one another in a circle: ",
        ),
    ],
)
@pytest.mark.parametrize("command", ["show", "generate"])
def test_a_note_without_a_layer_says_so_at_its_line(derive, here, command, text, place, message):
    written(here, text)
    status, _, err = derive(command, "note.md")
    assert status == 2
    assert err.startswith(f"error: note.md:{place}: ")
    assert message in err
    assert err.count("note.md") == 1
    assert not (here / "generated").exists()


def test_a_missing_note_is_one_message(derive):
    assert derive("show", "missing.md") == (
        2, "", "error: missing.md cannot be read: No such file or directory\n",
    )  # fmt: skip


def test_greek_letters_keep_their_signs_however_they_are_typed(derive, here):
    written(
        here,
        "---\nderive: 1\ndims: {N: samples, D: inputs}\nsymbols:\n"
        "  X: {shape: [N, D], role: input}\n  Θ: {shape: [D], role: param}\n"
        "  λ: {shape: [], role: constant}\n  q: {shape: [N], role: label}\n"
        "  \\epsilon: {shape: [], role: constant}\n  ε: {shape: [], role: constant}\n"
        "  \\ell: {shape: [N]}\n"
        "define:\n  - \\ell = λ X Θ + \\epsilon ε q\n---\n",
        "note.md",
    )
    status, output, _ = derive("show", "note.md")
    assert status == 0
    assert "ℓ_i = ϵ ε q_i + Σ_j λ X_{ij} Θ_j" in output
    names = [line.split()[0] for line in output.split("Tensors\n")[1].splitlines()[:7]]
    assert names == ["X", "Theta", "lambda", "q", "epsilon", "varepsilon", "ell"]
    status, output, _ = derive("explain", "note.md", "--to", "latex")
    assert status == 0
    assert r"\ell = \lambda X \Theta + \epsilon \varepsilon q" in output


SCRIPTS = r"""---
derive: 1
dims: {D: d, H: h}
symbols:
  x': {shape: [D], role: input}
  W^{(1)}: {shape: [H, D], role: param}
  \sigma^2: {shape: [], role: param}
  \mu_0: {shape: [H], role: param}
  z: {shape: [H]}
  J: {shape: []}
define:
  - z = W^{(1)} x' - \mu_0
  - J = \|z\|^2 / (2 \sigma^2) + (\sigma^2)^2
---
"""


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (
            ("show",),
            [
                "z_i = Σ_j W⁽¹⁾_{ij} x′_j − μ_{0,i}",
                "J   = (σ²)² + (1/(2 σ²)) Σ_i z_i²",
                "∂J/∂x′_i      = Σ_l ∂J/∂z_l W⁽¹⁾_{li}",
            ],
        ),
        (
            ("show", "--form", "matrix"),
            ["z = W⁽¹⁾ x′ − μ_0", "dx′   = (W⁽¹⁾)ᵀ dz", "dW⁽¹⁾ = dz x′ᵀ", "dx′ is ∂J/∂x′"],
        ),
        (
            ("show", "--form", "matrix", "--latex"),
            [
                r"z &= W^{(1)} x' - \mu_0",
                r"dx' &= \left(W^{(1)}\right)^{\top}\, dz",
                r"d\sigma^2 &= 2 \sigma^2 - \frac{z^{\top} z}{2 (\sigma^2)^2}",
            ],
        ),
        (("show", "--latex"), [r"z_i &= \sum_{j=1}^{D} W^{(1)}_{ij} x'_j - \mu_{0,i}"]),
        (
            ("explain",),
            [
                "z_i = Σ_j W⁽¹⁾_{ij} x′_j − μ_{0,i}   z = W⁽¹⁾ x′ − μ_0",
                "W⁽¹⁾ appears transposed: (W⁽¹⁾)ᵀ dz",
                "dx′ is short for ∂J/∂x′",
                "\n  σ²       parameter",
            ],
        ),
        (
            ("explain", "--to", "html"),
            [
                "<msup><mi>σ</mi><mrow><mtext>2</mtext></mrow></msup>",
                "<msubsup><mi>W</mi><mrow><mrow><mi>i</mi></mrow><mrow><mi>j</mi></mrow></mrow>"
                "<mrow><mtext>(1)</mtext></mrow></msubsup>",
            ],
        ),
        (("explain", "--to", "json"), ['"text": "z = W⁽¹⁾ x′ − μ_0"', '"wrt": "sigma2"']),
    ],
)
def test_names_are_printed_as_the_note_writes_them(derive, here, options, lines):
    written(here, SCRIPTS)
    command, *more = options
    status, out, err = derive(command, "note.md", *more)
    assert (status, err) == (0, "")
    assert [line for line in lines if line not in out] == []
    assert not any(name in out for name in ("σ2", r"\sigma_2", "W1_", "W_1", r"\mathrm{prime}"))


def test_a_note_with_a_function_that_may_be_any_is_shown_and_checked(derive, here):
    written(
        here,
        "---\nderive: 1\ndims: {n: size}\nsymbols:\n  '\\phi': {role: function}\n"
        "  x: {shape: [n], role: input}\n  y: {shape: [n]}\n  L: {shape: [], role: loss, of: y}\n"
        "define:\n  - y = \\phi(2 x)\n---\n\n"
        "$$\\frac{\\partial y_i}{\\partial x_i} = \\phi'(2 x_i)$$\n",
        "note.md",
    )
    status, output, _ = derive("show", "note.md")
    assert status == 0
    assert "∂L/∂x_i = 2 ∂L/∂y_i ϕ′(2 x_i)" in output
    status, output, _ = derive("check", "note.md", "--effort", "0")
    assert status == 1
    assert "derived: ∂y_i/∂x_i = 2ϕ′(2x_i)" in output
    status, _, complaint = derive("generate", "note.md", "--out", "out")
    assert status == 2
    assert r"\phi is any function: there is no code that computes it" in complaint


LARGE = r"""---
derive: 1
symbols:
  x: {shape: [784], role: input}
  w: {shape: [784], role: param}
  y: {shape: []}
define:
  - y = w^\top x
---
"""


@pytest.mark.parametrize(("what", "good"), [((), "verified"), (("--accuracy",), "met")])
def test_code_of_large_sizes_is_verified_at_small_ones_and_the_report_says_so(
    derive, here, what, good
):
    command = (
        "verify",
        written(here, LARGE, "large.md"),
        "--target",
        "numpy",
        "--out",
        "new",
        *what,
    )
    status, out, _ = derive(*command)
    assert (status, good in out) == (0, True)
    assert "large: small sizes stood in for its large ones" in out
    (report,) = json.loads(derive(*command, "--format", "json")[1])
    assert (report["layer"], report["verdict"], report["small_sizes"]) == ("large", good, True)


def test_what_is_made_of_a_loss_that_may_be_any_is_in_no_layer(derive, here):
    written(
        here,
        "---\nderive: 1\nsymbols:\n  x: {shape: [], role: input}\n  s: {shape: []}\n"
        "  E: {shape: [], role: loss, of: s}\n  J: {shape: []}\n"
        "define:\n  - s = 2 x\n  - J = E + x\n---\n",
        "note.md",
    )
    status, _, complaint = derive("show", "note.md")
    assert status == 2
    assert "J is made of a loss that may be any function: it is in no layer" in complaint


DESCRIBED = r"""---
derive: 1
dims: {n: entries}
symbols:
  x: {shape: [n], role: input, doc: features}
  h: {shape: [n], doc: hidden values}
  L: {shape: [], role: loss, doc: squared error}
define:
  - h = \tanh(x)
  - L = h^\top h
---
"""


def test_what_a_note_says_of_computed_symbols_is_shown_explained_and_in_docstrings(
    derive, tmp_path
):
    note = written(tmp_path, DESCRIBED, "described.md")
    shown, explained = derive("show", note)[1], derive("explain", note)[1]
    assert re.search(r"^  L +output +squared error$", shown, re.MULTILINE)
    assert re.search(r"^  h +intermediate +\(n\) +hidden values$", explained, re.MULTILINE)
    assert derive("generate", note, "--out", str(tmp_path / "made"))[0] == 0
    for target in ("numpy", "c"):
        text = (tmp_path / "made" / target / "described.py").read_text(encoding="utf-8")
        words = " ".join(text[text.index("def forward(") : text.index("def backward(")].split())
        assert words.count("(*batch,) squared error L = ") == 1
