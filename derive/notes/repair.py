"""The smallest edits that make a wrong side right, found by trying them on numbers.

Candidates are evaluated on arrays, with the parts that an edit does not touch remembered; those
that agree are read again from the repaired text, checked at other sizes, and proved if they
can be. Fewer edits come first, then the likelier kinds, then the smaller change of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.limits import Budget, Timeout
from derive.notes import stacks, tree
from derive.notes.complements import complements
from derive.notes.compounds import compounds
from derive.notes.edited import applied
from derive.notes.edits import substitutions, variants
from derive.notes.goal import aimed
from derive.notes.indexedits import relettered
from derive.notes.links import joined
from derive.notes.ranks import Move, Moves, apart, difference, rank
from derive.notes.refusals import guts, holds, replaces
from derive.notes.scales import rescaled
from derive.notes.settle import swapped
from derive.notes.stock import sizes
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from derive.notes.differentials import Differentials
    from derive.notes.factors import Variant, Vocabulary
    from derive.notes.goal import Goal
    from derive.notes.tree import Node

__all__ = ["Search", "search"]

#: What may be a name, or begin one.
_NAME = re.compile(r"\\[A-Za-z]+(?:_\w)?|[A-Za-z]")
#: Repairs that agree on numbers and are read anew, for each one that is wanted.
_LOOKED_AT = 6
#: Steps that reading a repaired text anew takes.
_ACCEPTING = 50
#: How derivatives are written.
_DERIVED = (r"\partial", r"\nabla")

#: Kinds of edits that are tried in pairs; those of which there are few come first.
_PAIRED = (
    "drop", "sum", "sign", "power", "transpose", "operator", "number", "index", "rename", "order",
    "function", "symbol",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found: edits that make the side agree, and whether its work was cut short."""

    found: tuple[Move, ...]
    exhausted: bool


def search(
    side: Node,
    truth: Node,
    text: str,
    words: Vocabulary,
    letters: dict[str, sp.Expr],
    conditions: tuple[Node, ...],
    differentials: Differentials,
    accept: Callable[[Move], bool],
    reread: Callable[[str], Node | None],
    settle: Callable[[Node], Node],
    budget: Budget,
    most: int = 3,
) -> Search:
    """Return the smallest edits of a side that make it agree with the truth.

    Parameters
    ----------
    side : Node
        The side that is wrong.
    truth : Node
        A side that is right.
    text : str
        The formula's text, which the edits are made in.
    words : Vocabulary
        What may be put in.
    letters : mapping
        The letters with their sizes.
    conditions : tuple of Node
        Where the side is to be right.
    differentials : Differentials
        Of the note's world.
    accept : callable
        The last word on edits: is the repaired text right when it is read anew?
    reread : callable
        From a changed text to the side that then stands there.
    settle : callable
        From a changed derivative to what the note says of its parts.
    budget : Budget
        Of the work that may be done.
    most : int
        How many repairs are wanted.
    """
    axes = dict.fromkeys(stacks.AXES, sp.S.One)
    letters = {**sizes(side, truth, letters, differentials), **axes}
    goal = aimed(side, truth, letters, conditions, differentials, budget)
    if not goal.finite.any():
        # No values are drawn where the side is to be right.
        return Search((), exhausted=False)
    hunt = _Hunt(goal, side, truth, text, words, accept, settle, most)
    try:
        for stage in (hunt.singles, hunt.pairs, lambda: hunt.rest(reread)):
            stage()
            hunt.settle()
            if hunt.found:
                break
    except Timeout:
        # What agrees already is read again whatever it takes: it is not much.
        goal.budget = Budget(_LOOKED_AT * most * _ACCEPTING)
        hunt.settle()
        return Search(tuple(hunt.found), exhausted=True)
    return Search(tuple(hunt.found), exhausted=False)


