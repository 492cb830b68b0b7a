r"""No repair is shown twice, and none is of what is differentiated."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: n, D: features}
symbols:
  x: {shape: [D], role: input}
  z: {shape: [D]}
  r: {shape: []}
  a: {shape: [n], role: constant}
  c: {shape: [n], role: constant}
  S: {shape: [n, n], role: input}
  W: {shape: [n, n], role: constant}
define:
  - r = \sqrt{\frac1D \|x\|^2}
  - z = x / r
assume:
  - W = W^\top
---
"""


def verdict(claim: str) -> Verdict:
    (found,) = check(read(f"{HEADER}$${claim}$$\n", "n.md")).verdicts
    return found


@pytest.mark.parametrize(
    ("claim", "repair"),
    [
        (r"\frac{\partial r}{\partial x} = \frac{x}{r}", r"\frac1D \frac{x}{r}"),
        (
            r"\frac{\partial z_i}{\partial x_j} = \frac1r (\delta_{ij} - \frac{x_i x_j}{r^2})",
            r"\frac1r (\delta_{ij} - \frac1D \frac{x_i x_j}{r^2})",
        ),
    ],
)
def test_of_repairs_that_mean_the_same_the_first_is_shown(claim: str, repair: str) -> None:
    shown = [one.latex.split(" = ", 1)[1] for one in verdict(claim).repairs]
    assert shown == [repair]


def test_no_symbol_is_put_for_another_in_what_is_differentiated() -> None:
    of = r"\frac{\partial a^\top S^{-1} c}{\partial S}"
    found = verdict(rf"{of} = -S^{{-1}} a c^\top S^{{-1}}")
    assert found.verdict == "wrong"
    assert all(repair.latex.startswith(of) for repair in found.repairs)
