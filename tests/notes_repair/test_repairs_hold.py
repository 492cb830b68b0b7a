r"""A repair is judged as a claim is: put in, it is not wrong."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.patch import mended
from derive.notes.report import changes, with_changes
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {N: entries}
symbols:
  s: {shape: [], role: input}
  v: {shape: [], role: param}
  m: {shape: [], role: constant}
  x: {shape: [N], role: input}
  n: {shape: []}
  q: {shape: []}
  f: {shape: []}
  r: {shape: []}
  y: {shape: [N]}
  p: {shape: [N]}
define:
  - n = \frac{s}{\sqrt{v} + 10^{-8}}
  - q = s^2
  - f = \log(1 + e^s)
  - 'r = \sqrt{\sum_j x_j^2 + 10^{-8}}'
  - 'y_i = \max(0, x_i)'
  - p = \mathrm{softmax}(x)
assume:
  - v > 0
---
"""


def judged(claim: str) -> Verdict:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    return verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial n}{\partial s} = \frac{1}{\sqrt{v + 10^{-8}}}",
        r"\frac{\partial n}{\partial s} = \frac{1}{\sqrt v}",
        r"\frac{\partial n}{\partial s} = \frac{1}{\sqrt{v} + 10^{-9}}",
        r"\frac{\partial q}{\partial s} = 2s + 10^{-12} m",
        r"\frac{\partial q}{\partial s} = 2s + \max(0, m - 500)",
        r"\frac{\partial q}{\partial s} = 2s + e^{-m^2 - 30}",
        r"\frac{\partial f}{\partial s}"
        r" = \begin{cases} 1 & \text{if } s > 10 \\ \sigma(s) & \text{otherwise}\end{cases}",
        r"r = \|x\|",
        r"\frac{\partial r}{\partial x_i} = \frac{x_i}{\|x\|_2}",
    ],
)
def test_a_repaired_claim_is_not_wrong(claim: str) -> None:
    text = f"{HEADER}$${claim}$$"
    (wrong,) = check(read(text, "n.md")).verdicts
    assert wrong.verdict == "wrong"
    for repair in wrong.repairs:
        repaired = with_changes(text, changes(wrong.formula, repair))
        (verdict,) = check(read(repaired, "n.md"), effort=0.0).verdicts
        assert verdict.verdict == "proved" if repair.proved else "agrees"


def test_what_is_proved_comes_first() -> None:
    repairs = judged(r"\frac{\partial q}{\partial s} = 2 \min(s, 10)").repairs
    assert [repair.proved for repair in repairs] == sorted(
        (repair.proved for repair in repairs), reverse=True
    )


@pytest.mark.parametrize(
    ("claim", "idle"),
    [
        (r"\frac{\partial n}{\partial s} = \frac{2}{\sqrt v + 10^{-8}}", r"{\partial q}"),
        (r"\frac{\partial q}{\partial s} = 2s - \max(0, m - 50)", r"\max(0, - 50)"),
        (r"\frac{\partial q}{\partial s} = 2s + \log(1 + e^m)", r"\log(1 )"),
    ],
)
def test_no_repair_puts_in_what_is_nothing(claim: str, idle: str) -> None:
    repairs = [repair.latex for repair in judged(claim).repairs]
    assert repairs
    assert not any(idle in latex for latex in repairs)


@pytest.mark.parametrize(
    ("claim", "own"),
    [
        (r"\partial y_i/\partial x_i = 1", r"{\partial y_i}{\partial x_i}"),
        (r"\partial p_i/\partial x_j = 2 p_i", r"{\partial p_i}{\partial x_j}"),
    ],
)
def test_no_repair_has_the_derivative_that_it_is_about(claim: str, own: str) -> None:
    assert not any(own in repair.latex for repair in judged(claim).repairs)


def test_what_is_written_is_what_was_shown() -> None:
    note = rf"""{HEADER}
$$r = \|x\| + 10^{{-9}}$$

$$\frac{{\partial r}}{{\partial x_i}} = \frac{{x_i}}{{\|x\|_2}}$$
"""
    first = check(read(note, "n.md"))
    patch = mended(first, lambda text: check(read(text, "n.md")))
    after = check(read(patch.text, "n.md"), effort=0.0).verdicts
    for before, now in zip(first.verdicts, after, strict=True):
        assert (before.latex != now.latex) == (before.id in patch.made)
        assert now.fine == (before.id in patch.made)
    assert patch.made == (2,)
    assert [number for number, _ in patch.skipped] == [1]
