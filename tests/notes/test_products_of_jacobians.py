"""A product of Jacobians is the matrix product of the Jacobians in the note's layout."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

NOTE = r"""---
derive: 1
dims: {D: inputs, H: units, K: outputs}
symbols:
  x: {shape: [D], role: input}
  W: {shape: [H, D], role: param}
  V: {shape: [K, H], role: param}
  h: {shape: [H]}
  o: {shape: [K]}
  L: {shape: [], role: loss, of: o}
define:
  - h = W x
  - o = V h
layout: LAYOUT
---
"""
SQUARE = (
    NOTE.replace("{D: inputs, H: units, K: outputs}", "{H: units}")
    .replace("[D]", "[H]").replace("[K]", "[H]").replace("[H, D]", "[H, H]")
    .replace("[K, H]", "[H, H]")
)  # fmt: skip
LOOSE = "correct-up-to-layout"
OUTER = r"\frac{\partial o}{\partial h}"
INNER = r"\frac{\partial h}{\partial x}"
WHOLE = r"\frac{\partial o}{\partial x}"
GIVEN = r"\frac{\partial L}{\partial o}"


def verdict(claim: str, layout: str, note: str = NOTE) -> Verdict:
    text = f"{note.replace('LAYOUT', layout)}\n$${claim}$$\n"
    (found,) = check(read(text, "note.md"), 1.0).verdicts
    return found


@pytest.mark.parametrize(
    ("claim", "numerator", "denominator"),
    [
        (f"{OUTER} {INNER} = V W", "proved", LOOSE),
        (rf"{OUTER} {INNER} = V^\top W^\top", LOOSE, "proved"),
        (rf"{OUTER} {INNER} = W^\top V^\top", LOOSE, "wrong"),
        (f"{WHOLE} = {OUTER} {INNER}", "proved", LOOSE),
        (f"{WHOLE} = {INNER} {OUTER}", LOOSE, "proved"),
        (rf"{WHOLE} = {OUTER} W^\top", "wrong", "wrong"),
    ],
)
def test_jacobians_that_are_square_are_multiplied_as_they_stand(
    claim: str, numerator: str, denominator: str
) -> None:
    assert verdict(claim, "numerator", SQUARE).verdict == numerator
    assert verdict(claim, "denominator", SQUARE).verdict == denominator


@pytest.mark.parametrize("note", [NOTE, SQUARE])
@pytest.mark.parametrize(
    "claim",
    [
        rf"\frac{{\partial L}}{{\partial x}} = {INNER} {OUTER} {GIVEN}",
        rf"\frac{{\partial L}}{{\partial h}} = {OUTER} {GIVEN}",
        rf"{WHOLE} = {INNER} {OUTER}",
    ],
)
def test_the_chain_rule_of_denominator_layout_is_true_in_any(claim: str, note: str) -> None:
    assert verdict(claim, "denominator", note).verdict == "proved"
    assert verdict(claim, "any", note).verdict == "proved"
    found = verdict(claim, "gradient", note)
    assert found.verdict == LOOSE
    assert "true in denominator layout" in found.problems[0].message
    assert found.repairs
    assert found.repairs[0].proved
    assert verdict(found.repairs[0].latex, "gradient", note).verdict == "proved"


def test_what_would_be_right_in_the_other_layout_is_made_so_by_transposing_each_jacobian() -> None:
    claim = rf"\frac{{\partial L}}{{\partial x}} = {INNER} {OUTER} {GIVEN}"
    (repair,) = verdict(claim, "gradient").repairs
    turned = rf"\left({INNER}\right)^\top \left({OUTER}\right)^\top {GIVEN}"
    assert repair.latex == rf"\frac{{\partial L}}{{\partial x}} = {turned}"


@pytest.mark.parametrize("layout", ["gradient", "numerator", "denominator", "any"])
def test_jacobians_in_an_order_that_no_layout_has_are_not_right(layout: str) -> None:
    claim = rf"\frac{{\partial L}}{{\partial x}} = {OUTER} {INNER} {GIVEN}"
    # In numerator layout the gradients are rows, and no product of these at all.
    square = "ill-formed" if layout == "numerator" else "wrong"
    assert verdict(claim, layout, SQUARE).verdict == square
    assert verdict(claim, layout).verdict == "ill-formed"
