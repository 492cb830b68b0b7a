r"""An update goes against the gradient, written out or not."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: s, d: f}
symbols:
  X: {shape: [n, d], role: input}
  P: {shape: [d, d], role: constant}
  w: {shape: [d], role: param}
  y: {shape: [n], role: label}
  J: {shape: []}
  '\eta': {shape: [], role: constant}
define:
  - J = \frac12\|Xw-y\|^2
---
"""


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (r"w \leftarrow w - \eta X^\top(Xw-y)", "proved"),
        (r"w \leftarrow w + \eta X^\top(y-Xw)", "proved"),
        (r"w \leftarrow w - \frac{\eta}{n} X^\top(Xw-y)", "proved"),
        (r"w := w - \eta(X^\top Xw - X^\top y)", "proved"),
        (r"w_j \leftarrow w_j - \eta \sum_i X_{ij}(\sum_k X_{ik}w_k - y_i)", "proved"),
        (r"w \leftarrow w + \eta X^\top(Xw-y)", "wrong"),
        (r"w \leftarrow w - \eta X^\top(y-Xw)", "wrong"),
        (r"w := w + \eta X^\top(Xw-y)", "wrong"),
        # What is no gradient claims nothing.
        (r"w \leftarrow w - \eta X^\top y", "not-a-claim"),
        (r"w \leftarrow w + \eta w", "not-a-claim"),
        (r"w \leftarrow w + P X^\top(Xw-y)", "not-a-claim"),
        (r"w := w + \eta X^\top y", "not-a-claim"),
    ],
)
def test_a_step_is_judged_where_it_is_along_the_gradient(step: str, verdict: str) -> None:
    (found,) = check(read(f"{HEADER}$${step}$$", "n.md"), 0.0).verdicts
    assert found.verdict == verdict


def test_the_sign_is_what_is_repaired():
    (found,) = check(read(rf"{HEADER}$$w \leftarrow w + \eta X^\top(Xw-y)$$", "n.md")).verdicts
    assert found.repairs[0].latex == r"w \leftarrow w - \eta X^\top(Xw-y)"


def test_with_two_objectives_nobody_knows_which_is_meant():
    header = HEADER.replace("  J:", "  R: {shape: []}\n  J:")
    header = header.replace("\n---\n", "\n  - R = \\|w\\|^2\n---\n")
    (found,) = check(read(rf"{header}$$w \leftarrow w + \eta X^\top(Xw-y)$$", "n.md")).verdicts
    assert found.verdict == "not-a-claim"
