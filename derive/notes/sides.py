"""The sides of a claim: their trees with what the note's declarations settle, and their meaning."""

from __future__ import annotations

import contextlib
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.layer.model import Role
from derive.notes import tree
from derive.notes.apart import set_apart
from derive.notes.arguments import refuse_unknown
from derive.notes.asides import with_asides
from derive.notes.claims import (
    Chain,
    applied_name,
    bare_name,
    chain_ends,
    is_pure_derivative,
)
from derive.notes.compare import Sides, compare
from derive.notes.conditions import COMPARISONS
from derive.notes.elsewhere import with_other_arguments
from derive.notes.expectations import with_expectations
from derive.notes.gradients import with_gradients
from derive.notes.increments import with_increments
from derive.notes.iterates import at_one_step
from derive.notes.limits import letter_occurs
from derive.notes.meaning import letter_of, mean
from derive.notes.ones import with_lengths
from derive.notes.parse import parse
from derive.notes.points import with_points
from derive.notes.positions import tie_positions
from derive.notes.primes import with_primes
from derive.notes.quantifiers import for_all, loose_letters
from derive.notes.ranges import ended
from derive.notes.scope import narrow
from derive.notes.settle import applications, indexed, substituted, with_arguments, with_sizes
from derive.notes.universal import with_same_variables, with_variables
from derive.notes.values import Misfit, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sympy as sp

    from derive.notes.differentials import Differentials
    from derive.notes.header import Header
    from derive.notes.scope import Scope
    from derive.notes.source import Formula
    from derive.notes.tree import Line, Node

__all__ = ["Claim", "Reader", "Side"]

_CONDITIONS = ("if", "for", "forall", "where", "on", "")


@dataclass(frozen=True, slots=True)
class Side:
    """A side with its meaning, or the reason why it has none."""

    node: Node
    value: Value | None
    misfit: Misfit | None
    letters: frozenset[str]
    doubts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Claim:
    """One ``=`` of a chain.

    Parameters
    ----------
    chain : Chain
        Where it stands.
    k : int
        The number of its right side.
    sides : list of Node
        All sides of the chain, settled.
    read : list of Side
        Their meaning.
    root : int
        The number of the side that is right by its meaning.
    conditions : tuple of Node
        Comparisons that restrict it.
    every : mapping
        All letters with the sizes of their axes.
    points : tuple of Node
        Equations of symbols with the values that they have where the claim is made.
    """

    chain: Chain
    k: int
    sides: list[Node]
    read: list[Side]
    root: int
    conditions: tuple[Node, ...]
    every: dict[str, sp.Expr]
    points: tuple[Node, ...] = ()

    @property
    def blamed(self) -> int:
        """The number of the side that it is about: of its two, the one away from the root."""
        return self.k if self.root < self.k else self.k - 1


