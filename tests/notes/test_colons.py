r"""A colon between matrices is their inner product, and parts conditions from claims elsewhere."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: dims, K: classes}
symbols:
  x: {shape: [n], role: input}
  f: {shape: []}
  W: {shape: [K, n], role: param}
  y: {shape: [K]}
  g: {shape: []}
  L: {shape: [], role: loss, of: y}
define:
  - f = \sum_i x_i^2
  - y = W x
  - g = \sum_{ij} W_{ij}^2
---
"""
SLOPE = r"\frac{\partial L}{\partial y}"


def words(claim: str) -> list[str]:
    return [v.verdict for v in check(read(f"{HEADER}${claim}$", "n.md"), 0.1).verdicts]


@pytest.mark.parametrize(
    ("claim", "verdicts"),
    [
        ("f = x : x", ["proved"]),
        (r"\frac{\partial f}{\partial x} : x = 2 f", ["proved"]),
        ("dg = 2W : dW", ["proved"]),
        ("dg = -W : dW + 3 W : dW", ["proved"]),
        ("dg = W : dW", ["wrong"]),
        (rf"dL = {SLOPE} : dy = {SLOPE} : dW\, x + {SLOPE} : W dx", ["proved", "proved"]),
        (r"\frac{\partial f}{\partial x} : W = 2 f", ["ill-formed"]),
        (r"f = \sum_i x_i : x_i", ["unreadable"]),
    ],
)
def test_matrices_of_one_shape_are_multiplied(claim: str, verdicts: list[str]) -> None:
    assert words(claim) == verdicts


@pytest.mark.parametrize("claim", ["f = f : 3", "g = W : W + f : 3", r"y = Wx: f = f"])
def test_a_colon_with_no_one_meaning_does_not_end_a_claim(claim: str) -> None:
    assert words(claim) == ["unreadable"]


@pytest.mark.parametrize(
    "condition", [r"i \neq j", r"\text{if } i \neq j", r"\text{off the diagonal}"]
)
def test_a_colon_parts_a_condition_from_a_claim(condition: str) -> None:
    slope = r"\frac{\partial x_i}{\partial x_j} = 0"
    expected = "wrong" if "off" in condition else "proved"
    assert words(rf"{condition}: {slope}") == [expected]
    assert words(r"f: \mathbb{R}^n \to \mathbb{R}") == ["not-a-claim"]
