r"""Which fact a note lacks is told where the claim, as it stands, would be true with it."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: s}
symbols:
  S: {shape: [n, n], role: constant}
  y: {shape: [n], role: constant}
  x: {shape: [n], role: input}
  f: {shape: []}
define:
  - f = x^\top S x
---
"""


def note_of(claim: str) -> str:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md"), 0.1).verdicts
    assert verdict.verdict == "wrong"
    return verdict.note


@pytest.mark.parametrize(
    "claim",
    [
        r"\operatorname{diag}(y)S = S\operatorname{diag}(y)",
        r"\frac{\partial(Sx\odot y)}{\partial x} = S\operatorname{diag}(y)",
        r"S\operatorname{diag}(y) = 2\operatorname{diag}(y)S",
    ],
)
def test_a_matrix_that_is_symmetric_but_for_a_transpose_is_not_what_lacks(claim: str) -> None:
    assert "S = S" not in note_of(claim)


@pytest.mark.parametrize("claim", [r"\nabla_x f = 2Sx", r"Sy = S^\top y"])
def test_symmetry_is_named_where_it_makes_the_claim_true(claim: str) -> None:
    assert note_of(claim) == r"true if S = S^\top, which the note does not declare"


def test_a_row_for_a_column_is_told_with_the_fact():
    note = note_of(r"\frac{\partial f}{\partial x} = 2x^\top S")
    assert note == r"true in the other layout if S = S^\top, which the note does not declare"
