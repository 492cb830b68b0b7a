r"""A row is added to every row of a matrix: ``Z = X W + b`` for a batch."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import Checked, check
from derive.notes.document import read

NOTE = r"""---
derive: 1
dims: {N: samples, D: inputs, H: units}
symbols:
  X: {shape: [N, D], role: input}
  W: {shape: [D, H], role: param}
  b: {shape: BIAS, role: param}
  Z: {shape: [N, H]}
  L: {shape: [], role: loss, of: Z}
CONVENTION
define:
  - Z = FORMULA
---
"""


def checked(claim: str, bias: str, convention: str = "", formula: str = "X W + b") -> Checked:
    note = NOTE.replace("BIAS", bias).replace("FORMULA", formula)
    note = note.replace("CONVENTION\n", f"{convention}\n" if convention else "")
    return check(read(f"{note}\n$${claim}$$\n", "note.md"), 1.0)


@pytest.mark.parametrize("formula", ["X W + b", "b + X W", "- b + X W + 2 b", r"X W - (-b)"])
@pytest.mark.parametrize(("bias", "convention"), [("[H]", "convention: row"), ("[1, H]", "")])
def test_a_bias_is_added_to_every_sample(bias: str, convention: str, formula: str) -> None:
    claim = r"\frac{\partial L}{\partial b} = \mathbf 1^\top \frac{\partial L}{\partial Z}"
    (verdict,) = checked(claim, bias, convention, formula).verdicts
    assert verdict.verdict == "proved"


def test_a_transposed_column_is_a_row() -> None:
    claim = r"\frac{\partial L}{\partial b_j} = \sum_n \frac{\partial L}{\partial Z_{nj}}"
    (verdict,) = checked(claim, "[H]", "", r"X W + b^\top").verdicts
    assert verdict.verdict == "proved"


def test_the_reading_is_told() -> None:
    claim = r"\frac{\partial L}{\partial b} = \mathbf 1^\top \frac{\partial L}{\partial (X W + b)}"
    claim += r", \quad \tanh(Z) = \tanh(X W + b)"
    verdicts = checked(claim, "[1, H]").verdicts
    assert [verdict.verdict for verdict in verdicts] == ["proved", "proved"]
    assert "a row added to every row of a matrix" in verdicts[1].readings


def test_a_column_is_not_added_and_the_message_says_how_to_write_a_row() -> None:
    with pytest.raises(DeriveError, match="shapes N×H and H×1 are added") as raised:
        checked("W = W", "[H]")
    assert r"\mathbf 1 b^\top" in raised.value.hint


def test_a_message_has_the_shapes_of_the_convention() -> None:
    with pytest.raises(DeriveError, match="shapes N×H and 1×D are added"):
        checked("W = W", "[D]", "convention: row")


COLUMNS = r"""---
derive: 1
dims: {n: units, d: inputs, m: samples}
symbols:
  X: {shape: [d, m], role: input}
  W: {shape: [n, d], role: param}
  b: {shape: SHAPE, role: param}
  Z: {shape: [n, m]}
  L: {shape: [], role: loss, of: Z}
define:
  - Z = W X + b
---
"""


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        (r"\frac{\partial L}{\partial b} = \frac{\partial L}{\partial Z} \mathbf 1", "proved"),
        (
            r"\frac{\partial L}{\partial b_i} = \sum_{j=1}^m \frac{\partial L}{\partial Z_{ij}}",
            "proved",
        ),
        (r"Z - b = W X", "proved"),
        (r"\frac{\partial L}{\partial b} = \frac{\partial L}{\partial Z}", "ill-formed"),
        (
            r"\frac{\partial L}{\partial b} = \frac1m \frac{\partial L}{\partial Z}\mathbf 1",
            "wrong",
        ),
    ],
)
def test_a_declared_column_is_added_to_every_sample_in_columns(claim: str, found: str) -> None:
    note = COLUMNS.replace("SHAPE", "[n, 1]")
    (verdict,) = check(read(f"{note}\n$${claim}$$\n", "note.md"), 0.0).verdicts
    assert verdict.verdict == found


def test_a_vector_alone_is_not_added_to_every_column() -> None:
    with pytest.raises(DeriveError, match="shapes n×m and n×1 are added"):
        check(read(COLUMNS.replace("SHAPE", "[n]"), "note.md"))
