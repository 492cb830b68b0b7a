"""A note is repaired in one run, also what has another meaning once the lines before are right."""

from derive.notes.check import Checked, check
from derive.notes.document import read
from derive.notes.patch import mended, patched
from tests.notes_repair.test_repair import MATRICES

# The second line follows from the first one, and is wrong once ``z`` is W x again.
NOTE = rf"""{MATRICES}
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
