r"""What introduces a supposition in the text, what carries it on, and what takes it back."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {N: entries}
symbols:
  x: {shape: [N], role: input}
  w: {shape: [N], role: param}
  a: {shape: [], role: param}
  b: {shape: [], role: param}
  \lambda: {shape: [], role: constant}
  y: {shape: [N]}
  T: {shape: []}
  p: {shape: [N]}
  R: {shape: []}
define:
  - y_i = \max(0, x_i)
  - T = \max(0, a - b)
  - p = \mathrm{softmax}(x)
  - R = \|w\|^2 + \lambda \sum_i x_i^2 + b
---

"""
OFF = r"\partial p_i/\partial x_j = -p_i p_j"
ON = r"\partial p_i/\partial x_j = p_i(1-p_i)"
UP = r"\partial y_i/\partial x_i = 1"
DOWN = r"\partial y_i/\partial x_i = 0"
ONE = r"\partial T/\partial a = 1"
NULL = r"\partial T/\partial a = 0"


def words(body: str) -> list[str]:
    found = check(read(f"{HEADER}{body}\n", "note.md"), 0.0).verdicts
    return [v.verdict for v in found if v.verdict != "not-a-claim"]


@pytest.mark.parametrize(
    "body",
    [
        rf"Let $i\neq j$. Then ${OFF}$.",
        rf"Let $i\neq j$, then ${OFF}$.",
        rf"Soit $i\neq j$. Alors ${OFF}$.",
        rf"Sei $i\neq j$. Dann gilt ${OFF}$.",
        rf"Now take $i\neq j$. We find{chr(10)}$${OFF}.$$",
        rf"Fix $i\neq j$. By the quotient rule,{chr(10) * 2}$${OFF}.$$",
        rf"Case 2: $i\neq j$. Here $${OFF}.$$",
        rf"Case 1: $i = j$. ${ON}$.",
        rf"*Fall 1:* $i = j$. Dann ist ${ON}$.",
        rf"For $i\neq j$ the numerator does not depend on $x_j$. Hence $${OFF}.$$",
        rf"For $i\neq j$ the numerator does not depend on $x_j$, hence ${OFF}$.",
        rf"Let $i\neq j$. Then ${OFF}$. Hence ${OFF}$.",
        r"Suppose that $\lambda = 0$ and $b = 0$. Then $$R = \|w\|^2.$$",
        r"Let $\lambda = 0$. Then $R = \|w\|^2 + b$.",
        r"As $\lambda = 0$, $R = \|w\|^2 + b$.",
        rf"Suppose now $x_i > 0$; then ${UP}$.",
        rf"In the case where $x_i > 0$, ${UP}$.",
        rf"Since $x_i > 0$ here, ${UP}$.",
        rf"Given $x_i > 0$, ${UP}$.",
        rf"${UP}$ as long as $x_i > 0$.",
        rf"${UP}$ where $x_i > 0$.",
        rf"${UP}$ on $x_i > 0$.",
        rf"${UP}$ unless $x_i < 0$.",
        rf"For positive $x_i$, i.e. $x_i > 0$, ${UP}$.",
        rf"For all $i$ with $x_i > 0$, ${UP}$.",
        rf"Off the diagonal, $i \ne j$, we get ${OFF}$.",
        rf"When $i$ and $j$ differ ($i\neq j$), ${OFF}$.",
        rf"(a) $i = j$: ${ON}$. (b) $i\neq j$: ${OFF}$.",
        rf"**Case 1** ($i = j$): ${ON}$. **Case 2** ($i\neq j$): ${OFF}$.",
        f"| case | it is |\n|---|---|\n| $i = j$ | ${ON}$ |\n| $i\\neq j$ | ${OFF}$ |",
        rf"Quando $i = j$, temos ${ON}$.",
        rf"В случае $i = j$ имеем ${ON}$.",
        rf"$i = j$ 时，${ON}$。",
        rf"情况一：$i = j$，${ON}$。",
        rf"For $x_i > \frac12$ we have ${UP}$.",
    ],
)
def test_a_claim_is_judged_under_what_the_words_suppose(body: str) -> None:
    assert set(words(body)) <= {"proved", "agrees"}
    other = body
    for one, two in ((OFF, ON), (ON, OFF), (UP, DOWN), (r"= \|w\|^2", r"= 2\|w\|^2")):
        if one in other:
            wrong = other.replace(one, two)
            assert "wrong" in words(wrong)
            assert "proved" not in words(wrong) or OFF in body


