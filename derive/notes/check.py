"""Check the claims of a note: a verdict for each ``=``, and a repair for the wrong ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.index.limits import TooLarge
from derive.notes.alternatives import in_each_case
from derive.notes.arguments import learn_arguments
from derive.notes.basis import free_bases
from derive.notes.claims import (
    EQUALITIES,
    UPDATES,
    Chain,
    Unread,
    bare_name,
    chains,
    is_chain_rule,
    is_collection,
    is_of_indices,
    is_pure_derivative,
    open_symbols,
    taken,
)
from derive.notes.declare import world_of
from derive.notes.define import definition
from derive.notes.differentials import Differentials
from derive.notes.hints import with_declaration
from derive.notes.iterates import as_update
from derive.notes.judge import Judge
from derive.notes.lacking import suppositions, under
from derive.notes.losses import tells_loss
from derive.notes.meaning import constant
from derive.notes.mend import Mender
from derive.notes.mistakes import Mistake, explained, mistake
from derive.notes.shipped import with_layer
from derive.notes.sides import Claim, Reader
from derive.notes.special import at_special_values, restricted, supposed, written
from derive.notes.stationary import is_zero, with_requirements
from derive.notes.steps import beside_wrong_step
from derive.notes.telling import shown, unjudged, unread
from derive.notes.universal import introduces
from derive.notes.updates import corrected, is_update
from derive.notes.updates_judged import judged as update_judged
from derive.notes.values import Misfit
from derive.notes.verdicts import (
    AGREES,
    ILL_FORMED,
    LAYOUT,
    NOT_A_CLAIM,
    PROVED,
    UNREADABLE,
    WRONG,
    Problem,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from derive.notes.document import Note
    from derive.notes.sides import Side
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["Checked", "Checker", "check"]

#: Seconds that the search for a repair may take, for one claim.
EFFORT = 2.0
#: A number that may have to do with a size.
_NUMBER = re.compile(r"\d\d")


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdicts on a note."""

    note: Note
    verdicts: tuple[Verdict, ...]
    world: World | None = field(default=None, compare=False, repr=False)


def check(note: Note, effort: float = EFFORT) -> Checked:
    """Return a verdict on every claim of a note.

    Parameters
    ----------
    note : Note
        As read.
    effort : float
        Seconds that the search for a repair may take, for one claim.

    Raises
    ------
    DeriveError
        If the header cannot be used.
    """
    note = with_layer(note)
    return Checker(note, effort).check(note)


