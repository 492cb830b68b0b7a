"""Verdicts on notes for a reader: the claim, the place, the repair, the witness."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from derive.errors import window
from derive.notes.report import WORDS, changes, message, region, repaired, summary
from derive.notes.typeset import typeset
from derive.notes.verdicts import AGREES, ILL_FORMED, LAYOUT, NOT_A_CLAIM, PROVED, UNREADABLE, WRONG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from derive.cli._output import Page
    from derive.errors import Span
    from derive.notes.check import Checked
    from derive.notes.source import Formula
    from derive.notes.verdicts import Repair, Verdict, Witness

__all__ = ["print_note", "summary_line"]

_STYLES = {PROVED: "green", AGREES: "green", LAYOUT: "yellow", NOT_A_CLAIM: "dim"}
#: Said of a verdict where there is nothing more to say.
_REASONS = {
    AGREES: "equal at random points, not proved",
    NOT_A_CLAIM: "nothing to check: a definition, or no equation",
}
#: Control characters, and direction marks among the formatting ones.
_UNSHOWN = ("Cc", "Cf")
#: Longer formulas are cut; the file has them whole.
_LONGEST = 600
#: Numbers have so many digits.
_DIGITS = 16
#: Values of at most so many numbers are shown with a witness.
_FEW = 6


def print_note(page: Page, checked: Checked, derived: Mapping[int, str]) -> None:
    """Print the verdicts on a note; ``derived`` has the right forms by the claims' numbers."""
    for verdict in checked.verdicts:
        _print(page, verdict, derived.get(verdict.id, ""))


def summary_line(verdicts: Sequence[Verdict], files: int) -> str:
    """Return how many claims there are, and how they fared.

    >>> summary_line((), 1)
    'no claims'
    """
    counts = summary(tuple(verdicts))
    total = counts["claims"]
    if not total:
        return "no claims" if files == 1 else f"no claims in {files} files"
    where = f" in {files} files" if files > 1 else ""
    parts = ", ".join(f"{counts[word]} {word}" for word in WORDS if counts[word])
    return f"{total} {'claim' if total == 1 else 'claims'}{where}: {parts}"


def _print(page: Page, verdict: Verdict, derived: str) -> None:
    # What cannot be read has no claim in it: the place is where reading ended.
    start, end = verdict.start, verdict.end
    if verdict.verdict == UNREADABLE and verdict.problems:
        start, end = verdict.problems[0].start, verdict.problems[0].end
    place = region(verdict.formula, start, end)
    file = verdict.formula.origin.source.file
    page.parts(
        (f"{file}:{place.line}:{place.column}: ", ""),
        (f"[{verdict.id}] ", "dim"),
        (verdict.verdict, f"bold {_STYLES.get(verdict.verdict, 'red')}"),
        *(((f": {reason}", ""),) if (reason := _reason(verdict)) else ()),
    )
    page.line(f"    {_set(verdict.latex)}")
    if not verdict.fine:
        _print_place(page, verdict)
        for number, repair in enumerate(verdict.repairs):
            page.parts(*_repair(verdict, repair, number))
        right = verdict.derived or derived
        if right:
            page.line(f"    derived: {_set(right)}")
        if verdict.witness is not None:
            page.line(f"    witness: {_witness(verdict.witness)}")
    elif verdict.verdict == LAYOUT and verdict.repairs:
        page.parts(*_repair(verdict, verdict.repairs[0], 0))
    if verdict.facts:
        page.line(f"    by: {'; '.join(verdict.facts)}")
    for reading in verdict.readings:
        page.line(f"    read: {_clean(reading)}")


def _reason(verdict: Verdict) -> str:
    if verdict.problems:
        return _clean(message(verdict, verdict.problems[0]))
    return verdict.note or _REASONS.get(verdict.verdict, "")


def _set(latex: str) -> str:
    """Return a formula in one line; of a monster only the beginning."""
    return _short(typeset(latex[: 4 * _LONGEST]))


