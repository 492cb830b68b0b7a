"""A note is repaired in one run, also what has another meaning once the lines before are right."""

from pathlib import Path

import pytest

from derive.notes.check import Checked, check
from derive.notes.document import read
from derive.notes.patch import mended, patched
from tests.notes_repair.test_repair import MATRICES

NOTES = Path(__file__).parents[1] / "notes"
# The second line follows from the first one, and is wrong once ``z`` is W x again.
NOTE = rf"""{MATRICES}
$$z = 2 W x$$
$$\frac{{\partial h}}{{\partial x}}
= \frac{{\partial h}}{{\partial z}} \frac{{\partial (2 W x)}}{{\partial x}}$$
"""
# The second line is wrong as it is written.
VALUES = rf"""{MATRICES}
$$z = 2 W x$$
$$\frac{{\partial J}}{{\partial V}} = (s - y) \tanh(2 W x)^\top$$
"""


def checked(text: str) -> Checked:
    return check(read(text, "note.md"))


def test_what_is_wrong_after_a_repair_is_repaired_as_well() -> None:
    first = checked(NOTE)
    assert not all(v.fine for v in checked(patched(first).text).verdicts)
    whole = mended(first, checked)
    assert whole.made == (1, 2)
    assert not whole.skipped
    assert all(v.fine for v in checked(whole.text).verdicts)


def test_what_is_wrong_as_it_is_written_is_repaired_at_once() -> None:
    first = checked(VALUES)
    assert [v.verdict for v in first.verdicts] == ["wrong", "wrong"]
    assert all(v.fine for v in checked(patched(first).text).verdicts)


@pytest.mark.parametrize("path", sorted(NOTES.glob("*.md")), ids=lambda path: path.stem)
def test_all_that_is_wrong_in_our_notes_is_repaired(path: Path) -> None:
    first = check(read(path.read_text(encoding="utf-8"), path.name))
    whole = mended(first, checked)
    assert whole.made
    assert not whole.skipped
    assert all(v.fine for v in checked(whole.text).verdicts)


def test_terms_that_are_put_back_above_are_put_back_in_what_is_differentiated() -> None:
    header = MATRICES.replace("  J: {", "  b: {shape: [H], role: param}\n  J: {")
    header = header.replace("z = W x", "z = b + W x")
    note = rf"""{header}
$$z = W x$$
$$\frac{{\partial J}}{{\partial x}} = \frac{{\partial h}}{{\partial x}} = 0$$
$$\frac{{\partial h}}{{\partial x}} = \frac{{\partial \tanh(W x)}}{{\partial x}}$$
"""
    assert r"\partial \tanh(b + W x)" in mended(checked(note), checked).text
