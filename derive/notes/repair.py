"""The smallest edits that make a wrong side right, found by trying them on numbers.

Candidates are evaluated on arrays, with the parts that an edit does not touch remembered; those
that agree are read again from the repaired text, checked at other sizes, and proved if they
can be. Fewer edits come first, then the likelier kinds, then the smaller change of the text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.limits import Budget, Timeout
from derive.notes import stacks, tree
from derive.notes.edits import substitutions, variants
from derive.notes.factors import KINDS, Vocabulary
from derive.notes.goal import Goal
from derive.notes.indexedits import relettered
from derive.notes.meaning import mean
from derive.notes.settle import swapped
from derive.notes.stock import compounds, sizes
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derive.notes.differentials import Differentials
    from derive.notes.factors import Variant
    from derive.notes.tree import Node

__all__ = ["Search", "applied", "search"]

#: Repairs that agree on numbers and are read anew, for each one that is wanted.
_LOOKED_AT = 6
#: Steps that reading a repaired text anew takes.
_ACCEPTING = 50

#: Kinds of edits that are tried in pairs; those of which there are few come first.
_PAIRED = (
    "drop", "sum", "sign", "power", "transpose", "operator", "number", "index", "rename", "order",
    "function", "symbol",
)  # fmt: skip

Move = tuple[Edit, ...]
Moves = tuple[Move, ...]


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
    differentials: Differentials,
    accept: Callable[[Move], bool],
    reread: Callable[[str], Node | None],
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
    differentials : Differentials
        Of the note's world.
    accept : callable
        The last word on edits: is the repaired text right when it is read anew?
    reread : callable
        From a changed text to the side that then stands there.
    budget : Budget
        Of the work that may be done.
    most : int
        How many repairs are wanted.
    """
    axes = dict.fromkeys(stacks.AXES, sp.S.One)
    scope = differentials.numeric(0, {**sizes(side, truth, letters, differentials), **axes})
    target = mean(truth, scope)
    goal = Goal(target, replace(scope, expected=target.shape), budget)
    hunt = _Hunt(goal, side, truth, text, words, accept, most)
    try:
        for stage in (hunt.singles, hunt.pairs, lambda: hunt.rest(reread)):
            stage()
            hunt.settle()
            if hunt.found:
                break
    except Timeout:
        # What agrees already is read again whatever it takes: it is not much.
        budget.steps = max(budget.steps, _LOOKED_AT * most * _ACCEPTING)
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
        most: int,
    ) -> None:
        self.goal = goal
        self.truth = truth
        self.side = side
        self.text = text
        self.words = words
        self.accept = accept
        self.most = most
        self.found: list[Move] = []
        self.right: list[Moves] = []
        self.starts: list[Variant] = []

    def judge(self, side: Node, base: dict[int, object] | None = None) -> bool:
        """Tell whether a candidate agrees."""
        return self.goal.reached(side, base) and not self._circular(side)

    def _circular(self, side: Node) -> bool:
        """Tell whether a side holds the very quantity that it is to give."""
        atom = isinstance(self.truth, (tree.Name, tree.Scripted, tree.Derivative))
        return atom and any(part == self.truth for part in tree.walk(side))

    def settle(self) -> None:
        """Read again what agrees on numbers, the smallest first; keep what holds up."""
        ranked = sorted(set(self.right), key=self._rank)
        self.right = []
        # A second edit beside one that suffices is no repair of its own.
        fewest = len(ranked[0]) if ranked else 0
        for moves in ranked[: _LOOKED_AT * self.most]:
            edits = (edit for move in moves for edit in move)
            flat = tuple(sorted(edits, key=lambda edit: (edit.start, edit.end)))
            if len(moves) == fewest and flat not in self.found:
                self.goal.budget.spend(_ACCEPTING)
                if self.accept(flat):
                    self.found.append(flat)
            if len(self.found) >= self.most:
                return

    def _rank(self, moves: Moves) -> tuple[int, ...]:
        """Return the rank of a repair; what is put in stands rather outside of braces."""
        starts = [self.text[: move[0].start] for move in moves if move and move[0].kind == "insert"]
        depth = sum(
            sum(text.count(one) for one in "{([") - sum(text.count(one) for one in "})]")
            for text in starts
        )
        # What is too much goes; rather all of what brackets hold is transposed than one term.
        inside = sum(
            2 - self.text[: edit.start].rstrip().endswith((")", "]", "}"))
            for move in moves
            for edit in move
            if edit.kind == "transpose" and edit.text
        )
        count, kinds, length, *rest = _order(moves)
        return (count, kinds, depth, inside, length, *rest)

    def singles(self) -> None:
        """Try single edits; those that do not help are starting points for pairs.

        Other quantities in derivatives come last: they have to be derived first.
        """
        self.goal.start(self.side)
        late = []
        hidden = [
            (part.start, part.end)
            for part in tree.walk(self.side)
            if isinstance(part, tree.Derivative)
        ]
        for variant, move in variants(self.side, replace(self.words, factors=())):
            inside = any(start <= move[0].start < end for start, end in hidden)
            if inside and move[0].kind in ("symbol", "rename"):
                if self.words.alike(move[0], self.text):
                    late.append((variant, move))
            else:
                self._single(variant, move)
        # What puts something in comes after what does not: there are many such edits.
        grown = (v for v in variants(self.side, self.words) if v[1][0].kind in ("insert", "term"))
        for stage in (late, grown, substitutions(self.side, self.words, small=True)):
            self.settle()
            if self.found:
                break
            for variant, move in stage:
                self._single(variant, move)

    def _single(self, variant: Node, move: Move) -> None:
        if self.judge(variant):
            self.right.append((move,))
        else:
            self.starts.append((variant, move))

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
        others = stacks.substituting(self.side, self.words, self.goal, Edit)
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
        known = [(self.goal.value(node), text, node) for node, text in compounds(self.words)]
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
                if fitting(one, two):
                    for first, second in stacks.crossed(one, two, self.goal):
                        if _apart(first, second):
                            self.right.append((first, second))
        self.settle()

    def rest(self, reread: Callable[[str], Node | None]) -> None:
        """Try greater substitutions, then second edits that are not of different places."""
        for variant, move in substitutions(self.side, self.words, small=False):
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
                if _apart(move, second) and self.judge(variant, base):
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
                whole = _difference(self.text, applied(changed, move), move[0].kind)
                self.right.append(((whole,), ()))


