"""Wrong claims made from right ones, by one or two slips of the pen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes import tree
from derive.notes.check import Checker
from derive.notes.claims import is_pure_derivative
from derive.notes.compare import Sides, compare
from derive.notes.document import read
from derive.notes.edited import applied
from derive.notes.edits import Vocabulary, variants
from derive.notes.meaning import mean
from derive.notes.settle import bound
from derive.notes.source import formula
from derive.notes.updates import is_update
from derive.notes.values import Misfit
from derive.notes.verdicts import AGREES, PROVED

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

    import sympy as sp

    from derive.notes.document import Note
    from derive.notes.tree import Node
    from derive.notes.verdicts import Edit, Verdict

__all__ = ["Bench", "Claim", "Mutant", "doubles", "same_product", "same_text", "singles"]

#: Factors that an insertion may put in; each place takes all of them.
_MOST_FACTORS = 5


@dataclass(frozen=True, slots=True)
class Claim:
    """A right claim: the last two sides of ``latex``, of which side ``k`` is to be spoiled."""

    note: str
    latex: str
    k: int
    side: Node


@dataclass(frozen=True, slots=True)
class Mutant:
    """A spoiled claim, and where the slips are in its text."""

    claim: Claim
    latex: str
    kinds: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    side: Node


class Bench:
    """A note with the means to check variants of its formulas."""

    def __init__(self, path: Path, effort: float) -> None:
        # Our notes have the names of their layers, as those made for this have.
        self.name = path.stem if path.parent.name == "claims" else f"our {path.stem}"
        self.note: Note = read(path.read_text(encoding="utf-8"), str(path))
        self.effort = effort
        self.checker = Checker(self.note, effort)

    def fresh(self) -> None:
        """Forget what checking variants has added to the note's world."""
        meant = self.checker.reader.meant
        self.checker = Checker(self.note, self.effort)
        self.checker.reader.meant = meant

    def verdicts(self, latex: str) -> tuple[Verdict, ...]:
        """Check one formula under the note's header."""
        return self.checker.check(replace(self.note, formulas=(formula(latex),))).verdicts

    def claims(self) -> Iterator[Claim]:
        """Yield the right sides of the note's right claims."""
        head = ""
        for verdict in self.checker.check(self.note).verdicts:
            latex = verdict.latex
            if latex.lstrip().startswith("="):
                # A line that carries on a chain needs the side that the chain began with.
                latex = f"{head} {latex.lstrip()}"
            elif "=" in latex:
                head = latex[: latex.index("=")].rstrip()
            if verdict.verdict not in (PROVED, AGREES):
                continue
            if any(not v.fine for v in self.verdicts(latex)):
                # It holds only with what stands beside it: a condition, a line before.
                continue
            sides = self.sides(latex)
            if sides is None or any(isinstance(p, tree.Dots) for p in tree.walk(sides[-1])):
                # What dots leave out is told from what stands beside them: a slip there is none.
                continue
            if is_update(sides[-1], self.checker.world):
                # Any multiple of the step is an update too: only its sign can be wrong.
                continue
            claim = Claim(self.name, latex, len(sides) - 1, sides[-1])
            # What has a meaning only beside its other side, σ' for σ'(s), cannot be measured.
            if not is_pure_derivative(claim.side) and self.equal(claim, claim.side):
                yield claim

    def sides(self, latex: str) -> tuple[Node, ...] | None:
        """Return the sides of a formula that is one chain, None for any other."""
        try:
            line = self.checker.reader.line(latex)
        except DeriveError:
            return None
        if len(line.statements) != 1 or not isinstance(line.statements[0].body, tree.Relation):
            return None
        return tuple(self.checker.reader.settled(line.statements[0].body.sides))

    def equal(self, claim: Claim, other: Node) -> bool:
        """Tell whether a side has the values of the right one."""
        left = self.sides(claim.latex)
        assert left is not None
        letters: dict[str, sp.Expr] = {}
        bound: list[frozenset[str]] = []
        for side in (left[0], claim.side, other):
            scope = self.checker.differentials.symbolic()
            try:
                mean(side, scope)
            except Misfit:
                return False
            bound.append(frozenset(scope.letters.used))
            for letter, size in scope.letters.every.items():
                letters.setdefault(letter, size)
        if bound[2] - bound[0]:
            return False
        try:
            sides = Sides(claim.side, other, (), letters)
            kind = compare(sides, self.checker.differentials).kind
            # The gradient by a vector may stand as a row or as a column.
            whole = mean(left[0], self.checker.differentials.symbolic())
            return kind == "equal" or (kind == "transposed" and whole.thin)
        except (Misfit, ValueError):
            return False

    def words(self, claim: Claim) -> Vocabulary:
        """Return what slips of the pen may put into a claim."""
        world = self.checker.world
        sides = self.sides(claim.latex)
        assert sides is not None
        parts = [part for side in sides for part in tree.walk(side)]
        below = [
            index
            for part in parts
            if isinstance(part, tree.Scripted) and isinstance(part.base, tree.Name)
            for index in tree.indices(part)
        ]
        letters = dict.fromkeys(
            part.spelling
            for part in below
            if isinstance(part, tree.Name) and part.spelling not in world.tensors
        )
        symbols = []
        # What ends in a blank is a name that no note can spell.
        spelled = {name: its for name, its in world.tensors.items() if not name.endswith(" ")}
        for name, symbol in spelled.items():
            others = tuple(
                other
                for other, its in spelled.items()
                if other != name and its.shape == symbol.shape and its.integer == symbol.integer
            )
            symbols.append((name, others))
        factors: dict[str, Node] = {"2": tree.Number(0, 0, "2")}
        for part in tree.walk(claim.side):
            if isinstance(part, (tree.Scripted, tree.FunctionCall)) and part.end > part.start:
                factors.setdefault(claim.latex[part.start : part.end], part)
        some = tuple((node, text) for text, node in list(factors.items())[:_MOST_FACTORS])
        ranks = tuple((name, len(symbol.shape)) for name, symbol in world.tensors.items())
        functions = tuple(world.functions)
        return Vocabulary(
            tuple(letters), tuple(symbols), some, claim.latex, functions, ranks, bool(letters)
        )


