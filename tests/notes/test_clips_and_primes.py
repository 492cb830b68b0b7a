"""Clipped values, primes on what the header defines, gradients and pairs that are understood."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: dims}
symbols:
  x: {shape: [n], role: input}
  z: {shape: [n], role: input}
  y: {shape: [n], role: label}
  u: {shape: [], role: input}
  m: {shape: [], role: constant}
  e: {shape: [n]}
  h: {shape: []}
  f: {shape: []}
  s: {shape: []}
  q: {shape: []}
  g: {shape: []}
  c: {shape: []}
define:
  - e = y - x
  - h = \begin{cases} \frac12 u^2 & |u| \le m \\ m(|u| - \frac12 m) & |u| > m\end{cases}
  - f = \sum_i x_i^2
  - s = \sum_i x_i z_i
  - q = u^2
  - g = \tanh(q)
  - c = \mathrm{clip}(3u, -m, m)
assume:
  - m > 0
---
"""


def words(claim: str) -> list[str]:
    return [v.verdict for v in check(read(f"{HEADER}${claim}$", "n.md"), 0.1).verdicts]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial h}{\partial u} = \mathrm{clip}(u, -m, m)", "agrees"),
        (r"\frac{\partial h}{\partial u} = \operatorname{clip}(u, -m, 2m)", "wrong"),
        (r"\frac{\partial c}{\partial u} = 3 \cdot \mathbb{1}[|3u| < m]", "agrees"),
        (r"\mathrm{clip}(u, 1) = u", "unreadable"),
    ],
)
def test_a_value_is_clipped_between_two(claim: str, verdict: str) -> None:
    assert words(claim) == [verdict]


@pytest.mark.parametrize(
    ("claim", "verdicts"),
    [
        (r"h'(u) = \max(-m,\min(m,u))", ["agrees"]),
        (r"h'(u) = \frac{\partial h}{\partial u} = u", ["proved", "wrong"]),
        (r"g'(q) = 1 - g^2", ["proved"]),
        (r"\frac{\partial g}{\partial u} = g'(q)\, q'(u)", ["proved"]),
        (r"g'(q) = 1 - g", ["wrong"]),
        (r"q''(u) = 2", ["proved"]),
        (r"f'(u) = 0", ["ill-formed"]),
        (r"h' = u", ["ill-formed"]),
    ],
)
def test_a_prime_is_the_derivative_by_what_follows(claim: str, verdicts: list[str]) -> None:
    assert words(claim) == verdicts


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla f = 2x", "proved"),
        (r"\nabla f = x", "wrong"),
        (r"\nabla^2 f = 2 I", "proved"),
        (r"\nabla s = z", "unreadable"),
    ],
)
def test_a_gradient_is_by_the_only_thing_that_it_may_be(claim: str, verdict: str) -> None:
    assert words(claim) == [verdict]


@pytest.mark.parametrize(
    ("right", "verdicts"),
    [
        ("2x_i, 0", ["proved", "proved"]),
        ("2x_i, z_i", ["proved", "wrong"]),
        ("0, 2x_i", ["wrong", "wrong"]),
    ],
)
def test_as_many_sides_stand_right_as_left(right: str, verdicts: list[str]) -> None:
    left = r"\frac{\partial f}{\partial x_i}, \frac{\partial f}{\partial z_i}"
    assert words(f"{left} = {right}") == verdicts


def test_what_two_vectors_have_no_function_for_is_said() -> None:
    (verdict,) = check(read(rf"{HEADER}$s = \cos(x, z)$", "n.md"), 0.1).verdicts
    assert verdict.problems[0].message == "cos of several things"


def test_a_declared_symbol_is_no_constant_below_an_exponent() -> None:
    (verdict,) = check(read(rf"{HEADER}$f = \sum_j e^{{x_j}}$", "n.md"), 0.1).verdicts
    assert r"write \exp" in verdict.problems[0].message
    with pytest.raises(DeriveError, match=r"e is the declared symbol here; write \\exp"):
        check(read(HEADER.replace(r"\sum_i x_i^2", r"\sum_i e^{x_i}"), "n.md"))