def _short(text: str) -> str:
    text = _clean(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _clean(text: str) -> str:
    """Return a note's text without what would command the terminal or turn the line around."""
    return "".join("�" if unicodedata.category(c) in _UNSHOWN else c for c in text)


def _print_place(page: Page, verdict: Verdict) -> None:
    """Show what is to be changed, or else every problem, in its line with carets below."""
    marks = sorted(_marks(verdict), key=lambda mark: (mark[0].line, mark[0].column))
    while marks:
        line = marks[0][0]
        # What stands in one line is shown together, unless the line is too long to show whole.
        together = len(window(line)[0]) == len(line.text)
        group = [mark for mark in marks if mark == marks[0] or (together and _joins(mark, line))]
        marks = [mark for mark in marks if mark not in group]
        _print_line(page, group)


def _joins(mark: tuple[Span, str], line: Span) -> bool:
    return mark[0].line == line.line


def _marks(verdict: Verdict) -> Iterator[tuple[Span, str]]:
    """Yield the places to mark, each with what should be done there."""
    if verdict.repairs:
        repair = verdict.repairs[0]
        for edit, change in zip(repair.edits, changes(verdict.formula, repair), strict=True):
            new = _plain(change.text)
            what = f"should be {new}" if change.found else f"lacks {new}"
            yield _span(verdict.formula, edit.start, edit.end), what if new else "should go"
        return
    for problem in verdict.problems:
        yield _span(verdict.formula, problem.start, problem.end), ""


def _print_line(page: Page, group: list[tuple[Span, str]]) -> None:
    first = group[0][0]
    shown, offset = window(first)
    shown = _clean(shown)
    number = f"{first.line:>5} | "
    source: list[tuple[str, str]] = [(number, "dim")]
    carets: list[tuple[str, str]] = [(f"{'| ':>{len(number)}}", "dim")]
    place = 0
    for span, _ in group:
        start = max(place, offset + span.column - first.column)
        end = max(start + 1, min(start + span.end - span.column, len(shown)))
        source += [(shown[place:start], ""), (shown[start:end], "bold red")]
        carets += [
            (" " * _cells(shown[place:start]), ""),
            ("^" * max(1, _cells(shown[start:end])), "bold red"),
        ]
        place = end
    page.parts(*source, (shown[place:], ""))
    said = "; ".join(dict.fromkeys(what for _, what in group if what))
    page.parts(*carets, (f" {_short(said)}" if said else "", "red"))


def _plain(latex: str) -> str:
    return " ".join(latex.split())


def _cells(text: str) -> int:
    """Return how many columns a text takes in a terminal."""
    from rich.cells import cell_len

    return cell_len(text)


def _span(formula: Formula, start: int, end: int) -> Span:
    """Return the place of a problem, without the blanks around it."""
    text = formula.latex[start:end]
    if text.strip():
        start += len(text) - len(text.lstrip())
        end -= len(text) - len(text.rstrip())
    return formula.span(start, end)


def _repair(verdict: Verdict, repair: Repair, number: int) -> tuple[tuple[str, str], ...]:
    title = "    repair:  " if number == 0 else "    or:      "
    if verdict.verdict not in (WRONG, ILL_FORMED):
        title = "    instead: "
    return (
        (title, ""),
        (_short(_plain(repaired(verdict, repair))), "green"),
        ("  (proved)" if repair.proved else "  (equal at random points)", "dim"),
    )


def _witness(witness: Witness) -> str:
    """Return ``N = 4, M = 2, at i = 1: left 0.5, right 0.25``, and all values that are few."""
    parts = [", ".join(f"{name} = {value}" for name, value in witness.sizes)]
    numbers = [(name, value) for name, value in witness.values if isinstance(value, float | int)]
    if len(numbers) == len(witness.values) <= _FEW:
        parts += [f"{typeset(name)} = {value:.6g}" for name, value in numbers]
    if witness.index:
        at = ", ".join(f"{name} = {value}" for name, value in witness.index)
        parts.append(f"at {at}")
    where = ", ".join(part for part in parts if part)
    values = _both(witness.left, witness.right)
    return f"{where}: {values}" if where else values


def _both(left: float, right: float) -> str:
    """Return two numbers with as many digits as tell them apart.

    >>> _both(0.5, 0.25), _both(1.0, 1 + 1e-9)
    ('left 0.5, right 0.25', 'left 1, right 1.000000001')
    """
    if left == right:
        return f"left and right {left:.6g}, alike in the first {_DIGITS} digits"
    digits = next(n for n in range(6, _DIGITS + 2) if f"{left:.{n}g}" != f"{right:.{n}g}")
    return f"left {left:.{digits}g}, right {right:.{digits}g}"
