"""Make the repairs of a note in its own text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.notes.report import changes, with_changes
from derive.notes.verdicts import ILL_FORMED, WRONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from derive.notes.check import Checked
    from derive.notes.report import Change

__all__ = ["Patch", "mended", "patched"]

#: How often a repaired note is checked and repaired again, at most.
_AGAIN = 3


@dataclass(frozen=True, slots=True)
class Patch:
    """A repaired note.

    Parameters
    ----------
    text : str
        All of it: what was not repaired is as it was, down to its line ends.
    made : tuple of int
        The numbers of the claims that were repaired.
    skipped : tuple of (int, str)
        The numbers of the claims that are wrong still, each with the reason.
    """

    text: str
    made: tuple[int, ...]
    skipped: tuple[tuple[int, str], ...]


def patched(checked: Checked) -> Patch:
    """Return the note with the first repair of every wrong claim made.

    A repair that would change what an earlier one changes is left out, and named.
    """
    kept: dict[tuple[int, int], Change] = {}
    made: list[int] = []
    skipped: list[tuple[int, str]] = []
    for verdict in checked.verdicts:
        if verdict.verdict not in (WRONG, ILL_FORMED):
            continue
        if not verdict.repairs:
            skipped.append((verdict.id, verdict.note or "no repair is known"))
            continue
        wanted = changes(verdict.formula, verdict.repairs[0])
        if any(_collides(change, list(kept.values())) for change in wanted):
            skipped.append((verdict.id, "its repair overlaps with an earlier one"))
            continue
        kept.update(((change.start, change.end), change) for change in wanted)
        made.append(verdict.id)
    text = with_changes(checked.note.source.text, kept.values())
    return Patch(text, tuple(made), tuple(skipped))


def mended(checked: Checked, check: Callable[[str], Checked]) -> Patch:
    """Return the note repaired, and checked and repaired again while that helps.

    A line may mean something else once those before it are right.

    Parameters
    ----------
    checked : Checked
        The note as it is.
    check : callable
        Checks a repaired text.
    """
    patch = patched(checked)
    made = set(patch.made)
    last = check(patch.text) if made else checked
    for _ in range(_AGAIN if made else 0):
        more = patched(last)
        after = check(more.text) if more.made else last
        if made - _new(checked, after):
            why = "its repair does not hold once others are made"
            undone = ((number, why) for number in more.made)
            return Patch(patch.text, _made(made, checked, last), (*more.skipped, *undone))
        made.update(more.made)
        patch, last = more, after
        if not more.made:
            break
    return replace(patch, made=_made(made, checked, last))


def _made(numbers: set[int], before: Checked, after: Checked) -> tuple[int, ...]:
    """Return the numbers of the claims that are not what they were."""
    return tuple(sorted(numbers & _new(before, after)))


def _new(before: Checked, after: Checked) -> set[int]:
    """Return the numbers of the claims that have another text than they had."""
    texts = {verdict.id: verdict.latex for verdict in after.verdicts}
    return {v.id for v in before.verdicts if texts.get(v.id) != v.latex}


def _collides(change: Change, kept: list[Change]) -> bool:
    """Tell whether a change cannot be made together with others; the same one again can."""
    return any(
        other.start <= change.end
        and change.start <= other.end
        and other != change
        # What only touches is fine unless both put something into the same place.
        and not (other.end == change.start and other.start < change.start)
        and not (change.end == other.start and change.start < other.start)
        for other in kept
    )
