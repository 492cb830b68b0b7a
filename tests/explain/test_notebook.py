"""What notebooks show: formulas of layers, of gradients, of derivations, in each format."""

import subprocess
import sys

import pytest

from derive import Definition
from derive.explain.explanation import explanation
from derive.gradient.derivation import derivations, local_derivation
from derive.gradient.reverse import reverse
from derive.layer.find import load
from derive.layer.shown import Shown

LAYER = load("softmax_mlp_rows")


def test_a_layer_shows_its_definitions():
    latex = LAYER._repr_latex_()
    assert latex.startswith("$$\n\\begin{aligned}\n") and latex.endswith("\n\\end{aligned}\n$$")
    assert r"h_i &= \sigma(r_i) \\" in latex
    assert LAYER._repr_markdown_() == latex


def test_a_gradient_shows_derivatives_of_a_loss():
    latex = reverse(LAYER, ["x"])._repr_latex_()
    right = r"\sum_{l=1}^{H} \frac{\partial J}{\partial r_l} W^{(1)}_{il}"
    assert rf"\frac{{\partial J}}{{\partial x_i}} &= {right}" in latex
    latex = reverse(load("quantizer"), ["a"])._repr_latex_()
    assert (
        r"\frac{\partial L}{\partial a_i} &= \sum_{l=1}^{N} \frac{\partial L}{\partial Z_l}"
        in latex
    )


def test_a_derivation_shows_its_lines_with_their_reasons():
    (found, *_) = derivations(load("quantizer"), ["b"])
    latex = found._repr_latex_()
    assert latex.count(r"&& \text") == len(found.steps)
    assert r"&& \text{chain rule through }Z \\" in latex
    assert "chain rule through $Z$ |" in found._repr_markdown_()


def test_a_local_derivation_begins_with_its_derivative():
    latex = local_derivation(load("quantizer"), "Z", "b")._repr_latex_()
    assert r"\frac{\partial Z_i}{\partial b_j} &= " in latex


def test_a_definition_that_is_being_written_shows_nothing_yet():
    layer = Definition("halfway")
    x = layer.input("x")
    assert layer._repr_latex_() is None and layer._repr_markdown_() is None
    y = layer.output("y")
    y[()] = 2 * x[()]
    assert r"y &= 2 x" in layer._repr_latex_()


def test_a_definition_that_is_being_written_is_named_where_nothing_draws_it():
    assert repr(Definition("halfway", "To be done.")) == "Definition('halfway', 'To be done.')"


def test_an_explanation_shows_its_page():
    found = explanation(load("quantizer"), ["b"])
    text = found._repr_markdown_()
    assert text.startswith("# quantizer") and "chain rule through $Z$ |" in text
    # A notebook takes what it likes best of all that is there.
    assert found._repr_latex_() is None and found._repr_html_() is None


def test_what_is_neither_is_refused_by_its_type():
    class Other(Shown):
        pass

    with pytest.raises(TypeError, match="nothing to show of a Other"):
        Other()._repr_latex_()


def test_a_layer_is_imported_without_what_draws_it():
    program = "import sys, derive.layer.model; print('derive.explain.notebook' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert run.stdout.strip() == b"False"
