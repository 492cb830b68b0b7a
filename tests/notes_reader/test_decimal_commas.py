r"""Decimal commas are read as such where they can be nothing else, and refused where they can."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read
from derive.notes.outline import outline
from derive.notes.parse import parse

NOTE = r"""---
derive: 1
dims: {d: d}
symbols:
  w: {shape: [d], role: param}
  Q: {shape: []}
define:
  - Q = 0{,}5 \sum_i w_i^2 + w_1
---
"""


def verdicts(text: str) -> list[str]:
    return [verdict.verdict for verdict in check(read(NOTE + text, "n.md")).verdicts]


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"2 \cdot 0{,}5 w", r"(2 \cdot 0.5 w)"),
        (r"\frac{0{,}5}{2} x^{0{,}25}", "({0.5 / 2} x^{0.25})"),
        (r"f(1{,}5, 2{,}5)", "(f (1.5, 2.5))"),
        (r"W_{1{,}2} + 1{,}234{,}567", "(W_{1, 2} +1234567)"),
        (r"0{,}125 x", "(0.125 x)"),
        (r"12{,}5 x", "(12.5 x)"),
        (r"k = 0,1", "k = 0 ;; 1"),
        (r"x = 0, 5", "x = 0 ;; 5"),
    ],
)
def test_a_comma_in_braces_between_digits_is_a_decimal_comma(latex: str, expected: str) -> None:
    assert outline(parse(latex)) == expected


@pytest.mark.parametrize(
    "latex",
    [
        r"x = 1{,}234 y",
        r"x = 1{,}5{,}7",
        r"x^0{,}5",
        r"\nabla_w Q = 2 \cdot 0,5 w",
        r"\frac{\partial Q}{\partial w} = 3,7",
        r"w \leftarrow w - 0,1 \nabla_w Q",
        r"\lambda = 0,01",
    ],
)
def test_what_may_be_one_number_or_two_is_not_read(latex: str) -> None:
    with pytest.raises(DeriveError):
        parse(latex)


def test_claims_with_decimal_commas_are_judged_whole() -> None:
    assert verdicts(
        r"""$$\nabla_w (Q - w_1) = 2\cdot 0{,}5\,w$$
$$\frac{\partial}{\partial w_1}\left(3 w_1\right) = 3{,}7$$
$$\frac{\partial}{\partial w_1}\left(3{,}7 w_1\right) = 3{,}7$$
$$w \leftarrow w + 0{,}1\,\nabla_w Q$$
$$w \leftarrow w - 0{,}1\,\nabla_w Q$$"""
    ) == ["proved", "wrong", "proved", "wrong", "proved"]
