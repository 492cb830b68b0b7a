"""The repair of a wrong claim: what may be put in, and whether a changed text holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes import tree
from derive.notes.compare import Outcome, Sides, compare
from derive.notes.prove import Proof, prove
from derive.notes.repair import applied, search, vocabulary
from derive.notes.settle import moved
from derive.notes.sides import Claim, Reader, Side, quantified
from derive.notes.values import Misfit
from derive.notes.verdicts import Edit, Repair, Verdict

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes.tree import Node

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

        def accept(edits: tuple[Edit, ...]) -> bool:
            return self._holds(claim, blamed, applied(text, edits), prove_it=False) is not None

        def reread(changed: str) -> Node | None:
            return self._side(claim, blamed, changed)

        found = search(
            claim.sides[blamed], claim.sides[claim.root], text, words, dict(claim.every),
            self.differentials, accept, reread, self.effort,
        )  # fmt: skip
        repairs = []
        for edits in found.found:
            repaired = applied(text, edits)
            proof_ = self._holds(claim, blamed, repaired)
            repairs.append(Repair(edits, repaired, bool(proof_ and proof_.proved)))
        stopped = found.exhausted and not repairs
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
        self, claim: Claim, blamed: int, text: str, *, prove_it: bool = True
    ) -> Proof | None:
        """Return the proof that a repaired text holds where it is to, None if it does not."""
        side = self._side(claim, blamed, text)
        if side is None:
            return None
        sides = [claim.sides[claim.root], side]
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
        if outcome.kind != "equal" or side == claim.chain.sides[claim.root]:
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


def transposing(node: Node, text: str) -> Repair:
    """Return the edit that transposes a side."""
    single = isinstance(node, (tree.Name, tree.Group)) or (
        isinstance(node, tree.Scripted) and not node.sup
    )
    mark = r"{}^\top" if single else r"\left({}\right)^\top"
    edit = Edit(node.start, node.end, mark, "transpose")
    return Repair((edit,), applied(text, (edit,)), False)
