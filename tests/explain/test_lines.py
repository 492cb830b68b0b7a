"""A page as text: nothing is too wide, nothing gets lost, and marks are seen."""

import pytest

from derive.explain.breaking import cells
from derive.explain.explained import page_of
from derive.explain.explanation import explanation
from derive.explain.lines import lines, plain
from derive.explain.page import Page, Pair, Paragraph, SideBySide, Table
from derive.explain.tree import Equation, Letter, Plus, Times
from tests.calculus.layers import LAYERS

A, B, C = (Letter(name) for name in "abc")
LONG = Plus(tuple((False, Times((A, B, C))) for _ in range(9)))


def page(*blocks, direction="ltr"):
    return Page("title", ("about it",), "en", direction, 1, blocks)


@pytest.mark.parametrize("name", ["gru_cell", "kinks", "attention_nested"])
def test_the_lines_fit_any_width(name):
    found = page_of(explanation(LAYERS[name]()))
    for width in (72, 100):
        text = plain(lines(found, width))
        assert [line for line in text.splitlines() if cells(line) > width] == []


def test_two_forms_stand_side_by_side_where_there_is_room():
    block = SideBySide((("one",), ("two",)), (Pair(Equation(A, B), Equation(A, C), ("why",)),))
    assert plain(lines(page(block), 40)).splitlines()[1:] == [
        "  one     two",
        "  a = b   a = c",
        "    why",
    ]


def test_a_wide_form_stands_above_the_other():
    block = SideBySide(((), ()), (Pair(Equation(A, LONG), Equation(A, LONG)),))
    text = plain(lines(page(block), 50))
    assert text.splitlines()[1:] == [
        "  a = a b c + a b c + a b c + a b c + a b c",
        "        + a b c + a b c + a b c + a b c",
        "    a = a b c + a b c + a b c + a b c + a b c",
        "          + a b c + a b c + a b c + a b c",
    ]


def test_words_are_kept_whole_and_so_is_a_formula_among_them():
    block = Paragraph(("some words and ", Equation(A, Times((B, C))), ", and more"))
    assert plain(lines(page(block), 24)).splitlines()[1:] == [
        "  some words and",
        "  a = b c, and more",
    ]


def test_the_last_column_of_a_table_is_wrapped():
    block = Table((("symbol",), ("meaning",)), (((A,), ("a long story that goes on",)),))
    assert plain(lines(page(block), 34)).splitlines()[1:] == [
        "  symbol   meaning",
        "  a        a long story that goes",
        "           on",
    ]


def test_from_right_to_left_formulas_are_isolated():
    block = Paragraph(("מילה ", A))
    assert "\u2066a\u2069" in plain(lines(page(block, direction="rtl"), 40))
    assert "\u2066" not in plain(lines(page(block), 40))


def test_marks_have_a_style_and_are_underlined_where_there_is_none():
    rows = lines(page_of(explanation(LAYERS["kinks"]())), 100)
    assert any(style == "new" for row in rows for _, style in row)
    assert "‾" in plain(rows)