class Checker:
    """Checks a note, and variants of it: other formulas under the same header.

    Parameters
    ----------
    note : Note
        As read. What its symbols stand for is learned from its formulas.
    effort : float
        Seconds that the search for a repair may take, for one claim.
    exact : bool
        Whether large numbers that are sizes stay what they are.

    Raises
    ------
    DeriveError
        If the header cannot be used.
    """

    def __init__(self, note: Note, effort: float = EFFORT, *, exact: bool = False) -> None:
        self.world = world_of(note, exact=exact)
        assert note.header is not None
        self.differentials = Differentials(self.world)
        self.reader = Reader(self.differentials, note.header)
        self.note = note
        self.effort = effort
        self.supposed: dict[str, Checker | None] = {}
        #: The numbers for which sizes stand in.
        self.standing = {spelling for spelling in self.world.sizes if spelling.isdigit()}
        self.exact: Checker | None = None
        self.definers: set[frozenset[int]] = set()
        #: What the note has wrongly said of symbols so far.
        self.mistakes: list[Mistake] = []
        self.judge = Judge(
            self.reader, Mender(self.reader, effort, note.source.text), self.definers
        )
        #: What holds at some place only is not mended.
        self.loose = Judge(self.reader, Mender(self.reader, 0.0, note.source.text), self.definers)
        self.found = self._chains(note)
        own = [chain for chain in self.found if isinstance(chain, Chain)]
        learn_arguments(own, [line for _, line in self.reader.define], self.world)
        self.world.only_columns = self.world.told and not self.world.rows
        self.world.taken = taken(own, self.world)
        self.world.bases = free_bases(own, self.world)
        self._learn(own)

    def check(self, note: Note) -> Checked:
        """Return a verdict on every claim of the note, or of a variant."""
        found = self.found if note is self.note else self._chains(note)
        if note is self.note:
            self.mistakes.clear()
        # A variant is read as the note taught; what is wrong in it teaches nothing.
        before = list(self.mistakes)
        verdicts: list[Verdict] = []
        for chain in found:
            if isinstance(chain, Unread):
                verdicts.append(unread(chain, len(verdicts) + 1))
            else:
                new = self._bounded(chain, len(verdicts) + 1)
                if self.standing and not all(verdict.fine for verdict in new):
                    new = list(map(self._told, self._at_true_sizes(chain, new)))
                if note is self.note and self.effort > 0:
                    new = [self._supposing(verdict, k, chain) for k, verdict in enumerate(new)]
                verdicts += map(shown, new)
        if note is not self.note:
            self.mistakes[:] = before
        return Checked(note, tuple(verdicts), self.world)

    def _chains(self, note: Note) -> list[Chain | Unread]:
        """Return the statements of the note, or of a variant, with what is required of each."""
        names = {node.name for node in self.world.nodes}
        defined = {s for s, symbol in self.world.tensors.items() if symbol.name in names}
        return with_requirements(chains(note, self.reader.line), defined)

    def _told(self, verdict: Verdict) -> Verdict:
        """Say that a witness is one of smaller sizes than the note's."""
        if verdict.witness is None:
            return verdict
        reading = "large sizes compared as small ones, which stand in for any"
        return replace(verdict, readings=(*verdict.readings, reading))

    def _at_true_sizes(self, chain: Chain, verdicts: list[Verdict]) -> list[Verdict]:
        """Look again at what is not true of all sizes: a number may be just the right one."""
        written = (chain.formula.latex, *(latex for latex, _ in self.reader.define))
        if chain not in self.found or not any(map(_NUMBER.search, written)):
            return verdicts
        if self.exact is None:
            self.exact = Checker(self.note, 0.0, exact=True)
        same = self.exact.found[self.found.index(chain)]
        if not isinstance(same, Chain):
            return verdicts
        again = self.exact._bounded(same, verdicts[0].id)
        return again if all(verdict.fine for verdict in again) else verdicts

    def _supposing(self, verdict: Verdict, place: int, chain: Chain) -> Verdict:
        """Name the fact that the note does not declare and with which a claim would be true.

        What the claim itself supposes may be such a fact.
        """
        own = written(chain) if verdict.verdict == UNREADABLE else ()
        if not own and (verdict.verdict != WRONG or verdict.problems[0].kind != "value"):
            return verdict
        number = next(n for n, other in enumerate(self.found) if other is chain)
        for fact in own or suppositions(self.world):
            other = self._under(fact)
            if other is None or not isinstance(same := other.found[number], Chain):
                continue
            try:
                again = other.chain(same, verdict.id - place)[place]
            except DeriveError:  # No values are known for which the fact holds.
                continue
            if own:
                verdict = again if again.fine else verdict
                continue
            # Of a matrix the other layout is another claim.
            loose = again.verdict == LAYOUT and self._is_vector(chain)
            # What has to be read otherwise as well is another claim, too.
            alike = set(again.readings) <= set(verdict.readings)
            if alike and (again.verdict in (PROVED, AGREES) or loose):
                where = " in the other layout" if loose else ""
                note = f"true{where} if {fact}, which the note does not declare"
                problem = replace(verdict.problems[0], kind="fact", message=note)
                return replace(verdict, problems=(*verdict.problems, problem), note=note)
        return verdict

    def _under(self, fact: str) -> Checker | None:
        """Return a checker of the note with one more fact, None where it can be none."""
        if fact not in self.supposed:
            try:
                self.supposed[fact] = Checker(under(self.note, fact), 0.0)
            except DeriveError:
                self.supposed[fact] = None
        return self.supposed[fact]

    def _is_vector(self, chain: Chain) -> bool:
        """Tell whether what a chain sets equal is a vector."""
        read, _ = self.reader.read(self.reader.settled(chain.sides), ())
        return all(side.value is None or side.value.is_vector for side in read)

    def _bounded(self, chain: Chain, number: int) -> list[Verdict]:
        """Return the verdicts on a chain; that it is too large for any, where it is."""
        known = len(self.mistakes)
        try:
            found = in_each_case(chain, lambda one: self.chain(one, number))
            if chain.formula.perhaps and not any(verdict.verdict == WRONG for verdict in found):
                del self.mistakes[known:]
            return found
        except (TooLarge, Misfit) as error:
            # What has no differential is no side that is read alone.
            start, end = chain.start, max(chain.statement.end, chain.sides[-1].end)
            kind = error.kind if isinstance(error, Misfit) else "unreadable"
            verdict = UNREADABLE if kind == "unreadable" else ILL_FORMED
            problem = Problem(kind, start, end, "", "", str(error))
            return [Verdict(number, chain.formula, start, end, verdict, (problem,))]

    def _learn(self, found: list[Chain]) -> None:
        """Give the note's own symbols their meaning: a derivative if one is ever set equal."""
        kinds: tuple[Callable[..., bool], ...] = (is_pure_derivative, is_chain_rule, lambda _: True)
        for kind in kinds:
            for chain in found:
                if chain.relations and all(r in EQUALITIES for r in chain.relations):
                    self._learn_from(chain, kind)

    def _learn_from(self, chain: Chain, kind: Callable[[Node], bool]) -> None:
        for n, side in enumerate(chain.sides):
            spelling = bare_name(side)
            if spelling is None or spelling not in open_symbols(self.world):
                continue
            others = [
                k
                for k, s in enumerate(chain.sides)
                if k != n and kind(s) and not (chain.required and is_zero(s))
            ]
            for k in others[:1]:
                try:
                    other = self.reader.settled(chain.sides)[k]
                    if is_update(other, self.world):
                        continue
                    node = definition(self.world.tensors[spelling], side, other, self.differentials)
                except Misfit:
                    continue
                self.world.define(node.name, node.indices, node.tensor.shape, node.body)
                self.definers.add(frozenset((id(side), id(chain.sides[k]))))

    def _is_number(self, side: Node) -> bool:
        """Tell whether a side is a number, or an expression in sizes; ``1/0`` is none."""
        try:
            return constant(side, self.differentials.symbolic()) is not None
        except Misfit:
            return False

    def chain(self, chain: Chain, number: int) -> list[Verdict]:
        """Return the verdicts on the claims of a chain."""
        end = max(chain.statement.end, chain.sides[-1].end)
        plain = Verdict(number, chain.formula, chain.start, end, NOT_A_CLAIM)
        if not chain.relations or any(
            r not in EQUALITIES and r not in UPDATES for r in chain.relations
        ):
            return [replace(plain, note=unjudged(chain))]
        if chain.formula.supposed:
            return [replace(plain, note="supposed, not claimed")]
        collects = len(chain.sides) == 2 and is_collection(*chain.sides, self.world)
        indices = is_of_indices(chain.sides, self.world)
        if collects or indices or all(map(self._is_number, chain.sides)):
            # ``N = 4`` says nothing of a formula.
            return [plain]
        update = as_update(chain, self.world)
        if update is not None or chain.relations[0] in UPDATES:
            return [update_judged(self.reader, update or chain, number)]
        sides = self.reader.settled(chain.sides)
        given = {tensor.name for tensor in self.world.given}
        tensor = self.world.tensors.get(bare_name(sides[0]) or "")
        assigned = chain.relations[0] == ":=" and tensor is not None and tensor.name in given
        moves = is_update(sides[1], self.world)
        moved = assigned or (moves and bare_name(sides[0]) in open_symbols(self.world))
        if moved and (len(sides) == 2 or not moves):
            # A new value by a step, its gradient written out or not.
            return [update_judged(self.reader, chain, number)]
        if moved:
            sides[0] = corrected(sides[1], self.world)
        conditions = self.reader.conditions(chain)
        read, every = self.reader.read(sides, conditions)
        if tells_loss(read, self.world):
            return [replace(plain, note="the header says that this loss may be any function")]
        root = self.reader.root(sides, read, every)
        found: dict[int, Verdict] = {}
        right: dict[int, bool] = {}
        first = max(1, chain.carried)
        # From what is right outwards: what is wrong is found before what repeats it.
        for k in (*range(root, first - 1, -1), *range(max(first, root + 1), len(sides))):
            claim = Claim(chain, k, sides, read, _root_of(k, root, read), conditions, every)
            verdict = self._specially(claim, number + k - first, right)
            verdict = with_declaration(claim, verdict, self.world)
            told = explained(claim, verdict, self.mistakes, self.judge, self.note.source.text)
            found[k] = beside_wrong_step(claim, told, found, self.reader)
            self.mistakes += filter(None, [mistake(claim, verdict, self.reader)])
        return [found[k] for k in sorted(found)]

    def _specially(self, claim: Claim, number: int, right: dict[int, bool]) -> Verdict:
        """Return the verdict on a claim for the values that it is made for.

        What is wrong there is mended there: what the claim should be elsewhere nobody asks.
        """
        values = tuple(supposed(claim, self.reader))
        if not values:
            return self._claimed(claim, number, right, self.judge)
        quick = self._claimed(claim, number, right, self.loose)
        found = at_special_values(claim, quick, values, self.reader)
        if found.verdict in (WRONG, ILL_FORMED, LAYOUT):
            if found.verdict == WRONG and self.effort > 0:
                bare = replace(found, repairs=(), note="")
                mended = self.judge.repaired(restricted(claim, values, self.reader), bare)
                if mended.repairs:
                    return mended
            general = self._claimed(claim, number, right, self.judge)
            return at_special_values(claim, general, values, self.reader)
        return found

    def _claimed(self, claim: Claim, number: int, right: dict[int, bool], judge: Judge) -> Verdict:
        """Return the verdict on a claim; what is required, or concluded from it, is none."""
        chain, k = claim.chain, claim.k
        required = chain.required and any(map(is_zero, chain.sides[k - 1 : k + 1]))
        named = k == 1 and introduces(claim.sides[0], self.world)
        if not required and not chain.concluded and not named:
            return judge.claim(claim, number, right)
        verdict = self.loose.claim(claim, number, right)
        if not required and verdict.fine:
            return verdict
        right[k] = True
        plain = Verdict(number, chain.formula, verdict.start, verdict.end, NOT_A_CLAIM)
        if named:
            return replace(plain, note="what a function is called that the header does not define")
        what = "required" if required else "concluded from what is required"
        return replace(plain, note=f"{what}, not claimed")


def _root_of(k: int, root: int, read: list[Side]) -> int:
    """Return the side that a claim is judged by: another one where the chain's has no value.

    What is wrong with that is said of its own claim, the first.
    """
    if k == 1 or read[root].value is not None:
        return root
    return next((n for n, side in enumerate(read) if side.value is not None), root)