class _Hunt:
    """A search under way."""

    def __init__(
        self,
        goal: Goal,
        side: Node,
        truth: Node,
        text: str,
        words: Vocabulary,
        accept: Callable[[Move], bool],
        settle: Callable[[Node], Node],
        most: int,
    ) -> None:
        self.goal = goal
        self.settled = settle
        self.truth = truth
        self.side = side
        self.text = text
        self.words = words
        self.accept = accept
        self.most = most
        self.found: list[Move] = []
        self.right: list[Moves] = []
        self.starts: list[Variant] = []
        self.shapes: dict[int, tuple[stacks.Stack, stacks.Shaped]] = {}
        self.dotted = any(isinstance(part, tree.Dots) for part in tree.walk(side))

    def judge(self, side: Node, base: dict[int, object] | None = None) -> bool:
        """Tell whether a candidate agrees."""
        return self.goal.reached(side, base) and not self._circular(side)

    def _circular(self, side: Node) -> bool:
        """Tell whether a side holds the very quantity that it is to give."""
        return holds(side, self.truth)

    def settle(self) -> None:
        """Read again what agrees on numbers, the smallest first; keep what holds up."""
        ranked = sorted(set(self.right), key=lambda moves: rank(moves, self.text))
        self.right = []
        # A second edit beside one that suffices is no repair of its own.
        fewest = len(ranked[0]) if ranked else 0
        for moves in ranked[: _LOOKED_AT * self.most]:
            edits = (edit for move in moves for edit in move)
            flat = tuple(sorted(edits, key=lambda edit: (edit.start, edit.end)))
            if (
                len(moves) == fewest
                and flat not in self.found
                and not replaces(moves, self.side, self.words, self.goal)
                and not guts(flat, self.side)
            ):
                self.goal.budget.spend(_ACCEPTING)
                if self.accept(flat):
                    self.found.append(flat)
            if len(self.found) >= self.most:
                return

    def singles(self) -> None:
        """Try single edits; those that do not help are starting points for pairs.

        Other quantities in derivatives have to be derived: they come last.
        """
        self.goal.start(self.side)
        symbols = dict(self.words.symbols)
        near: list[tuple[tuple[int, int], Variant]] = []
        far: list[tuple[tuple[int, int], Variant]] = []
        own = set(_NAME.findall(self.text))
        hidden = [
            (part.start, part.end)
            for part in tree.walk(self.side)
            if isinstance(part, tree.Derivative)
        ]
        for variant, move in variants(self.side, replace(self.words, factors=())):
            if not any(start <= move[0].start < end for start, end in hidden):
                self._single(variant, move)
            elif move[0].kind not in ("symbol", "rename"):
                self._single(self.settled(variant), move)
            elif self.words.alike(move[0], self.text):
                late = near if move[0].text in own else far
                others = symbols.get(self.text[move[0].start : move[0].end], ())
                place = others.index(move[0].text) if move[0].text in others else len(symbols)
                changed = self.settled(variant)
                late.append(((-joined(changed), place), (changed, move)))
        # The likeliest of each come first: those that close a chain.
        first, second = ([v for _, v in sorted(late, key=itemgetter(0))] for late in (near, far))
        # What puts something in comes after what does not: there are many such edits.
        for stage in (lambda: first, lambda: second, self._grown, self._substituted):
            self.settle()
            if self.found:
                break
            for variant, move in stage():
                self._single(variant, move)
        if not self.found:
            self.right += [(move,) for new, move in complements(self.side) if self.judge(new)]

    def _substituted(self) -> Iterator[Variant]:
        return substitutions(self.side, self.parts, small=True)

    def _single(self, variant: Node, move: Move) -> None:
        if self.judge(variant):
            self.right.append((move,))
        else:
            self.starts.append((variant, move))

    @cached_property
    def parts(self) -> Vocabulary:
        """What may be a term, or stand in the place of something: not what is right by itself.

        All else would be nothing then, or stay for nothing.
        """
        steps = self.goal.budget.steps
        factors = tuple(pair for pair in self.words.factors if not self.goal.given(pair[0]))
        # A few values, as many as there are factors: no search that one may run out of.
        self.goal.budget.steps = steps
        return replace(self.words, factors=factors)

    def _grown(self) -> Iterator[Variant]:
        """Yield the edits that put in a factor or a term.

        That a size is lost, or an inverse, is a slip by itself: these go into no pairs.
        """
        self.right += [(move,) for new, move in rescaled(self.side, self.words) if self.judge(new)]
        terms = {text for _, text in self.parts.factors}
        plain = [
            part
            for part in tree.walk(self.side)
            if isinstance(part, tree.Group)
            and not any(isinstance(inner, tree.Derivative) for inner in tree.walk(part))
        ]
        for variant, move in variants(self.side, self.words):
            kind, text, place = move[0].kind, move[0].text, move[0].start
            if kind == "insert" and any(sign in text for sign in _DERIVED):
                # A link stands beside other links, and not in the argument of a function.
                if not any(part.start < place < part.end for part in plain):
                    yield variant, move
            elif kind == "insert" or (kind == "term" and text.lstrip(" +-") in terms):
                yield variant, move

    def pairs(self) -> None:
        """Try all edits of one place with all of another, those that put nothing in first."""
        grows = ("insert", "term")
        plain = [s for s in self.starts if s[1][0].kind not in (*grows, "substitute")]
        grown = [s for s in self.starts if s[1][0].kind in grows]
        small, around = stacks.replaced(self.side, plain, self.goal)
        for old, new, edit in relettered(self.side, self.words):
            if self.judge(swapped(self.side, old, new)):
                self.right.append(((edit,), ()))
        self._crossed(small, small)
        self._crossed(around, (*small, *around), within=True)
        if self.found:
            return
        self._brackets()
        if self.found:
            return
        large = stacks.grown(self.side, grown, self.goal)
        others = stacks.substituting(self.side, self.parts, self.goal, Edit)
        self._crossed(large, small)
        self._crossed(large, (*small, *around), within=True)
        self._crossed(around, large, within=True)
        self._crossed(others, small)
        self._crossed(around, others, within=True)
        self._crossed(large, large)
        self._crossed(large, large, within=True)
        self._crossed(others, large)
        self._crossed(large, others, within=True)

    def _brackets(self) -> None:
        """Put in brackets that are nowhere else, as factors."""
        brackets = list(compounds(self.words))
        values = self.goal.values(node for node, _ in brackets)
        known = [(v, text, node) for v, (node, text) in zip(values, brackets, strict=True)]
        options = [(value, text) for value, text, _ in known if value is not None]
        shapes = {value.shape: (node, text) for value, text, node in known if value is not None}
        words = replace(self.words, factors=tuple(shapes.values()))
        moves = (v for v in variants(self.side, words) if v[1][0].kind == "insert")
        for stack in stacks.grown(self.side, moves, self.goal):
            assert stack.value is not None
            text = shapes[stack.value.shape][1]
            other = stacks.refilled(stack, options, text, self.goal)
            self.right.extend((move,) for move in stacks.alone(other, self.goal))
        self.settle()

    def _crossed(
        self, ones: Sequence[stacks.Stack], twos: Sequence[stacks.Stack], *, within: bool = False
    ) -> None:
        """Try pairs of places, apart or one within the other, unless a repair has been found."""
        if self.found:
            return
        fitting = stacks.nested if within else stacks.apart
        for n, one in enumerate(ones):
            for two in ones[:n] if ones is twos and not within else twos:
                if fitting(one, two) and self._conform(one, two, within):
                    for first, second in stacks.crossed(one, two, self.goal):
                        if apart(first, second):
                            self.right.append((first, second))
        self.settle()

    def _conform(self, one: stacks.Stack, two: stacks.Stack, within: bool) -> bool:
        """Tell whether a pair of places may give the right shape, as far as shapes tell."""
        if self.dotted:
            # A pattern is told from what stands there, not from shapes.
            return True
        for stack in (one, two):
            if id(stack) not in self.shapes:
                self.shapes[id(stack)] = (stack, stacks.shaped(stack, self.goal))
        first, second = self.shapes[id(one)][1], self.shapes[id(two)][1]
        return stacks.conform(first, second, within=within)

    def rest(self, reread: Callable[[str], Node | None]) -> None:
        """Try greater substitutions, then second edits that are not of different places."""
        for variant, move in substitutions(self.side, self.parts, small=False):
            self._single(variant, move)
        self.settle()
        if self.found:
            return
        small = replace(self.words, factors=())
        starts = [start for start in self.starts if start[1][0].kind in _PAIRED]
        starts.sort(key=lambda start: _PAIRED.index(start[1][0].kind))
        if self.goal.value(self.side) is None:
            # An index is not bound, or shapes do not conform: what mends that comes first.
            starts.sort(key=lambda start: self.goal.value(start[0]) is None)
        for side, move in starts:
            if move[0].kind == "order":
                # Both factors have moved: places are those of the changed text.
                self._moved(move, reread)
                continue
            base = self.goal.remember(side)
            for variant, second in variants(side, small):
                if apart(move, second) and self.judge(variant, base):
                    self.right.append((move, second))
            if self.right:
                self.settle()
            if self.found:
                return

    def _moved(self, first: Move, reread: Callable[[str], Node | None]) -> None:
        changed = applied(self.text, first)
        side = reread(changed)
        if side is None:
            return
        base = self.goal.remember(side)
        for variant, move in variants(side, replace(self.words, text=changed)):
            if move[0].kind not in ("insert", "term") and self.judge(variant, base):
                whole = difference(self.text, applied(changed, move), move[0].kind)
                self.right.append(((whole,), ()))
