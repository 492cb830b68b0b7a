r"""What changes by itself: given, or defined where nothing that it is of has a differential."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: width, m: height}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [n], role: param}
  v: {shape: [n], role: param}
  W: {shape: [m, n], role: param}
  z: {shape: [n]}
  a: {shape: []}
  Z: {shape: [m]}
  L: {shape: [], role: loss, of: Z}
  \Delta: {shape: [m]}
define:
  - z = w \odot x
  - a = v^\top z
  - Z = W x
---
$$\Delta = \frac{\partial L}{\partial Z}$$

"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"da = v^\top dz", "proved"),
        (r"da = \left(\frac{\partial a}{\partial z}\right)^\top dz", "proved"),
        (r"da = z^\top dv", "proved"),
        (r"da = v^\top dz + z^\top dv", "proved"),
        (r"da = v^\top(x \odot dw)", "proved"),
        (r"da = v^\top dz = v^\top(x \odot dw)", "proved"),
        (r"da = z^\top dv + v^\top(x \odot dw) + v^\top(w \odot dx)", "proved"),
        (r"dL = \Delta^\top dZ", "proved"),
        (r"dL = \Delta^\top dZ = \Delta^\top\,dW\,x", "proved"),
        (r"da = z^\top dz", "wrong"),
        (r"da = v^\top(x \odot dw) + z^\top dz", "wrong"),
        (r"dL = 2\Delta^\top dZ", "wrong"),
    ],
)
def test_a_differential(claim: str, verdict: str) -> None:
    found = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts[1:]
    worst = [v.verdict for v in found if v.verdict != "proved"] or ["proved"]
    assert worst[0] == verdict


EXPRESSIONS = r"""---
derive: 1
dims: {n: a, m: b}
symbols:
  x: {shape: [n], role: input}
  A: {shape: [n, n], role: param}
  W: {shape: [m, n], role: param}
  h: {shape: [n]}
define:
  - h = \tanh(x)
---
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"d(x^\top A x) = x^\top (A + A^\top)\,dx", "proved"),
        (r"d(x^\top A x) = x^\top (A + A^\top)\,dx + x^\top dA\,x", "proved"),
        (r"\mathrm{d}(W h) = W\,\mathrm{d}h", "proved"),
        (r"d(Wh) = dW\,h + W\,dh", "proved"),
        (r"d\operatorname{tr}(A^2) = 2\operatorname{tr}(A\,dA)", "proved"),
        (r"d(A^{-1}) = -A^{-1}\,dA\,A^{-1}", "proved"),
        (r"d\|x\|^2 = 2x^\top dx", "proved"),
        (r"d\log(x^\top x) = \frac{2 x^\top dx}{x^\top x}", "proved"),
        (r"d(x^\top A x) = x^\top A\,dx", "wrong"),
        (r"d(Wh) = W\,dx", "wrong"),
        (r"d(Wq) = W\,dq", "ill-formed"),
    ],
)
def test_a_differential_of_an_expression(claim: str, verdict: str) -> None:
    found = check(read(f"{EXPRESSIONS}$${claim}$$", "n.md")).verdicts
    assert [v.verdict for v in found] == [verdict]