def _moves(bench: Bench, claim: Claim) -> Iterator[tuple[Edit, ...]]:
    """Yield the slips: single edits that lose little enough to be found again.

    Renaming all of an index to another that is there already, or leaving out a whole bracket or
    sum, is no slip of one symbol.
    """
    names = {part.spelling for part in tree.walk(claim.side) if isinstance(part, tree.Name)}
    for _, move in variants(claim.side, bench.words(claim)):
        first = move[0]
        lost = claim.latex[first.start : first.end]
        if first.kind == "term":
            continue
        if first.kind == "rename" and first.text in names:
            continue
        if first.kind == "drop" and any(sign in lost for sign in (r"\sum", r"\left", "[")):
            continue
        yield move


def same_text(one: Node, two: Node) -> bool:
    """Tell whether two sides differ in the order of factors, and in limits of sums, at most."""
    return _sorted(one) == _sorted(two)


def same_product(side: Node, one: tuple[int, int], two: tuple[int, int]) -> bool:
    """Tell whether two places are in one product, where the order of factors says nothing."""
    return _product(side, one) is _product(side, two)


def _product(side: Node, place: tuple[int, int]) -> Node:
    """Return the product, or else the smallest term or bracket, around a place."""
    found = side
    for part in tree.walk(side):
        kinds = (tree.Product, tree.Add, tree.Group, tree.Fraction, tree.BigOperator)
        if isinstance(part, kinds) and part.start <= place[0] and place[1] <= part.end:
            inside = part.start < place[0] and place[1] < part.end
            if inside or isinstance(part, tree.Product):
                found = part
    if isinstance(found, tree.Fraction):
        below = found.denominator
        found = below if below.start <= place[0] and place[1] <= below.end else found
    above = {id(child): part for part in tree.walk(side) for child in tree.children(part)}
    while (outer := above.get(id(found))) is not None and _one_product(found, outer):
        found = outer
    return found


