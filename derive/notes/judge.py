"""The verdict on one claim: compared by numbers, then proved, or blamed and repaired."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.braces import balanced
from derive.notes.claims import bare_name
from derive.notes.compare import Outcome, Sides, compare
from derive.notes.edited import applied
from derive.notes.loosely import in_other_layout
from derive.notes.meaning import letter_of
from derive.notes.mend import Mender, proof
from derive.notes.moving import transposing
from derive.notes.places import OutOfRange
from derive.notes.quantifiers import quantified
from derive.notes.values import Misfit
from derive.notes.verdicts import (
    AGREES,
    ILL_FORMED,
    LAYOUT,
    NOT_A_CLAIM,
    PROVED,
    UNREADABLE,
    WRONG,
    Edit,
    Problem,
    Repair,
    Truth,
    Verdict,
)

if TYPE_CHECKING:
    from derive.notes.sides import Claim, Reader
    from derive.notes.tree import Node

__all__ = ["Judge"]

_FOLLOWS = "follows from the step before, which is wrong"


class Judge:
    """Judges claims of a note.

    Parameters
    ----------
    reader : Reader
        Of the note's formulas.
    mender : Mender
        For the wrong ones.
    definers : set of pairs of int
        Identities of a symbol of the note and of the side that gives it its meaning.
    """

    def __init__(self, reader: Reader, mender: Mender, definers: set[frozenset[int]]) -> None:
        self.reader = reader
        self.mender = mender
        self.world = reader.world
        self.definers = definers

    def claim(self, claim: Claim, number: int, right: dict[int, bool]) -> Verdict:
        """Return the verdict on a claim; ``right`` says which sides of its chain are right."""
        chain, k = claim.chain, claim.k
        # The first side has no claim of its own in which to say how it was read.
        shown = [side.value for side in claim.read[(k - 1 if k == 1 else k) : k + 1]]
        readings = [reading for value in shown if value is not None for reading in value.readings]
        base = Verdict(
            number,
            chain.formula,
            _start(claim),
            claim.sides[k].end,
            PROVED,
            readings=tuple(dict.fromkeys(readings)),
            truth=_truth(claim),
        )
        pair = frozenset((id(chain.sides[k - 1]), id(chain.sides[k])))
        if pair in self.definers or (k == 1 and self._restated(claim)):
            right[k] = right[k - 1] = True
            return replace(base, verdict=NOT_A_CLAIM)
        verdict, holds = self._judged(claim, base, claim.blamed, right)
        right[claim.blamed] = holds
        return verdict

    def repaired(self, claim: Claim, verdict: Verdict) -> Verdict:
        """Return the verdict on a wrong claim with repairs of the side that is to blame."""
        return self._repaired(claim, verdict, claim.blamed)

    def _read_otherwise(self, claim: Claim, base: Verdict, blamed: int) -> Verdict | None:
        """Return the verdict if the claim is true by the less usual reading of its text."""
        doubts = claim.read[claim.root].doubts | claim.read[blamed].doubts
        sides = [claim.sides[claim.root], claim.sides[blamed]]
        for count in range(1, len(doubts) + 1):
            for other in map(frozenset, combinations(sorted(doubts), count)):
                read, every = self.reader.read(sides, claim.conditions, other=other)
                if any(side.value is None for side in read) or read[1].letters - read[0].letters:
                    continue
                pair = Sides(sides[0], sides[1], claim.conditions, every, other=other)
                try:
                    outcome = compare(pair, self.reader.differentials)
                except Misfit:
                    continue
                if outcome.kind != "equal":
                    continue
                found = proof(self.reader, read[0], read[1], outcome, every, claim.conditions)
                if found.refuted or (outcome.unvalued and not found.proved):
                    continue
                values = [side.value for side in read if side.value is not None]
                readings = tuple(dict.fromkeys(r for value in values for r in value.readings))
                verdict = PROVED if found.proved else AGREES
                return replace(base, verdict=verdict, facts=found.facts, readings=readings)
        return in_other_layout(self.reader, self.mender, claim, base, blamed)

    def _judged(
        self, claim: Claim, base: Verdict, blamed: int, right: dict[int, bool]
    ) -> tuple[Verdict, bool]:
        """Return the verdict, and whether the side in question is right."""
        truth, accused = claim.read[claim.root], claim.read[blamed]
        for side in (accused, truth):
            if side.misfit is not None:
                loose = self._as_row(claim, base, blamed) if side is accused else None
                return (loose, True) if loose else self._ill(claim, base, blamed, side.misfit)
        unbound = sorted(accused.letters - truth.letters - quantified(claim.chain))
        # What a left side has more is what it is claimed for, one by one.
        if unbound and accused.value is not None and claim.root < blamed:
            what, place = f"index {unbound[0]} is not bound", _first_place(accused.node, unbound[0])
            return self._ill(claim, base, blamed, Misfit("unbound-index", what, *place))
        try:
            outcome = self._compare(claim, claim.root, blamed)
        except Misfit as misfit:
            loose = self._as_row(claim, base, blamed) or self._as_diagonal(claim, base, blamed)
            if loose:
                return loose, True
            misfit.start, misfit.end = accused.node.start, accused.node.end
            return self._ill(claim, base, blamed, misfit)
        if outcome.kind == "differ":
            if self._follows(claim, blamed, right):
                after = claim.root > blamed
                note = "true, but the step after it is wrong" if after else _FOLLOWS
                return replace(base, note=note), False
            return self._wrong(claim, base, blamed, outcome)
        found = proof(self.reader, truth, accused, outcome, dict(claim.every), claim.conditions)
        if found.refuted:
            return self._wrong(claim, base, blamed, replace(outcome, witness=found.witness))
        if outcome.unvalued and not found.proved:
            return self._unvalued(claim, base, blamed, outcome.unvalued)
        if outcome.kind == "transposed" and self.world.layout != "any":
            message = "true in the other layout: the transpose of this"
            problem = _layout(accused.node, base, message)
            repair = transposing(accused.node, base.formula.latex)
            return replace(
                base,
                verdict=LAYOUT,
                problems=(problem,),
                facts=found.facts,
                repairs=(replace(repair, proved=found.proved),),
            ), True
        verdict = PROVED if found.proved else AGREES
        return replace(base, verdict=verdict, facts=found.facts), True

    def _compare(self, claim: Claim, one: int, two: int) -> Outcome:
        sides = Sides(claim.sides[one], claim.sides[two], claim.conditions, dict(claim.every))
        return compare(sides, self.reader.differentials)

    def _follows(self, claim: Claim, blamed: int, right: dict[int, bool]) -> bool:
        """Tell whether a wrong side only repeats the one beside it, which is wrong too."""
        beside = blamed - 1 if claim.root < blamed else blamed + 1
        if right.get(beside) is not False or beside == claim.root:
            return False
        if claim.read[beside].value is None:
            return False
        try:
            return self._compare(claim, beside, blamed).kind == "equal"
        except Misfit:
            return False

    def _as_row(self, claim: Claim, base: Verdict, blamed: int) -> Verdict | None:
        """Return the verdict if the claim is true with a vector as a row instead of a column."""
        if self.world.rows or self.world.told:
            return None
        if self.world.has_columns and _is_inner(claim, blamed):
            return None
        sides = [claim.sides[claim.root], claim.sides[blamed]]
        read, every = self.reader.read(sides, claim.conditions, rows=True)
        if any(side.value is None for side in read):
            return None
        pair = Sides(sides[0], sides[1], claim.conditions, every, rows=True)
        try:
            outcome = compare(pair, self.reader.differentials)
        except Misfit:
            return None
        if outcome.kind == "differ" or read[1].letters - read[0].letters:
            return None
        found = proof(self.reader, read[0], read[1], outcome, every, claim.conditions)
        if outcome.unvalued and not found.proved:
            return None
        if self.world.layout == "any":
            verdict = PROVED if found.proved else AGREES
            value = read[1].value
            readings = value.readings if value is not None else ()
            return replace(base, verdict=verdict, facts=found.facts, readings=readings)
        message = "true with a vector as a row: a column does not conform here"
        if outcome.kind == "transposed":
            message = "true with a vector as a row, and in the other layout: the transpose of this"
        problem = _layout(claim.sides[blamed], base, message)
        result = replace(base, verdict=LAYOUT, problems=(problem,), facts=found.facts)
        return self.mender.repaired(claim, result, blamed)

    def _as_diagonal(self, claim: Claim, base: Verdict, blamed: int) -> Verdict | None:
        """Return the verdict if a vector stands for the diagonal matrix that it is to be."""
        truth, accused = claim.read[claim.root].value, claim.read[blamed].value
        if truth is None or accused is None or not accused.is_vector:
            return None
        if truth.rows is None or truth.rows != truth.columns:
            return None
        node = claim.sides[blamed]
        place = (node.start, node.start)
        diagonal = tree.FunctionCall(*place, "diag", node, True, head=place)
        sides = [claim.sides[claim.root], diagonal]
        read, every = self.reader.read(sides, claim.conditions)
        if any(side.value is None for side in read):
            return None
        pair = Sides(sides[0], sides[1], claim.conditions, every)
        try:
            outcome = compare(pair, self.reader.differentials)
        except Misfit:
            return None
        if outcome.kind == "differ":
            return None
        found = proof(self.reader, read[0], read[1], outcome, every, claim.conditions)
        text = base.formula.latex
        edit = Edit(*balanced(text, node.start, node.end), r"\mathrm{diag}\left({}\right)", "diag")
        text = applied(text, (edit,))
        message = "the entries of the diagonal: the matrix has them on its diagonal and 0 elsewhere"
        return replace(
            base,
            verdict=LAYOUT,
            problems=(_layout(node, base, message),),
            facts=found.facts,
            repairs=(Repair((edit,), text, found.proved),),
        )

    def _ill(
        self, claim: Claim, base: Verdict, blamed: int, misfit: Misfit
    ) -> tuple[Verdict, bool]:
        otherwise = self._read_otherwise(claim, base, blamed)
        if otherwise is not None:
            return otherwise, True
        verdict = UNREADABLE if misfit.kind == "unreadable" else ILL_FORMED
        text = base.formula.latex
        found = text[misfit.start : misfit.end]
        problem = Problem(misfit.kind, misfit.start, misfit.end, found, "", misfit.message)
        result = replace(base, verdict=verdict, problems=(problem,))
        if verdict == UNREADABLE:
            return result, False
        return self._repaired(claim, result, blamed), False

    def _unvalued(
        self, claim: Claim, base: Verdict, blamed: int, which: str
    ) -> tuple[Verdict, bool]:
        """Return the verdict where a side has no value: to none at all nothing can be repaired."""
        node = claim.sides[claim.root if which == "left" else blamed]
        what = "the two sides have no values" if which == "both" else "this side has no value"
        message = f"{what} at any point that was tried"
        if which == "right":
            return self._ill(claim, base, blamed, Misfit("value", message, node.start, node.end))
        found = base.formula.latex[node.start : node.end]
        problem = Problem("value", node.start, node.end, found, "", message)
        return replace(base, verdict=ILL_FORMED, problems=(problem,)), False

    def _wrong(
        self, claim: Claim, base: Verdict, blamed: int, outcome: Outcome
    ) -> tuple[Verdict, bool]:
        otherwise = self._read_otherwise(claim, base, blamed)
        if otherwise is not None:
            return otherwise, True
        node = claim.sides[blamed]
        problem = Problem("value", node.start, node.end, "", "", "the two sides differ")
        result = replace(base, verdict=WRONG, problems=(problem,), witness=outcome.witness)
        return self._repaired(claim, result, blamed), False

    def _repaired(self, claim: Claim, verdict: Verdict, blamed: int) -> Verdict:
        """Return the verdict with repairs of the blamed side.

        A symbol at the end of a line may be the slip itself: what stands before it is not to be
        repaired where the symbol takes fewer edits.
        """
        k = claim.k
        last = claim.root == k and bare_name(claim.sides[k]) is not None
        two = last and claim.read[k - 1].value is not None
        try:
            found = self.mender.repaired(claim, verdict, blamed, 0.7 if two else 1.0)
            if not two or _burden(found) == (1, False):
                return found
            other = self.mender.repaired(replace(claim, root=k - 1), verdict, k, 0.3)
            return other if _burden(other) < _burden(found) else found
        except OutOfRange:
            note = "no repair is looked for where single entries far from the first are written"
        except Misfit:
            note = "no repair is looked for"
        return replace(verdict, note=note)

    def _restated(self, claim: Claim) -> bool:
        """Tell whether the note's header says this very thing."""
        own = list(claim.chain.sides[:2])
        return any(
            own == list(statement.body.sides)
            for _, line in self.reader.define
            for statement in line.statements
            if isinstance(statement.body, tree.Relation)
        )


