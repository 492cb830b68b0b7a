r"""One letter below a row, ``b_j`` of the shape [1, h], is an entry's."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {N: samples, d: inputs, h: outputs}
symbols:
  X: {shape: [N, d], role: input}
  W: {shape: [d, h], role: param}
  b^{(1)}: {shape: [1, h], role: param}
  A: {shape: [N, h]}
  L: {shape: [], role: loss, of: A}
define:
  - A_{nj} = \sum_k X_{nk} W_{kj} + b^{(1)}_j
---
"""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"A = X W + b^{(1)}", "proved"),
        (
            r"\frac{\partial L}{\partial b^{(1)}_j} = \sum_n \frac{\partial L}{\partial A_{nj}}",
            "proved",
        ),
        (
            r"\frac{\partial L}{\partial b^{(1)}_j} = -\sum_n \frac{\partial L}{\partial A_{nj}}",
            "wrong",
        ),
        (
            r"\frac{\partial L}{\partial b^{(1)}_{1j}} = \sum_n \frac{\partial L}{\partial A_{nj}}",
            "proved",
        ),
        (r"A_{nj} = \sum_k X_{nk} W_{kj} + 2b^{(1)}_j", "wrong"),
        (r"\sum_j b^{(1)}_j = \sum_j b^{(1)}_{1j}", "proved"),
    ],
)
def test_a_letter_alone_runs_along_the_row(claim: str, expected: str) -> None:
    (found,) = check(read(f"{HEADER}\n$${claim}$$\n", "n.md"), 0.0).verdicts
    assert found.verdict == expected
