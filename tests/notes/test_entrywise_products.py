r"""``a \odot W b``: the product behind the sign is one factor, where only that conforms."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: width, m: height}
symbols:
  x: {shape: [n], role: input}
  W: {shape: [m, n], role: param}
  h: {shape: [n]}
  z: {shape: [m]}
  L: {shape: [], role: loss, of: z}
define:
  - h = \tanh(x)
  - z = W h
---
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"(1 - h^2) \odot W^\top \frac{\partial L}{\partial z}", "proved"),
        (r"(1 - h^2) \circ W^\top \frac{\partial L}{\partial z}", "proved"),
        (r"W^\top \frac{\partial L}{\partial z} \odot (1 - h^2)", "proved"),
        (r"(1 - h) \odot (1 + h) \odot W^\top \frac{\partial L}{\partial z}", "proved"),
        (r"(1 - h^2) \odot W^\top \frac{\partial L}{\partial z} \odot (1 + 0 h)", "proved"),
        (r"h \odot W^\top \frac{\partial L}{\partial z}", "wrong"),
        (r"(1 - h^2) \odot W \frac{\partial L}{\partial z}", "ill-formed"),
    ],
)
def test_a_product_of_entries(claim: str, verdict: str) -> None:
    text = rf"{HEADER}$$\frac{{\partial L}}{{\partial x}} = {claim}$$"
    assert [v.verdict for v in check(read(text, "n.md")).verdicts] == [verdict]
