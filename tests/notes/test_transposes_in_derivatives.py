r"""A transpose above or below says the layout: ``\partial r/\partial w^\top``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""
dims: {n: s, d: f}
symbols:
  X: {shape: [n, d], role: input}
  w: {shape: [d], role: param}
  r: {shape: [n]}
  L: {shape: []}
define:
  - r = Xw
  - L = \frac12 r^\top r
---
"""
RIGHT = [
    r"\frac{\partial L}{\partial w^\top} = r^\top X",
    r"\partial L/\partial w^\top = r^\top X",
    r"\frac{\partial r^\top}{\partial w} = X^\top",
    r"\frac{\partial (Xw)^\top}{\partial w} = X^\top",
    r"\frac{\partial r}{\partial w^\top} = X",
    r"\frac{\partial L}{\partial w^\top} = r^\top\frac{\partial r}{\partial w^\top}",
    r"\frac{\partial L}{\partial w^\top}"
    r" = \frac{\partial L}{\partial r^\top}\frac{\partial r}{\partial w^\top}",
    r"\frac{\partial^2 L}{\partial w\,\partial w^\top} = X^\top X",
]
OTHER = [
    r"\frac{\partial L}{\partial w^\top} = X^\top r",
    r"\frac{\partial r^\top}{\partial w} = X",
    r"\frac{\partial r}{\partial w^\top} = X^\top",
]


def words(claim: str, layout: str) -> list[str]:
    front = f"---\nderive: 1\nlayout: {layout}{HEADER}"
    return [v.verdict for v in check(read(f"{front}$${claim}$$", "n.md"), 0.0).verdicts]


@pytest.mark.parametrize("layout", ["gradient", "numerator", "denominator"])
@pytest.mark.parametrize("claim", RIGHT)
def test_what_lies_as_the_transpose_says_is_right(claim: str, layout: str) -> None:
    assert words(claim, layout) == ["proved"]


@pytest.mark.parametrize("layout", ["gradient", "numerator", "denominator"])
@pytest.mark.parametrize("claim", OTHER)
def test_what_lies_the_other_way_is_told(claim: str, layout: str) -> None:
    assert words(claim, layout) == ["correct-up-to-layout"]


def test_without_a_transpose_the_layout_of_the_note_holds():
    assert words(r"\frac{\partial L}{\partial w} = X^\top r", "gradient") == ["proved"]
    assert words(r"\frac{\partial r}{\partial w} = X", "numerator") == ["proved"]
    assert words(r"\frac{\partial r}{\partial w} = X^\top", "denominator") == ["proved"]
    assert words(
        r"\frac{\partial L}{\partial w} = \frac{\partial r^\top}{\partial w} r", "any"
    ) == ["proved"]
    # That of a number is a number.
    assert words(r"\frac{\partial L^\top}{\partial w} = X^\top r", "gradient") == ["proved"]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla_w \log L\nabla_w \log L^\top = \frac{X^\top r r^\top X}{L^2}", "proved"),
        (r"\nabla_w \log(r^\top r)^\top = \frac{2 r^\top X}{r^\top r}", "proved"),
        (r"\nabla_w^\top L = r^\top X", "proved"),
        (r"\nabla_w \log L\nabla_w^\top\log L = \frac{X^\top r r^\top X}{L^2}", "proved"),
        (r"\nabla_w \log L^\top\nabla_w \log L = \frac{X^\top r r^\top X}{L^2}", "ill-formed"),
        (r"\nabla_w \log L\nabla_w \log L^\top = \frac{X^\top r r^\top X}{L}", "wrong"),
    ],
)
def test_a_transpose_of_a_number_is_that_of_its_gradient(claim: str, verdict: str) -> None:
    assert words(claim, "gradient") == [verdict]
