"""The smallest edits that make a wrong side right, found by trying them all on numbers.

Candidates are evaluated on arrays, with the parts that an edit does not touch remembered; those
that agree are read again from the repaired text, checked at other sizes, and proved if they
can be. Fewer edits come first, then the likelier kinds.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.notes import tree
from derive.notes.edits import KINDS, Vocabulary, substitutions, variants, wrapped
from derive.notes.meaning import letter_of, mean
from derive.notes.values import Misfit, Value, paired, transposed
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import sympy as sp

    from derive.notes.differentials import Differentials
    from derive.notes.scope import Scope
    from derive.notes.tree import Node

__all__ = ["Search", "applied", "search", "vocabulary"]

Array = np.ndarray[Any, np.dtype[Any]]

#: Candidates of one edit that are kept as starting points for a second.
_SEEDS = 400


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found: edits that make the side agree, and whether the time ran out."""

    found: tuple[tuple[Edit, ...], ...]
    exhausted: bool
    tried: int


class _Overlay(dict[int, Any]):
    """Remembered values: what is new is kept apart from what is shared."""

    def __init__(self, base: dict[int, Any]) -> None:
        super().__init__()
        self.base = base

    def get(self, key: int, default: Any = None) -> Any:
        found = super().get(key)
        return self.base.get(key, default) if found is None else found