def _one_product(inner: Node, outer: Node) -> bool:
    """Tell whether the factors of a part are factors of what it stands in.

    Where a factor stands, or a minus, says nothing: among others, in brackets of its own, above a
    fraction's line, before a sum over letters that it does not have or in it.
    """
    if isinstance(inner, tree.Add) and len(inner.terms) > 1:
        return False
    if isinstance(inner, tree.Group) and isinstance(inner.items[0], tree.Add):
        return len(inner.items[0].terms) == 1 and isinstance(outer, tree.Product)
    if isinstance(outer, (tree.Group, tree.Add)):
        return len(list(tree.children(outer))) == 1
    if isinstance(outer, tree.Fraction):
        return outer.numerator is inner
    if isinstance(outer, tree.BigOperator):
        return outer.operator == "sum" and outer.body is inner
    return isinstance(outer, (tree.Product, tree.Term))


def _sorted(node: Node) -> object:
    """Return a side as nested tuples, factors in alphabetical order."""
    if isinstance(node, tree.BigOperator):
        letters = sorted(name.spelling for name in bound(node))
        return "sum", tuple(letters), _sorted(node.body)
    if isinstance(node, (tree.Product, tree.Add)):
        return type(node).__name__, tuple(sorted(repr(_sorted(p)) for p in tree.children(node)))
    if isinstance(node, tree.Group) and len(node.items) == 1:
        return _sorted(node.items[0])
    below = tuple(_sorted(part) for part in tree.children(node))
    return (type(node).__name__, *below) if below else repr(node)


def _kind(move: tuple[Edit, ...]) -> str:
    return move[0].kind


def _mutant(
    bench: Bench,
    claim: Claim,
    latex: str,
    kinds: tuple[str, ...],
    places: tuple[tuple[int, int], ...],
) -> Mutant | None:
    """Return a mutant if its text can be read and says something else."""
    sides = bench.sides(latex)
    if sides is None or len(sides) != claim.k + 1 or bench.equal(claim, sides[-1]):
        return None
    return Mutant(claim, latex, kinds, places, sides[-1])


def _place(move: tuple[Edit, ...], text: str, result: str) -> tuple[int, int]:
    """Return where edits are in the text that they result in."""
    return move[0].start, move[-1].end + len(result) - len(text)


def singles(bench: Bench, claim: Claim, step: int = 1) -> Iterator[Mutant]:
    """Yield every ``step``-th text that one edit makes of a claim, if it says something else."""
    seen = {claim.latex}
    for move in _moves(bench, claim):
        latex = applied(claim.latex, move)
        if latex not in seen:
            seen.add(latex)
            if len(seen) % step:
                continue
            place = _place(move, claim.latex, latex)
            found = _mutant(bench, claim, latex, (_kind(move),), (place,))
            if found is not None:
                yield found


def doubles(bench: Bench, claim: Claim, random: random.Random) -> Iterator[Mutant]:
    """Yield random texts that two edits make of a claim, without end."""
    first = list(_moves(bench, claim))
    while True:
        move = random.choice(first)
        latex = applied(claim.latex, move)
        sides = bench.sides(latex)
        if sides is None:
            continue
        once = replace(claim, latex=latex, side=sides[-1])
        second = random.choice(list(_moves(bench, once)))
        twice = applied(latex, second)
        place, other = _place(move, claim.latex, latex), _place(second, latex, twice)
        if latex == claim.latex or twice == latex:
            continue
        if second[0].start < place[0]:
            moved = len(twice) - len(latex)
            place = (place[0] + moved, place[1] + moved)
        found = _mutant(bench, claim, twice, (_kind(move), _kind(second)), (place, other))
        if found is not None:
            yield found
