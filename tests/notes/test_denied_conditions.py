r"""Conditions that are denied behind their formula: ``$r > 0$ fails``; several under one word."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {K: classes}
symbols:
  z: {shape: [K], role: input}
  p: {shape: [K]}
  r: {shape: [], role: input}
  u: {shape: []}
  s: {shape: [], role: input}
  y: {shape: [], role: label}
  J: {shape: []}
define:
  - p = \mathrm{softmax}(z)
  - u = \max(0, r)
  - J = -y \log \sigma(s) - (1-y) \log(1 - \sigma(s))
assume:
  - y \in \{0, 1\}
---

"""
#: Claims that hold for r > 0, for r < 0, for i = j, for i ≠ j, for y = 1, for y = 0, and always.
SHORT = {
    "@up": r"$\partial u/\partial r = 1$",
    "@down": r"$\partial u/\partial r = 0$",
    "@on": r"$\partial p_i/\partial z_j = p_i (1 - p_i)$",
    "@off": r"$\partial p_i/\partial z_j = -p_i p_j$",
    "@yes": r"$\partial J/\partial s = \sigma(s) - 1$",
    "@no": r"$\partial J/\partial s = \sigma(s)$",
    "@ever": r"$\partial J/\partial s = \sigma(s) - y$",
    "@pos": "$r > 0$",
    "@neg": "$r < 0$",
}
LETTERS = {"proved": "p", "agrees": "p", "wrong": "w", "unreadable": "?"}


def letters(body: str) -> str:
    for short, claim in SHORT.items():
        body = body.replace(short, claim)
    found = check(read(f"{HEADER}{body}\n", "note.md"), 0.0).verdicts
    return "".join(LETTERS[v.verdict] for v in found if v.verdict != "not-a-claim")


@pytest.mark.parametrize(
    "clause",
    [
        "When @pos does not hold",
        "If @pos no longer holds",
        "Since @pos isn't true",
        "If @pos is wrong",
        "If it is not the case that @pos",
        "Falls @pos nicht gilt",
        "Wenn @pos verletzt ist",
        "Si @pos n'est pas vrai",
        "Si @pos no se cumple",
        "Jeśli @pos nie zachodzi",
        "Если @pos не выполнено",
        "אם @pos לא מתקיים",
    ],
)
def test_a_condition_denied_behind_its_formula_is_its_contrary(clause: str) -> None:
    assert letters(f"{clause}, @up.") == "w"
    assert letters(f"{clause}, @down.") == "p"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Gilt @pos nicht, so ist @down.", "p"),
        ("When $i = j$ does not hold, @on.", "w"),
        ("If $i = j$ does not hold, @off.", "p"),
        ("If $y = 1$ fails, @yes.", "w"),
        ("@up if @pos does not hold.", "w"),
        ("@down if @pos does not hold.", "p"),
        ("Suppose that @pos fails. Then @up.", "w"),
        ("Suppose that @pos fails. Then @down.", "p"),
        ("If @pos holds, @up. If @pos is not violated, @up.", "pp"),
        ("If @pos is true then @up.", "p"),
        ("If @pos and no clipping happens, @up. Since @pos almost surely, @up.", "pp"),
    ],
)
def test_what_is_denied_is_told_from_what_holds(body: str, expected: str) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize("words", ["is dropped", "cannot be assumed", "is not known", "may fail"])
def test_what_is_said_of_a_condition_and_not_understood_proves_nothing(words: str) -> None:
    assert letters(f"If @pos {words}, @up.") == "?"
    assert letters(f"If @pos {words}, @down.") == "?"
    assert letters(f"If @pos {words}, @ever.") == "p"
    assert letters(f"If @pos {words}, $\\partial u/\\partial r = 2$.") == "w"


def test_conditions_denied_in_formulas_are_their_contrary_or_not_read() -> None:
    begin, end = r"$$\frac{\partial u}{\partial r} = \begin{cases}", r"\end{cases}$$"
    assert letters(rf"{begin} 1 & \text{{not }} r > 0 \\ 0 & \text{{otherwise}}{end}") == "w"
    assert letters(rf"{begin} 0 & \text{{not }} r > 0 \\ 1 & \text{{otherwise}}{end}") == "p"
    fails = r"\text{if } r > 0 \text{ fails}"
    assert letters(rf"{begin} 1 & {fails} \\ 0 & \text{{otherwise}}{end}") == "?"
    assert letters(rf"$$\frac{{\partial u}}{{\partial r}} = 1 {fails}$$") == "?"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("@up unless @neg and $y = 1$.", "w"),
        ("Except when @neg and $y = 1$, @up.", "w"),
        ("If not (@neg and $y = 1$), @up.", "w"),
        ("@yes unless $y = 0$ and @pos.", "w"),
        ("@up unless @neg or $y = 1$.", "p"),
        ("Unless @neg or $y = 1$, @up.", "p"),
        ("Unless @neg or $y = 1$, @down.", "w"),
        ("For @pos (or @neg) we have @up.", "w"),
        ("If @pos, $y = 1$ or both, then @up.", "w"),
        ("For @pos, @neg and $r = 2$ alike, @up.", "w"),
        ("If @pos implies $y = 1$, @up.", "?"),
        ("For @pos and $y = 1$, @up.", "p"),
    ],
)
def test_several_conditions_under_one_word_are_cases_where_they_have_to_be(
    body: str, expected: str
) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    "clause",
    [
        "Since @pos during training",
        "If @pos lies in the linear part",
        "If the input satisfies @pos",
        "When the pre-activation has @pos",
        "If the unit is such that @pos",
        "If @pos and the unit is active",
        "When @pos the maximum is the number itself",
    ],
)
def test_a_clause_that_denies_nothing_leaves_its_condition(clause: str) -> None:
    assert letters(f"{clause}, @up.") == "p"
    assert letters(f"{clause}, @down.") == "w"


@pytest.mark.parametrize(
    "clause", ["If the input violates @pos", "If no input satisfies @pos", "If @pos falls away"]
)
def test_a_clause_that_denies_or_may_deny_proves_nothing(clause: str) -> None:
    assert letters(f"{clause}, @up.") in ("w", "?")
