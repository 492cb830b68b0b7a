"""Which of several repairs comes first: few edits, likely kinds, short edits, early places."""

from __future__ import annotations

import math
import re
from typing import TypeAlias

from derive.notes.factors import KINDS
from derive.notes.verdicts import Edit

__all__ = ["Move", "Moves", "apart", "changed", "difference", "rank"]

Move: TypeAlias = tuple[Edit, ...]
Moves: TypeAlias = tuple[Move, ...]

_LETTERS = frozenset("([abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
#: A transpose at the end of a text.
_TRANSPOSED = re.compile(r"\^\s*(\\top|T|\{\s*(\\top|T|\\intercal)\s*\})\s*$")
#: A fraction of two whole numbers, with a sign or none.
_FRACTION = re.compile(r"\\frac\{\s*-?(\d+)\s*\}\{\s*(\d+)\s*\}")


def rank(moves: Moves, text: str) -> tuple[int, ...]:
    """Return the rank of a repair; what is put in stands rather outside of braces."""
    inserted = [move[0] for move in moves if move and move[0].kind == "insert"]
    before = [text[: edit.start] for edit in inserted]
    depth = sum(
        sum(start.count(one) for one in "{([") - sum(start.count(one) for one in "})]")
        for start in before
    )
    # A norm stands below the line that is there, rather than below one of its own.
    depth += 2 * sum(edit.text.strip().startswith(r"\frac{1}{\|") for edit in inserted)
    # Nor does anything but a number stand before a number.
    depth += sum(
        text[edit.start :].lstrip()[:1].isdigit() and edit.text.strip()[:1] in _LETTERS
        for edit in inserted
    )
    # What is too much goes; rather all of what brackets hold is transposed than one term.
    inside = sum(
        2 - text[: edit.start].rstrip().endswith((")", "]", "}"))
        for move in moves
        for edit in move
        if edit.kind == "transpose" and edit.text
    )
    count, kinds, length, *others = _order(moves)
    return (
        count,
        _outer_of_rows(moves, text),
        kinds,
        depth,
        inside,
        length,
        _reducible(moves, text),
        *others,
    )


def _outer_of_rows(moves: Moves, text: str) -> int:
    r"""Return how many outer products are put beside a transpose: who has one reorders."""
    outer = [e for move in moves for e in move if r"\otimes" in e.text and e.kind == "operator"]
    return sum(_TRANSPOSED.search(text[: e.start]) is not None for e in outer)


def _reducible(moves: Moves, text: str) -> int:
    r"""Return how many numbers are changed to what nobody writes, as in ``\frac{2}{4}``."""
    found = 0
    for edit in (edit for move in moves for edit in move if edit.kind == "number"):
        around = text[: edit.start] + edit.text + text[edit.end :]
        start = around.rfind(r"\frac", 0, edit.start)
        match = _FRACTION.match(around, start) if start >= 0 else None
        if match is not None and edit.start < match.end():
            found += math.gcd(int(match[1]), int(match[2])) > 1
    return found


def difference(old: str, new: str, kind: str) -> Edit:
    """Return one edit that makes a text into another."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    # Not in the middle of a command's name.
    while start and (old[start - 1].isalpha() or old[start - 1] == "\\"):
        start -= 1
    return Edit(start, len(old) - end, new[start : len(new) - end], kind)


def _order(moves: Moves) -> tuple[int, int, int, int, int]:
    """Return the rank of a repair: few edits, likely kinds, short edits, early places."""
    kinds = sum(KINDS.index(move[0].kind) for move in moves if move)
    added = sum(len(edit.text) for move in moves for edit in move[:1])
    # Where an elementwise product is meant, its sign says so better than none.
    length = sum(
        max(len(e.text), e.end - e.start) + 10 * (e.kind == "operator" and not e.text.strip())
        for move in moves
        for e in (move[:1] if move[:1] and move[0].kind == "rename" else move)
    )
    # Of two equal factors, or powers, it is the later one that is too many.
    first = min(move[0].start * (1 if move[0].text else -1) for move in moves if move)
    return len(moves), kinds, length, added, first


def apart(one: Move, two: Move) -> bool:
    """Tell whether no edit of one move touches what another changes."""
    return all(
        a.end <= b.start if (a.start, a.end) < (b.start, b.end) else b.end <= a.start
        for a in one
        for b in two
    ) and not {(e.start, e.end) for e in one} & {(e.start, e.end) for e in two}


def changed(edits: Move) -> tuple[int, int]:
    """Return how much text a repair changes."""
    return sum(max(len(e.text), e.end - e.start) for e in edits), len(edits)
