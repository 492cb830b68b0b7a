"""Brackets that round: they are no parentheses, and what they mean is not known here."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {N: n}
symbols:
  x: {shape: [N], role: input}
  f: {shape: []}
define:
  - f = %s
---
"""


@pytest.mark.parametrize(
    "side",
    [
        r"2 \lfloor x_n \rfloor",
        r"2 \left\lceil x_n \right\rceil",
        r"2 \log \lfloor x_n \rfloor",
        r"2 \left\lfloor x_n \right\rceil",
        r"2 x_{\lfloor n \rfloor}",
        r"\sum_{k=1}^{\lfloor N/2 \rfloor} 2 x_k",
    ],
)
def test_a_claim_with_a_floor_is_not_judged(side: str) -> None:
    claim = rf"$$\frac{{\partial f}}{{\partial x_n}} = {side}$$"
    (verdict,) = check(read(HEADER % r"\sum_n x_n^2" + claim, "n.md")).verdicts
    assert verdict.verdict == "unreadable"


@pytest.mark.parametrize(
    ("side", "name"),
    [(r"\sum_n \lfloor x_n \rfloor", "floor"), (r"\sum_n x_n - \lceil x_n \rceil", "ceil")],
)
def test_a_definition_with_a_floor_is_refused(side: str, name: str) -> None:
    with pytest.raises(DeriveError, match=f"the function {name}"):
        check(read(HEADER % side, "n.md"))
