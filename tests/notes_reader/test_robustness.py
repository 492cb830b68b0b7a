"""Any text gives a tree or one DeriveError, in bounded time."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.notes.document import read
from derive.notes.lexer import scan
from derive.notes.parse import parse
from derive.notes.symbols import CHARACTERS, COMMANDS
from derive.notes.tree import Line

CORPUS = [
    line.partition("| ")[2]
    for line in Path(__file__).with_name("corpus.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
PIECES = [
    *("\\" + name for name in COMMANDS),
    *CHARACTERS,
    *"abdxyWLij012 '",
    *("\\\\", "$", "%", "\n", "\r\n", "\t", "²", "∂", "ש", "\u202e", "\0", "\\"),
    *(r"\begin{cases}", r"\end{cases}", r"\begin{aligned}", r"\end{aligned}"),
    *(r"\left(", r"\right)", r"\left.", r"\right|", r"\left\{", r"\right."),
    *(r"\text{if }", r"\frac{\partial L}{\partial x}", "dL/dx", r"\mathrm{x}", "{}"),
]
NAMES = ("dx", "W^{(1)}", "a_{n}", "x_1", "X'", "loss", r"\hat y")


def attempt(latex: str, names: tuple[str, ...] = ()) -> None:
    try:
        assert isinstance(parse(latex, names), Line)
    except DeriveError as problem:
        assert problem.span is not None
        assert str(problem)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.booleans())
def test_any_row_of_commands_is_read_or_refused(pieces: list[str], named: bool) -> None:
    attempt("".join(pieces), NAMES if named else ())


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.sampled_from(CORPUS),
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 6), st.sampled_from(PIECES)), max_size=3
    ),
    st.booleans(),
)
def test_a_damaged_formula_is_read_or_refused(
    latex: str, edits: list[tuple[int, int, str]], named: bool
) -> None:
    for place, width, piece in edits:
        place %= len(latex) + 1
        latex = latex[:place] + piece + latex[place + width :]
    attempt(latex, NAMES if named else ())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    attempt(text)
    assert "".join(lexeme.text for lexeme in scan(text)) == text


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=80), st.booleans())
def test_any_note_is_read_or_refused(text: str, tex: bool) -> None:
    for note in (text, f"---\nderive: 1\n{text}\n---\n$$a$$", f"% ---\n% {text}\n% ---\n"):
        try:
            read(note, "n", tex)
        except DeriveError as problem:
            assert str(problem)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read(data)
    except DeriveError as problem:
        assert str(problem)


@pytest.mark.parametrize(
    "latex",
    [
        "{" * 10_000 + "x" + "}" * 10_000,
        "{" * 8_000,
        "{" * 3_000 + "x" + "}" * 3_000,
        "(" * 8_000,
        "x+" * 500_000,
        r"\log " * 3_000 + "x",
        r"\hat " * 3_000 + "x",
        r"\frac" * 3_000,
        r"\sum_i " * 2_000,
        "x^" * 8_000,
        "|" * 16_001,
        "'" * 16_000,
        r"\left(" * 2_500,
        r"\begin{cases}" * 1_200,
        "x" * 16_000,
        "a," * 4_000 + "i=1," * 2_000,
    ],
    ids=lambda latex: latex[:8],
)
def test_monsters_end_soon(latex: str) -> None:
    start = time.process_time()
    attempt(latex, NAMES)
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "build",
    [
        lambda: "x $" * 100_000,
        lambda: "`" * 300_000,
        lambda: ("`x" + "``y") * 50_000,
        lambda: "<!--" * 100_000,
        lambda: "$$" + "\\" * 300_000,
        lambda: "---\nderive: 1\nx: " + "[" * 60_000 + "\n---\n",
        lambda: r"\begin{align}" * 30_000,
        lambda: "x" * 2_000_000,
    ],
)
def test_monstrous_notes_end_soon(build: Callable[[], str]) -> None:
    start = time.process_time()
    try:
        read(build())
    except DeriveError as problem:
        assert str(problem)
    assert time.process_time() - start < 20


def test_a_line_takes_milliseconds() -> None:
    parse("a")
    start = time.process_time()
    for latex in CORPUS:
        parse(latex)
    assert (time.process_time() - start) / len(CORPUS) < 0.05
