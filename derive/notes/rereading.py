"""Does a repaired text hold? It is read anew, and judged as if it had been the note's own."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from derive.errors import DeriveError
from derive.index.terms import Entry
from derive.notes import tree
from derive.notes.compare import Outcome, Sides, compare
from derive.notes.draws import MANY
from derive.notes.edited import applied
from derive.notes.goal import FAILURES
from derive.notes.meaning import mean
from derive.notes.names import spellings
from derive.notes.points import at_points
from derive.notes.prove import Proof, prove
from derive.notes.quantifiers import quantified
from derive.notes.refusals import begs, leaves_out, trivial, weighing
from derive.notes.values import Misfit, Value

if TYPE_CHECKING:
    import sympy as sp

    from derive.index.limits import Budget
    from derive.notes.ranks import Move
    from derive.notes.sides import Claim, Reader, Side
    from derive.notes.tree import Node

#: The two sides, how they compare, and all letters with their sizes.
_Reading: TypeAlias = "tuple[list[Side], Outcome, dict[str, sp.Expr]]"

__all__ = ["Case", "Rereading", "proof"]

#: About how many seconds looking for a difference alone may take beyond the looking.
_LOOKING = 0.001


def proof(
    reader: Reader,
    one: Side,
    two: Side,
    outcome: Outcome,
    letters: dict[str, sp.Expr],
    conditions: tuple[Node, ...],
    seconds: float = 2.0,
) -> Proof:
    """Try to prove what numbers have not refuted."""
    assert one.value is not None
    assert two.value is not None
    flipped = outcome.kind == "transposed"
    return prove(
        one.value, two.value, reader.differentials, letters, conditions,
        flipped=flipped, seconds=seconds,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A claim that is to be repaired, and what has been found out on the way.

    Parameters
    ----------
    claim : Claim
        What is wrong.
    blamed : int
        The side that is to blame.
    text : str
        Of the formula.
    place : int
        The number of the claim's statement in the formula.
    loose : bool
        Whether the other layout is as good.
    budget : Budget
        Of the work that may be done for the claim, by all searches together.
    known : dict
        How changed texts were read.
    refuted : dict
        Which of those that agree on numbers of 16 digits do not on those of more.
    """

    claim: Claim
    blamed: int
    text: str
    place: int
    loose: bool
    budget: Budget
    known: dict[tuple[str, bool], _Reading | None] = field(default_factory=dict)
    refuted: dict[tuple[str, bool], bool] = field(default_factory=dict)

    @property
    def side(self) -> Node:
        """The side that is to blame."""
        return self.claim.sides[self.blamed]

    @property
    def truth(self) -> Node:
        """The side that is right."""
        return self.claim.sides[self.claim.root]


