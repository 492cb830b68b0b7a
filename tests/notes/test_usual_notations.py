r"""Notations that are usual, and what they might be taken for instead."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

WINDOW = r"""---
derive: 1
index_base: 1
dims: {n: length, k: width}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [k], role: param}
  y: {shape: [n-k+1]}
  L: {shape: [], role: loss, of: y}
define:
  - y_t = \sum_{j=1}^k w_j x_{t+j-1}
---
"""
MATRIX = r"""---
derive: 1
dims: {n: rows, d: columns}
symbols:
  A: {shape: [n, d], role: param}
  h: {shape: [d], role: input}
  z: {shape: [n]}
  L: {shape: [], role: loss, of: z}
define:
  - z = A h
---
"""
MARGINS = r"""---
derive: 1
dims: {n: samples, d: features}
symbols:
  X: {shape: [n, d], role: input}
  w: {shape: [d], role: param}
  y: {shape: [n], role: label}
  s: {shape: [d], role: param}
  x: {shape: [d], role: input}
  m: {shape: [n]}
  L: {shape: []}
  H: {shape: []}
  Q: {shape: []}
define:
  - m = y \odot (Xw)
  - L = \sum_i [1-m_i]_+
  - H = \frac12\sum_i (1-m_i)_+^2
  - Q = \frac12 x^\top \operatorname{diag}(s)^{-2} x
assume:
  - s_j > 0
---
"""


def judged(header: str, claim: str) -> Verdict:
    (verdict,) = check(read(f"{header}$${claim}$$", "n.md")).verdicts
    return verdict


def test_a_sum_that_counts_from_0_is_none_over_an_axis_that_counts_from_1() -> None:
    of = r"\frac{\partial L}{\partial w_j} ="
    claim = of + r" \sum_{t=%s}^{%s} \frac{\partial L}{\partial y_t} x_{t+j-1}"
    assert judged(WINDOW, claim % ("1", "n-k+1")).verdict == "proved"
    assert judged(WINDOW, claim % ("0", "n-k")).verdict == "ill-formed"
    # What an index counts from is a mere name where it stands alone.
    of = r"\frac{\partial L}{\partial y_i} ="
    alone = of + r" \sum_{t=0}^{n-k} \frac{\partial L}{\partial y_t} \delta_{ti}"
    assert judged(WINDOW, alone).verdict == "proved"


def test_the_norm_2_of_a_matrix_is_said_to_be_read_as_that_of_frobenius() -> None:
    two, frobenius = (rf"\frac{{\partial \|A\|_{kind}^2}}{{\partial A}} = 2 A" for kind in "2F")
    assert "Frobenius" in " ".join(judged(MATRIX, two).readings)
    assert not judged(MATRIX, frobenius).readings


def test_a_size_called_d_is_no_factor_of_differentials() -> None:
    assert judged(MATRIX, r"dz = dA\,h + A\,dh").verdict == "proved"
    assert judged(MATRIX, r"dz = dA\,h + 2 A\,dh").verdict == "wrong"
    assert (
        judged(MATRIX, r"\sum_{j=1}^d h_j = d \cdot \frac1d \sum_{j=1}^d h_j").verdict == "proved"
    )


def test_a_symbol_in_brackets_has_its_indices() -> None:
    claim = r"\frac{\partial L}{\partial (A)_{ij}} = \frac{\partial L}{\partial z_i} h_j"
    assert judged(MATRIX, claim).verdict == "proved"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"L = \mathbf 1^\top \max(0, 1-m)", "proved"),
        (r"L = \mathbf 1^\top [1-m]_+", "proved"),
        (r"\frac{\partial L}{\partial w} = -\sum_i [m_i < 1] y_i X_i", "proved"),
        (r"\frac{\partial H}{\partial w} = -\sum_i (1-m_i)_+ y_i X_i", "proved"),
        (r"\frac{\partial H}{\partial w} = -\sum_i (1-m_i) y_i X_i", "wrong"),
        (r"\frac{\partial H}{\partial w} = \sum_i [1-m_i]_+ y_i X_i", "wrong"),
    ],
)
def test_brackets_with_a_plus_below_are_a_positive_part(claim: str, verdict: str) -> None:
    assert judged(MARGINS, claim).verdict == verdict


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial Q}{\partial x} = \operatorname{diag}(s)^{-2} x", "proved"),
        (r"\frac{\partial Q}{\partial x_j} = \frac{x_j}{s_j^2}", "proved"),
        (r"\mathrm{diag}(s)^{1/2} \mathrm{diag}(s)^{1/2} = \mathrm{diag}(s)", "proved"),
        (r"\operatorname{diag}(s)^{-1} \operatorname{diag}(s) = I", "proved"),
        (r"\operatorname{diag}(s)^\top = \operatorname{diag}(s)", "proved"),
        (r"\frac{\partial Q}{\partial x} = \operatorname{diag}(s)^{-1} x", "wrong"),
        (r"\operatorname{diag}(s)^2 = \operatorname{diag}(s)", "wrong"),
    ],
)
def test_a_power_of_a_diagonal_matrix_is_that_of_its_diagonal(claim: str, verdict: str) -> None:
    assert judged(MARGINS, claim).verdict == verdict
