"""The repair of a wrong claim: what may be put in, and whether a changed text holds."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes import tree
from derive.notes.claims import bare_name
from derive.notes.compare import Outcome, Sides, compare
from derive.notes.moving import fronted, scaled
from derive.notes.prove import Proof, prove
from derive.notes.renaming import renamings
from derive.notes.repair import applied, search, vocabulary
from derive.notes.restoring import entry_by_entry, indexings, restorations
from derive.notes.settle import moved
from derive.notes.sides import Claim, Reader, Side, quantified
from derive.notes.values import Misfit
from derive.notes.verdicts import LAYOUT, Edit, Repair, Verdict

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes.edits import Vocabulary
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["Mender", "proof", "transposing"]


def proof(
    reader: Reader,
    one: Side,
    two: Side,
    outcome: Outcome,
    letters: dict[str, sp.Expr],
    conditions: tuple[Node, ...],
) -> Proof:
    """Try to prove what numbers have not refuted."""
    assert one.value is not None
    assert two.value is not None
    flipped = outcome.kind == "transposed"
    return prove(one.value, two.value, reader.differentials, letters, conditions, flipped=flipped)


class Mender:
    """Repairs claims of a note.

    Parameters
    ----------
    reader : Reader
        Of the note's formulas.
    effort : float
        Seconds that the search for a repair may take, for one claim.
    """

    def __init__(self, reader: Reader, effort: float) -> None:
        self.reader = reader
        self.differentials = reader.differentials
        self.world = reader.world
        self.effort = effort

    def repaired(self, claim: Claim, verdict: Verdict, blamed: int) -> Verdict:
        """Return the verdict with the smallest repairs of the side that is to blame."""
        truth = claim.read[claim.root]
        if truth.value is None or claim.root == blamed or blamed < claim.chain.carried:
            return verdict
        text = verdict.formula.latex
        sides = tuple(claim.sides)
        words = vocabulary(
            sides, claim.sides[claim.root], text, dict(claim.every), self.differentials,
            (*self._constants(), *self._cotangents(claim)),
        )  # fmt: skip

        loose = verdict.verdict == LAYOUT

        def accept(edits: tuple[Edit, ...]) -> bool:
            changed = applied(text, edits)
            return self._holds(claim, blamed, changed, prove_it=False, loose=loose) is not None

        def reread(changed: str) -> Node | None:
            return self._side(claim, blamed, changed)

        undeclared = any(problem.kind == "undefined-symbol" for problem in verdict.problems)
        vanishes = verdict.witness is not None and verdict.witness.right == 0
        renamed = self._renamed(claim, blamed, text) if undeclared or vanishes else ()
        kept = renamed or self._several(claim, blamed, text, words, loose=loose)
        exhausted = False
        if not kept or (len(kept[0]) > 1 and not undeclared and not vanishes):
            # What was found already is no bad repair: only a smaller one is looked for.
            seconds = 0.3 * self.effort if kept else self.effort
            found = search(
                claim.sides[blamed], claim.sides[claim.root], text, words, dict(claim.every),
                self.differentials, accept, reread, seconds,
            )  # fmt: skip
            exhausted = found.exhausted
            kept = tuple(sorted((*kept, *found.found), key=_changed))[:3]
        kept = kept or self._moved(claim, blamed, text, loose=loose)
        if not kept:
            kept = renamed = self._renamed(claim, blamed, text)
        repairs = []
        for edits in kept:
            repaired = applied(text, edits)
            proof_ = self._holds(claim, blamed, repaired, loose=loose, both=edits in renamed)
            repairs.append(Repair(edits, repaired, bool(proof_ and proof_.proved)))
        stopped = exhausted and not repairs
        note = "the search for a repair was stopped by its time limit" if stopped else verdict.note
        if not repairs and not note:
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

    def _several(
        self, claim: Claim, blamed: int, text: str, words: Vocabulary, *, loose: bool
    ) -> tuple[tuple[Edit, ...], ...]:
        """Return the repair of a matrix entry by entry, or of terms that are missing."""
        side, truth = claim.sides[blamed], claim.sides[claim.root]
        until = time.monotonic() + 0.5 * self.effort
        if claim.read[blamed].value is None:
            return ()
        edits = entry_by_entry(side, truth, words, dict(claim.every), self.differentials, until)
        trials = [edits] if edits else []
        trials.extend(indexings(side, self.world))
        if is_value(truth, self.world):
            trials.extend(restorations(side, [line for _, line in self.reader.define]))
        for trial in trials:
            if time.monotonic() > until:
                break
            changed = applied(text, trial)
            if self._holds(claim, blamed, changed, prove_it=False, loose=loose) is not None:
                return (trial,)
        return ()

    def _moved(
        self, claim: Claim, blamed: int, text: str, *, loose: bool
    ) -> tuple[tuple[Edit, ...], ...]:
        """Return the repair of a matrix on the wrong side, or of a constant that is missing."""
        side, truth = claim.sides[blamed], claim.sides[claim.root]
        until = time.monotonic() + self.effort
        letters = dict(claim.every)
        trials = itertools.chain(
            scaled(side, truth, letters, self.differentials, self.reader.define),
            fronted(side, text),
        )
        for trial in trials:
            if time.monotonic() > until:
                break
            changed = applied(text, trial)
            if self._holds(claim, blamed, changed, prove_it=False, loose=loose) is not None:
                return (trial,)
        return ()

    def _renamed(self, claim: Claim, blamed: int, text: str) -> tuple[tuple[Edit, ...], ...]:
        """Return the first renaming throughout the claim that makes it true."""
        sides = [claim.sides[claim.root], claim.sides[blamed]]
        until = time.monotonic() + self.effort
        defined = [line for _, line in self.reader.define]
        for edits in renamings(sides, sides[0], self.world, defined):
            if time.monotonic() > until:
                break
            changed = applied(text, edits)
            if self._holds(claim, blamed, changed, prove_it=False, both=True) is not None:
                return (edits,)
        return ()

    def _cotangents(self, claim: Claim) -> tuple[tuple[Node, str], ...]:
        """Return derivatives of what the claim differentiates, by what is defined on the way."""
        root = claim.sides[claim.root]
        derivative = next((p for p in tree.walk(root) if isinstance(p, tree.Derivative)), None)
        if derivative is None or derivative.of is None or derivative.form not in ("frac", "slash"):
            return ()
        text = claim.chain.formula.latex
        of = text[derivative.of.start : derivative.of.end]
        indexed = any(isinstance(part, tree.Scripted) and part.sub for part in derivative.wrt)
        found = []
        defined = {node.name: node for node in self.world.layer.nodes}
        for spelling, symbol in self.world.tensors.items():
            if symbol.name not in defined or spelling.endswith(" "):
                continue
            below = ""
            if indexed and symbol.shape:
                letters = [
                    next((n for n, s in claim.every.items() if s == size), None)
                    for size in symbol.shape
                ]
                if not all(letters):
                    continue
                below = f"_{{{''.join(map(str, letters))}}}"
            spelled = rf"\frac{{\partial {of}}}{{\partial {spelling}{below}}}"
            try:
                line = self.reader.line(spelled)
            except DeriveError:
                continue
            if line.statements and line.statements[0].body != root:
                found.append((moved(line.statements[0].body, 0), spelled))
        return tuple(found[:6])

    def _constants(self) -> tuple[tuple[Node, str], ...]:
        """Return numbers and function values in the definitions: factors that get lost."""
        found: dict[str, Node] = {}
        for latex, line in self.reader.define:
            for part in tree.walk(line):
                number = isinstance(part, tree.Number) and part.text not in ("0", "1", "2")
                if number or isinstance(part, (tree.Fraction, tree.Root, tree.FunctionCall)):
                    found.setdefault(latex[part.start : part.end], moved(part, 0))
        return tuple((node, text) for text, node in found.items())

    def _holds(
        self,
        claim: Claim,
        blamed: int,
        text: str,
        *,
        prove_it: bool = True,
        loose: bool = False,
        both: bool = False,
    ) -> Proof | None:
        """Return the proof that a repaired text holds where it is to, None if it does not.

        ``loose`` takes what is true in the other layout as well, ``both`` reads the side that it
        is compared with again, too.
        """
        side = self._side(claim, blamed, text)
        root = self._side(claim, claim.root, text) if both else None
        if side is None:
            return None
        sides = [claim.sides[claim.root] if root is None else root, side]
        read, every = self.reader.read(sides, claim.conditions)
        if any(side.misfit for side in read) or read[1].letters - read[0].letters - (
            quantified(claim.chain)
        ):
            return None
        pair = Sides(sides[0], sides[1], claim.conditions, every)
        try:
            outcome = compare(pair, self.differentials)
        except (Misfit, ValueError):
            return None
        kinds = ("equal", "transposed") if loose else ("equal",)
        if outcome.kind not in kinds or _begs(side, claim.chain.sides[claim.root], self.world):
            return None
        if not prove_it:
            return Proof(False)
        found = proof(self.reader, read[0], read[1], outcome, every, claim.conditions)
        return None if found.refuted else found

    def _side(self, claim: Claim, blamed: int, text: str) -> Node | None:
        """Return the side that stands in a changed text where the blamed one stood."""
        try:
            statement = self.reader.line(text).statements[self._position(claim)]
        except (DeriveError, IndexError):
            return None
        body = statement.body
        if not isinstance(body, tree.Relation):
            return None
        place = blamed - claim.chain.shift
        if not 0 <= place < len(body.sides):
            return None
        return self.reader.settled(body.sides)[place]

    def _position(self, claim: Claim) -> int:
        """Return the number of the claim's statement in its formula."""
        return next(
            n
            for n, statement in enumerate(self.reader.line(claim.chain.formula).statements)
            if statement.start == claim.chain.statement.start
        )


