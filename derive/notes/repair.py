"""The smallest edits that make a wrong side right, found by trying them on numbers.

Candidates are evaluated on arrays, with the parts that an edit does not touch remembered; those
that agree are read again from the repaired text, checked at other sizes, and proved if they
can be. Fewer edits come first, then the likelier kinds, then the smaller change of the text.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.edits import substitutions, variants
from derive.notes.factors import KINDS, Vocabulary, factored, products
from derive.notes.goal import Goal
from derive.notes.meaning import mean
from derive.notes.stock import sizes, vocabulary
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import sympy as sp

    from derive.notes.differentials import Differentials
    from derive.notes.factors import Variant
    from derive.notes.tree import Node

__all__ = ["Search", "applied", "search", "vocabulary"]

#: Repairs that agree on numbers and are read anew, for each one that is wanted.
_LOOKED_AT = 6
#: The share of the time in which one missing factor or term is looked for beside another edit.
_COMPLETING = 0.4

#: Kinds of edits that are tried in pairs; those of which there are few come first.
_PAIRED = (
    "drop", "sum", "sign", "power", "transpose", "operator", "number", "index", "rename", "order",
    "function", "symbol",
)  # fmt: skip

Move = tuple[Edit, ...]
Moves = tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found: edits that make the side agree, and whether the time ran out."""

    found: tuple[Move, ...]
    exhausted: bool
    tried: int


