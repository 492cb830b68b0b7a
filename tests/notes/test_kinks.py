r"""Claims about what has kinks: compared on both sides of them."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: width}
symbols:
  x: {shape: [], role: input}
  u: {shape: [n], role: input}
  a: {shape: [n], role: input}
  p: {shape: [n], role: input}
  y_{true}: {shape: [n], role: label}
  h: {shape: []}
  q: {shape: []}
  c: {shape: []}
  M: {shape: []}
  T: {shape: []}
  E: {shape: []}
define:
  - h = \begin{cases}\frac12 x^2 & |x| \leq 2\\ 2|x| - 2 & \text{otherwise}\end{cases}
  - q = \min(\max(0, x), 6)
  - c = \min(\max(x, -3), 3)
  - M = \max_k u_k
  - T = \max(0, \|a-p\|^2 - \|a-u\|^2 + 1)
  - E = \frac12 \|u - y_{true}\|^2
---
"""
HUBER = (
    r"\frac{\partial h}{\partial x} ="
    r" \begin{cases} x & |x|\leq 2\\ %s & \text{otherwise}\end{cases}"
)


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (HUBER % r"2\,\mathrm{sign}(x)", True),
        (HUBER % "2", False),
        (r"\frac{\partial q}{\partial x} = \mathbb{1}[0 < x < 6]", True),
        (r"\frac{\partial q}{\partial x} = \mathbb{1}[x > 0]", False),
        (r"\frac{\partial c}{\partial x} = \mathbb{1}[-3 < x < 3]", True),
        (r"\frac{\partial c}{\partial x} = 1", False),
        (r"|M| = M", False),
        (r"\frac{\partial T}{\partial a} = 2(u-p)\,\mathbb{1}[T>0]", True),
        (r"\frac{\partial T}{\partial a} = 2(u-p)\,\mathbb{1}[T>1]", False),
        (r"\frac{\partial \max(0, x + 4)}{\partial x} = 1", False),
        (r"\left.\frac{\partial \max(0, 1 - x)}{\partial x}\right|_{x=1} = 0", True),
        (r"\left.\frac{\partial \max(1 - x, 0)}{\partial x}\right|_{x=1} = 0", True),
    ],
)
def test_a_claim_holds_on_both_sides_of_a_kink(claim: str, right: bool) -> None:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert verdict.verdict in (("proved", "agrees") if right else ("wrong",))


def test_an_indicator_is_repaired_by_what_is_true() -> None:
    claim = r"\frac{\partial T}{\partial a} = 2(u-p)\,\mathbb{1}[T>1]"
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert [repair.latex for repair in verdict.repairs] == [claim.replace("T>1", "T>0")]


def test_a_label_may_have_an_index_in_its_name() -> None:
    claim = r"\frac{\partial E}{\partial u} = y_{true} - u"
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert verdict.verdict == "wrong"
    assert verdict.repairs
