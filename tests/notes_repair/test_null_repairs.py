r"""Repairs under conditions, of a number that should be a symbol, and none that says nothing."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: s}
symbols:
  z: {shape: [n], role: input}
  p: {shape: [n]}
  u: {shape: [n], role: constant}
  A: {shape: [n, n], role: constant}
define:
  - 'p = \mathrm{softmax}(z)'
---
"""
D = r"\frac{\partial p_i}{\partial z_j}"


def repairs(claim: str) -> list[str]:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert verdict.verdict == "wrong"
    return [repair.latex.split(" = ", 1)[1] for repair in verdict.repairs]


@pytest.mark.parametrize(
    ("claim", "repaired"),
    [
        (rf"{D} = p_ip_j \quad i\ne j", r"-p_ip_j \quad i\ne j"),
        (rf"{D} = -p_i(1 - p_j) \quad \text{{if }} i = j", r"p_i(1 - p_j) \quad \text{if } i = j"),
        (rf"{D} = p_i(1 - p_j)", r"p_i(\delta_{ij} - p_j)"),
        (r"\frac{\partial u_i}{\partial z_j} = 2p_i", "0"),
        (r"\frac{\partial u}{\partial z} = 2A", "0"),
        (r"\sum_i \frac{\partial p_i}{\partial z_j} = 2p_j", "0"),
    ],
)
def test_the_first_repair_is_what_was_meant(claim: str, repaired: str) -> None:
    assert repairs(claim)[0] == repaired


@pytest.mark.parametrize(
    "claim",
    [
        r"A\operatorname{diag}(u) = \operatorname{diag}(u)A",
        r"\operatorname{diag}(u)A = A\operatorname{diag}(u)",
        r"Au = A^\top u",
    ],
)
def test_no_repair_says_that_something_times_an_identity_is_itself(claim: str) -> None:
    assert repairs(claim) == []


def test_no_repair_of_cases_leaves_a_row_that_is_never_chosen() -> None:
    header = HEADER.replace("  p: {shape: [n]}", "  p: {shape: [n]}\n  s: {shape: []}")
    header = header.replace("define:", "define:\n  - s = \\sum_i \\max(0, z_i)")
    rows = r"\begin{cases} 1 & z_i > 0 \\ %s & z_i < 0 \end{cases}"
    claim = rf"\frac{{\partial s}}{{\partial z_i}} = {rows % 5}"
    (verdict,) = check(read(f"{header}$${claim}$$", "n.md")).verdicts
    assert [repair.latex.split(" = ", 1)[1] for repair in verdict.repairs] == [rows % 0]
