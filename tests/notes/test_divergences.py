r"""Derivatives of vectors in other signs: ``\nabla_u \cdot s``, and Hessians by rows."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

FIELD = r"""---
derive: 1
dims: {D: dims}
symbols:
  \sigma: {shape: [D], role: param}
  u: {shape: [D], role: input}
  s: {shape: [D]}
  f: {shape: []}
define:
  - s_d = -u_d/\sigma_d^2
  - f = \frac12\|u\|^2
---

"""
ROWS = r"""---
derive: 1
dims: {n: points, p: dim, r: rank}
symbols:
  U: {shape: [n, r], role: param}
  V: {shape: [p, r], role: param}
  M: {shape: [n, p], role: label}
  g: {shape: []}
define:
  - 'g = \frac12\|M - U V^\top\|_F^2 + \frac12\|U\|_F^2'
---

"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla_u\cdot s = -\sum_d\frac{1}{\sigma_d^2}", "proved"),
        (r"\nabla_u\cdot s = \sum_d\frac{1}{\sigma_d^2}", "wrong"),
        (r"2f\nabla_u\cdot s + 1 = 1 - 2f\sum_d\frac{1}{\sigma_d^2}", "proved"),
        (r"\nabla_u\cdot \nabla_u f = D", "proved"),
        (r"\nabla_u\cdot (f s) = f\nabla_u\cdot s + s^\top\nabla_u f", "proved"),
        (r"\nabla_u\cdot f = u", "unreadable"),
    ],
)
def test_nabla_with_a_point_is_the_divergence_of_a_vector(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{FIELD}$${claim}$$", "note.md"), 0.0).verdicts
    assert found.verdict == verdict


HESSIAN = r"\frac{\partial^2 g}{\partial U_i\partial U_i^\top}"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (rf"{HESSIAN} = V^\top V + I", "proved"),
        (rf"{HESSIAN} = \sum_j V_j V_j^\top + I", "proved"),
        (rf"{HESSIAN} = V^\top V", "wrong"),
        (
            r"\frac{\partial^2 g}{\partial U_i\partial U_k^\top} = \delta_{ik}(V^\top V + I)",
            "proved",
        ),
        (r"\frac{\partial g}{\partial U_i^\top} = (V U_i - M_i)^\top V + U_i^\top", "proved"),
        (
            r"\frac{\partial g}{\partial U_i^\top} = V^\top (V U_i - M_i) + U_i",
            "correct-up-to-layout",
        ),
    ],
)
def test_a_row_may_be_transposed_below_the_bar(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{ROWS}$${claim}$$", "note.md"), 0.0).verdicts
    assert found.verdict == verdict