def _difference(old: str, new: str, kind: str) -> Edit:
    """Return one edit that makes a text into another."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    # Not in the middle of a command's name.
    while start and (old[start - 1].isalpha() or old[start - 1] == "\\"):
        start -= 1
    return Edit(start, len(old) - end, new[start : len(new) - end], kind)


def _order(moves: Moves) -> tuple[int, int, int, int, int]:
    """Return the rank of a repair: few edits, likely kinds, short edits, early places."""
    kinds = sum(KINDS.index(move[0].kind) for move in moves if move)
    added = sum(len(edit.text) for move in moves for edit in move[:1])
    # Where an elementwise product is meant, its sign says so better than none.
    length = sum(
        max(len(e.text), e.end - e.start) + 10 * (e.kind == "operator" and not e.text.strip())
        for move in moves
        for e in (move[:1] if move[:1] and move[0].kind == "rename" else move)
    )
    # Of two equal factors, or powers, it is the later one that is too many.
    first = min(move[0].start * (1 if move[0].text else -1) for move in moves if move)
    return len(moves), kinds, length, added, first


def _apart(one: Move, two: Move) -> bool:
    """Tell whether no edit of one move touches what another changes."""
    return all(
        a.end <= b.start if (a.start, a.end) < (b.start, b.end) else b.end <= a.start
        for a in one
        for b in two
    ) and not {(e.start, e.end) for e in one} & {(e.start, e.end) for e in two}


def applied(text: str, edits: Move) -> str:
    """Return the text with edits made, from the last to the first."""
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        inner = text[edit.start : edit.end]
        text = (
            text[: edit.start]
            + _joined(edit.text.replace("{}", inner), text, edit)
            + (text[edit.end :])
        )
    return text


def _joined(new: str, text: str, edit: Edit) -> str:
    """Keep a command's name apart from a letter that would follow it."""
    before = text[: edit.start]
    after = text[edit.end : edit.end + 1]
    if new and new[0].isalpha() and _ends_in_command(before):
        new = " " + new
    if after.isalpha() and _ends_in_command(before + new):
        new += " "
    return new


def _ends_in_command(text: str) -> bool:
    stripped = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return stripped.endswith("\\") and stripped != text
