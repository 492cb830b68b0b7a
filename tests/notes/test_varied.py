"""Small notes in many notations: what is right is accepted, what is wrong is found."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from derive.notes.check import Checked, check
from derive.notes.document import read
from derive.notes.verdicts import AGREES, ILL_FORMED, LAYOUT, NOT_A_CLAIM, PROVED, WRONG

NOTES: list[dict[str, Any]] = [
    note
    for path in sorted(Path(__file__).with_name("varied").glob("*.yaml"))
    for note in yaml.safe_load(path.read_text(encoding="utf-8"))
]
ALLOWED = {
    "r": {PROVED},
    "a": {PROVED, AGREES},
    "w": {WRONG, ILL_FORMED},
    "i": {WRONG, ILL_FORMED},
    "l": {LAYOUT},
    "d": {NOT_A_CLAIM},
}


def written(number: int, claims: list[list[str]], effort: float) -> Checked:
    """Return the verdicts on some claims of a note."""
    formulas = "\n\n".join(f"$$\n{claim[1]}\n$$" for claim in claims)
    text = f"---\nderive: 1\n{NOTES[number]['header']}---\n\n{formulas}\n"
    return check(read(text, "note.md"), effort)


@cache
def checked(number: int) -> Checked:
    return written(number, NOTES[number]["claims"], 0.0)


CLAIMS = [
    pytest.param(number, place, id=f"{note['title']}: {claim[1]}")
    for number, note in enumerate(NOTES)
    for place, claim in enumerate(note["claims"])
]


@pytest.mark.parametrize(("number", "place"), CLAIMS)
def test_a_claim_gets_its_verdict(number: int, place: int) -> None:
    kinds, latex, *wanted = NOTES[number]["claims"][place]
    found = [v for v in checked(number).verdicts if v.formula.latex.strip() == latex]
    assert len(found) == len(kinds), [v.verdict for v in found]
    for kind, verdict in zip(kinds, found, strict=True):
        assert verdict.verdict in ALLOWED[kind], verdict.problems
    if wanted:
        claims = NOTES[number]["claims"]
        alone = written(number, [c for c in claims if c[0] == "d"] + [claims[place]], 20.0)
        blamed = next(v for v in alone.verdicts if v.problems)
        assert wanted[0] in "".join(edit.text for edit in blamed.repairs[0].edits)


def test_a_fact_that_is_taken_for_granted_is_named() -> None:
    number = next(n for n, note in enumerate(NOTES) if note["title"] == "a fact that is missing")
    right, verdict = written(number, NOTES[number]["claims"], 1.0).verdicts
    assert verdict.note == r"true if A = A^\top, which the note does not declare"
    assert verdict.problems[-1].kind == "fact"
    assert not right.problems


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
