"""Verdicts for other programs that show places in files: SARIF 2.1.0, and GitHub's workflows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import derive
from derive.notes.report import Region, changes, message, region, repaired
from derive.notes.verdicts import AGREES, ILL_FORMED, LAYOUT, PROVED, UNREADABLE, WRONG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.errors import DeriveError
    from derive.notes.check import Checked
    from derive.notes.verdicts import Repair, Verdict

__all__ = ["refused_command", "sarif", "workflow_commands"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

#: What is reported: each verdict with its level and what it means.
_RULES = {
    WRONG: ("error", "The two sides of the claim differ."),
    ILL_FORMED: ("error", "The claim has no meaning: an index, a shape or a symbol is wrong."),
    UNREADABLE: ("error", "The formula, or the file, cannot be read."),
    LAYOUT: ("note", "The claim is true in the other layout: the transpose is meant."),
}


def sarif(checked: Sequence[Checked], refused: Sequence[tuple[str, DeriveError]]) -> dict[str, Any]:
    """Return the verdicts as a SARIF log of one run.

    Parameters
    ----------
    checked : sequence of Checked
        The notes.
    refused : sequence of (str, DeriveError)
        The files that could not be read.
    """
    names = list(_RULES)
    results = [
        _result(verdict, names)
        for note in checked
        for verdict in note.verdicts
        if verdict.verdict in _RULES
    ]
    results += [_refusal(file, error, names) for file, error in refused]
    driver = {
        "name": "derive",
        "semanticVersion": derive.__version__,
        "rules": [
            {
                "id": name,
                "shortDescription": {"text": text},
                "defaultConfiguration": {"level": level},
            }
            for name, (level, text) in _RULES.items()
        ],
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
        ],
    }


def _result(verdict: Verdict, names: list[str]) -> dict[str, Any]:
    problem = verdict.problems[0] if verdict.problems else None
    start, end = (problem.start, problem.end) if problem else (verdict.start, verdict.end)
    file = verdict.formula.origin.source.file
    result: dict[str, Any] = {
        "ruleId": verdict.verdict,
        "ruleIndex": names.index(verdict.verdict),
        "level": _RULES[verdict.verdict][0],
        "message": _message(_said(verdict)),
        "locations": [_location(file, region(verdict.formula, start, end))],
    }
    fixes = [_fix(file, verdict, repair) for repair in verdict.repairs]
    return {**result, "fixes": fixes} if fixes else result


def _said(verdict: Verdict) -> str:
    """Return the message of an annotation: what is wrong, and what would be right."""
    problem = verdict.problems[0] if verdict.problems else None
    text = message(verdict, problem) if problem else verdict.verdict
    if not verdict.repairs:
        return text
    return f"{text}; repair: {' '.join(repaired(verdict, verdict.repairs[0]).split())}"


def _refusal(file: str, error: DeriveError, names: list[str]) -> dict[str, Any]:
    return {
        "ruleId": UNREADABLE,
        "ruleIndex": names.index(UNREADABLE),
        "level": "error",
        "message": _message(_refusal_text(error)),
        "locations": [_location(file, _refusal_region(error))],
    }


def _refusal_text(error: DeriveError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _refusal_region(error: DeriveError) -> Region:
    if error.span is None:
        return Region(1, 1, 1, 1)
    return Region(error.span.line, error.span.column, error.span.line, error.span.end)


def _message(text: str) -> dict[str, str]:
    """Return a SARIF message, in which ``{0}`` would be a placeholder and ``{{`` is a brace."""
    return {"text": text.replace("{", "{{").replace("}", "}}")}


def _uri(file: str) -> str:
    """Return a file's name as a relative or absolute URI."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _region_json(place: Region) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _location(file: str, place: Region) -> dict[str, Any]:
    physical = {"artifactLocation": {"uri": _uri(file)}, "region": _region_json(place)}
    return {"physicalLocation": physical}


def _fix(file: str, verdict: Verdict, repair: Repair) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": _region_json(change.region),
            "insertedContent": {"text": change.text},
        }
        for change in changes(verdict.formula, repair)
    ]
    how = "proved" if repair.proved else "equal at random points"
    return {
        "description": _message(f"write {repaired(verdict, repair)} ({how})"),
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(file)}, "replacements": replacements}
        ],
    }


def workflow_commands(checked: Checked) -> Iterator[str]:
    """Yield a workflow command of GitHub for every claim that somebody should look at."""
    for verdict in checked.verdicts:
        if verdict.verdict in (PROVED, AGREES) or verdict.verdict not in _RULES:
            continue
        problem = verdict.problems[0] if verdict.problems else None
        start, end = (problem.start, problem.end) if problem else (verdict.start, verdict.end)
        level = "notice" if verdict.verdict == LAYOUT else "error"
        place = region(verdict.formula, start, end)
        yield _command(level, checked.note.file, place, verdict.verdict, _said(verdict))


def refused_command(file: str, error: DeriveError) -> str:
    """Return the workflow command for a file that cannot be read."""
    return _command("error", file, _refusal_region(error), UNREADABLE, _refusal_text(error))


def _command(level: str, file: str, place: Region, title: str, text: str) -> str:
    fields = {"file": file, "line": place.line, "endLine": place.end_line, "col": place.column}
    if place.end_line == place.line:
        # GitHub reads columns on one line only; the end is the last character there.
        fields["endColumn"] = max(place.column, place.end_column - 1)
    fields["title"] = f"derive: {title}"
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in fields.items())
    return f"::{level} {shown}::{_data(text)}"


def _data(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
