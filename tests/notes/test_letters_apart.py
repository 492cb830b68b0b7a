r"""Letters of sums: one for two axes, and one whose size only what stands around it tells."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.patch import patched

TWO = r"""---
derive: 1
dims: {N: a, M: b}
symbols:
  x: {shape: [N], role: input}
  w: {shape: [M], role: input}
  A: {shape: [N, M], role: param}
  s: {shape: []}
define:
  - s = (\sum_{i=1}^N x_i^2) (\sum_{j=1}^M w_j^2)
---
"""
WINDOW = r"""---
derive: 1
index_base: 0
dims: {T: a, K: b}
symbols:
  x: {shape: [T+K-1], role: input}
  w: {shape: [K], role: param}
  y: {shape: [T]}
  L: {shape: [], role: loss, of: y}
define:
  - y_t = \sum_{k=0}^{K-1} w_k x_{t+k}
---
"""


@pytest.mark.parametrize(
    ("header", "claim", "verdict"),
    [
        (TWO, r"s = (\sum_{l=1}^N x_l^2) (\sum_{l=1}^M w_l^2)", "proved"),
        (TWO, r"s = \sum_{l=1}^N x_l^2 \sum_{l=1}^M w_l^2", "proved"),
        (
            TWO,
            r"\sum_{l=1}^N x_l + \sum_{l=1}^M w_l = \sum_{l=1}^M w_l + \sum_{m=1}^N x_m",
            "proved",
        ),
        (TWO, r"\sum_{l=1}^N \sum_{k=1}^M A_{lk} = \sum_{l=1}^M \sum_{k=1}^N A_{kl}", "proved"),
        (TWO, r"s = (\sum_{l=1}^N x_l^2) (\sum_{l=1}^M w_l)^2", "wrong"),
        (TWO, r"s = (\sum_{l=1}^N x_l^2) (\sum_{l=1}^N w_l^2)", "ill-formed"),
        (
            TWO,
            r"\frac{\partial s}{\partial s} = 1 = \frac1N \sum_{l=1}^N \sum_{k=1}^N \delta_{lk}",
            "proved",
        ),
        (
            WINDOW,
            r"\frac{\partial L}{\partial w_i} = \sum_{l=0}^{T-1} \frac{\partial L}{\partial y_l}"
            r" \frac{\partial}{\partial w_i} \left(\sum_{n=0}^{K-1} w_n x_{l+n}\right)",
            "proved",
        ),
        (
            WINDOW,
            r"\frac{\partial}{\partial w_i} \left(\sum_{n=0}^{K-1} w_n x_{l+n}\right) = x_{l+i}",
            "ill-formed",
        ),
    ],
)
def test_a_claim_of_several_sums(header: str, claim: str, verdict: str) -> None:
    found = [v.verdict for v in check(read(f"{header}$${claim}$$", "n.md")).verdicts]
    assert next((word for word in found if word != "proved"), "proved") == verdict


def test_a_sum_over_a_delta_alone_has_the_size_of_its_limits() -> None:
    one = r"\frac{\partial s}{\partial x_i}"
    claim = rf"{one} = {one} \sum_{{l=1}}^N \delta_{{li}}"
    assert [v.verdict for v in check(read(f"{TWO}$${claim}$$", "n.md")).verdicts] == ["proved"]


def test_a_repair_has_the_letters_of_the_note() -> None:
    claim = r"s = (\sum_{l=1}^N x_l^2) (\sum_{l=1}^M w_k^2)"
    text = patched(check(read(f"{TWO}$${claim}$$", "n.md"))).text
    assert text.isascii()
    assert [v.verdict for v in check(read(text, "n.md")).verdicts] == ["proved"]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\sum_{l=1}^{N-1} x_{l+1} + x_1 = \sum_l x_l", "agrees"),
        (r"\sum_l x_l = x_1 + \sum_{l=1}^{N-1} x_{l+1}", "agrees"),
        (r"\sum_{l=1}^{N-1} x_{l+1} = \sum_l x_l", "wrong"),
        (r"\frac{\partial s}{\partial x_l} = \sum_{l=1}^{N-1} x_{l+1}", "wrong"),
    ],
)
def test_a_sum_over_shifted_places_makes_no_other_shorter(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{TWO}$${claim}$$", "n.md")).verdicts
    assert found.verdict == verdict
    assert all(repair.latex.isascii() for repair in found.repairs)


def test_a_message_has_the_letters_of_the_note() -> None:
    claim = r"s = \sum_{j=1}^M \sum_{i=1}^N A_{ij} (\sum_{i=1}^M A_{ij} w_i)"
    (verdict,) = check(read(f"{TWO}$${claim}$$", "n.md")).verdicts
    assert verdict.verdict == "ill-formed"
    (problem,) = verdict.problems
    assert "index i " in problem.message
    assert all(c.isprintable() for c in problem.message + problem.expected)
