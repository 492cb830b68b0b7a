r"""An inner product in the place of an outer one is a slip where the note has columns."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict


def judged(definition: str, claim: str) -> Verdict:
    text = rf"""---
derive: 1
dims: {{n: samples, d: features}}
symbols:
  X: {{shape: [n, d], role: label}}
  m: {{shape: [d], role: param}}
  P: {{shape: [d, d], role: param}}
  Q: {{shape: []}}
define:
  - Q = {definition}
---

$$\frac{{\partial Q}}{{\partial P}} = {claim}$$
"""
    (verdict,) = check(read(text, "n.md")).verdicts
    return verdict


@pytest.mark.parametrize(
    ("definition", "claim", "repair"),
    [
        (r"m^\top P m", r"m^\top m", r"m m^\top"),
        (
            r"\sum_{i=1}^n (X_i - m)^\top P (X_i - m)",
            r"\sum_{i=1}^n (X_i - m)^\top(X_i - m)",
            r"\sum_{i=1}^n (X_i - m) (X_i - m)^\top",
        ),
    ],
)
def test_an_inner_product_of_columns_is_no_matrix(definition: str, claim: str, repair: str) -> None:
    found = judged(definition, claim)
    assert found.verdict == "ill-formed"
    assert found.repairs[0].latex.endswith(repair)
    assert judged(definition, repair).verdict == "proved"


def test_a_note_may_have_rows_where_its_header_does_not_say_otherwise() -> None:
    assert judged(r"\sum_{ij} m_i P_{ij} m_j", r"m^\top m").verdict == "correct-up-to-layout"
