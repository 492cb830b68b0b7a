"""Verdicts as data for other programs: places in the file, repairs as edits of the file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derive.errors import BAD_INPUT, FAILED, FINE, error_json
from derive.notes.edited import applied
from derive.notes.lexer import scan
from derive.notes.source import QUOTE
from derive.notes.verdicts import (
    AGREES,
    ILL_FORMED,
    LAYOUT,
    NOT_A_CLAIM,
    PROVED,
    UNREADABLE,
    WRONG,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from derive.errors import DeriveError
    from derive.notes.check import Checked
    from derive.notes.source import Call, Formula
    from derive.notes.verdicts import Edit, Problem, Repair, Verdict, Witness

__all__ = [
    "WORDS",
    "Change",
    "Region",
    "changes",
    "claim_json",
    "message",
    "note_json",
    "refused_json",
    "region",
    "repaired",
    "status",
    "summary",
    "with_changes",
]

#: The verdicts, in the order in which they are counted.
WORDS = (PROVED, AGREES, LAYOUT, WRONG, ILL_FORMED, NOT_A_CLAIM, UNREADABLE)


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a file: lines and columns from 1, the end just after the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Change:
    """Put ``text`` where the file has ``found``; ``start`` and ``end`` are offsets in its text."""

    start: int
    end: int
    found: str
    text: str
    region: Region


def region(formula: Formula, start: int, end: int) -> Region:
    """Return the place of ``formula.latex[start:end]`` in the file; blanks around it left out."""
    text = formula.latex[start:end]
    if text.strip():
        start += len(text) - len(text.lstrip())
        end -= len(text) - len(text.rstrip())
    first, last = _offsets(formula, start, end)
    position = formula.origin.source.position
    return Region(*position(first), *position(last))


def _offsets(formula: Formula, start: int, end: int) -> tuple[int, int]:
    """Return the offsets of ``formula.latex[start:end]`` in the file."""
    first = formula.offset(start)
    last = formula.offset(end - 1) + 1 if end > start else first
    for call in formula.origin.calls:
        first = call.first if start == call.start else first
        last = call.last if end == call.end and end > start else last
    return first, last


def changes(formula: Formula, repair: Repair) -> tuple[Change, ...]:
    """Return a repair as changes of the file."""
    found = []
    for start, end, edits in _apart(formula.origin.calls, repair.edits):
        # One edit alone, so that its text comes with the blank that a command's name may need.
        whole = applied(formula.latex, edits)
        text = whole[start : len(whole) - len(formula.latex) + end]
        first, last = _offsets(formula, start, end)
        source = formula.origin.source
        place = Region(*source.position(first), *source.position(last))
        mark = QUOTE.match(source.line(place.line))
        if mark and len(formula.origin.pieces) > 1:
            # The lines of a quotation keep their marks, which are no part of the formula.
            text = text.replace("\n", f"\n{mark.group()}")
        found.append(Change(first, last, source.text[first:last], text, place))
    return tuple(found)


def _apart(
    calls: Sequence[Call], edits: Sequence[Edit]
) -> Iterator[tuple[int, int, tuple[Edit, ...]]]:
    """Yield the stretches that change, with their edits: of a command written out, all of it.

    Stretches that have text in common are one.
    """
    found: list[tuple[int, int, tuple[Edit, ...]]] = []
    for edit in edits:
        start, end = edit.start, edit.end
        inner: tuple[Edit, ...] = (edit,)
        for call in calls:
            inside = call.start < end and start < call.end
            if inside and not any(a <= edit.start and edit.end <= b for a, b in call.free):
                start, end = min(start, call.start), max(end, call.end)
        met = [one for one in found if _meet(one[:2], (start, end))]
        for one in met:
            found.remove(one)
            start, end, inner = min(start, one[0]), max(end, one[1]), (*one[2], *inner)
        found.append((start, end, inner))
    yield from found


def _meet(one: tuple[int, int], two: tuple[int, int]) -> bool:
    """Tell whether two stretches have text in common, or are the same place."""
    return one == two or (one[0] < two[1] and two[0] < one[1])


def with_changes(text: str, made: Iterable[Change]) -> str:
    """Return a file's text with changes made, from the last to the first."""
    for change in sorted(made, key=lambda c: (c.start, c.end), reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def repaired(verdict: Verdict, repair: Repair) -> str:
    """Return a claim with a repair made, without the comments in its source."""
    lexemes = scan(_mended(verdict, repair))
    return "".join(lexeme.text for lexeme in lexemes if lexeme.kind != "comment")


def _mended(verdict: Verdict, repair: Repair) -> str:
    if verdict.formula.origin.calls:
        return _in_own_words(verdict, repair)
    latex = verdict.formula.latex
    before, after = latex[: verdict.start], latex[verdict.end :]
    if repair.latex.startswith(before) and repair.latex.endswith(after):
        return repair.latex[len(before) : len(repair.latex) - len(after)].strip()
    return repair.latex.strip()


def _in_own_words(verdict: Verdict, repair: Repair) -> str:
    """Return a claim with a repair made, in the commands that the note itself uses."""
    made = changes(verdict.formula, repair)
    start, end = _offsets(verdict.formula, verdict.start, verdict.end)
    start, end = min(start, *(c.start for c in made)), max(end, *(c.end for c in made))
    source = verdict.formula.origin.source
    whole = with_changes(source.text, made)
    first, *rest = whole[start : end + len(whole) - len(source.text)].strip().splitlines()
    if QUOTE.match(source.line(source.position(start)[0])):
        rest = [QUOTE.sub("", line, count=1) for line in rest]
    return "\n".join((first, *rest))


def message(verdict: Verdict, problem: Problem) -> str:
    """Return what is wrong in one sentence, with what more there is to say of it."""
    return f"{problem.message}; {verdict.note}" if verdict.note else problem.message


def status(verdicts: tuple[Verdict, ...]) -> int:
    """Return the exit status: 2 if something is unreadable, 1 if wrong or ill-formed, else 0."""
    words = {verdict.verdict for verdict in verdicts}
    if UNREADABLE in words:
        return BAD_INPUT
    return FAILED if words & {WRONG, ILL_FORMED} else FINE


def summary(verdicts: tuple[Verdict, ...]) -> dict[str, int]:
    """Return how many claims there are, and how often each verdict was given."""
    words = [verdict.verdict for verdict in verdicts]
    return {"claims": len(words), **{word: words.count(word) for word in WORDS}}


def note_json(checked: Checked, derived: Mapping[int, str]) -> dict[str, Any]:
    """Return what is said of a note; ``derived`` has the right forms by the claims' numbers."""
    header = checked.note.header
    layout = header.layout if header is not None else ""
    return {
        "note": checked.note.file,
        "claims": [claim_json(v, layout, derived.get(v.id, "")) for v in checked.verdicts],
        "summary": summary(checked.verdicts),
    }


def claim_json(verdict: Verdict, layout: str, derived: str = "") -> dict[str, Any]:
    """Return what is said of a claim.

    Parameters
    ----------
    verdict : Verdict
        On the claim.
    layout : str
        What the note declares.
    derived : str
        The right form, in LaTeX.
    """
    place = region(verdict.formula, verdict.start, verdict.end)
    first = verdict.repairs[0] if verdict.repairs else None
    holds = {PROVED: layout, AGREES: layout, LAYOUT: "transposed"}
    return {
        "id": verdict.id,
        "line": place.line,
        "column": place.column,
        "latex": verdict.latex.strip(),
        "verdict": verdict.verdict,
        "problems": [_problem_json(verdict, problem) for problem in verdict.problems],
        "repair": None if first is None else repaired(verdict, first),
        "repair_edits": [
            {
                "line": change.region.line,
                "column": change.region.column,
                "found": change.found,
                "replacement": change.text,
            }
            for change in (() if first is None else changes(verdict.formula, first))
        ],
        "derived": verdict.derived or derived or None,
        "witness": None if verdict.witness is None else _witness_json(verdict.witness),
        "facts_used": list(verdict.facts),
        "layout": holds.get(verdict.verdict),
    }


def _problem_json(verdict: Verdict, problem: Problem) -> dict[str, Any]:
    place = region(verdict.formula, problem.start, problem.end)
    return {
        "kind": problem.kind,
        "line": place.line,
        "column": place.column,
        "found": problem.found,
        "expected": problem.expected,
        "message": message(verdict, problem),
    }


def _witness_json(witness: Witness) -> dict[str, Any]:
    return {
        "sizes": dict(witness.sizes),
        "index": dict(witness.index),
        "left": _number(witness.left),
        "right": _number(witness.right),
        "values": dict(witness.values),
    }


def _number(value: float) -> float | str:
    """Return a number that JSON has, or its name."""
    return value if math.isfinite(value) else str(value)


def refused_json(file: str, error: DeriveError) -> dict[str, Any]:
    """Return what is said of a file that cannot be read: no claims, and why."""
    return {
        "note": file,
        "claims": [],
        "summary": summary(()),
        "error": error_json(error),
    }
