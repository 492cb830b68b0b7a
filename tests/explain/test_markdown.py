"""Markdown as those who show it read it: formulas stay whole, and tables have their cells."""

import re
import unicodedata
from functools import cache
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from derive.explain.explained import page_of
from derive.explain.explanation import explanation
from derive.explain.markdown import markdown
from derive.explain.page import Boxed, Derived, Page, Paragraph, SideBySide, Table
from derive.explain.tree import Call, Letter
from derive.layer.find import load, shipped
from tests.calculus.layers import LAYERS

#: Those with absolute values, conditions and names of several letters are among them.
PAGES = [
    *((name, "en") for name in [*sorted(shipped()), "kinks", "gru_cell", "embedding"]),
    ("quantizer", "he"),
    ("softmax_mlp_rows", "es"),
]


def reader():
    """Return a reader with the rules of code hosting sites: no space inside of the dollars."""
    found = MarkdownIt("commonmark").enable("table")
    return found.use(dollarmath_plugin, allow_space=False, allow_digits=False)


@cache
def page(name, language):
    layer = load(name) if name in shipped() else LAYERS[name]()
    return page_of(explanation(layer), language)


def leaves(tokens):
    for token in tokens:
        yield token
        yield from leaves(token.children or [])


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_all_dollars_are_read_as_those_of_formulas(name, language):
    text = markdown(page(name, language))
    tokens = list(leaves(reader().parse(text)))
    plain = [token.content for token in tokens if token.type == "text"]
    assert not [content for content in plain if "$" in content or "\\" in content]
    formulas = [token for token in tokens if token.type in ("math_inline", "math_block")]
    blocks = sum(token.type == "math_block" for token in formulas)
    assert 2 * len(formulas) == len(re.findall(r"(?<!\\)\$", text)) - 2 * blocks
    assert {token.type for token in tokens}.isdisjoint({"em_open", "strong_open", "link_open"})


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_every_table_has_the_rows_and_cells_of_its_block(name, language):
    shown = page(name, language)
    tokens = reader().parse(markdown(shown))
    rows = sum(token.type == "tr_open" for token in tokens)
    cells = sum(token.type in ("td_open", "th_open") for token in tokens)
    tables = sum(token.type == "table_open" for token in tokens)
    wanted = [size for block in shown.blocks for size in extents(block)]
    assert (tables, rows, cells) == (
        len(wanted),
        sum(height for height, _ in wanted),
        sum(height * width for height, width in wanted),
    )


def extents(block):
    """Return the rows and columns of the tables that a block becomes, titles among them."""
    if isinstance(block, Derived):
        return [(len(block.lines) + 1, 3)]
    if isinstance(block, Table):
        return [(len(block.rows) + 1, len(block.titles))]
    if isinstance(block, (SideBySide, Boxed)):
        # A remark ends a table; the next pair begins another.
        ends = [place + 1 for place, pair in enumerate(block.rows) if pair.remark]
        bounds = sorted({0, *ends, len(block.rows)})
        return [(two - one + 1, 2) for one, two in pairwise(bounds)]
    return []


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_dollars_stand_where_words_may_begin_and_end(name, language):
    text = markdown(page(name, language))
    for found in re.finditer(r"(?<![\\$])\$([^$]+)\$(?!\$)", text):
        assert found[1] == found[1].strip()
        before, after = text[found.start() - 1], text[found.end()]
        for beside in (before, after):
            assert beside.isspace() or unicodedata.category(beside)[0] in "PS", found[0]


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_no_backslash_in_a_line_is_one_that_markdown_takes(name, language):
    text = re.sub(r"\$\$.*?\$\$", "", markdown(page(name, language)), flags=re.DOTALL)
    for found in re.findall(r"(?<!\\)\$([^$]+)(?<!\\)\$", text):
        assert not re.search(r"\\[^A-Za-z]", found), found


def test_words_with_special_characters_stay_words():
    words = "a_b_c *d* `e` $5 and $6 | <f> [g](h) # \\i ~j~"
    absolute = Call("abs", (Letter("x"),))
    table = Table((("t",), ("u",)), (((words,), (absolute,)),))
    text = markdown(Page("n_n_n", (words,), "en", "ltr", 1, (Paragraph((words,)), table)))
    tokens = list(leaves(reader().parse(text)))
    joined = [
        "".join(child.content for child in token.children if child.type != "math_inline")
        for token in tokens
        if token.type == "inline"
    ]
    assert joined.count(words) == 3 and joined[0] == "n_n_n"
    assert [t.content for t in tokens if t.type == "math_inline"] == [r"\left\vert x\right\vert"]
