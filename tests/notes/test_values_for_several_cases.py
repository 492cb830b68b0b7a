r"""Values for several cases in one line: ``1 \text{ if } z > 0 \text{ else } 5``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: samples, K: classes}
symbols:
  z: {shape: [n], role: input}
  s: {shape: []}
  x: {shape: [n], role: input}
  f: {shape: []}
  a: {shape: [K], role: input}
  p: {shape: [K]}
  c: {shape: [], role: constant}
define:
  - s = \sum_i \max(0, z_i)
  - f = \sum_i x_i^2
  - p = \mathrm{softmax}(a)
---

"""
S = r"\frac{\partial s}{\partial z_i} = "
F = r"\frac{\partial f}{\partial x_i} = 2x_i "
D = r"\frac{\partial p_i}{\partial a_j} = "


def words(display: str) -> list[str]:
    found = check(read(f"{HEADER}$${display}$$\n", "note.md"), 0.0).verdicts
    return [v.verdict for v in found if v.verdict != "not-a-claim"]


@pytest.mark.parametrize(
    "value",
    [
        r"1 \text{ if } z_i > 0 \text{ else } @",
        r"1 \text{ if } z_i > 0, \quad @ \text{ otherwise}",
        r"1 \text{ if } z_i > 0, @ \text{ otherwise}",
        r"1 \text{ if } z_i > 0, \text{ otherwise } @",
        r"1 \text{ if } z_i > 0 \text{ and } @ \text{ otherwise}",
        r"1 \text{ if $z_i > 0$ else $@$}",
        r"\mathbb{1}[z_i > 0] = 1 \text{ if } z_i > 0 \text{ else } @",
        r"1 \text{ if } 0 < z_i \text{ else } @ \text{ if } z_i < -1 \text{ else } 0",
    ],
)
def test_what_is_said_of_all_other_cases_is_part_of_the_claim(value: str) -> None:
    assert set(words(S + value.replace("@", "0"))) == {"proved"}
    assert words(S + value.replace("@", "5"))[-1] == "wrong"


@pytest.mark.parametrize(
    "value",
    [
        r"1 \text{ for } z_i > 0 \text{ and } @ \text{ for } z_i < 0",
        r"1 \text{ for } z_i > 0,\ @ \text{ for } z_i < 0",
        r"1 \text{ when } z_i > 0 \text{ but } @ \text{ when } z_i < 0",
        r"1 \text{ if } z_i > 0, \text{ otherwise } \frac{\partial s}{\partial z_i} = @",
    ],
)
def test_each_of_several_cases_is_a_claim(value: str) -> None:
    assert words(S + value.replace("@", "0")) == ["proved", "proved"]
    assert words(S + value.replace("@", "5")) == ["proved", "wrong"]


def test_nothing_is_claimed_between_the_cases() -> None:
    value = r"1 \text{ for } z_i > 1,\ 0 \text{ for } z_i < -1"
    assert set(words(S + value)) <= {"proved", "agrees"}


def test_cases_of_indices() -> None:
    other = r"p_i(1 - p_i) \text{ if } i = j, \; @ \text{ otherwise}"
    assert words(D + other.replace("@", "-p_ip_j")) == ["proved"]
    assert words(D + other.replace("@", "p_ip_j")) == ["wrong"]


@pytest.mark.parametrize(
    "rest",
    [
        r"\text{ times } 3",
        r"\text{ plus } c",
        r"\text{ plus $c$}",
        r"\text{ or } 3x_i",
        r"\text{ and } 3x_i",
        r"\text{ divided by } c",
    ],
)
def test_what_a_word_between_two_quantities_does_is_not_read(rest: str) -> None:
    assert words(F + rest) == ["unreadable"]


@pytest.mark.parametrize(
    "rest",
    [
        r"\quad \text{by } (3)",
        r"\text{ by definition of } f",
        r"\text{ since } f",
        r"\text{, not } 3x_i",
        r"\text{ for } i = 1, 2",
        r"\text{ for } i = 1, \dots, n",
    ],
)
def test_remarks_behind_a_claim_are_none_of_its_values(rest: str) -> None:
    assert words(F + rest) == ["proved"]