class Reader:
    """Reads formulas of a note, with all that its declarations say about them.

    Parameters
    ----------
    differentials : Differentials
        Of the note's world.
    header : Header
        The note's.
    """

    def __init__(self, differentials: Differentials, header: Header) -> None:
        self.differentials = differentials
        self.world = differentials.world
        self.names = (*header.names(), *(dim.name for dim in header.dims))
        self.ranks = {name: len(symbol.shape) for name, symbol in self.world.tensors.items()}
        declared = {symbol.name for symbol in header.symbols}
        self.renamed = {old: new for old, new in header.rename if old in declared}
        self.functions = frozenset(self.world.functions)
        #: The definitions, as text and as trees.
        self.define = [(formula.latex, self.line(formula)) for formula in header.define]
        for _, line in self.define:
            tie_positions(line, differentials)
        self.arguments = applications([line for _, line in self.define], self.functions)
        #: Expressions that stand for a symbol because the note has wrongly set them equal.
        self.meant: tuple[tuple[Node, Node], ...] = ()

    def line(self, text: Formula | str) -> Line:
        """Return a formula's tree.

        Raises
        ------
        DeriveError
            If it is outside the grammar.
        """
        plain = with_sizes(parse(text, self.names), self.world.sizes)
        line = set_apart(indexed(plain, self.ranks, self.renamed))
        assert isinstance(line, tree.Line)
        return with_asides(line, self.world)

    def settled(self, sides: tuple[Node, ...]) -> list[Node]:
        """Return the sides of a chain with what only the whole note tells.

        Raises
        ------
        Misfit
            If a number is put for something that nothing tells.
        """
        refuse_unknown(sides, self.world)
        universal = with_variables(list(sides), self.world)
        if universal is not None:
            return universal
        sides = tuple(with_primes(side, self.world) for side in sides)
        own = applications(sides, self.functions)
        sides = tuple(with_expectations(side, self.world) for side in sides)
        found = [with_arguments(side, {**self.arguments, **own}) for side in sides]
        found = at_one_step(found, self.world)
        found = with_lengths(found, self.differentials)
        found = [with_other_arguments(side, self.world) for side in found]
        found = [with_gradients(side, self.differentials) for side in found]
        found = [with_points(side, self.differentials) for side in found]
        found = with_increments(found, self.differentials)
        return [substituted(side, self.meant) for side in found] if self.meant else found

    def with_meant(self, meant: Sequence[tuple[Node, Node]]) -> Reader:
        """Return a reader to whom expressions stand for symbols, as the note wrongly says."""
        other = copy(self)
        other.meant = tuple(meant)
        return other

    def read(
        self,
        sides: list[Node],
        conditions: tuple[Node, ...],
        *,
        rows: bool = False,
        other: frozenset[str] = frozenset(),
    ) -> tuple[list[Side], dict[str, sp.Expr]]:
        """Return every side's meaning, and all letters with their sizes.

        ``rows`` lets all vectors stand as rows whatever the note's convention is; ``other`` says
        what is read in the less usual way.
        """
        found: list[Side] = []
        every: dict[str, sp.Expr] = {}
        free: dict[str, sp.Expr] = {}
        compared: dict[str, sp.Expr] = {}
        expected = (None, None)
        for side in sides:
            tie_positions(side, self.differentials)
            scope = self.differentials.symbolic()
            scope = _with_rows(replace(scope, expected=expected, other=other), rows)
            try:
                value = mean(side, scope)
                expected = value.shape if expected == (None, None) else expected
                letters, doubts = frozenset(scope.letters.used), frozenset(scope.doubts)
                found.append(Side(side, value, None, letters, doubts))
            except Misfit as misfit:
                if misfit.start < 0:
                    misfit.start, misfit.end = side.start, side.end
                letters, doubts = frozenset(scope.letters.used), frozenset(scope.doubts)
                found.append(Side(side, None, misfit, letters, doubts))
            for letter, size in scope.letters.every.items():
                narrow(every, letter, size)
            compared.update(scope.letters.compared)
            for letter, size in scope.letters.sizes.items():
                # What the first side is said of, one by one, the others have to have, and no more.
                lacking = not (size - free.setdefault(letter, size)).is_nonnegative
                if lacking and not conditions and found[-1].misfit is None:
                    what = f"index {letter} stands on axes of different sizes"
                    stray = Misfit("index-size", what, side.start, side.end)
                    found[-1] = replace(found[-1], value=None, misfit=stray)
        found = [self._with_letters(side, found, every, rows, other) for side in found]
        for part in found:
            if part.misfit is not None:
                # What was not read any more may have letters of its own.
                for letter, size in self.letters(part.node).items():
                    every.setdefault(letter, size)
        every = {**compared, **every}
        tensors = self.differentials.symbolic().tensors
        for condition in conditions:
            for letter, size in self.letters(condition).items():
                every.setdefault(letter, size)
            names = [letter_of(part) for part in tree.children(condition)]
            known = next((every[n] for n in names if n in every), None)
            for name in names:
                # An index that is given has one value, and no axis.
                if name is not None and known is not None and name not in tensors:
                    every.setdefault(name, known)
        return found, every

    def _with_letters(
        self,
        side: Side,
        sides: list[Side],
        every: dict[str, sp.Expr],
        rows: bool,
        other: frozenset[str],
    ) -> Side:
        r"""Return a side read once more where it may have an index of another side as a number.

        In ``\partial L/\partial x_t = \sum_{s=t}^n \partial L/\partial y_s`` that is t. What all
        sides have as the end of a sum alone is a place on the axis there.
        """
        if side.misfit is None or side.misfit.kind != "undefined-symbol":
            return side
        free = frozenset[str]().union(*(one.letters for one in sides if one.value is not None))
        known = {letter: size for letter, size in every.items() if letter in free}
        scope = self.differentials.symbolic()
        for letter, size in ended(side.node, scope):
            if all(letter_occurs(one.node, letter) for one in sides):
                known.setdefault(letter, size)
        scope.letters.sizes.update(known)
        scope.letters.every.update(known)
        try:
            value = mean(side.node, _with_rows(replace(scope, other=other), rows))
        except Misfit as misfit:
            if misfit.start < 0:
                misfit.start, misfit.end = side.node.start, side.node.end
            return replace(side, misfit=misfit)
        letters, doubts = frozenset(scope.letters.used), frozenset(scope.doubts)
        for letter, size in scope.letters.every.items():
            every.setdefault(letter, size)
        return Side(side.node, value, None, letters, doubts)

    def letters(self, side: Node) -> dict[str, sp.Expr]:
        """Return the letters below the symbols of a side, read one by one."""
        found: dict[str, sp.Expr] = {}
        for part in tree.walk(side):
            if isinstance(part, (tree.Scripted, tree.Derivative)):
                scope = self.differentials.symbolic()
                with contextlib.suppress(Misfit):
                    mean(part, scope)
                for letter, size in scope.letters.every.items():
                    found.setdefault(letter, size)
        return found

    def root(self, sides: list[Node], read: list[Side], every: dict[str, sp.Expr]) -> int:
        """Return the side that is right by its meaning: a derivative, or a defined symbol.

        What a symbol that is given should be, nothing says: it counts where there is no value.
        A claim that begins with the whole chain rule begins with what is right.
        """
        found = self._root(sides, read)
        for end in chain_ends(sides[0]) if found and read[0].value is not None else ():
            try:
                pair = Sides(end, sides[0], (), every)
                if compare(pair, self.differentials).kind == "equal":
                    return 0
            except (Misfit, ValueError):
                continue
        return found

    def _root(self, sides: list[Node], read: list[Side]) -> int:
        scope = self.differentials.symbolic()
        given = {tensor.name for tensor in self.world.given}
        for n, side in enumerate(sides):
            if is_pure_derivative(side) and not _by_itself(side) and read[n].value is not None:
                return n
        for n, side in enumerate(sides):
            spelling = bare_name(side)
            called = applied_name(side)
            symbol = scope.tensors.get(spelling or "")
            defined = called in scope.calls or (
                symbol is not None and (symbol.name not in given or read[0].value is None)
            )
            if defined and read[n].value is not None:
                return n
        return 0

    def conditions(self, chain: Chain) -> tuple[Node, ...]:
        """Return the comparisons that restrict a chain, in it or in the words around it.

        Quantities that are equal are none: they have special values.
        """
        given = [c for c in chain.statement.conditions if c.word in _CONDITIONS]
        items = [_bare(item) for condition in given for item in condition.items]
        for text in chain.formula.under:
            with contextlib.suppress(DeriveError):
                said = [statement.body for statement in self.line(text).statements]
                # Words may speak of more than this claim does.
                items += [item for item in said if self._is_about(item, chain)]
        compared = (item for item in items if isinstance(item, tree.Relation) and _compares(item))
        compared = (item for item in compared if not self._equates(item))
        found = [for_all(item, chain.sides, self.world) for item in compared]
        return with_same_variables(found, list(chain.sides), self.world)

    def _equates(self, relation: tree.Relation) -> bool:
        """Tell whether quantities are set equal, not indices."""
        letters = {letter_of(side) for side in relation.sides}
        numbers = {tensor.name for tensor in self.world.given if tensor.role is Role.INDEX}
        return relation.relations[0].text == "=" and any(
            symbol.name not in numbers
            for spelling, symbol in self.world.tensors.items()
            if spelling in letters
        )

    def _is_about(self, condition: Node, chain: Chain) -> bool:
        """Tell whether a condition has only what a chain has, or what the note gives.

        Where quantities are equal nothing is claimed of any others: no values are drawn so.
        """
        own = {p.spelling for p in tree.walk(chain.statement.body) if isinstance(p, tree.Name)}
        own.update(loose_letters(condition, chain.sides, self.world))
        world = self.differentials.world
        given = {n for n, symbol in world.tensors.items() if symbol.name in world.layer.names}
        known = own | given | world.sizes.keys()
        if isinstance(condition, tree.Relation) and condition.relations[0].text == "=":
            known -= given
        return all(p.spelling in known for p in tree.walk(condition) if isinstance(p, tree.Name))