def _is_inner(claim: Claim, blamed: int) -> bool:
    """Tell whether a side is a number as it stands: an inner product in an outer one's place."""
    accused, truth = claim.read[blamed].value, claim.read[claim.root].value
    if accused is None or truth is None:
        return False
    return accused.is_scalar and not truth.is_scalar


def _burden(verdict: Verdict) -> tuple[float, bool]:
    """Return how many edits the first repair is, and whether it puts in what was not there."""
    if not verdict.repairs:
        return math.inf, True
    edits = verdict.repairs[0].edits
    return len(edits), any(edit.kind in ("insert", "term", "substitute") for edit in edits)


def _truth(claim: Claim) -> Truth | None:
    """Return the side that the claim is judged by, if it stands in the claim's own formula."""
    node, value = claim.sides[claim.root], claim.read[claim.root].value
    if value is None or claim.root < claim.chain.carried:
        return None
    return Truth(node.start, node.end, value.data)


def _start(claim: Claim) -> int:
    """Return where a claim begins in its own formula."""
    if claim.k - 1 < claim.chain.carried:
        return claim.chain.start
    return claim.chain.sides[claim.k - 1].start


def _layout(node: Node, base: Verdict, message: str) -> Problem:
    found = base.formula.latex[node.start : node.end]
    return Problem("layout", node.start, node.end, found, "", message)


def _first_place(node: Node, letter: str) -> tuple[int, int]:
    place = next((part for part in tree.walk(node) if letter_of(part) == letter), node)
    return place.start, place.end
