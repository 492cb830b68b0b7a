r"""Conditions of a claim: in its brackets, before a colon, and in the words around it."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: classes}
symbols:
  z: {shape: [n], role: input}
  p: {shape: [n]}
  h: {shape: [n]}
define:
  - p = \text{softmax}(z)
  - h = \operatorname{ReLU}(z)
---
"""
D = r"\frac{\partial p_i}{\partial z_j}"
OFF = rf"{D} = -p_i p_j"


def words(body: str) -> list[str]:
    found = check(read(HEADER + body, "n.md")).verdicts
    return [v.verdict for v in found if v.verdict != "not-a-claim"]


@pytest.mark.parametrize(
    "body",
    [
        rf"$${OFF} \quad (i \neq j)$$",
        rf"$$i \neq j: \quad {OFF}$$",
        rf"For $i \neq j$ we get $${OFF}.$$",
        rf"If $i \ne j$, then ${OFF}$.",
        rf"Case 1 ($i \neq j$): $${OFF}$$",
        rf"Für $i \neq j$ gilt $${OFF}$$",
        rf"Pour $i \neq j$ on a $${OFF}$$",
        rf"Si $i \neq j$ entonces $${OFF}$$",
        rf"当 $i \neq j$ 时，$${OFF}$$",
        rf"It is ${OFF}$ for $i \neq j$.",
        rf"$${OFF}$$ if $j > i$.",
        rf"If $1 \le i < n$ and $j > i$, ${OFF}$.",
        rf"For all $i \neq j$: ${OFF}$ and ${OFF.replace('p_i p_j', 'p_j p_i')}$.",
        r"$$\frac{\partial h_i}{\partial z_i} = 1 \quad \text{if } z_i > 0$$",
        r"If $z_i < 0$ then $\frac{\partial h_i}{\partial z_j} = 0$.",
        r"If $z_i > 0$ then $\frac{\partial h_i}{\partial z_i} = 1$,"
        r" otherwise $\frac{\partial h_i}{\partial z_i} = 0$.",
        rf"For $i = j$ it is ${D} = p_i(1 - p_i)$, else ${OFF}$.",
        r"For $z_i > 0$ we have $\frac{\partial h_i}{\partial z_i} = 1$,"
        r" and for $z_i < 0$ it is $\frac{\partial h_i}{\partial z_i} = 0$.",
        rf"If $i \neq j$ we get ${OFF}$, and if moreover $z_i > 0$, ${OFF}$.",
        rf"For all $i \neq j$ we get ${OFF}$, and when $z_i > 0$, ${OFF}$.",
        rf"For $p = h$ it is ${D} = p_i(\delta_{{ij}} - p_j)$.",
        # What does not concern a claim does not restrict it.
        rf"For $\epsilon > 0$ we get ${D} = p_i(\delta_{{ij}} - p_j)$.",
    ],
)
def test_a_claim_is_judged_where_it_is_claimed(body: str) -> None:
    assert set(words(body)) == {"proved"}


@pytest.mark.parametrize(
    "body",
    [
        rf"If $i \neq j$, then ${D} = p_i p_j$.",
        rf"For $i \neq j$ there is more to say. ${OFF}$",
        rf"For $i \neq j$ there is more to say.{chr(10) * 2}${OFF}$",
        rf"$$\text{{Once }} {OFF}.$$ For $i \neq j$ it is known.",
        rf"Because of $i \neq j$ we get ${OFF}$.",
        rf"If $i \neq k$, then ${OFF}$.",
        r"If $z_i < 0$ then $\frac{\partial h_i}{\partial z_i} = 1$.",
    ],
)
def test_other_words_and_other_claims_are_none(body: str) -> None:
    assert set(words(body)) == {"wrong"}


def test_what_is_to_be_is_no_claim():
    found = check(
        read(rf"{HEADER}$${D} \stackrel{{!}}{{=}} 0$$ $$h \overset{{!}}{{=}} 1$$", "n.md")
    )
    assert [v.verdict for v in found.verdicts] == ["not-a-claim"] * 2


def test_what_is_claimed_under_a_condition_that_is_never_met_is_not_judged():
    at = r"\frac{\partial h_i}{\partial z_i}"
    assert words(rf"$${at} = 3 \quad \text{{if }} p_i > 2$$") == ["unreadable"]
    assert words(rf"If $p_i > 2$ then ${at} = 3$.") == ["unreadable"]
    # What is met far off only is met.
    assert words(rf"If $z_i > 1000$ then ${at} = 3$.") == ["wrong"]
    # What holds everywhere holds there.
    assert words(rf"If $p_i > 2$ then ${D} = p_i(\delta_{{ij}} - p_j)$.") == ["proved"]


def test_a_new_condition_of_the_same_kind_takes_the_place_of_the_first() -> None:
    one = r"\frac{\partial h_i}{\partial z_i} = 1"
    body = rf"For $z_i > 0$ we have ${one}$, and for $z_i < 0$ it is ${one}$."
    assert words(body) == ["proved", "wrong"]
