"""A transpose on the wrong factor of a product is moved to the other one."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {k: outputs, d: inputs}
symbols:
  x: {shape: [d], role: input}
  W: {shape: [k, d], role: param}
  y: {shape: [k], role: label}
  z: {shape: [k]}
  \delta: {shape: [k]}
  L: {shape: []}
define:
  - z = Wx
  - L = \frac12\|z-y\|^2
  - \delta = z - y
---
"""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (r"\delta^\top x", r"\delta x^\top"),
        (r"\delta^T x", r"\delta x^T"),
        (r"(z - y)^\top x", r"(z - y) x^\top"),
    ],
)
def test_an_inner_product_is_repaired_to_the_outer_one(wrong: str, right: str) -> None:
    note = rf"{HEADER}$$\frac{{\partial L}}{{\partial W}} = {wrong}$$"
    (verdict,) = check(read(note, "n.md")).verdicts
    assert [repair.latex.split(" = ")[1] for repair in verdict.repairs[:1]] == [right]
