"""The repair of a wrong claim: what may be put in, and whether a changed text holds."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from derive.index.limits import Budget, Timeout
from derive.notes.bracketing import with_brackets
from derive.notes.compare import Sides, compare
from derive.notes.edited import applied
from derive.notes.forgotten import forgotten
from derive.notes.goal import DEFINING, FAILURES, Goal
from derive.notes.indexedits import resized
from derive.notes.lost import brackets, constants, cotangents, functions
from derive.notes.meaning import mean
from derive.notes.moving import fronted, scaled
from derive.notes.ranks import Move, changed
from derive.notes.refusals import is_value
from derive.notes.renaming import renamings
from derive.notes.repair import search
from derive.notes.rereading import Case, Rereading, proof
from derive.notes.restoring import entry_by_entry, everywhere, indexings, restorations
from derive.notes.settle import renamed, substituted
from derive.notes.shifts import has_shifts
from derive.notes.siblings import siblings
from derive.notes.stock import sizes, summed, vocabulary
from derive.notes.values import Misfit
from derive.notes.verdicts import LAYOUT, Edit, Repair, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import sympy as sp

    from derive.notes.edits import Vocabulary
    from derive.notes.sides import Claim, Reader

__all__ = ["Mender", "proof"]

#: Steps that reading a repaired text takes.
_READING = 100
#: Steps that trying a renaming takes, beside what it defines.
_TRYING = 10


class Mender:
    """Repairs claims of a note.

    Parameters
    ----------
    reader : Reader
        Of the note's formulas.
    effort : float
        About how many seconds the search for a repair may take, for one claim, counted in steps
        of work: the same repair is found on every machine.
    text : str
        The whole note's, for its author's habits.
    """

    def __init__(self, reader: Reader, effort: float, text: str) -> None:
        self.reader = reader
        self.text = text
        self.differentials = reader.differentials
        self.world = reader.world
        self.effort = effort
        self.again = Rereading(reader)

    def repaired(self, claim: Claim, verdict: Verdict, blamed: int, share: float = 1.0) -> Verdict:
        """Return the verdict with the smallest repairs of the side that is to blame.

        All searches together take at most a share of the effort.
        """
        truth = claim.read[claim.root]
        if truth.value is None or claim.root == blamed or blamed < claim.chain.carried:
            return verdict
        text = verdict.formula.latex
        case = Case(
            claim, blamed, text, self.again.position(claim), verdict.verdict == LAYOUT,
            Budget.of_seconds(share * self.effort),
        )  # fmt: skip
        undeclared = any(problem.kind == "undefined-symbol" for problem in verdict.problems)
        overrun = any(problem.kind == "index-size" for problem in verdict.problems)
        # What is differentiated by one symbol instead of its neighbour, on both sides, is 0.
        vanishes = verdict.witness is not None and verdict.witness.right == 0
        renamed = self._renamed(case, alike=not undeclared) if undeclared or vanishes else ()
        kept, exhausted = renamed, False
        if not kept and overrun:
            kept = self._first(case, resized(case.side, self.world.sizes), 0.2)
        if not kept and verdict.witness is not None:
            # What is 0 is written so, and not as a difference of equals.
            kept = self._nothing(case)
        if not kept:
            kept, exhausted = self._searched(case)
        if not kept:
            kept = self._moved(case)
        if not kept:
            kept = renamed = self._renamed(case, alike=False)
        repairs = self._left_out(case) if undeclared and not kept else []
        repairs += self._confirmed(case, kept, renamed)
        note = verdict.note
        if not repairs and exhausted:
            note = "the search for a repair ended at its limit, which --effort raises"
        elif not repairs and not note:
            note = "no repair by one or two edits was found"
        problems = verdict.problems
        if repairs:
            first = repairs[0].edits[0]
            old = text[first.start : first.end]
            problems = tuple(
                replace(
                    problem,
                    start=first.start,
                    end=max(first.end, first.start + 1),
                    found=old,
                    expected=first.text.replace("{}", old),
                )
                for problem in problems
            )
        return replace(verdict, repairs=tuple(repairs), problems=problems, note=note)

    def _confirmed(
        self, case: Case, kept: Iterable[Move], renamed: Collection[Move]
    ) -> list[Repair]:
        """Return repairs that hold when they are judged as any claim is, what is proved first.

        Of several that mean the same the first is enough.
        """
        found: dict[tuple[object, ...], Repair] = {}
        for edits in kept:
            both = edits in renamed
            meant = self.again.meaning(case, edits, both=both)
            if meant in found:
                continue
            # Rather with brackets that say what is multiplied with what, where these hold, too.
            for move in dict.fromkeys((with_brackets(case.side, edits), edits)):
                text = applied(case.text, move)
                made = self.again.proved(case, text, self.effort / 4, both=both)
                if made is not None:
                    found[meant] = Repair(move, text, made.proved)
                    break
        return sorted(found.values(), key=lambda repair: not repair.proved)

    def _searched(self, case: Case) -> tuple[tuple[Move, ...], bool]:
        """Return what is found by the search, or at once, and whether the search was cut short."""
        claim, side, truth = case.claim, case.side, case.truth
        # A sum may have lost all that its letter stood in, and the claim a function's letters.
        letters = {**dict(summed(tuple(claim.sides), self.differentials)), **claim.every}
        letters = {**self._of_functions, **letters}
        words = vocabulary(
            tuple(claim.sides), truth, case.text, letters, self.differentials,
            (*constants(self.reader), *cotangents(self.reader, claim)), self.reader.renamed,
            self.text, functions(self.reader), brackets(self.reader),
            shifted=any(has_shifts(line) for _, line in self.reader.define),
        )  # fmt: skip
        kept = self._several(case, words)
        if kept and len(kept[0]) == 1:
            return kept, False
        # What was found already is no bad repair: only a smaller one is looked for.
        with case.budget.part(0.3 * self.effort if kept else 0.9 * self.effort) as budget:
            found = search(
                side, truth, case.text, words, letters, (*claim.conditions, *claim.points),
                self.differentials,
                lambda edits: self.again.right(case, edits),
                lambda changed: self.again.side(case, case.blamed, changed),
                lambda changed: substituted(changed, self.reader.meant),
                budget,
            )  # fmt: skip
        if not kept:
            return found.found, found.exhausted
        return tuple(sorted((*kept, *found.found), key=changed))[:3], found.exhausted

    @cached_property
    def _of_functions(self) -> dict[str, sp.Expr]:
        """The letters in what the note defines functions by, with their sizes."""
        bodies = [macro.body for macro in self.world.macros.values()]
        return {name: size for body in bodies for name, size in self.reader.letters(body).items()}

    def _first(
        self, case: Case, trials: Iterable[Move], share: float, *, both: bool = False
    ) -> tuple[Move, ...]:
        """Return the first of some edits that are right, within a share of the effort."""
        with case.budget.part(share * self.effort) as budget:
            for trial in trials:
                if budget.spent:
                    break
                budget.steps -= _READING
                if self.again.right(case, trial, both=both):
                    return (trial,)
        return ()

    def _several(self, case: Case, words: Vocabulary) -> tuple[Move, ...]:
        """Return the repair of a matrix entry by entry, or of terms that are missing."""
        if case.claim.read[case.blamed].value is None:
            return ()
        with case.budget.part(0.3 * self.effort) as budget:
            edits = entry_by_entry(
                case.side, case.truth, words, dict(case.claim.every), self.differentials, budget
            )
        trials = itertools.chain([edits] if edits else [], indexings(case.side, self.world))
        if is_value(case.truth, self.world, self.world.layer.nodes):
            # Only what the header defines has lost terms of a definition.
            defined = [line for _, line in self.reader.define]
            trials = itertools.chain(trials, restorations(case.side, defined))
        return self._first(case, trials, 0.5)

    def _moved(self, case: Case) -> tuple[Move, ...]:
        """Return the repair of a matrix on the wrong side, of constants and terms that lack."""
        letters, define = dict(case.claim.every), self.reader.define
        lines = [line for _, line in define]
        trials = itertools.chain(
            filter(None, [everywhere(case.side, lines)]),
            siblings(case.side, case.text, self.world.tensors.keys(), lines),
            forgotten(case.side, case.truth, case.text, letters, self.differentials, lines),
            scaled(case.side, case.truth, letters, self.differentials, define),
            fronted(case.side, case.text),
        )
        return self._first(case, trials, 0.2)

    def _renamed(self, case: Case, *, alike: bool) -> tuple[Move, ...]:
        """Return the first renaming throughout the claim that makes it true.

        Where ``alike``, the new name begins as the old one does.
        """
        defined = [line for _, line in self.reader.define]
        sides = [case.truth, case.side]
        trials = renamings(sides, case.truth, self.world, defined, alike=alike)
        with case.budget.part(0.2 * self.effort) as budget:
            likely = (edits for old, new, edits in trials if self._agree(case, old, new, budget))
            return self._first(case, likely, 0.2, both=True)

    def _agree(self, case: Case, old: str, new: str, budget: Budget) -> bool:
        """Tell whether the sides agree on numbers with one symbol for another: this is quick."""
        if budget.spent:
            return False
        sides = (renamed(side, old, new) for side in (case.side, case.truth))
        side, truth = (substituted(side, self.reader.meant) for side in sides)
        known = len(self.world.nodes)
        try:
            letters = sizes(side, truth, dict(case.claim.every), self.differentials)
            scope = self.differentials.numeric(0, letters)
            value = mean(side, scope)
            scope = replace(scope, expected=value.shape)
            goal = Goal(mean(truth, scope), scope, budget, self.world.nodes)
            return goal.reached(side)
        except (*FAILURES, Timeout):
            return False
        finally:
            budget.steps -= _TRYING + DEFINING * (len(self.world.nodes) - known)

    def _nothing(self, case: Case) -> tuple[Move, ...]:
        """Return the edit that makes a side 0, where the right one is."""
        if not self.again.vanishes(self.again.placed(case, case.truth), dict(case.claim.every)):
            return ()
        return self._first(case, [(Edit(case.side.start, case.side.end, "0", "substitute"),)], 0.2)

    def _left_out(self, case: Case) -> list[Repair]:
        """Leave a step of a chain out, of which nobody knows what it says."""
        claim, k = case.claim, case.claim.k
        if case.blamed != k or k < max(2, claim.chain.carried + 1):
            return []
        kept = [claim.sides[claim.root], claim.sides[k - 1]]
        edit = Edit(kept[1].end, case.side.end, "", "drop")
        for rows in (False, True):
            (one, two), every = self.reader.read(kept, claim.conditions, rows=rows)
            if one.value is None or two.value is None:
                continue
            pair = Sides(kept[0], kept[1], claim.conditions, every, rows=rows)
            with contextlib.suppress(Misfit):
                outcome = compare(pair, self.differentials)
                if outcome.kind != "differ":
                    made = proof(self.reader, one, two, outcome, every, claim.conditions)
                    if not made.refuted:
                        return [Repair((edit,), applied(case.text, (edit,)), made.proved)]
        return []
