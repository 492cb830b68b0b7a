"""Check the claims of a note: a verdict for each ``=``, and a repair for the wrong ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes import tree
from derive.notes.claims import (
    EQUALITIES,
    UPDATES,
    Chain,
    Unread,
    bare_name,
    chains,
    is_pure_derivative,
    open_symbols,
)
from derive.notes.compare import Outcome, Sides, compare
from derive.notes.declare import definition, world_of
from derive.notes.differentials import Differentials
from derive.notes.meaning import letter_of, mean
from derive.notes.parse import parse
from derive.notes.prove import Proof, prove
from derive.notes.repair import applied, search, vocabulary
from derive.notes.updates import corrected, is_update
from derive.notes.values import Misfit, Value
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
    Verdict,
)

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes.document import Note
    from derive.notes.source import Formula
    from derive.notes.tree import Node

__all__ = ["Checked", "Checker", "check"]

#: Seconds that the search for a repair may take, for one claim.
EFFORT = 2.0
_CONDITIONS = ("if", "for", "forall", "where", "on", "")


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdicts on a note."""

    note: Note
    verdicts: tuple[Verdict, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How often each verdict was given."""
        found: dict[str, int] = {}
        for verdict in self.verdicts:
            found[verdict.verdict] = found.get(verdict.verdict, 0) + 1
        return found


@dataclass(frozen=True, slots=True)
class _Side:
    """A side with its meaning, or the reason why it has none."""

    node: Node
    value: Value | None
    misfit: Misfit | None
    letters: frozenset[str]


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
    return Checker(note, effort).check(note)


def _unread(chain: Unread, number: int) -> Verdict:
    formula, error = chain.formula, chain.error
    start, end = _place(formula, error)
    found = formula.latex[start:end]
    problem = Problem("unreadable", start, end, found, "", error.message)
    return Verdict(
        number, formula, 0, len(formula.latex), UNREADABLE, (problem,), note=error.hint
    )


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


class Checker:
    """Checks a note, and variants of it: other formulas under the same header.

    Parameters
    ----------
    note : Note
        As read. What its symbols stand for is learned from its formulas.
    effort : float
        Seconds that the search for a repair may take, for one claim.

    Raises
    ------
    DeriveError
        If the header cannot be used.
    """

    def __init__(self, note: Note, effort: float = EFFORT) -> None:
        assert note.header is not None
        self.world = world_of(note)
        self.differentials = Differentials(self.world)
        self.names = (*note.header.names(), *(dim.name for dim in note.header.dims))
        self.effort = effort
        self.note = note
        self.definers: set[int] = set()
        self.found = chains(note, self.world, self.names)
        self.learn([chain for chain in self.found if isinstance(chain, Chain)])

    def check(self, note: Note) -> Checked:
        """Return a verdict on every claim of the note, or of a variant."""
        found = self.found if note is self.note else chains(note, self.world, self.names)
        verdicts: list[Verdict] = []
        for chain in found:
            if isinstance(chain, Unread):
                verdicts.append(_unread(chain, len(verdicts) + 1))
            else:
                verdicts += self.chain(chain, len(verdicts) + 1)
        return Checked(note, tuple(verdicts))

    def learn(self, found: list[Chain]) -> None:
        """Give the note's own symbols their meaning: a derivative if one is ever set equal."""
        for pure in (True, False):
            for chain in found:
                self._learn(chain, pure)

    def _learn(self, chain: Chain, pure: bool) -> None:
        for n, side in enumerate(chain.sides):
            spelling = bare_name(side)
            if spelling is None or spelling not in open_symbols(self.world):
                continue
            others = [s for k, s in enumerate(chain.sides) if k != n]
            if pure:
                others = [s for s in others if is_pure_derivative(s)]
            elif n:
                continue
            for other in others[:1]:
                if is_update(other, self.world):
                    continue
                try:
                    node = definition(
                        self.world.tensors[spelling], side, other, self.differentials
                    )
                except Misfit:
                    continue
                self.world.define(node.name, node.indices, node.tensor.shape, node.body)
                self.definers.add(id(other))

    def chain(self, chain: Chain, number: int) -> list[Verdict]:
        """Return the verdicts on the claims of a chain."""
        start, end = chain.statement.start, chain.statement.end
        plain = Verdict(number, chain.formula, start, end, NOT_A_CLAIM)
        if not chain.relations or any(
            r not in EQUALITIES and r not in UPDATES for r in chain.relations
        ):
            return [plain]
        sides = list(chain.sides)
        if chain.relations[0] in UPDATES:
            return [self._update(chain, number)]
        if bare_name(sides[0]) in open_symbols(self.world) and is_update(sides[1], self.world):
            # A new value of a parameter: a step against the gradient.
            sides[0] = corrected(sides[1], self.world)
        conditions = self._conditions(chain)
        read, every = self._read(sides, conditions)
        root = self._root(sides, read)
        verdicts = []
        right: dict[int, bool] = {}
        for k in range(max(1, chain.carried), len(sides)):
            claim = _Claim(chain, k, sides, read, root, conditions, every)
            verdict = self._claim(claim, number + len(verdicts), right)
            verdicts.append(verdict)
        return verdicts

    def _conditions(self, chain: Chain) -> tuple[Node, ...]:
        found: list[Node] = []
        for condition in chain.statement.conditions:
            if condition.word not in _CONDITIONS:
                continue
            for item in condition.items:
                relation = isinstance(item, tree.Relation) and len(item.sides) == 2
                if relation and item.relations[0].text in (r"\neq", r"\ne", "<", ">", "="):
                    letters = [letter_of(side) for side in item.sides]
                    if all(letters):
                        found.append(item)
        return tuple(found)

    def _read(
        self, sides: list[Node], conditions: tuple[Node, ...]
    ) -> tuple[list[_Side], dict[str, sp.Expr]]:
        """Return every side's meaning, and all letters with their sizes."""
        found: list[_Side] = []
        every: dict[str, sp.Expr] = {}
        expected = (None, None)
        for side in sides:
            scope = replace(self.differentials.symbolic(), expected=expected)
            try:
                value = mean(side, scope)
                expected = value.shape if expected == (None, None) else expected
                found.append(_Side(side, value, None, frozenset(scope.letters.used)))
            except Misfit as misfit:
                if misfit.start < 0:
                    misfit.start, misfit.end = side.start, side.end
                found.append(_Side(side, None, misfit, frozenset(scope.letters.used)))
            for letter, size in scope.letters.every.items():
                every.setdefault(letter, size)
        for condition in conditions:
            letters = [letter_of(part) for part in getattr(condition, "sides", ())]
            known = next((every[n] for n in letters if n in every), None)
            for letter in letters:
                if letter is not None and known is not None:
                    every.setdefault(letter, known)
        return found, every

    def _root(self, sides: list[Node], read: list[_Side]) -> int:
        """Return the side that is right by its meaning: a derivative, or a defined symbol."""
        scope = self.differentials.symbolic()
        for n, side in enumerate(sides):
            if is_pure_derivative(side) and read[n].value is not None:
                return n
        for n, side in enumerate(sides):
            spelling = bare_name(side)
            called = isinstance(side, tree.Product) and bare_name(side.factors[0]) in scope.calls
            if (spelling in scope.tensors or called) and read[n].value is not None:
                return n
        return 0

    def _update(self, chain: Chain, number: int) -> Verdict:
        """Check ``W ← W - γ ∂L/∂W``: a step against the gradient."""
        start, end = chain.statement.start, chain.statement.end
        side = chain.sides[1]
        base = Verdict(number, chain.formula, start, end, NOT_A_CLAIM)
        if not is_update(side, self.world):
            return base
        meant = corrected(side, self.world)
        if meant == side:
            return replace(base, verdict=PROVED)
        add = next(p for p in tree.walk(side) if isinstance(p, tree.Add))
        term = next(t for t in add.terms if t.sign != "-" and _has_derivative(t.body))
        span = term.sign_range
        edit = Edit(span[0], span[1], "-", "sign")
        text = applied(chain.formula.latex, (edit,))
        problem = Problem("value", span[0], max(span[1], span[0] + 1), term.sign or "+", "-",
                          "a step along the gradient makes the loss greater")
        return replace(base, verdict=WRONG, problems=(problem,),
                       repairs=(Repair((edit,), text, True),))

    def _claim(self, claim: _Claim, number: int, right: dict[int, bool]) -> Verdict:
        chain, k, root = claim.chain, claim.k, claim.root
        formula = chain.formula
        left, other = claim.read[k - 1], claim.read[k]
        base = Verdict(
            number, formula, self._start(claim), claim.sides[k].end, PROVED,
            readings=other.value.readings if other.value is not None else (),
        )
        if id(claim.sides[k]) in self.definers or (
            k == 1 and (id(claim.sides[0]) in self.definers or self._restated(claim))
        ):
            right[k] = right[k - 1] = True
            return replace(base, verdict=NOT_A_CLAIM)
        truth = claim.read[root]
        blamed = k if root != k else k - 1
        accused = claim.read[blamed]
        for side in (accused, truth):
            if side.misfit is not None:
                right[blamed] = False
                return self._ill(claim, base, blamed, side.misfit)
        unbound = sorted(accused.letters - truth.letters - self._quantified(chain))
        if unbound and accused.value is not None:
            right[blamed] = False
            misfit = Misfit("unbound-index", f"index {unbound[0]} is not bound",
                            *_first_place(accused.node, unbound[0]))
            return self._ill(claim, base, blamed, misfit)
        try:
            outcome = self._compare(claim, root, blamed)
        except Misfit as misfit:
            right[blamed] = False
            misfit.start, misfit.end = accused.node.start, accused.node.end
            return self._ill(claim, base, blamed, misfit)
        if outcome.kind == "differ":
            if right.get(k - 1) is False and k - 1 != root and left.value is not None:
                try:
                    follows = self._compare(claim, k - 1, k).kind == "equal"
                except Misfit:
                    follows = False
                if follows:
                    right[k] = False
                    return replace(base, note="follows from the step before, which is wrong")
            right[blamed] = False
            return self._wrong(claim, base, blamed, outcome)
        right[blamed] = True
        proof = self._proof(truth, accused, outcome, dict(claim.every), claim.conditions)
        if proof.refuted:
            right[blamed] = False
            return self._wrong(claim, base, blamed, outcome)
        verdict = PROVED if proof.proved else AGREES
        if outcome.kind == "transposed" and self.world.layout != "any":
            problem = Problem("layout", accused.node.start, accused.node.end, "", "",
                              "true in the other layout: the transpose of this")
            repair = _transposing(accused.node, formula.latex)
            return replace(base, verdict=LAYOUT, problems=(problem,), facts=proof.facts,
                           repairs=(replace(repair, proved=proof.proved),))
        return replace(base, verdict=verdict, facts=proof.facts)

    @staticmethod
    def _start(claim: _Claim) -> int:
        """Return where a claim begins in its own formula."""
        if claim.k - 1 < claim.chain.carried:
            return claim.chain.statement.start
        return claim.sides[claim.k - 1].start

    def _restated(self, claim: _Claim) -> bool:
        """Tell whether the note's header says this very thing."""
        assert self.note.header is not None
        return any(
            claim.sides[:2] == list(statement.body.sides)
            for formula in self.note.header.define
            for statement in parse(formula, self.names).statements
            if isinstance(statement.body, tree.Relation)
        )

    def _quantified(self, chain: Chain) -> frozenset[str]:
        """Return letters that a condition introduces: ``for all l``."""
        words = ("forall", "for")
        return frozenset(
            letter
            for condition in chain.statement.conditions
            if condition.word in words
            for item in condition.items
            for part in tree.walk(item)
            if (letter := letter_of(part)) is not None
        )

    def _compare(self, claim: _Claim, one: int, two: int) -> Outcome:
        sides = Sides(claim.sides[one], claim.sides[two], claim.conditions, dict(claim.every))
        return compare(sides, self.differentials)

    def _proof(
        self,
        one: _Side,
        two: _Side,
        outcome: Outcome,
        letters: dict[str, sp.Expr],
        conditions: tuple[Node, ...],
    ) -> Proof:
        assert one.value is not None and two.value is not None
        flipped = outcome.kind == "transposed"
        return prove(
            one.value, two.value, self.differentials, letters, conditions, flipped=flipped
        )

    def _ill(self, claim: _Claim, base: Verdict, blamed: int, misfit: Misfit) -> Verdict:
        verdict = UNREADABLE if misfit.kind == "unreadable" else ILL_FORMED
        text = base.formula.latex
        found = text[misfit.start : misfit.end]
        problem = Problem(misfit.kind, misfit.start, misfit.end, found, "", misfit.message)
        result = replace(base, verdict=verdict, problems=(problem,))
        if verdict == UNREADABLE:
            return result
        return self._repaired(claim, result, blamed)

    def _wrong(self, claim: _Claim, base: Verdict, blamed: int, outcome: Outcome) -> Verdict:
        node = claim.sides[blamed]
        problem = Problem("value", node.start, node.end, "", "", "the two sides differ")
        result = replace(base, verdict=WRONG, problems=(problem,), witness=outcome.witness)
        return self._repaired(claim, result, blamed)

    def _repaired(self, claim: _Claim, verdict: Verdict, blamed: int) -> Verdict:
        """Return the verdict with the smallest repairs."""
        truth = claim.read[claim.root]
        if truth.value is None or claim.root == blamed or blamed < claim.chain.carried:
            return verdict
        text = verdict.formula.latex
        sides = tuple(claim.sides)
        words = vocabulary(
            sides, claim.sides[claim.root], text, dict(claim.every), self.differentials,
            (*self._constants(), *self._cotangents(claim)),
        )

        def accept(edits: tuple[Edit, ...]) -> bool:
            return self._holds(claim, blamed, applied(text, edits), prove_it=False) is not None

        def reread(changed: str) -> Node | None:
            side = self._side(claim, blamed, changed)
            return None if side is None else side[1]

        found = search(
            claim.sides[blamed], claim.sides[claim.root], text, words, dict(claim.every),
            self.differentials, accept, reread, self.effort,
        )
        repairs = []
        for edits in found.found:
            repaired = applied(text, edits)
            proof = self._holds(claim, blamed, repaired)
            repairs.append(Repair(edits, repaired, bool(proof and proof.proved)))
        note = "the search for a repair was stopped by its time limit" if (
            found.exhausted and not repairs
        ) else verdict.note
        if not repairs and not note:
            note = "no repair by one or two edits was found"
        problems = verdict.problems
        if repairs:
            first = repairs[0].edits[0]
            problems = tuple(
                replace(
                    problem, start=first.start, end=max(first.end, first.start + 1),
                    found=text[first.start : first.end],
                    expected=first.text.replace("{}", text[first.start : first.end]),
                )
                for problem in problems
            )
        return replace(verdict, repairs=tuple(repairs), problems=problems, note=note)

    def _cotangents(self, claim: _Claim) -> tuple[tuple[Node, str], ...]:
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
                line = parse(spelled, self.names)
            except DeriveError:
                continue
            if line.statements and line.statements[0].body != root:
                found.append((line.statements[0].body, spelled))
        return tuple(found[:6])

    def _constants(self) -> tuple[tuple[Node, str], ...]:
        """Return numbers and function values in the definitions: factors that get lost."""
        assert self.note.header is not None
        found: dict[str, Node] = {}
        for formula in self.note.header.define:
            for part in tree.walk(parse(formula, self.names)):
                number = isinstance(part, tree.Number) and part.text not in ("0", "1", "2")
                quotient = isinstance(part, tree.Fraction) and all(
                    isinstance(p, tree.Number) for p in (part.numerator, part.denominator)
                )
                if number or quotient or isinstance(part, tree.FunctionCall):
                    found.setdefault(formula.latex[part.start : part.end], part)
        return tuple((node, text) for text, node in found.items())

    def _holds(
        self, claim: _Claim, blamed: int, text: str, *, prove_it: bool = True
    ) -> Proof | None:
        """Return the proof that a repaired text holds where it is to, None if it does not."""
        found = self._side(claim, blamed, text)
        if found is None:
            return None
        sides = list(claim.sides)
        sides[blamed] = found[1]
        read, every = self._read([sides[claim.root], sides[blamed]], claim.conditions)
        if any(side.misfit for side in read) or read[1].letters - read[0].letters - (
            self._quantified(claim.chain)
        ):
            return None
        pair = Sides(sides[claim.root], sides[blamed], claim.conditions, every)
        try:
            outcome = compare(pair, self.differentials)
        except (Misfit, ValueError):
            return None
        if outcome.kind != "equal" or sides[blamed] == claim.chain.sides[claim.root]:
            return None
        if not prove_it:
            return Proof(False)
        proof = self._proof(read[0], read[1], outcome, every, claim.conditions)
        return None if proof.refuted else proof

    def _side(self, claim: _Claim, blamed: int, text: str) -> tuple[int, Node] | None:
        """Return the side that stands in a changed text where the blamed one stood."""
        try:
            line = parse(text, self.names)
            statement = line.statements[self._position(claim)]
        except (DeriveError, IndexError):
            return None
        body = statement.body
        if not isinstance(body, tree.Relation):
            return None
        place = blamed - (len(claim.sides) - len(body.sides))
        return (place, body.sides[place]) if 0 <= place < len(body.sides) else None

    def _position(self, claim: _Claim) -> int:
        line = parse(claim.chain.formula, self.names)
        return next(
            n for n, statement in enumerate(line.statements)
            if statement.start == claim.chain.statement.start
        )


@dataclass(frozen=True, slots=True)
class _Claim:
    """One ``=`` of a chain."""

    chain: Chain
    k: int
    sides: list[Node]
    read: list[_Side]
    root: int
    conditions: tuple[Node, ...]
    every: dict[str, sp.Expr]


def _transposing(node: Node, text: str) -> Repair:
    """Return the edit that transposes a side."""
    single = isinstance(node, (tree.Name, tree.Group)) or (
        isinstance(node, tree.Scripted) and not node.sup
    )
    mark = r"{}^\top" if single else r"\left({}\right)^\top"
    edit = Edit(node.start, node.end, mark, "transpose")
    return Repair((edit,), applied(text, (edit,)), False)


def _has_derivative(node: Node) -> bool:
    return any(isinstance(part, tree.Derivative) for part in tree.walk(node))


def _first_place(node: Node, letter: str) -> tuple[int, int]:
    for part in tree.walk(node):
        if letter_of(part) == letter:
            return part.start, part.end
    return node.start, node.end


