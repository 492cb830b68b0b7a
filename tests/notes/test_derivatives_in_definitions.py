r"""A definition may be a derivative of what was defined before it."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {K: classes}
symbols:
  \theta: {shape: [K], role: param}
  A: {shape: []}
  g: {shape: [K]}
  H: {shape: [K, K]}
  F: {shape: [K, K]}
define:
  - A = \log \sum_i e^{\theta_i}
  - g = \nabla_\theta A
  - H = \nabla^2_\theta A
  - F_{ij} = \sum_k g_k \frac{\partial \log g_k}{\partial \theta_i} \frac{\partial \log g_k}{\partial \theta_j}
---
"""  # noqa: E501


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"g = \mathrm{softmax}(\theta)", "proved"),
        (r"H = \operatorname{diag}(g) - g g^\top", "proved"),
        (r"H = \operatorname{diag}(g) + g g^\top", "wrong"),
        (r"F = H", "proved"),
        (r"F = 2 H", "wrong"),
    ],
)
def test_claims_about_it_are_judged(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert found.verdict == verdict


def test_that_of_an_unspecified_loss_is_refused_where_it_stands() -> None:
    header = r"""---
derive: 1
dims: {n: width}
symbols:
  z: {shape: [n], role: input}
  y: {shape: [n]}
  e: {shape: [n]}
  L: {shape: [], role: loss, of: y}
define: ['y = \tanh(z)', 'e = \frac{\partial L}{\partial z}']
---
"""
    with pytest.raises(DeriveError, match="the derivative of an unspecified loss") as caught:
        check(read(f"{header}$$e = 0$$", "n.md"))
    assert caught.value.span is not None
    assert caught.value.span.line == 9