def search(
    side: Node,
    truth: Node,
    text: str,
    words: Vocabulary,
    letters: dict[str, sp.Expr],
    differentials: Differentials,
    accept: Callable[[tuple[Edit, ...]], bool],
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
    scope = differentials.numeric(0, letters)
    target = mean(truth, scope)
    goal = _Goal(target, replace(scope, expected=target.shape))
    hunt = _Hunt(goal, accept, time.monotonic() + seconds, most)
    try:
        hunt.singles(_all(side, words))
        if not hunt.found:
            hunt.pairs(text, words, reread, time.monotonic() + 0.6 * seconds)
        if not hunt.found:
            hunt.singles(substitutions(side, words))
    except TimeoutError:
        return Search(hunt.best(), True, hunt.tried)
    return Search(hunt.best(), False, hunt.tried)


class _Hunt:
    """A search under way."""

    def __init__(
        self,
        goal: _Goal,
        accept: Callable[[tuple[Edit, ...]], bool],
        deadline: float,
        most: int,
    ) -> None:
        self.goal = goal
        self.accept = accept
        self.deadline = deadline
        self.most = most
        self.tried = 0
        self.found: list[tuple[Edit, ...]] = []
        self.starts: list[tuple[int, int, Node, Edit]] = []

    def best(self) -> tuple[tuple[Edit, ...], ...]:
        """Return the repairs found, the smallest first."""
        return tuple(sorted(self.found, key=_order)[: self.most])

    def judge(self, side: Node, base: dict[int, Any] | None = None) -> str:
        """Evaluate a candidate.

        Raises
        ------
        TimeoutError
            If the time is up.
        """
        if time.monotonic() > self.deadline:
            raise TimeoutError
        self.tried += 1
        return self.goal.judge(side, base)

    def keep(self, edits: tuple[Edit, ...]) -> bool:
        """Keep edits that agree on numbers, if they hold up; tell whether there are enough."""
        if edits not in self.found and self.accept(edits):
            self.found.append(edits)
        return len(self.found) >= self.most

    def singles(self, candidates: Iterable[tuple[Node, Edit]]) -> None:
        """Try single edits; those that do not help are starting points for pairs."""
        for variant, edit in candidates:
            verdict = self.judge(variant)
            if verdict == "right":
                if self.keep((edit,)):
                    return
            else:
                rank = KINDS.index(edit.kind) + (100 if verdict == "ill" else 0)
                self.starts.append((rank, len(self.starts), variant, edit))

    def pairs(
        self, text: str, words: Vocabulary, reread: Callable[[str], Node | None], until: float
    ) -> None:
        """Try a second edit after each single one, the likelier first."""
        for _, _, variant, edit in heapq.nsmallest(_SEEDS, self.starts):
            if time.monotonic() > until:
                return
            if edit.kind == "order":
                # Both factors have moved: places are those of the changed text.
                self._moved(text, edit, words, reread)
                continue
            base = self.goal.remember(variant)
            for second, other in _all(variant, words):
                pair = _together(edit, other)
                if pair is not None and self.judge(second, base) == "right" and self.keep(pair):
                    return
            if self.found:
                return

    def _moved(
        self, text: str, edit: Edit, words: Vocabulary, reread: Callable[[str], Node | None]
    ) -> None:
        changed = applied(text, (edit,))
        side = reread(changed)
        if side is None:
            return
        base = self.goal.remember(side)
        for second, other in _all(side, replace(words, text=changed)):
            if self.judge(second, base) == "right":
                whole = _difference(text, applied(changed, (other,)), other.kind)
                if self.keep((whole,)):
                    return


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


def _order(edits: tuple[Edit, ...]) -> tuple[int, int, int, int]:
    """Return the rank of a repair: few edits, short edits, likely kinds, early places."""
    length = sum(max(len(edit.text), edit.end - edit.start) for edit in edits)
    if any(edit.kind == "rename" for edit in edits):
        length = 1
    return (
        len(edits),
        sum(KINDS.index(edit.kind) for edit in edits),
        length,
        edits[0].start,
    )


def _all(side: Node, words: Vocabulary) -> Iterator[tuple[Node, Edit]]:
    yield from variants(side, words)
    for letter in words.letters:
        yield wrapped(side, letter)


def _together(one: Edit, two: Edit) -> tuple[Edit, Edit] | None:
    """Return two edits in the order of the text, None where they overlap."""
    first, second = (one, two) if (one.start, one.end) <= (two.start, two.end) else (two, one)
    if first.end > second.start or (first.start, first.end) == (second.start, second.end):
        return None
    return first, second


class _Goal:
    """What a candidate is compared with."""

    def __init__(self, target: Value, scope: Scope) -> None:
        self.target = target
        self.scope = scope
        self.memo = scope.memo or {}
        data = np.asarray(target.data, float)
        self.finite = np.isfinite(data)
        self.scale = float(np.max(np.abs(data[self.finite]), initial=1e-12))

    def remember(self, side: Node) -> dict[int, Any]:
        """Return remembered values that include those of a side's parts."""
        memo = _Overlay(self.memo)
        self.judge(side, self.memo, memo)
        return memo

    def judge(
        self, side: Node, base: dict[int, Any] | None = None, into: dict[int, Any] | None = None
    ) -> str:
        """Return ``right``, ``wrong``, or ``ill`` for a side without a meaning."""
        memo = _Overlay(self.memo if base is None else base) if into is None else into
        scope = replace(self.scope, memo=memo)
        try:
            value = mean(side, scope)
            return "right" if self._agrees(value) else "wrong"
        except (Misfit, ValueError, IndexError, ZeroDivisionError, np.linalg.LinAlgError):
            return "ill"

    def _agrees(self, value: Value) -> bool:
        if value.data is None:
            return False
        if value.shape != self.target.shape and not value.identity:
            if value.is_scalar or self.target.is_scalar or not (value.thin or self.target.thin):
                return False
            value = transposed(self.scope.algebra, value)
        both = paired(self.scope.algebra, value, self.target)
        if both is None:
            return False
        left = np.asarray(both[0].data, float)
        right = np.asarray(both[1].data, float)
        if any(a != b and a != 1 for a, b in zip(left.shape, right.shape, strict=False)):
            return False
        known = both[0].known
        gap = np.abs(left - right)
        gap = gap[np.isfinite(right)] if gap.shape == right.shape else gap
        if known is not None:
            gap = np.where(np.asarray(known) != 0, np.abs(left - right), 0.0)
        return bool(gap.size and np.all(gap <= 1e-7 * self.scale + 1e-12))


def applied(text: str, edits: tuple[Edit, ...]) -> str:
    """Return the text with edits made, from the last to the first."""
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        inner = text[edit.start : edit.end]
        text = text[: edit.start] + _joined(edit.text.replace("{}", inner), text, edit) + (
            text[edit.end :]
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


def vocabulary(
    sides: tuple[Node, ...],
    truth: Node,
    text: str,
    letters: dict[str, sp.Expr],
    differentials: Differentials,
    constants: tuple[tuple[Node, str], ...] = (),
) -> Vocabulary:
    """Return what may be put into a side: letters, symbols of one shape, factors."""
    world = differentials.world
    shapes: dict[tuple[Any, ...], list[str]] = {}
    for spelling, symbol in world.tensors.items():
        if not spelling.endswith(" ") and not symbol.integer:
            key = tuple(str(size) for size in symbol.shape)
            shapes.setdefault(key, []).append(spelling)
    used = {
        part.spelling for side in sides for part in tree.walk(side) if isinstance(part, tree.Name)
    }
    every = tuple(name for name in world.tensors if not name.endswith(" "))
    symbols = []
    for names in shapes.values():
        # Symbols of the same shape come first, then those that the claim itself uses.
        ranked = sorted(names, key=lambda name: (name not in used, names.index(name)))
        others = [name for name in every if name in used and name not in names]
        others += [name for name in every if name not in names and name not in used]
        near = (*ranked, *others[: max(0, 8 - len(ranked))])
        symbols += [(name, tuple(o for o in near if o != name)) for name in names]
    unknown = used - set(world.tensors) - set(world.sizes) - set(world.functions) - set(letters)
    symbols += [(name, every) for name in sorted(unknown)]
    return Vocabulary(tuple(letters), tuple(symbols), _factors(sides, truth, text, constants), text)


def _factors(
    sides: tuple[Node, ...], truth: Node, text: str, constants: tuple[tuple[Node, str], ...]
) -> tuple[tuple[Node, str], ...]:
    """Return factors that may be missing: the claim's own, the definitions' numbers, 2 and 1/2."""
    found: dict[str, Node] = {"2": tree.Number(0, 0, "2")}
    half = tree.Fraction(0, 0, tree.Number(0, 0, "1"), tree.Number(0, 0, "2"))
    found[r"\frac{1}{2}"] = half
    found.update((spelled, node) for node, spelled in constants)
    for side in sides:
        for part in tree.walk(side):
            is_factor = isinstance(
                part, (tree.Scripted, tree.Derivative, tree.Fraction, tree.Group, tree.FunctionCall)
            ) or (isinstance(part, tree.Name) and letter_of(part) is not None)
            if is_factor and part != truth and 0 < part.end - part.start <= 60:
                found.setdefault(text[part.start : part.end], part)
    return tuple((node, spelled) for spelled, node in list(found.items())[:40])