def is_value(node: Node, world: World) -> bool:
    """Tell whether a side is a symbol that the note defines, neither given nor a derivative."""
    if isinstance(node, tree.Product) and bare_name(node.factors[0]) in world.calls:
        node = node.factors[0]
    symbol = world.tensors.get(bare_name(node) or "")
    return symbol is not None and symbol.name in world.definitions()


def _begs(side: Node, root: Node, world: World) -> bool:
    """Tell whether a side says what it is to be equal to by its own name."""
    if side == root:
        return True
    if not is_value(root, world):
        return False
    own = bare_name(root.factors[0] if isinstance(root, tree.Product) else root)
    return any(isinstance(part, tree.Name) and part.spelling == own for part in tree.walk(side))


def _changed(edits: tuple[Edit, ...]) -> tuple[int, int]:
    """Return how much text a repair changes."""
    return sum(max(len(e.text), e.end - e.start) for e in edits), len(edits)


def transposing(node: Node, text: str) -> Repair:
    """Return the edit that transposes a side."""
    single = isinstance(node, (tree.Name, tree.Group)) or (
        isinstance(node, tree.Scripted) and not node.sup
    )
    mark = r"{}^\top" if single else r"\left({}\right)^\top"
    edit = Edit(node.start, node.end, mark, "transpose")
    return Repair((edit,), applied(text, (edit,)), False)
