"""``derive check --format``: JSON, SARIF and GitHub's workflow commands."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.checking import HEADER, NOTE, RIGHT, written

CLAIM = {
    *("id", "line", "column", "latex", "verdict", "problems", "repair", "repair_edits"),
    *("derived", "witness", "facts_used", "layout"),
}
VERDICTS = {
    *("proved", "agrees", "correct-up-to-layout", "wrong", "ill-formed", "not-a-claim"),
    "unreadable",
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def document(derive, here):
    written(here, NOTE)
    status, out, err = derive("check", "note.md", "--format", "json")
    assert (status, err) == (1, "")
    return json.loads(out)


def offset(text, line, column):
    lines = text.split("\n")
    return sum(len(before) + 1 for before in lines[: line - 1]) + column - 1


def test_the_json_of_a_note_has_every_key_and_no_other(document):
    assert set(document) == {"note", "claims", "summary"}
    assert document["note"] == "note.md"
    assert [claim["id"] for claim in document["claims"]] == [1, 2, 3, 4]
    for claim in document["claims"]:
        assert set(claim) == CLAIM
        assert claim["verdict"] in VERDICTS
        for problem in claim["problems"]:
            assert set(problem) == {"kind", "line", "column", "found", "expected", "message"}
        for edit in claim["repair_edits"]:
            assert set(edit) == {"line", "column", "found", "replacement"}
    assert set(document["summary"]) == {"claims", *VERDICTS}
    assert document["summary"]["claims"] == 4


def test_claims_and_problems_stand_where_the_json_says(document):
    for claim in document["claims"]:
        start = offset(NOTE, claim["line"], claim["column"])
        assert NOTE[start:].startswith(claim["latex"])
        for problem in claim["problems"]:
            start = offset(NOTE, problem["line"], problem["column"])
            assert NOTE[start:].startswith(problem["found"])


def test_the_edits_of_a_claim_make_its_repair(document):
    claims = [claim for claim in document["claims"] if claim["repair"]]
    assert len(claims) == 2
    for claim in claims:
        text = NOTE
        for edit in reversed(claim["repair_edits"]):
            start = offset(NOTE, edit["line"], edit["column"])
            assert text[start:].startswith(edit["found"])
            text = text[:start] + edit["replacement"] + text[start + len(edit["found"]) :]
        assert claim["repair"] in text


def test_a_wrong_claim_has_its_right_form_and_a_witness(document):
    wrong = document["claims"][2]
    assert wrong["derived"] == (
        r"\partial L/\partial a_i = "
        r"\sum_{l=1}^{N} \frac{\partial L}{\partial Z_l} \tanh(X_l - b_i)"
    )
    witness = wrong["witness"]
    assert set(witness) == {"sizes", "index", "left", "right", "values"}
    assert {"X", "b"} <= set(witness["values"])
    assert set(witness["sizes"]) == {"N", "M"}
    assert witness["left"] != witness["right"]
    assert wrong["layout"] is None
    assert document["claims"][0]["layout"] == "gradient"
    assert document["claims"][0]["witness"] is None


def test_the_facts_that_a_claim_needs_are_listed(derive, here):
    text = (
        "---\nderive: 1\ndims: {K: classes}\nsymbols:\n"
        "  t: {shape: [K], role: input}\n  y: {shape: [K], role: label}\n  f: {shape: []}\n"
        "define:\n  - f = \\sum_k y_k \\log \\sum_j e^{t_j}\nassume:\n  - \\sum_k y_k = 1\n---\n"
        "$$\\frac{\\partial f}{\\partial t_i} = \\frac{e^{t_i}}{\\sum_j e^{t_j}}$$\n"
    )
    written(here, text)
    claim = json.loads(derive("check", "note.md", "--format", "json")[1])["claims"][0]
    assert claim["verdict"] == "proved"
    assert claim["facts_used"] == [r"\sum_k y_k = 1"]


def test_several_files_are_a_list_and_a_file_that_cannot_be_read_is_in_it(derive, here):
    written(here, RIGHT, "right.md")
    written(here, "---\nderive: 2\n---\n", "bad.md")
    status, out, err = derive("check", "right.md", "bad.md", "--format", "json")
    right, bad = json.loads(out)
    assert status == 2
    assert right["claims"][0]["verdict"] == "proved"
    assert bad["note"] == "bad.md"
    assert bad["claims"] == []
    assert bad["error"] == {
        "line": 2,
        "column": 9,
        "message": "only version 1 of the note format is known",
        "hint": "derive: 1",
    }
    assert err.startswith("error: bad.md:2:9: only version 1")


@pytest.fixture
def run(derive, here):
    written(here, NOTE + "$ Z_i = \\what $\n", "a note.md")
    written(here, "---\nderive: 2\n---\n", "bad.md")
    status, out, _ = derive("check", "a note.md", "bad.md", "--format", "sarif")
    assert status == 2
    log = json.loads(out)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (only,) = log["runs"]
    return only


def assert_region(region):
    assert set(region) == {"startLine", "startColumn", "endLine", "endColumn"}
    assert all(isinstance(value, int) and value >= 1 for value in region.values())
    start = region["startLine"], region["startColumn"]
    assert start <= (region["endLine"], region["endColumn"])


def test_the_sarif_log_names_its_tool_and_rules(run):
    driver = run["tool"]["driver"]
    assert driver["name"] == "derive"
    assert re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert run["columnKind"] == "unicodeCodePoints"


def test_every_sarif_result_has_a_rule_a_message_and_a_place(run):
    rules = run["tool"]["driver"]["rules"]
    assert [result["ruleId"] for result in run["results"]] == [
        *("ill-formed", "wrong", "unreadable", "unreadable"),
    ]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == "error"
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uri"] in ("a%20note.md", "bad.md")
        assert_region(physical["region"])


def test_a_sarif_fix_replaces_what_is_there(run):
    fixes = [fix for result in run["results"] for fix in result.get("fixes", [])]
    assert fixes
    for fix in fixes:
        assert fix["description"]["text"].startswith("write ")
        (change,) = fix["artifactChanges"]
        assert change["artifactLocation"]["uri"] == "a%20note.md"
        for replacement in change["replacements"]:
            assert_region(replacement["deletedRegion"])
            assert isinstance(replacement["insertedContent"]["text"], str)
    region = fixes[0]["artifactChanges"][0]["replacements"][0]["deletedRegion"]
    start = offset(NOTE, region["startLine"], region["startColumn"])
    assert NOTE[start : offset(NOTE, region["endLine"], region["endColumn"])] == "j"


def test_the_braces_of_a_sarif_message_are_doubled(derive, here):
    """A brace alone would begin a placeholder: SARIF 2.1.0, 3.11.5."""
    claim = r"\frac{\partial Z_l}{\partial a_{0}} = \tanh(X_l - b_1)"
    written(here, HEADER + f"$${claim}$$\n$$\\frac{{1$$\n")
    found = json.loads(derive("check", "note.md", "--format", "sarif")[1])["runs"][0]["results"]
    texts = [result["message"]["text"] for result in found]
    texts += [fix["description"]["text"] for result in found for fix in result.get("fixes", [])]
    assert [result["ruleId"] for result in found] == ["wrong", "unreadable"]
    assert any(r"\frac{{\partial Z_l}}{{\partial a_{{0}}}}" in text for text in texts)
    assert not [text for text in texts if re.search("[{}]", re.sub(r"\{\{|\}\}", "", text))]


def test_an_absolute_path_is_a_file_uri(derive, here):
    path = written(here, NOTE)
    log = json.loads(derive("check", path, "--format", "sarif")[1])
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == Path(path).as_uri()


def test_github_gets_a_workflow_command_for_each_claim_to_look_at(derive, here):
    written(here, NOTE)
    status, out, _ = derive("check", "note.md", "--format", "github")
    lines = out.splitlines()
    assert status == 1
    assert lines[0] == (
        "::error file=note.md,line=18,endLine=18,col=60,endColumn=60,title=derive%3A ill-formed"
        r"::index j is not bound; repair: "
        r"\frac{\partial Z_l}{\partial b_i} = a_i [\tanh^2(X_l - b_i) - 1]"
    )
    assert lines[1].startswith("::error file=note.md,line=20,")
    assert lines[2:] == ["4 claims: 1 proved, 1 wrong, 1 ill-formed, 1 not-a-claim"]


def test_what_would_break_a_workflow_command_is_escaped(derive, here):
    written(here, HEADER + "$$ Z_i = % a remark\n \\frac{a_i}{b_j} \\what $$\n", "a,b:c%.md")
    _, out, _ = derive("check", "a,b:c%.md", "--format", "github")
    assert out.startswith("::error file=a%2Cb%3Ac%25.md,line=")
    assert len(out.splitlines()) == 2


def test_github_hears_of_a_file_that_cannot_be_read(derive, here):
    written(here, "---\nderive: 2\n---\n")
    status, out, _ = derive("check", "note.md", "--format", "github")
    assert status == 2
    assert out == (
        "::error file=note.md,line=2,endLine=2,col=9,endColumn=9,title=derive%3A unreadable"
        "::only version 1 of the note format is known; derive: 1\n"
    )