def _with_rows(scope: Scope, rows: bool) -> Scope:
    """Return a scope in which all vectors are rows, if they are to be."""
    return replace(scope, rows=True, only=True) if rows else scope


def _by_itself(side: Node) -> bool:
    """Tell whether a side is the derivative of a symbol by that symbol: nobody asks for it."""
    side = tree.unwrapped(side)
    if not isinstance(side, tree.Derivative) or side.of is None or len(side.wrt) != 1:
        return False
    return bare_name(side.of) is not None and bare_name(side.of) == bare_name(side.wrt[0])


def _bare(item: Node) -> Node:
    """Return a condition without the brackets around it."""
    inside = isinstance(item, tree.Group) and item.opening == "(" and len(item.items) == 1
    return item.items[0] if inside and isinstance(item, tree.Group) else item


def _compares(relation: tree.Relation) -> bool:
    """Tell whether indices or quantities are compared, with each other or with numbers."""
    signs = {sign.text for sign in relation.relations}
    if len(relation.sides) == 2 and signs == {"="}:
        return all(letter_of(side) for side in relation.sides)
    plain = (tree.Name, tree.Number, tree.Add, tree.Term, tree.Product, tree.Scripted, tree.Norm)
    return signs <= set(COMPARISONS) - {"="} and all(
        isinstance(part, (*plain, tree.Operator))
        for side in relation.sides
        for part in tree.walk(side)
    )
