r"""Expectations over a vector of probabilities, and others, which are not read."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {A: actions}
symbols:
  '\theta': {shape: [A], role: param}
  q: {shape: [A], role: constant}
  '\pi': {shape: [A]}
  '\eta': {shape: []}
  a: {shape: [], role: index}
define:
  - '\pi_j = \frac{\exp\theta_j}{\sum_k\exp\theta_k}'
  - '\eta = \sum_j \pi_j q_j'
---

"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\mathbb E_{a\sim\pi}[\nabla_\theta\log\pi_a] = 0", "proved"),
        (r"\eta = \mathbb E_{a\sim\pi}[q_a]", "proved"),
        (r"\eta = \mathbb E_{b\sim\pi}[q_b]", "proved"),
        (r"\eta = \mathbb E_{b\sim\pi}[q_b^2]", "wrong"),
        (r"\eta^2 = \mathbb E_{a\sim\pi}[q_a]^2", "proved"),
        (
            r"\nabla_\theta\eta = \mathbb E_{a\sim\pi}\left[q_a\nabla_\theta\log\pi_a\right]",
            "proved",
        ),
        (
            r"\frac{\partial\eta}{\partial\theta_j} = \pi_j(q_j - \mathbb E_{k\sim\pi}[q_k])",
            "proved",
        ),
        (r"\eta = \mathbb E[q]", "unreadable"),
        (r"\eta = \mathbb E_\pi[q]", "unreadable"),
    ],
)
def test_an_expectation_over_a_vector_is_a_sum(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{HEADER}$${claim}$$", "note.md"), 0.0).verdicts
    assert found.verdict == verdict
    if verdict == "unreadable":
        assert "as a sum" in found.problems[0].message
