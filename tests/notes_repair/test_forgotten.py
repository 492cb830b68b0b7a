"""Slips that are made again and again: sums over samples, penalties, the other gate, a sign."""

import pytest

from tests.notes_repair.test_repair import first_repair

BATCH = r"""---
derive: 1
dims: {N: samples, H: units, K: classes}
symbols:
  A: {shape: [N, H], role: input}
  W: {shape: [H, K], role: param}
  b: {shape: [K], role: param}
  S: {shape: [N, K]}
  Y: {shape: [N, K], role: label}
  J: {shape: []}
  \Delta: {shape: [N, K]}
  \lambda: {shape: [], role: constant}
define:
  - S = A W + \mathbf 1 b^\top
  - J = \frac{1}{2} \|S - Y\|_F^2 + \frac{\lambda}{2}\|W\|_F^2
---
"""
GATE = r"""---
derive: 1
dims: {H: units}
symbols:
  z: {shape: [H], role: input}
  n: {shape: [H], role: input}
  h: {shape: [H], role: input}
  g: {shape: [H]}
define:
  - g = (1 - z) \odot n + z \odot h
---
"""
SOFTMAX = r"""---
derive: 1
dims: {K: classes}
symbols:
  s: {shape: [K], role: input}
  P: {shape: [K]}
define:
  - P = \mathrm{softmax}(s)
---
"""


@pytest.mark.parametrize(
    ("header", "left", "wrong", "right"),
    [
        (BATCH, r"\frac{\partial J}{\partial b}", "(S - Y)", r"(S - Y)^\top \mathbf 1"),
        (BATCH, r"\frac{\partial J}{\partial b}", "S - Y", r"\left(S - Y\right)^\top \mathbf 1"),
        (
            BATCH,
            r"\frac{\partial J}{\partial W}",
            r"A^\top (S - Y)",
            r"A^\top (S - Y) + \lambda W",
        ),
        (
            BATCH,
            r"\frac{\partial J}{\partial W_{hk}}",
            r"\sum_n A_{nh} (S_{nk} - Y_{nk})",
            r"\sum_n A_{nh} (S_{nk} - Y_{nk}) + \lambda W_{hk}",
        ),
        (GATE, r"\frac{\partial g_i}{\partial n_i}", "z_i", "1 - z_i"),
        (GATE, r"\frac{\partial g_i}{\partial n_i}", "(z_i)", "(1 - z_i)"),
        (GATE, r"\frac{\partial g}{\partial n}", r"\mathrm{diag}(z)", r"\mathrm{diag}(1 - z)"),
        (
            GATE,
            r"\frac{\partial g_i}{\partial n_j}",
            r"z_i \delta_{ij}",
            r"(1 - z_i) \delta_{ij}",
        ),
        (
            SOFTMAX,
            r"\frac{\partial P_k}{\partial s_j}",
            r"\begin{cases} P_k(1-P_k) & k = j\\ P_kP_j & k \neq j\end{cases}",
            r"\begin{cases} P_k(1-P_k) & k = j\\ -P_kP_j & k \neq j\end{cases}",
        ),
    ],
)
def test_the_natural_repair_is_the_first(header: str, left: str, wrong: str, right: str) -> None:
    assert first_repair(header, f"{left} = {wrong}") == f"{left} = {right}"


PATHS = r"""---
derive: 1
dims: {H: hidden, D: in}
symbols:
  x: {shape: [D], role: input}
  A: {shape: [H, D], role: param}
  B: {shape: [H, D], role: param}
  C: {shape: [H, D], role: param}
  a: {shape: [H]}
  b: {shape: [H]}
  c: {shape: [H]}
  y: {shape: [H]}
  L: {shape: [], role: loss, of: y}
define:
  - a = A x
  - b = B x
  - c = C x
  - y = \sigma(a) \odot \tanh(b) + c
---
"""
FIRST = r"A^\top \frac{\partial L}{\partial a}"
SECOND = r"B^\top \frac{\partial L}{\partial b}"
THIRD = r"C^\top \frac{\partial L}{\partial c}"


@pytest.mark.parametrize(
    ("left", "right", "lacking"),
    [
        ("x", f"{FIRST} + {SECOND}", THIRD),
        ("x", f"{THIRD} + {FIRST}", SECOND),
        ("x", FIRST, f"{SECOND} + {THIRD}"),
        (
            "x_j",
            r"\sum_i \frac{\partial L}{\partial a_i} A_{ij}"
            r" + \sum_i \frac{\partial L}{\partial c_i} C_{ij}",
            r"\sum_i \frac{\partial L}{\partial b_i} B_{ij}",
        ),
    ],
)
def test_what_comes_back_on_another_path_is_added(left: str, right: str, lacking: str) -> None:
    claim = rf"\frac{{\partial L}}{{\partial {left}}} = {right}"
    assert first_repair(PATHS, claim) == f"{claim} + {lacking}"
