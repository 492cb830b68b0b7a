"""Verdicts as readers are to see them: claims with all braces, letters without marks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes.apart import bare
from derive.notes.braces import balanced
from derive.notes.meaning import letter_of
from derive.notes.verdicts import UNREADABLE, Problem, Verdict

if TYPE_CHECKING:
    from derive.errors import DeriveError
    from derive.notes.claims import Chain, Unread
    from derive.notes.source import Formula

__all__ = ["shown", "unjudged", "unread"]

#: Relations that are not judged, and why.
_OTHERS = {
    **dict.fromkeys((r"\approx", r"\simeq", r"\cong"), "that it is about equal is not judged"),
    r"\propto": "that it is proportional is not judged: say what it is equal to",
    r"\neq": "that two things differ is not judged",
}


def unread(chain: Unread, number: int) -> Verdict:
    """Return the verdict on a formula that is outside the grammar, with its number."""
    formula, error = chain.formula, chain.error
    start, end = _place(formula, error)
    found = formula.latex[start:end]
    problem = Problem("unreadable", start, end, found, "", error.message)
    return Verdict(number, formula, 0, len(formula.latex), UNREADABLE, (problem,), note=error.hint)


def shown(verdict: Verdict) -> Verdict:
    """Return a verdict as readers are to see it: its claim with all braces, its letters bare."""
    start, end = balanced(verdict.formula.latex, verdict.start, verdict.end)
    problems = tuple(
        replace(p, message=bare(p.message), expected=bare(p.expected)) for p in verdict.problems
    )
    witness = verdict.witness
    if witness is not None:
        witness = replace(witness, index=tuple((bare(name), n) for name, n in witness.index))
    readings = tuple(map(bare, verdict.readings))
    place = replace(verdict, start=start, end=end, equation=bare(verdict.equation))
    return replace(
        place, problems=problems, witness=witness, note=bare(verdict.note), readings=readings
    )


def unjudged(chain: Chain) -> str:
    """Return why a chain with a relation of another kind is no claim that is judged."""
    if chain.formula.supposed or all(map(letter_of, chain.sides)):
        return ""
    return next((_OTHERS[sign] for sign in chain.relations if sign in _OTHERS), "")


def _place(formula: Formula, error: DeriveError) -> tuple[int, int]:
    """Return where in the formula's text an error is; all of it where it does not say."""
    whole = (0, len(formula.latex))
    if error.span is None:
        return whole
    wanted = (error.span.line, error.span.column)
    position = formula.origin.source.position
    for start in range(len(formula.latex)):
        if position(formula.offset(start)) == wanted:
            return start, min(start + error.span.end - error.span.column, whole[1])
    return whole
