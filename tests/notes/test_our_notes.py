"""Our four notes: every formula gets its verdict, every mistake its place and its repair."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from derive.notes.check import Checked, check
from derive.notes.document import read
from derive.notes.verdicts import AGREES, UNREADABLE, Verdict

HERE = Path(__file__).parent
NAMES = ("quantizer", "softmax_mlp_rows", "binary_mlp", "softmax_mlp")


@cache
def checked(name: str) -> Checked:
    file = HERE / f"{name}.md"
    return check(read(file.read_text(encoding="utf-8"), file.name))


def expected(name: str) -> dict[int, dict[str, Any]]:
    text = (HERE / f"{name}.expected.yaml").read_text(encoding="utf-8")
    entries: dict[int, dict[str, Any]] = yaml.safe_load(text)
    return entries


def place(verdict: Verdict) -> str:
    problem = verdict.problems[0]
    return verdict.formula.latex[problem.start : problem.end]


CLAIMS = [(name, number) for name in NAMES for number in expected(name)]


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_is_expected(name: str) -> None:
    assert [verdict.id for verdict in checked(name).verdicts] == list(expected(name))


@pytest.mark.parametrize("name", NAMES)
def test_all_is_read_and_what_is_true_is_proved(name: str) -> None:
    found = {verdict.verdict for verdict in checked(name).verdicts}
    assert not found & {AGREES, UNREADABLE}


@pytest.mark.parametrize(("name", "number"), CLAIMS)
def test_a_claim_gets_its_verdict(name: str, number: int) -> None:
    verdict, wanted = checked(name).verdicts[number - 1], expected(name)[number]
    assert verdict.verdict == wanted["verdict"]
    assert [problem.kind for problem in verdict.problems[:1]] == (
        [wanted["kind"]] if "kind" in wanted else []
    )
    assert list(verdict.facts) == wanted.get("facts", [])
    if "place" in wanted:
        assert place(verdict) == wanted["place"]


@pytest.mark.parametrize(
    ("name", "number"), [(n, k) for n, k in CLAIMS if "edits" in expected(n)[k]]
)
def test_the_first_repair_is_the_documented_one(name: str, number: int) -> None:
    verdict = checked(name).verdicts[number - 1]
    text = verdict.formula.latex
    edits = [[e.start, text[e.start : e.end], e.text] for e in verdict.repairs[0].edits]
    assert edits == expected(name)[number]["edits"]
    assert verdict.repairs[0].proved
