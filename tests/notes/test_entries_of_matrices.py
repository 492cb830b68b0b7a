r"""Entries of transposed and inverted matrices without brackets: ``K^{-1}_{ij}``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: rows, m: others}
symbols:
  X: {shape: [n, n], role: param}
  W: {shape: [m, n], role: param}
  x: {shape: [n], role: input}
  f: {shape: []}
define:
  - f = x^\top X^{-1} x
---
"""


def judged(claim: str) -> Verdict:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md"), 0.0).verdicts
    return verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial X^{-1}_{ij}}{\partial X_{kl}} = -X^{-1}_{ik} X^{-1}_{lj}",
        r"X^{-1}_{ij} = (X^{-1})_{ij}",
        r"X^{-\top}_{ij} = X^{-1}_{ji}",
        r"f = \sum_{i,j} x_i X^{-1}_{ij} x_j",
        r"\sum_i X^{-1}_{ii} = \operatorname{tr}(X^{-1})",
        r"X^\top_{ij} = X_{ji}",
        r"W_{ij}^\top = W_{ji}",
        r"\frac{\partial X_{kl}}{\partial X^\top_{ij}} = \delta_{kj} \delta_{li}",
    ],
)
def test_indices_below_a_matrix_are_of_what_stands_above_makes_of_it(claim: str) -> None:
    verdict = judged(claim)
    assert verdict.verdict == "proved"
    assert not verdict.readings


@pytest.mark.parametrize("claim", [r"X^{-1}_{ij} = 1 / X_{ij}", r"X^\top_{ij} = X_{ij}"])
def test_they_are_not_those_of_the_entry(claim: str) -> None:
    assert judged(claim).verdict == "wrong"


def test_indices_first_are_of_an_entry_or_of_the_inverse() -> None:
    assert judged(r"X_{ij}^{-1} = 1 / X_{ij}").verdict == "proved"
    claim = r"\frac{\partial X_{ij}^{-1}}{\partial X_{kl}} = -X_{ik}^{-1} X_{lj}^{-1}"
    verdict = judged(claim)
    assert verdict.verdict == "proved"
    assert "inverse" in " ".join(verdict.readings)


def test_other_powers_are_those_of_the_entry() -> None:
    assert judged(r"\sum_{i,j} X^2_{ij} = \|X\|^2").verdict == "proved"
    assert judged(r"W^{-1}_{ij} = 1 / W_{ij}").verdict == "proved"


def test_an_index_that_stands_twice_is_on_the_diagonal_of_an_expression() -> None:
    assert judged(r"(X X)_{ii} = \sum_k X_{ik} X_{ki}").verdict == "proved"
    assert judged(r"\sum_i (X W^\top W)_{ii} = \operatorname{tr}(X W^\top W)").verdict == "proved"
    assert judged(r"(X X)_{ii} = \sum_k X_{ik} X_{ik}").verdict == "wrong"
