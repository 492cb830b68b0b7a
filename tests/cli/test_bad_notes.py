"""Bad notes: one message with line and column, in bounded time, and never a traceback."""

import time

import pytest

from tests.cli.checking import HEADER, written

LEFT = r"\frac{\partial Z_l}{\partial a_i} = "
FIXED = r"""---
derive: 1
dims: {N: 16}
symbols:
  T: {shape: [N, N, N, N, N, N, N, N], role: param}
  y: {shape: []}
define:
  - y = \sum_{a,b,c,d,p,q,r,s} T_{abcdpqrs}^2
---

"""


def header(text):
    return f"---\nderive: 1\n{text}\n---\n$$f = 1$$\n"


#: Each with the place and the message, and whether the whole file is refused.
NOTES = {
    "an empty file": ("", "1:1", "the note has no header", True),
    "no header": ("# Words\n$$a = b$$\n", "1:1", "the note has no header", True),
    "an open header": ("---\nderive: 1\n", "1:1", "the header that begins here never ends", True),
    "no YAML": (header("dims: [N}"), "3:9", "the header is not valid YAML", True),
    "a YAML tag": (
        header("symbols: !!python/object/apply:os.system ['touch /tmp/never']"),
        "3:10",
        "tags (!) are not used in notes",
        True,
    ),
    "a YAML bomb": (
        header("a: &a [x, x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b]"),
        "3:4",
        "anchors and aliases",
        True,
    ),
    "an unknown key": (header("symbol: {}"), "3:1", "unknown key symbol", True),
    "an unknown size": (
        header("symbols:\n  x: {shape: [Q], role: input}"),
        "4:3",
        "Q is not a size",
        True,
    ),
    "an unknown symbol in a definition": (
        HEADER.replace("X_i - b_j", "X_i - q_j"),
        "11:40",
        "q is not declared",
        True,
    ),
    "facts at odds": (
        "---\nderive: 1\nsymbols:\n  x: {shape: [], role: input}\n  f: {shape: []}\n"
        "define:\n  - f = x^2\nassume:\n  - f < 0\n---\n$$f = 1$$\n",
        "8:1",
        "no values were found for which all holds that is assumed",
        True,
    ),
    "an unknown layer": (header("layer: quantiser"), "3:1", "there is no shipped layer", True),
    "no UTF-8": (HEADER.encode() + b"caf\xe9", "13:4", "the byte 0xe9 is not UTF-8", True),
    "NUL": (HEADER + "a\0", "13:2", "there is a NUL character here", True),
    "an open formula": (HEADER + "$$ Z_i = 1\n", "13:1", "opens here never ends", True),
    "an open brace": (HEADER + "$$ Z_{i = 1 $$", "13:6", "this { is never closed", False),
    "a closed brace": (HEADER + "$$ Z_i = 1} $$", "13:11", "this } closes nothing", False),
    "an unknown command": (HEADER + r"$$ Z_i = \foo $$", "13:10", r"cannot read \foo", False),
    "a million characters": (
        f"{HEADER}$$ {LEFT}{'X_l + ' * 170_000} 1 $$",
        "13:3",
        "16384 are the most",
        False,
    ),
    "ten thousand braces": (
        f"{HEADER}$$ Z_i = {'{' * 10_000}1{'}' * 10_000} $$",
        "13:3",
        "16384 are the most",
        False,
    ),
    "two hundred braces": (
        f"{HEADER}$$ Z_i = {'{' * 200}1{'}' * 200} $$",
        "13:160",
        "braces are nested more than 150 deep",
        False,
    ),
    "text turned around": (HEADER + "$$ Z_i = \u202e1 $$", "13:10", "cannot read U+202E", False),
    "letters from the right": (HEADER + "$$ Z_i = ש $$", "13:10", "cannot read ש", False),
    "a power of powers": (
        f"{HEADER}$$ {LEFT}10^{{10^{{10^{{10}}}}}} $$",
        "13:4",
        "is too large to be computed with",
        False,
    ),
    "a huge power": (
        f"{HEADER}$$ {LEFT}(X_l + b_i)^{{99999999}} $$",
        "13:4",
        "is too large to be computed with",
        False,
    ),
    "gigabytes": (
        FIXED + r"$$ \frac{\partial y}{\partial T_{abcdpqrs}} = 2 T_{abcdpqrs} $$",
        "11:4",
        "numbers at a time",
        False,
    ),
}


@pytest.mark.parametrize("name", NOTES)
def test_a_bad_note_is_one_message_with_its_place(derive, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    text, place, message, whole = NOTES[name]
    written(tmp_path, text)
    start = time.process_time()
    status, out, err = derive("check", "note.md")
    assert time.process_time() - start < 20
    assert status == 2
    said = err if whole else out
    first = said.splitlines()[0].removeprefix("error: ")
    assert first.startswith(f"note.md:{place}: ")
    assert message in first
    assert first.count("note.md") == 1
    assert len(out) + len(err) < 4000
    assert "Traceback" not in out + err
    assert "internal error" not in err


def test_the_caret_of_an_unreadable_formula_stands_below_what_was_not_read(derive, tmp_path):
    _, out, _ = derive("check", written(tmp_path, HEADER + "$$ Z_i = a_i \\foo $$\n"))
    line, carets = out.splitlines()[2:4]
    assert line[carets.index("^") : carets.rindex("^") + 1] == r"\foo"


def test_one_unreadable_formula_does_not_hide_the_others(derive, tmp_path):
    text = f"{HEADER}$$ Z_i = \\foo $$\n\n$$ {LEFT} \\tanh(X_l - b_i) $$\n"
    status, out, _ = derive("check", written(tmp_path, text))
    assert status == 2
    assert out.splitlines()[-1] == "2 claims: 1 proved, 1 unreadable"


def test_an_empty_name_is_shown_as_one(derive):
    status, out, err = derive("check", "")
    assert status == 2 and "'' names no file" in out + err
