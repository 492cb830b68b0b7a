"""Repairs of entries at written places, of derivatives by expressions, and what is no repair."""

from dataclasses import replace

import pytest

from derive.notes.check import Checker
from derive.notes.document import read
from derive.notes.source import formula
from tests.notes_repair.test_repair import MATRICES, first_repair, verdict

NUMBERED = r"""---
derive: 1
symbols:
  x: {shape: [2], role: input}
  W: {shape: [2, 2], role: param}
  w: {shape: [2], role: param}
  y: {shape: [2], role: label}
  s: {shape: [2]}
  z: {shape: [2]}
  J: {shape: []}
  '\delta_s': {shape: [2]}
define:
  - s = w + W x
  - z = \tanh(s)
  - J = \frac{1}{2} \|z - y\|^2
rename: {w: W}
---
$$\delta_s = \frac{\partial J}{\partial s}$$
"""
SHAPED = r"\begin{pmatrix} s_1 \\ s_2 \end{pmatrix} = \begin{pmatrix} w_1 \\ w_2 \end{pmatrix} + "


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param(
            r"s_2 = w_2 + w_{21} x_1 + x_2",
            r"s_2 = w_2 + w_{21} x_1 + x_2 w_{22}",
            id="an entry at a written place is missing",
        ),
        pytest.param(
            r"s_1 = w_1 + w_{1} x_1 + w_{12} x_2",
            r"s_1 = w_1 + w_{11} x_1 + w_{12} x_2",
            id="a number of an entry is missing",
        ),
        pytest.param(
            r"\delta_s = \begin{pmatrix} \delta_{s1} \\ \delta_{s2}^2 \end{pmatrix}",
            r"\delta_s = \begin{pmatrix} \delta_{s1} \\ \delta_{s2} \end{pmatrix}",
            id="an exponent in a list of the symbol's own entries",
        ),
        pytest.param(
            SHAPED + r"\begin{pmatrix} w_{11} & w_{12} \\ w_{21} & w_{22} \end{pmatrix}",
            SHAPED + r"\begin{pmatrix} w_{11} & w_{12} \\ w_{21} & w_{22} \end{pmatrix} x",
            id="a whole vector beside a matrix that is written out",
        ),
        pytest.param(
            SHAPED.replace("w_1", "x") + "W x",
            SHAPED + "W x",
            id="a vector where one of its entries should be",
        ),
    ],
)
def test_entries_at_written_places_are_repaired(wrong: str, right: str) -> None:
    assert first_repair(NUMBERED, wrong) == right


def test_a_derivative_by_an_expression_that_does_not_occur_is_repaired() -> None:
    right = (
        r"\frac{\partial s}{\partial x} = \frac{\partial (V \tanh(W x))}{\partial \tanh(W x)} "
        r"\frac{\partial \tanh(W x)}{\partial x}"
    )
    wrong = right.replace(r"}{\partial \tanh(W x)", r"}{\partial \tanh(W h)")
    found = verdict(MATRICES, wrong)
    assert found.verdict == "ill-formed"
    assert found.repairs[0].latex.strip() == right


def test_no_repair_adds_all_that_there_should_be() -> None:
    for repair in verdict(NUMBERED, r"\frac{\partial J}{\partial s} = 0").repairs:
        assert r"+ \delta_s" not in repair.latex


def test_a_variant_is_read_as_its_note_taught() -> None:
    checker = Checker(read(f"{MATRICES}\n$$z = 2 W x$$\n", "note.md"), 0.0)
    assert not checker.check(checker.note).verdicts[0].fine
    link = r"\frac{\partial h}{\partial z} \frac{\partial (2 W x)}{\partial x}"
    latex = rf"\frac{{\partial h}}{{\partial x}} = {link}"
    variant = replace(checker.note, formulas=(formula(latex),))
    assert checker.check(variant).verdicts[0].fine
    assert checker.check(variant).verdicts[0].fine
