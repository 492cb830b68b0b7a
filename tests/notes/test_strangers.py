"""Claims from public notes: all read, none that is right is blamed, none that is wrong passes."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from derive.notes.check import EFFORT, Checked, check
from derive.notes.document import read
from derive.notes.verdicts import LAYOUT, NOT_A_CLAIM, PROVED, UNREADABLE

HERE = Path(__file__).with_name("strangers")
TRUTH = yaml.safe_load((HERE / "truth.yaml").read_text(encoding="utf-8"))
RIGHT = [name for name, entry in TRUTH.items() if entry["truth"] == "correct"]
WRONG = [name for name in TRUTH if name not in RIGHT]
#: Repairs that take more than the search puts together, of 22.
HARD = 2


@cache
def checked(name: str, effort: float = EFFORT) -> Checked:
    return check(read((HERE / f"{name}.md").read_text(encoding="utf-8"), f"{name}.md"), effort)


def varied(name: str, formula: str) -> Checked:
    """Return the verdicts on a note with another formula in the last place."""
    text = (HERE / f"{name}.md").read_text(encoding="utf-8")
    places = list(re.finditer(r"\$\$\n(.*?)\n\$\$", text, re.DOTALL))
    start, end = places[-1].span(1)
    return check(read(text[:start] + formula + text[end:], f"{name}.md"), 0.1)


@pytest.mark.parametrize("name", TRUTH)
def test_every_note_is_read(name: str) -> None:
    assert all(verdict.verdict != UNREADABLE for verdict in checked(name).verdicts)


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_proved(name: str) -> None:
    verdicts = checked(name).verdicts
    assert {verdict.verdict for verdict in verdicts} <= {PROVED, NOT_A_CLAIM}
    assert any(verdict.verdict == PROVED for verdict in verdicts)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    verdicts = checked(name).verdicts
    if TRUTH[name]["truth"] == "wrong-under-layout":
        assert any(verdict.verdict == LAYOUT for verdict in verdicts)
    else:
        assert any(not verdict.fine for verdict in verdicts)


def test_most_repairs_make_the_claim_what_it_should_be() -> None:
    unrepaired = []
    for name in WRONG:
        repairs = [v.repairs[0] for v in checked(name).verdicts if v.problems and v.repairs]
        fine = repairs and all(v.fine for v in varied(name, repairs[0].latex.strip()).verdicts)
        if not fine:
            unrepaired.append(name)
    assert len(unrepaired) <= HARD, unrepaired


@pytest.mark.parametrize("name", WRONG)
def test_the_documented_repair_is_right(name: str) -> None:
    assert all(verdict.fine for verdict in varied(name, TRUTH[name]["corrected"]).verdicts)
