r"""Which signs between quantities divide, which multiply, and which are not read."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

QUOTIENT = r"""---
derive: 1
dims: {D: entries}
symbols:
  u: {shape: [D], role: input}
  v: {shape: [D], role: input}
  f: {shape: []}
  g: {shape: []}
define:
  - f = \frac12 \sum_i u_i^2 v_i
  - g = \sum_i u_i / v_i
---
"""


def judged(header: str, claim: str) -> Verdict:
    (verdict,) = check(read(f"{header}$${claim}$$", "n.md")).verdicts
    return verdict


@pytest.mark.parametrize("sign", [r"\oslash", r"\div", "/", "⊘"])
def test_these_signs_divide_entry_by_entry(sign: str) -> None:
    assert (
        judged(QUOTIENT, rf"\frac{{\partial g}}{{\partial v}} = -u {sign} v^2").verdict == "proved"
    )
    assert (
        judged(QUOTIENT, rf"\frac{{\partial g}}{{\partial u}} = \mathbf 1 {sign} v").verdict
        == "proved"
    )
    assert judged(QUOTIENT, rf"\frac{{\partial f}}{{\partial u}} = u {sign} v").verdict == "wrong"


@pytest.mark.parametrize("sign", [r"\odot", r"\circ", "*", r"\cdot", r"\times"])
def test_these_signs_multiply(sign: str) -> None:
    assert judged(QUOTIENT, rf"\frac{{\partial f}}{{\partial u}} = u {sign} v").verdict == "proved"


@pytest.mark.parametrize(
    "sign", [r"\oplus", r"\ominus", r"\setminus", r"\boxplus", r"\cup", r"\star", r"\bullet"]
)
def test_a_sign_of_many_meanings_is_not_read_as_a_product(sign: str) -> None:
    claim = rf"\frac{{\partial f}}{{\partial u}} = u {sign} v"
    verdict = judged(QUOTIENT, claim)
    assert verdict.verdict == "unreadable"
    assert sign in verdict.problems[0].message
    assert verdict.formula.latex[verdict.problems[0].start : verdict.problems[0].end] == sign
