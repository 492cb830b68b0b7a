r"""Conditions in passages of their own: sentences in brackets, footnotes."""

import pytest

from tests.notes.test_denied_conditions import letters


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("(If $y = 1$, then @yes.) We have @yes.", "pw"),
        ("(If @pos, then @up.) Next, @up.", "pw"),
        ("(For @pos this is easy: @up.) @up", "pw"),
        ("Let @pos. (If $y = 1$, then @yes.) Then @up.", "pp"),
        (r"@ever.\footnote{For $y = 1$ it is @yes.} Hence @yes.", "ppw"),
        (r"Note\footnote{If @pos, life is easy.} that @up.", "w"),
        (r"We have @up\footnote{If @pos, also @up.} and @up.", "wpw"),
    ],
)
def test_a_passage_of_its_own_keeps_its_conditions(body: str, expected: str) -> None:
    assert letters(body) == expected


def test_a_bracket_within_a_sentence_is_no_passage_of_its_own() -> None:
    assert letters("For @pos (the active case), @up.") == "p"
    assert letters("(a) For @pos, @up. (b) For @neg, @down.") == "pp"
