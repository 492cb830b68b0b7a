"""Angle brackets around two things are their inner product."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: entries, m: others}
symbols:
  u: {shape: [n], role: input}
  v: {shape: [n], role: input}
  A: {shape: [n, m], role: param}
  B: {shape: [n, m], role: param}
  f: {shape: []}
  g: {shape: []}
define:
  - f = \langle u, v \rangle
  - g = \langle A, B \rangle_F
---
"""


def verdict(claim: str) -> str:
    (found,) = check(read(f"{HEADER}\n$$\n{claim}\n$$\n", "note.md"), 0.0).verdicts
    return found.verdict


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"f = u^\top v", "proved"),
        (r"g = \mathrm{tr}(A^\top B)", "proved"),
        (r"\frac{\partial f}{\partial u} = v", "proved"),
        (r"\frac{\partial f}{\partial u} = u", "wrong"),
        (r"\frac{\partial g}{\partial A} = B", "proved"),
        (r"\frac{\partial g}{\partial A_{ij}} = B_{ij}", "proved"),
        (r"g = \langle B, A \rangle", "proved"),
    ],
)
def test_an_inner_product_is_the_sum_of_the_products_of_entries(claim, expected):
    assert verdict(claim) == expected


def test_an_inner_product_of_different_shapes_is_refused():
    header = HEADER.replace(r"\langle A, B \rangle_F", r"\langle A, u \rangle_F")
    with pytest.raises(DeriveError, match="an inner product of shapes n×m and n×1"):
        check(read(f"{header}\n$$\nf = 1\n$$\n", "note.md"), 0.0)


APPLIED = r"""---
derive: 1
dims: {D: dim}
symbols:
  A: {shape: [D, D], role: param}
  u: {shape: [D], role: input}
  v: {shape: [D], role: input}
  q: {shape: []}
define:
  - q = u^\top A v
---
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"u \cdot A v = q", True),
        (r"u \cdot (A v) = q", True),
        (r"v \cdot A^\top u = q", True),
        (r"v \cdot A u = q", False),
    ],
)
def test_a_dot_before_a_matrix_times_a_vector_is_their_scalar_product(claim, right):
    (found,) = check(read(f"{APPLIED}\n$${claim}$$\n", "n.md"), 0.0).verdicts
    assert found.verdict == ("proved" if right else "wrong")