def search(
    side: Node,
    truth: Node,
    text: str,
    words: Vocabulary,
    letters: dict[str, sp.Expr],
    differentials: Differentials,
    accept: Callable[[Move], bool],
    reread: Callable[[str], Node | None],
    seconds: float,
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
    seconds : float
        The time limit.
    most : int
        How many repairs are wanted.
    """
    start = time.monotonic()
    scope = differentials.numeric(0, sizes(side, truth, letters, differentials))
    target = mean(truth, scope)
    goal = Goal(target, replace(scope, expected=target.shape))
    hunt = _Hunt(goal, side, truth, text, words, accept, start + seconds, most)
    exhausted = False
    try:
        hunt.singles()
        hunt.settle()
        if not hunt.found:
            hunt.completions(start + _COMPLETING * seconds)
            hunt.settle()
        if not hunt.found:
            hunt.pairs(reread)
            hunt.settle()
    except TimeoutError:
        exhausted = True
        hunt.settle()
    return Search(tuple(hunt.found), exhausted, hunt.tried)


@dataclass(frozen=True, slots=True)
class _Start:
    """A side after one edit, from which a second one is tried."""

    rank: tuple[int, int, int]
    side: Node
    move: Move


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
        deadline: float,
        most: int,
    ) -> None:
        self.goal = goal
        self.truth = truth
        self.side = side
        self.text = text
        self.words = words
        self.accept = accept
        self.deadline = deadline
        self.most = most
        self.tried = 0
        self.found: list[Move] = []
        self.right: list[Moves] = []
        self.starts: list[_Start] = []
        goal.start(side)
        self.base = goal.print(side)

    def judge(self, side: Node, base: dict[int, object] | None = None) -> bool:
        """Tell whether a candidate agrees.

        Raises
        ------
        TimeoutError
            If the time is up.
        """
        if time.monotonic() > self.deadline:
            raise TimeoutError
        self.tried += 1
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
            if len(moves) == fewest and flat not in self.found and self.accept(flat):
                self.found.append(flat)
            if len(self.found) >= self.most:
                return

    def _rank(self, moves: Moves) -> tuple[int, ...]:
        """Return the rank of a repair; what is put in stands rather outside of braces."""
        starts = [self.text[: move[0].start] for move in moves if move and move[0].kind == "insert"]
        depth = sum(text.count("{") - text.count("}") for text in starts)
        kinds, *rest = _order(moves)
        return (kinds, rest[0], depth, *rest[1:])

    def singles(self) -> None:
        """Try single edits; those that do not help are starting points for pairs.

        Other quantities in derivatives come last: they have to be derived first.
        """
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
        for stage in (late, grown, substitutions(self.side, self.words)):
            self.settle()
            if self.found:
                break
            for variant, move in stage:
                self._single(variant, move)
        self.starts.sort(key=lambda start: start.rank)

    def _single(self, variant: Node, move: Move) -> None:
        if self.judge(variant):
            self.right.append((move,))
            return
        print_ = self.goal.print(variant)
        if print_ is not None and print_ == self.base:
            return
        rank = (print_ is None, KINDS.index(move[0].kind), len(self.starts))
        self.starts.append(_Start(rank, variant, move))

    def completions(self, until: float) -> None:
        """Look for one edit after which a single known factor or term is missing.

        What is missing shows in the ratio, or the difference, of the two sides.
        """
        table = self.goal.table([node for node, _ in self.words.factors])
        for start in self.starts:
            if time.monotonic() > until:
                return
            if start.rank[0]:
                continue
            for place in self.goal.missing(start.side, table):
                words = replace(self.words, factors=(self.words.factors[place],))
                for variant, move in _grown(start.side, words):
                    self._second(start, variant, move)

    def _second(
        self, start: _Start, variant: Node, move: Move, base: dict[int, object] | None = None
    ) -> None:
        if _apart(start.move, move) and self.judge(variant, base):
            self.right.append((start.move, move))

    def pairs(self, reread: Callable[[str], Node | None]) -> None:
        """Try a second edit after each single one: first those that put nothing in."""
        small = replace(self.words, factors=())
        starts = [start for start in self.starts if start.move[0].kind in _PAIRED]
        starts.sort(key=lambda start: (_PAIRED.index(start.move[0].kind), start.rank))
        if self.base is None:
            # An index is not bound, or shapes do not conform: what mends that comes first.
            for start in starts:
                whole = not start.rank[0] and start.move[0].kind != "order"
                if whole and self._after(start, small, ordered=False):
                    return
        for start in starts:
            if start.move[0].kind == "order":
                # Both factors have moved: places are those of the changed text.
                self._moved(start, reread)
            elif self._after(start, small, ordered=True):
                return
        for start in starts:
            if not start.rank[0] and self._after(start, self.words, ordered=False):
                return

    def _after(self, start: _Start, words: Vocabulary, *, ordered: bool) -> bool:
        """Try second edits after one; tell whether a repair was found."""
        base = self.goal.remember(start.side)
        place = (_PAIRED.index(start.move[0].kind), start.move[0].start)
        for variant, move in variants(start.side, words):
            kind = move[0].kind
            if ordered:
                # Either of two edits may be the first: one order is enough.
                if kind in _PAIRED and (_PAIRED.index(kind), move[0].start) >= place:
                    self._second(start, variant, move, base)
            elif (kind == "insert") == bool(words.factors):
                self._second(start, variant, move, base)
        if self.right:
            self.settle()
        return bool(self.found)

    def _moved(self, start: _Start, reread: Callable[[str], Node | None]) -> None:
        changed = applied(self.text, start.move)
        side = reread(changed)
        if side is None:
            return
        base = self.goal.remember(side)
        for variant, move in variants(side, replace(self.words, text=changed)):
            if move[0].kind not in ("insert", "term") and self.judge(variant, base):
                whole = _difference(self.text, applied(changed, move), move[0].kind)
                self.right.append(((whole,), ()))


def _grown(side: Node, words: Vocabulary) -> Iterable[Variant]:
    """Yield a side with a factor or a term at its top."""
    yield from factored(side, words)
    if isinstance(side, tree.Product):
        yield from products(side, words)
    if isinstance(side, tree.Add) and len(side.terms) == 1:
        term = side.terms[0]
        for new, move in _grown(term.body, words):
            yield replace(side, terms=(replace(term, body=new),)), move


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
    first = min(move[0].start for move in moves if move)
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
