"""Sides without a value are never said to agree: where nothing was compared, nothing is known."""

from __future__ import annotations

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: size}
symbols:
  x: {shape: [n], role: input}
  L: {shape: []}
define:
  - L = \sum_i x_i^2
---
"""
NEITHER = "the two sides have no values at any point that was tried"
THIS = "this side has no value at any point that was tried"


def judged(formula):
    (verdict,) = check(read(f"{HEADER}$${formula}$$\n", "note.md"), 0.1).verdicts
    return verdict


@pytest.mark.parametrize(
    ("formula", "message", "blamed"),
    [
        (r"\log \log 0 = \frac{1}{0}", NEITHER, r"\frac{1}{0}"),
        (r"\frac{1}{0} = \frac{2}{0}", NEITHER, r"\frac{2}{0}"),
        (r"\frac{\partial L}{\partial x_i} = \frac{1}{0}", THIS, r"\frac{1}{0}"),
        (r"\frac{1}{x_i - x_i} = 7", THIS, r"\frac{1}{x_i - x_i}"),
        (r"\frac{\partial L}{\partial x_i} = \sqrt{-1 - x_i^2}", THIS, r"\sqrt{-1 - x_i^2}"),
    ],
)
def test_a_claim_without_values_is_ill_formed(formula, message, blamed):
    verdict = judged(formula)
    (problem,) = verdict.problems
    assert (verdict.verdict, problem.kind, problem.message) == ("ill-formed", "value", message)
    assert verdict.formula.latex[problem.start : problem.end].strip() in blamed


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{\partial L}{\partial x_i} = 2 x_i \frac{\sqrt{-x_i^2}}{\sqrt{-x_i^2}}",
        r"\frac{\partial}{\partial x_j} \log \sum_i (-x_i^2) = \frac{2 x_j}{L}",
    ],
)
def test_what_is_proved_needs_no_values(formula):
    assert judged(formula).verdict == "proved"


def test_to_no_value_nothing_is_repaired():
    assert judged(r"\frac{1}{x_i - x_i} = \frac{2}{x_i - x_i}").repairs == ()
