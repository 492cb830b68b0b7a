r"""Derivatives by a function of one symbol: by a variance ``\sigma^2``, by ``\log s_j``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: values}
symbols:
  x: {shape: [n], role: input}
  s: {shape: [n], role: param}
  \mu: {shape: [], role: param}
  \sigma: {shape: [], role: param}
  f: {shape: []}
  g: {shape: []}
define:
  - f = \sum_i \frac{(x_i - \mu)^2}{2\sigma^2}
  - g = \sum_j (\frac{x_j^2}{2s_j^2} + \log s_j)
---
"""
NAMED = r"""---
derive: 1
dims: {n: values}
symbols:
  x: {shape: [n], role: input}
  \sigma: {shape: [], role: param}
  v: {shape: []}
  f: {shape: []}
define:
  - v = \sigma^2
  - f = \sum_i x_i^2 / v + \sigma
---
"""


def word(claim: str, header: str = HEADER) -> str:
    (verdict,) = check(read(f"{header}$${claim}$$", "n.md"), 0.0).verdicts
    return verdict.verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial^2 f}{\partial\mu\,\partial\sigma^2} = \frac1{\sigma^4} \sum_i (x_i-\mu)",
        r"\frac{\partial^2 f}{\partial\mu\,\partial\sigma} = \frac2{\sigma^3} \sum_i (x_i-\mu)",
        r"\frac{\partial^2 f}{\partial\sigma^2} = \frac3{\sigma^4} \sum_i (x_i-\mu)^2",
        r"\frac{\partial^2 f}{\partial\sigma^2 \partial\sigma^2}"
        r" = \frac1{\sigma^6} \sum_i (x_i-\mu)^2",
        r"\frac{\partial^2 f}{\partial(\sigma^2)^2} = \frac1{\sigma^6} \sum_i (x_i-\mu)^2",
        r"\frac{\partial^3 f}{\partial\mu\,\partial\sigma^2} = -\frac6{\sigma^4} \sum_i (x_i-\mu)",
        r"\frac{\partial^2 g}{\partial s_j^2} = \frac{3x_j^2}{s_j^4} - \frac1{s_j^2}",
    ],
)
def test_the_order_above_tells_a_square_from_a_second_derivative(claim: str) -> None:
    assert word(claim) == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial f}{\partial\sigma^2} = -\frac1{2\sigma^4} \sum_i (x_i-\mu)^2",
        r"\nabla_{\sigma^2} f = -\frac1{2\sigma^4} \sum_i (x_i-\mu)^2",
        r"\frac{\partial f}{\partial(1/\sigma^2)} = \frac12 \sum_i (x_i-\mu)^2",
        r"\frac{\partial f}{\partial\log\sigma} = -\frac1{\sigma^2} \sum_i (x_i-\mu)^2",
        r"\frac{\partial g}{\partial s_j^2} = \frac1{2s_j^2} - \frac{x_j^2}{2s_j^4}",
        r"\frac{\partial g}{\partial\log s_j^2} = \frac12 - \frac{x_j^2}{2s_j^2}",
        r"\frac{\partial g}{\partial s^2} = \frac1{2s^2} - \frac{x^2}{2s^4}",
        r"\frac{\partial\sigma^3}{\partial\sigma^2} = \frac32 \sigma",
    ],
)
def test_a_derivative_by_a_function_is_that_by_its_symbol_over_its_slope(claim: str) -> None:
    assert word(claim) == "proved"


def test_a_derivative_by_a_square_is_none_by_its_root() -> None:
    by_root = r"\frac{\partial f}{\partial\sigma^2} = -\frac1{\sigma^3} \sum_i (x_i-\mu)^2"
    assert word(by_root) == "wrong"


def test_a_square_with_a_name_goes_by_this_name() -> None:
    by_name = r"\frac{\partial f}{\partial\sigma^2} = -\frac1{v^2} \sum_i x_i^2"
    assert word(by_name, NAMED) == "proved"
