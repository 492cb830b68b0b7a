"""Small notes in many notations: what is right is accepted, what is wrong is found."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from derive.notes.check import Checked, check
from derive.notes.document import read
from derive.notes.verdicts import AGREES, ILL_FORMED, LAYOUT, NOT_A_CLAIM, PROVED, WRONG

NOTES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).with_name("varied") / "notes.yaml").read_text(encoding="utf-8")
)
ALLOWED = {
    "r": {PROVED},
    "a": {PROVED, AGREES},
    "w": {WRONG, ILL_FORMED},
    "i": {WRONG, ILL_FORMED},
    "l": {LAYOUT},
    "d": {NOT_A_CLAIM},
}


@cache
def checked(number: int) -> Checked:
    note = NOTES[number]
    formulas = "\n\n".join(f"$$\n{claim[1]}\n$$" for claim in note["claims"])
    return check(read(f"---\nderive: 1\n{note['header']}---\n\n{formulas}\n", "note.md"), 3.0)


CLAIMS = [
    pytest.param(number, place, id=f"{note['title']}: {claim[1]}")
    for number, note in enumerate(NOTES)
    for place, claim in enumerate(note["claims"])
]


@pytest.mark.parametrize(("number", "place"), CLAIMS)
def test_a_claim_gets_its_verdict(number: int, place: int) -> None:
    kind, latex, *wanted = NOTES[number]["claims"][place]
    found = [v for v in checked(number).verdicts if v.formula.latex.strip() == latex]
    assert {v.verdict for v in found} <= ALLOWED[kind] | {NOT_A_CLAIM, PROVED}
    assert any(v.verdict in ALLOWED[kind] for v in found)
    if wanted:
        blamed = next(v for v in found if v.problems)
        assert wanted[0] in "".join(edit.text for edit in blamed.repairs[0].edits)


def test_a_fact_that_is_taken_for_granted_is_named() -> None:
    number = next(n for n, note in enumerate(NOTES) if note["title"] == "a fact that is missing")
    verdict = checked(number).verdicts[1]
    assert verdict.note == r"true if A = A^\top, which the note does not declare"
    assert verdict.problems[-1].kind == "fact"
    assert not checked(number).verdicts[0].problems


def test_labels_that_add_up_to_one_are_a_fact_as_well() -> None:
    text = r"""---
derive: 1
dims: {K: classes}
symbols:
  t: {shape: [K], role: input}
  y: {shape: [K], role: label}
  J: {shape: []}
define:
  - J = -\sum_i y_i \log \mathrm{softmax}(t)_i
---
$$\frac{\partial J}{\partial t} = \mathrm{softmax}(t) - y$$
"""
    text = text.replace(r"\mathrm{softmax}(t)_i", r"\frac{e^{t_i}}{\sum_j e^{t_j}}")
    (verdict,) = check(read(text, "note.md"), 0.5).verdicts
    assert verdict.verdict == WRONG
    assert verdict.note == r"true if \sum_k y_k = 1, which the note does not declare"
