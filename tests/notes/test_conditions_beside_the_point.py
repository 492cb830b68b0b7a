r"""Conditions that are told, not supposed: *no matter*, *besides the case*; contrasts in words."""

import pytest

from tests.notes.test_denied_conditions import letters


@pytest.mark.parametrize(
    "lead",
    [
        "It makes no difference if @pos",
        "Never mind if @pos",
        "Always, in particular if @pos",
        "In all cases, also for @pos",
        "Es ist gleichgültig, wenn @pos",
        "Immer, z. B. für @pos",
        "Peu importe si @pos",
        "No importa si @pos",
        "Nie ma znaczenia, jeśli @pos",
        "Неважно, если @pos",
        "לא משנה אם @pos",
        "Outside the case @pos",
        "Leaving aside the case @pos",
        "Hors du cas @pos",
        "Вне случая @pos",
    ],
)
def test_what_is_said_regardless_or_outside_of_a_case_is_not_said_of_it(lead: str) -> None:
    assert letters(f"{lead}, @up.") == "w"


@pytest.mark.parametrize(
    "lead",
    [
        "Besides the case @pos,",
        "Having dealt with the case @pos,",
        "Particularly if @pos,",
        "Although for @pos other things may happen,",
        "Things are easy if @pos, but here we have",
    ],
)
def test_what_is_told_of_a_case_aside_proves_nothing(lead: str) -> None:
    assert letters(f"{lead} @up.") == "?"


def test_what_is_outside_of_a_case_is_where_it_is_not() -> None:
    assert letters("Outside the case @pos, @down.") == "p"
    assert letters("Nothing changes if @pos. Hence @up.") == "w"
    assert letters("We exclude the case @pos. @up.") == "w"
    assert letters("In particular, if @pos, @up. Consider the case @pos. Then @up.") == "pp"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("If @pos, @up, but for negative $r$, @up.", "p?"),
        ("If @pos, @up, whereas in the opposite case @up.", "pw"),
        ("If @pos, @up, but on the other side @up.", "p?"),
        ("If @pos, @up, to the left of the kink @up.", "p?"),
        ("For $y = 1$ we have @yes and for the negative class @yes.", "p?"),
        ("For $y = 1$ we have @yes and for negatives @no.", "p?"),
        ("If @pos, @up, but @up.", "pp"),
    ],
)
def test_a_contrast_in_words_ends_the_case_before_it(body: str, expected: str) -> None:
    assert letters(body) == expected
