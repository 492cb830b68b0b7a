"""The documentation of the note format: every example in it is read, and every claim holds."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.checking import written

DOCUMENT = Path(__file__).parents[2] / "docs" / "note_format.md"
EXAMPLES = re.findall(
    r"^```(note|latex)\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_claim_of_an_example_is_proved(derive, tmp_path, number):
    kind, text = EXAMPLES[number]
    name = "note.md" if kind == "note" else "note.tex"
    status, out, _ = derive("check", written(tmp_path, text, name), "--format", "json")
    document = json.loads(out)
    assert status == 0
    assert document["claims"]
    assert {claim["verdict"] for claim in document["claims"]} == {"proved"}


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_is_a_layer(derive, tmp_path, number):
    kind, text = EXAMPLES[number]
    name = "note.md" if kind == "note" else "note.tex"
    assert derive("show", written(tmp_path, text, name))[0] == 0


def test_every_key_role_layout_and_verdict_is_described():
    from derive.notes import header
    from derive.notes.report import WORDS

    text = DOCUMENT.read_text(encoding="utf-8")
    for word in (*header._KEYS, *header.ROLES, *header.LAYOUTS, *header.CONVENTIONS, *WORDS):
        assert f"`{word}`" in text, word