class Rereading:
    """Reads the formulas of a note anew, as repairs have changed them.

    Parameters
    ----------
    reader : Reader
        Of the note's formulas.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.world = reader.world
        self.differentials = reader.differentials

    def right(self, case: Case, edits: Move, *, both: bool = False) -> bool:
        """Tell whether edits make a claim right: if the note had it so, it would not be blamed."""
        text = applied(case.text, edits)
        if self._read(case, text, both) is None:
            return False
        if (text, both) not in case.refuted:
            # What a proof takes is left to the few repairs that are shown.
            case.refuted[text, both] = self.proved(case, text, _LOOKING, both=both) is None
        return not case.refuted[text, both]

    def proved(self, case: Case, text: str, seconds: float, *, both: bool) -> Proof | None:
        """Return the proof that a repaired text holds, None if it does not."""
        found = self._read(case, text, both)
        if found is None:
            return None
        read, outcome, every = found
        one, two = read
        made = proof(self.reader, one, two, outcome, every, case.claim.conditions, seconds)
        return None if made.refuted else made

    def meaning(self, case: Case, edits: Move, *, both: bool = False) -> tuple[object, ...]:
        r"""Return what makes a repair the same as another one: what its sides mean.

        So are ``\frac1n`` and ``\frac{1}{n}``, or ``a b`` and ``b a`` of numbers.
        """
        found = self._read(case, applied(case.text, edits), both)
        if found is None:
            return (edits,)
        values = (side.value for side in found[0])
        return tuple((v.data, v.rows, v.columns) if v is not None else None for v in values)

    def _read(self, case: Case, text: str, both: bool) -> _Reading | None:
        """Return how a repaired text is read, None if numbers refute it.

        Where a layout is to be put right, what is true in the other layout is taken as well;
        ``both`` reads the side that it is compared with again, too.
        """
        if (text, both) not in case.known:
            case.known[text, both] = self._reading(case, text, both)
        return case.known[text, both]

    def _reading(self, case: Case, text: str, both: bool) -> _Reading | None:
        claim = case.claim
        side = self.side(case, case.blamed, text)
        root = self.side(case, claim.root, text) if both else None
        if side is None:
            return None
        both_sides = (case.truth if root is None else root, side)
        sides = [self.placed(case, one) for one in both_sides]
        read, every = self.reader.read(sides, claim.conditions)
        if any(side.misfit for side in read) or read[1].letters - read[0].letters - (
            quantified(claim.chain)
        ):
            return None
        pair = Sides(sides[0], sides[1], claim.conditions, every)
        try:
            outcome = compare(pair, self.differentials)
            if both and self.vanishes(sides[0], every):
                # That nothing depends on it is no derivative that anybody writes down.
                return None
        except (Misfit, ValueError):
            return None
        kinds = ("equal", "transposed") if case.loose else ("equal",)
        own = claim.chain.sides[claim.root]
        unlike = outcome.kind not in kinds or outcome.unvalued
        lost = leaves_out(read[1].value, claim.read[case.blamed].value)
        if unlike or lost or begs(side, own, case.side, self.world):
            return None
        new = spellings(side) - spellings(case.side)
        if any(self._stands(name, read[0].value) for name in new):
            return None
        known = self.world.tensors
        if trivial(side, known) > trivial(case.side, known) or self._idles(side, case.side, every):
            return None
        if self._unreached(side, every) > self._unreached(case.side, every):
            return None
        return read, outcome, every

    def _stands(self, name: str, truth: Value | None) -> bool:
        """Tell whether a symbol is but a name of what a claim is about."""
        symbol = self.world.tensors.get(name)
        if symbol is None or truth is None or not isinstance(truth.data, Entry):
            return False
        bodies = {node.name: node.body for node in self.world.nodes}
        tensor = symbol.name
        while isinstance(body := bodies.get(tensor), Entry):
            tensor = body.tensor
        return tensor == truth.data.tensor and symbol.name != tensor

    def _idles(self, side: Node, before: Node, letters: dict[str, sp.Expr]) -> bool:
        """Tell whether a side has got a derivative or a term that is 0 everywhere."""
        known = set(weighing(before))
        for part in (part for part in weighing(side) if part not in known):
            with contextlib.suppress(*FAILURES, DeriveError):
                if self.vanishes(part, {**self.reader.letters(part), **letters}):
                    return True
        return False

    def _unreached(self, side: Node, letters: dict[str, sp.Expr]) -> int:
        """Return how many rows of case distinctions are there for nothing."""
        return sum(
            self._is_unreached(part, n, letters)
            for part in tree.walk(side)
            if isinstance(part, tree.Cases)
            for n in range(len(part.rows))
        )

    def _is_unreached(self, node: tree.Cases, row: int, letters: dict[str, sp.Expr]) -> bool:
        """Tell whether a row is chosen nowhere: its condition never holds, or one before does."""
        place = (node.start, node.end)
        marked = tuple(
            replace(one, value=tree.Number(*place, str(int(n == row))))
            for n, one in enumerate(node.rows)
        )
        scope = self.differentials.numeric(0, letters, MANY)
        with contextlib.suppress(*FAILURES, DeriveError):
            return not np.asarray(mean(replace(node, rows=marked), scope).data, float).any()
        return False

    def vanishes(self, side: Node, letters: dict[str, sp.Expr]) -> bool:
        """Tell whether a side is 0 everywhere."""
        data = mean(side, self.differentials.numeric(0, letters)).data
        return data is not None and np.allclose(np.asarray(data, float), 0, atol=1e-9)

    def placed(self, case: Case, side: Node) -> Node:
        """Return a side with the values that its symbols have where the claim is made."""
        return at_points(side, case.claim.points, self.differentials)

    def side(self, case: Case, number: int, text: str) -> Node | None:
        """Return the side that stands in a changed text where one stood."""
        try:
            statement = self.reader.line(text).statements[case.place]
        except (DeriveError, IndexError):
            return None
        body = statement.body
        if not isinstance(body, tree.Relation):
            return None
        place = number - case.claim.chain.shift
        if not 0 <= place < len(body.sides):
            return None
        return self.reader.settled(body.sides)[place]

    def position(self, claim: Claim) -> int:
        """Return the number of the claim's statement in its formula."""
        return next(
            n
            for n, statement in enumerate(self.reader.line(claim.chain.formula).statements)
            if statement.start == claim.chain.statement.start
        )
