r"""What is printed as the derived form of a wrong claim is proved when it is claimed."""

import pytest

from derive.cli._derived import derived_forms
from derive.notes.check import check
from derive.notes.document import read

CONVOLUTION = r"""
dims: {n: in, k: kernel}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [k], role: param}
  y: {shape: [n-k+1]}
  L: {shape: [], role: loss, of: y}
define:
  - 'y_i = \sum_{j=1}^k w_j x_{i+j-1}'
"""
FROM_ZERO = r"""
index_base: 0
dims: {n: in, k: kernel}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [k], role: param}
  y: {shape: [n-k+1]}
  L: {shape: [], role: loss, of: y}
define:
  - 'y_i = \sum_{j=0}^{k-1} w_j x_{i+j}'
"""
SOFTMAX = r"""
dims: {K: classes}
symbols:
  z: {shape: [K], role: input}
  y: {shape: [K], role: label}
  p: {shape: [K]}
  J: {shape: []}
define:
  - 'p = \mathrm{softmax}(z)'
  - 'J = -\sum_k y_k \log p_k'
"""
ATTENTION = r"""
dims: {n: queries, d_k: keys, d_v: values}
symbols:
  Q: {shape: [n, d_k], role: input}
  K: {shape: [n, d_k], role: input}
  V: {shape: [n, d_v], role: input}
  S: {shape: [n, n]}
  C: {shape: [n, d_v]}
  L: {shape: [], role: loss, of: C}
define:
  - 'S = \frac{1}{\sqrt{d_k}} Q K^\top'
  - 'C = S V'
"""
LOOKUP = r"""
dims: {V: words, D: features, T: steps}
symbols:
  E: {shape: [V, D], role: param}
  t: {shape: [T], role: index}
  h: {shape: [T, D]}
  L: {shape: [], role: loss, of: h}
define:
  - 'h_{nd} = E_{t_n, d}'
"""


@pytest.mark.parametrize(
    ("header", "left"),
    [
        (CONVOLUTION, r"\frac{\partial L}{\partial x_t}"),
        (FROM_ZERO, r"\frac{\partial L}{\partial x_t}"),
        (SOFTMAX, r"\sum_{k=1}^{K-1}\frac{\partial p_k}{\partial z_j}"),
        (SOFTMAX, r"\sum_{k=2}^{K}\frac{\partial p_k}{\partial z_i}"),
        (SOFTMAX, r"\sum_{k=3}^{K-1}\frac{\partial p_i}{\partial z_k}"),
        (SOFTMAX, r"\frac{\partial p_i}{\partial z_j}"),
        (SOFTMAX, r"\frac{\partial J}{\partial z}"),
        (ATTENTION, r"\frac{\partial L}{\partial K}"),
        (ATTENTION, r"\frac{\partial L}{\partial S}"),
        (LOOKUP, r"\frac{\partial L}{\partial E_{vd}}"),
    ],
)
def test_a_derived_form_that_is_claimed_is_proved(header: str, left: str) -> None:
    front = f"---\nderive: 1{header}---\n"
    checked = check(read(rf"{front}$${left} = 0.137$$", "n.md"), 0.0)
    (form,) = derived_forms(checked).values()
    assert [v.verdict for v in check(read(rf"{front}$${form}$$", "n.md"), 0.0).verdicts] == [
        "proved"
    ], form
