r"""A function of the note, differentiated at other arguments than its own."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: width}
symbols:
  x: {shape: [n], role: input}
  h: {shape: [n], role: constant}
  f: {shape: []}
define: ['f(x) = \sum_i x_i^2']
---
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla f(h) = 2h", "proved"),
        (r"\nabla f(h) = 0", "wrong"),
        (r"\nabla f(x + h) = 2x + 2h", "proved"),
        (r"\nabla f(x) - \nabla f(h) = 2(x - h)", "proved"),
        (r"\nabla f(-x) = -\nabla f(x)", "proved"),
        (r"\nabla f(0) = 0", "proved"),
        (r"\nabla^2 f(h) = 2I", "proved"),
        # The gradient by x, at h: what does not have x in it.
        (r"\nabla_x f(h) = 2h", "proved"),
        (r"\nabla_x f(2x) = 8x", "proved"),
        (r"\nabla_x f(2x) = 2x", "wrong"),
        (r"\nabla f(2x) = 4x", "proved"),
        (r"\frac{\partial f(2x)}{\partial x} = 8x", "proved"),
        (r"\frac{\partial f(x)}{\partial x} = 2x", "proved"),
    ],
)
def test_the_derivative_is_that_at_the_argument(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert found.verdict == verdict
