r"""A ``\mathbf 1`` without a length is as long as what it is added to or multiplied with."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {N: samples, D: features}
symbols:
  X: {shape: [N, D], role: input}
  P: {shape: [N, D], role: input}
  Q: {shape: [N, D], role: input}
  w: {shape: [D], role: param}
  y: {shape: [N], role: label}
  d: {shape: [N], role: input}
  z: {shape: [N-1], role: input}
  b: {shape: [], role: param}
  L: {shape: []}
  r: {shape: [N]}
define:
  - r = Xw + b\mathbf 1 - y
  - L = \frac12\|Xw + b\mathbf 1_N - y\|^2
---
"""


def words(body: str) -> list[str]:
    return [v.verdict for v in check(read(HEADER + body, "n.md"), 0.0).verdicts]


@pytest.mark.parametrize(
    "claim",
    [
        r"\nabla_w L = X^\top(Xw + b\mathbf 1 - y)",
        r"\nabla_w L = X^\top r",
        r"\frac{\partial L}{\partial b} = \mathbf 1^\top(Xw + b\mathbf 1 - y)",
        r"\frac{\partial L}{\partial b} = (Xw + b\mathbf 1 - y)^\top\mathbf 1",
        r"\frac{\partial L}{\partial b} = \langle \mathbf 1, r \rangle",
        r"\frac{\partial \|d - b\mathbf 1\|^2}{\partial d} = 2(d - b\mathbf 1)",
        r"P\odot(Q - d\mathbf 1^\top) = P\odot Q - P\odot(d\mathbf 1^\top)",
        r"P\odot(\mathbf 1 - Q\odot Q) = P - P\odot Q\odot Q",
        r"\operatorname{diag}(d)P = (d\mathbf 1^\top)\odot P",
        r"P\operatorname{diag}(w) = P \odot (\mathbf 1 w^\top)",
        r"\operatorname{tr}(\mathbf 1 d^\top P) = d^\top P\mathbf 1",
        r"P\mathbf 1\mathbf 1^\top = P\mathbf 1_D\mathbf 1_D^\top",
        r"(I - \tfrac1N\mathbf 1\mathbf 1^\top)P = P - \tfrac1N\mathbf 1(\mathbf 1^\top P)",
        r"\mathbf 1 - d\odot d = (\mathbf 1 + d)\odot(\mathbf 1 - d)",
        r"\frac{\mathbf 1}{\mathbf 1 + e^{-d}} = \sigma(d)",
        r"\sum_i z_i = \mathbf 1^\top z",
        r"\|z - \mathbf 1\|^2 = z^\top z - 2 z^\top\mathbf 1 + N - 1",
    ],
)
def test_the_length_follows_from_what_stands_beside(claim: str) -> None:
    assert words(f"$${claim}$$") == ["proved"]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla_w L = X^\top(Xw + b\mathbf 1 + y)", "wrong"),
        (r"\nabla_w L = X^\top(Xw + b\mathbf 1_D - y)", "ill-formed"),
        (r"P\odot(\mathbf 1 - Q) = P + P\odot Q", "wrong"),
        (r"P\operatorname{diag}(w) = P\odot(w\mathbf 1^\top)", "ill-formed"),
    ],
)
def test_what_is_wrong_beside_it_is_told(claim: str, verdict: str) -> None:
    assert words(f"$${claim}$$") == [verdict]


def test_where_nothing_says_the_length_the_report_does():
    (verdict,) = check(read(rf"{HEADER}$$b = \mathbf 1^\top\mathbf 1$$", "n.md"), 0.0).verdicts
    assert verdict.problems[0].message == r"nothing here says how long \mathbf{1} is"