@pytest.mark.parametrize(
    "body",
    [
        rf"If $a > b$, then ${ONE}$; otherwise ${NULL}$.",
        rf"If $a > b$, then ${ONE}$. Otherwise ${NULL}$.",
        rf"${ONE}$ if $a > b$ and ${NULL}$ otherwise.",
        rf"${ONE}$ if $a > b$; ${NULL}$ otherwise",
        rf"${ONE}$ if $a > b$, and ${NULL}$ else.",
        rf"Falls $a > b$, ist ${ONE}$, andernfalls ${NULL}$.",
        rf"Si $a > b$, alors ${ONE}$, sinon ${NULL}$.",
        rf"For $i = j$ we have $p_i(1-p_i)$; else ${OFF}$.",
    ],
)
def test_otherwise_is_where_nothing_of_what_was_said_holds(body: str) -> None:
    assert set(words(body)) == {"proved"}
    exchanged = body.replace(ONE, "@").replace(NULL, ONE).replace("@", NULL).replace(OFF, ON)
    assert set(words(exchanged)) == {"wrong"}


def test_otherwise_comes_after_all_of_several_cases() -> None:
    body = rf"If $i \neq j$ and $x_i > 0$, ${UP}$; otherwise ${UP}$."
    assert words(body) == ["proved", "wrong"]


@pytest.mark.parametrize(
    "body",
    [
        rf"${OFF}$ for $i \neq j$ and for $i = j$.",
        rf"For $i \neq j$ as well as for $i = j$, ${OFF}$.",
        rf"If $i \neq j$ or $i = j$, ${OFF}$.",
        rf"If $i \neq j$ or not, ${OFF}$.",
        rf"Whether or not $i \neq j$, we have ${OFF}$.",
        rf"We do not assume $i \neq j$: ${OFF}$.",
        rf"It is not true that only for $i \neq j$ we have ${OFF}$.",
        rf"The case $i \neq j$ is not special: ${OFF}$.",
        rf"Not only for $i \neq j$ we have ${OFF}$.",
        rf"For $i \neq j$ we set $\lambda = 0$, and in general ${OFF}$.",
        rf"Let $i \neq j$ for now. In general, ${OFF}$.",
        rf"${UP}$ for $x_i > 0$ and for $x_i < 0$.",
        rf"${UP}$ unless $x_i > 0$.",
        rf"Let $i \neq j$. All is easier. ${OFF}$.",
        rf"Without assuming $i \neq j$, ${OFF}$.",
        rf"Regardless of the sign, and whether or not $i \neq j$, ${OFF}$.",
        rf"No matter if $i \neq j$, ${OFF}$.",
        rf"Unlike the case $i \neq j$, here ${OFF}$.",
        rf"Let $i \neq j$.{chr(10) * 2}${OFF}$ is true.",
    ],
)
def test_what_is_not_supposed_restricts_nothing(body: str) -> None:
    assert "wrong" in words(body)
    assert "proved" not in words(body)


def test_what_we_set_is_supposed_and_if_not_is_otherwise() -> None:
    assert words(rf"If we take $i \neq j$, ${OFF}$.") == ["proved"]
    assert words(rf"If $i = j$: ${ON}$. If not: ${OFF}$.") == ["proved", "proved"]
    assert words(rf"If $i = j$: ${ON}$. If not: ${ON}$.") == ["proved", "wrong"]


def test_a_claim_for_two_cases_has_to_hold_in_each() -> None:
    assert words(r"$\partial|x_i|/\partial x_i = x_i/|x_i|$ for $x_i < 0$ and for $x_i > 0$.") == [
        "proved"
    ]
    assert words(rf"${OFF}$ for $i < j$ and for $i > j$.") == ["proved"]
    assert words(rf"${ON}$ for $i < j$ and for $i = j$.") == ["wrong"]


def test_a_condition_right_behind_a_formula_overrules_its_contrary() -> None:
    body = rf"For $i = j$ the derivative is $p_i(1-p_i)$ and ${OFF}$ for $i\neq j$."
    assert words(body) == ["proved"]
    assert words(rf"For $i \neq j$ we have ${OFF}$ for $x_i > 0$.") == ["proved"]
    assert words(rf"For $x_i > 0$ we have ${DOWN}$ for $x_i < 0$.") == ["proved"]


def test_that_given_quantities_are_equal_is_still_a_claim_where_no_word_supposes_it() -> None:
    assert words(r"Since $y = x$, all is easy.") == ["wrong"]
    assert words(r"Let $R = T$.") == ["wrong"]


def test_an_equation_that_ends_the_sentence_is_what_it_claims() -> None:
    assert words(r"If $a = b$, $T = 0$.") == ["proved"]
    assert words(r"If $a > b$, $T = 0$.") == ["wrong"]
    assert words(r"If $\lambda > 0$, $b = 0$, $R = \|w\|^2 + \lambda\sum_i x_i^2$.") == ["proved"]


def test_what_points_back_to_a_claim_goes_on_with_nothing() -> None:
    body = rf"Let $i \neq j$. Then ${OFF}$. This differs from the rest, where ${OFF}$."
    assert words(body) == ["proved", "wrong"]


def test_also_for_is_one_more_case() -> None:
    assert words(rf"Suppose $i \neq j$. Then ${OFF}$ also for $i = j$.") == ["wrong"]
    assert words(rf"If $i < j$, ${OFF}$, also for $i > j$.") == ["proved"]
    assert words(rf"We have ${OFF}$ even for $i \neq j$.") == ["wrong"]
