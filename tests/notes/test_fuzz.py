"""Whatever a note says, checking it ends with verdicts or with one message."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read

HERE = Path(__file__).parent
TEXTS = [
    *(file.read_text(encoding="utf-8") for file in sorted((HERE / "strangers").glob("*.md"))),
]
PIECES = (
    "_", "^", "{", "}", "_i", "_{ij}", "^2", "^\\top", "'", "\\sum_i ", "\\partial ", "\\frac",
    "\\circ ", "\\otimes ", "+", "-", "=", "(", ")", "[", "]", ",", "0", "1", "99", "x", "W", "N",
    "\\dots", "&", "\\\\", "\\nabla ", "\\mathrm{diag}", "\\mathrm{tr}", "\\exp", "\\to ", "\\in ",
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw a note with a few pieces put in, left out or said twice."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 4))
        piece = draw(st.sampled_from(PIECES))
        text = text[:place] + piece + text[place + length :]
    return text


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(mutated())
def test_only_messages_come_out(text: str) -> None:
    try:
        found = check(read(text, "note.md"), 0.02)
    except DeriveError as error:
        assert error.message
        return
    assert [verdict.id for verdict in found.verdicts] == list(range(1, len(found.verdicts) + 1))


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{\partial L}{\partial W} = W^{999999999}",
        r"\frac{\partial L}{\partial W_{99999999999,1}} = 0",
        r"\frac{\partial L}{\partial W} = \sum_{i=1}^{999999999} W",
        r"\frac{\partial^9 L}{\partial W^9} = 0",
        r"\frac{\partial L}{\partial (W + x)} = x",
        r"\begin{pmatrix} \dots \end{pmatrix} = W",
        r"W = \begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}",
        r"\log \log 0 = \frac{1}{0}",
        r"L(L(L)) = L'",
        "=",
    ],
)
def test_odd_formulas_get_a_verdict(formula: str) -> None:
    header = "---\nderive: 1\ndims: {n: size}\nsymbols:\n  W: {shape: [n, n], role: param}\n"
    header += "  x: {shape: [n], role: input}\n  L: {shape: []}\ndefine:\n  - L = x^T W x\n---\n"
    assert check(read(f"{header}\n$$\n{formula}\n$$\n", "note.md"), 0.05).verdicts
