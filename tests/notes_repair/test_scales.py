"""A size that got lost, or stands the wrong way up, is put right by itself."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {K: classes, n: samples, d: width}
symbols:
  z: {shape: [K], role: input}
  y: {shape: [K], role: label}
  q: {shape: [K]}
  \varepsilon: {shape: [], role: constant}
  L: {shape: []}
  T: {shape: [], role: constant}
  J: {shape: []}
  r: {shape: [n], role: input}
  \mu: {shape: [], role: param}
  \tau: {shape: [], role: param}
  \ell: {shape: []}
  u: {shape: [d], role: input}
  v: {shape: [d], role: input}
  s: {shape: []}
define:
  - q = \mathrm{softmax}(z)
  - L = -\sum_k ((1 - \varepsilon) y_k + \varepsilon / K) \log q_k
  - J = T \sum_k z_k^2
  - \ell = -\frac{\tau}{2}\sum_i (r_i - \mu)^2
  - s = \frac{u^\top v}{\sqrt d}
assume:
  - \sum_k y_k = 1
  - T > 0
---
"""


@pytest.mark.parametrize(
    ("claim", "repaired"),
    [
        (r"\frac{\partial^2\ell}{\partial\mu^2} = -\tau", r"-n \tau"),
        (r"\frac{\partial^2\ell}{\partial\mu^2} = -n^2 \tau", r"-n \tau"),
        (
            r"\nabla_z L = q - (1-\varepsilon)y - \varepsilon",
            r"q - (1-\varepsilon)y - \frac{1}{K} \varepsilon",
        ),
        (r"\frac{\partial J}{\partial z_i} = \frac{1}{T}(z_i + z_i)", r"T(z_i + z_i)"),
        (r"\frac{\partial J}{\partial z_i} = 2(1/T) z_i", r"2(T) z_i"),
        (r"\nabla_u s = \frac{1}{d} v", r"\frac{1}{\sqrt{d}} v"),
        (r"\nabla_u s = \sqrt d v", r"\frac{1}{\sqrt d} v"),
    ],
)
def test_a_size_is_put_right(claim: str, repaired: str) -> None:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert verdict.verdict == "wrong"
    assert verdict.repairs[0].latex.split(" = ", 1)[1] == repaired
