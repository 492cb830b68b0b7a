"""Two slips at once: all edits of one place against all edits of another, evaluated together.

The edits of a place are stacked along an axis of their own, those of another place along a second
one. One evaluation of the side then tells of every pair of them whether it is right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from derive.notes.edits import outside
from derive.notes.factors import Inserted
from derive.notes.settle import swapped
from derive.notes.sites import located, parts_of, way_in
from derive.notes.tree import (
    Add,
    Node,
    Product,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from derive.notes.factors import Variant, Vocabulary
    from derive.notes.goal import Goal
    from derive.notes.values import Value
    from derive.notes.verdicts import Edit

    Move = tuple[Edit, ...]

__all__ = [
    "AXES",
    "Stack",
    "alone",
    "apart",
    "conform",
    "crossed",
    "grown",
    "nested",
    "refilled",
    "replaced",
    "shaped",
    "substituting",
]

#: Names of the axes along which edits are stacked; no letter of a note is called so.
AXES = ("'1", "'2")
#: Numbers in one array of an evaluation, about.
_ROOM = 400_000
_ELEMENTWISE = (r"\circ", r"\odot", "*")


@dataclass(frozen=True, slots=True)
class Stack:
    """Edits of one place.

    Parameters
    ----------
    site : Node
        What they replace.
    new : Node
        What they put there; it holds the hole, or is the hole.
    hole : Node or None
        Where the value goes; None for one edit that is written out in ``new``.
    value : Value or None
        What the edits put into the hole, one after another along the first axis for stacks.
    moves : tuple of moves
        The edits.
    within, kept : frozenset of int
        The identities of all parts of the site, and of those that are still there in ``new``.
    """

    site: Node
    new: Node
    hole: Node | None
    value: Value | None
    moves: tuple[Move, ...]
    within: frozenset[int]
    kept: frozenset[int]


def _hole(node: Node) -> Inserted:
    return Inserted(node.start, node.end, "inserted", node)


class _Stacks:
    """Stacks that are being built, by place and shape."""

    def __init__(self, goal: Goal) -> None:
        self.goal = goal
        self.found: dict[object, tuple[Node, Node, Node, list[Value], list[Move]]] = {}

    def put(self, key: object, site: Node, new: Node, hole: Node, value: Value, move: Move) -> None:
        if value.data is None or value.known is not None or not self.goal.fits(value):
            return
        shape = (key, value.shape, value.thin, value.identity)
        entry = self.found.setdefault(shape, (site, new, hole, [], []))
        entry[3].append(value)
        entry[4].append(move)

    def done(self) -> list[Stack]:
        return [
            Stack(
                site, new, hole, self._stacked(values), tuple(moves), parts_of(site), parts_of(new)
            )
            for site, new, hole, values, moves in self.found.values()
        ]

    def _stacked(self, values: list[Value]) -> Value:
        whole = np.ones((1,) * self.goal.axes)
        arrays = (np.asarray(value.data, float) for value in values)
        data = np.concatenate(
            np.broadcast_arrays(whole, *arrays)[1:], axis=self.goal.place(AXES[0])
        )
        return values[0].mapped(data, readings=())


def replaced(
    side: Node, variants: Iterable[Variant], goal: Goal
) -> tuple[list[Stack], list[Stack]]:
    """Return the edits that put nothing in: by place, and those that other edits may be within."""
    stacks = _Stacks(goal)
    around = []
    holes: dict[int, Node] = {}
    for variant, move in variants:
        if move[0].kind == "order":
            continue
        site, new = located(side, variant)
        for target, changed, value in _simpler(site, new, goal):
            if value is not None:
                hole = holes.setdefault(id(target), _hole(target))
                stacks.put(id(target), target, hole, hole, value, move)
            if changed is not None:
                kept = parts_of(changed)
                around.append(Stack(target, changed, None, None, (move,), parts_of(target), kept))
    found = stacks.done()
    sites = {id(stack.site) for stack in found}
    return found, [s for s in around if len(s.kept & s.within & sites - {id(s.site)})]


def _simpler(site: Node, new: Node, goal: Goal) -> Iterator[tuple[Node, Node | None, Value | None]]:
    """Yield an edit as one of a smaller part: what is replaced, by what node, of what value."""
    if isinstance(site, Add) and isinstance(new, Add):
        if len(new.terms) == len(site.terms):
            for a, b in zip(site.terms, new.terms, strict=True):
                if a.body is b.body and (a.sign == "-") != (b.sign == "-"):
                    minus = Add(a.start, a.end, (Term(a.start, a.end, "-", a.body),))
                    yield a.body, minus, _times(goal, a.body, -1.0)
                    return
        elif len(new.terms) < len(site.terms):
            left = {id(term.body) for term in new.terms}
            for term in site.terms:
                if id(term.body) not in left:
                    yield term.body, None, _times(goal, term.body, 0.0)
                    return
    if isinstance(site, Product):
        left = {id(part) for part in (new.factors if isinstance(new, Product) else (new,))}
        gone = [n for n, factor in enumerate(site.factors) if id(factor) not in left]
        if len(gone) == 1 and len(left) == len(site.factors) - 1:
            n = gone[0]
            signs = {sign.text for sign in site.operators[max(0, n - 1) : n + 1]}
            value = goal.value(site.factors[n])
            if value is not None and (value.is_scalar or signs <= set(_ELEMENTWISE)):
                yield site.factors[n], None, _times(goal, site.factors[n], None)
                return
    yield site, new, goal.value(new)


def _times(goal: Goal, node: Node, factor: float | None) -> Value | None:
    """Return a part's value times a number; all ones if there is none."""
    value = goal.value(node)
    if value is None or value.data is None or value.identity:
        return None
    data = np.asarray(value.data, float)
    return value.mapped(np.ones_like(data) if factor is None else data * factor)


def grown(side: Node, variants: Iterable[Variant], goal: Goal) -> list[Stack]:
    """Return the edits that put a factor or a term in, by place."""
    stacks = _Stacks(goal)
    frames: dict[object, tuple[Node, Node, Node]] = {}
    known: dict[int, Value | None] = {}
    for variant, move in variants:
        site, new = located(side, variant)
        way = way_in(new)
        if way is None:
            continue
        inserted = way[-1][1]
        assert isinstance(inserted, Inserted)
        if id(inserted.body) not in known:
            known[id(inserted.body)] = goal.value(inserted.body)
        value = known[id(inserted.body)]
        if value is None or value.data is None:
            continue
        term = way[-2][1] if len(way) > 1 else None
        if isinstance(term, Term) and term.sign == "-":
            value = value.mapped(-np.asarray(value.data, float))
        key = (id(site), move[0].kind, tuple(n for n, _ in way))
        if key not in frames:
            hole = _hole(inserted.body)
            inner: Node = swapped(new, inserted, hole)
            if isinstance(term, Term) and term.sign == "-":
                inner = swapped(new, term, replace(term, sign="+", body=hole))
            frames[key] = (site, inner, hole)
        stacks.put(key, *frames[key], value, move)
    return stacks.done()


def substituting(side: Node, words: Vocabulary, goal: Goal, edit: type[Edit]) -> list[Stack]:
    """Return the edits that put a known factor in the place of another one."""
    stacks = _Stacks(goal)
    known = [(goal.value(node), node, text) for node, text in words.factors]
    for part in (p for p in outside(side) if isinstance(p, Product)):
        for factor in part.factors:
            if factor.end == factor.start or isinstance(factor, Inserted):
                continue
            hole = _hole(factor)
            for value, node, text in known:
                if value is not None and node != factor and text != "1":
                    move = (edit(factor.start, factor.end, text, "substitute"),)
                    stacks.put(id(factor), factor, hole, hole, value, move)
    return stacks.done()


def refilled(stack: Stack, options: Iterable[tuple[Value, str]], text: str, goal: Goal) -> Stack:
    """Return a stack that puts in other values of the same shape, written otherwise."""
    assert stack.hole is not None
    assert stack.value is not None
    other = _Stacks(goal)
    for value, new in options:
        if value.shape == stack.value.shape:
            move = tuple(replace(e, text=e.text.replace(text, new)) for e in stack.moves[0])
            other.put(0, stack.site, stack.new, stack.hole, value, move)
    return max(other.done(), key=lambda found: len(found.moves))


def alone(stack: Stack, goal: Goal) -> Iterator[Move]:
    """Yield the edits of a stack that make a side right by themselves."""
    value = _put(stack, stack.value, (), goal)
    if value is not None:
        value = goal.value(goal.side, ((stack.site, value),), (stack.site,))
    if value is not None:
        for n, _ in goal.agreeing(value, AXES):
            if n < len(stack.moves):
                yield stack.moves[n]


@dataclass(frozen=True, slots=True)
class Shaped:
    """What the shapes alone say of a stack's edits.

    Parameters
    ----------
    has : bool
        Whether what they put in has a value.
    keeps : bool
        Whether it has the shape of what it replaces.
    fits : bool
        Whether the side has the right shape then.
    """

    has: bool
    keeps: bool
    fits: bool


def shaped(stack: Stack, goal: Goal) -> Shaped:
    """Return what the shapes alone say of edits: it is the same for all of a stack."""
    old = goal.value(stack.site)
    first = None if stack.value is None else _part(stack.value, 0, 1, goal)
    new = _put(stack, first, (), goal)
    if new is None:
        return Shaped(has=False, keeps=False, fits=False)
    keeps = (
        old is not None
        and old.link is None
        and (old.shape, old.thin, old.identity) == (new.shape, new.thin, new.identity)
    )
    side = goal.value(goal.side, ((stack.site, new),), (stack.site,))
    return Shaped(has=True, keeps=keeps, fits=side is not None and goal.conforms(side))


def conform(one: Shaped, two: Shaped, *, within: bool) -> bool:
    """Tell whether edits of two places may give a side the right shape together.

    What is computed has a shape by the shapes of its parts. Beside edits that keep a shape only
    those help that give the right one by themselves, and what has no value gets none by what is
    changed elsewhere.
    """
    if not two.has or not (one.has or within):
        return False
    return (two.fits or not one.keeps) and (one.fits or not two.keeps)


def nested(outer: Stack, inner: Stack) -> bool:
    """Tell whether what one stack replaces is still there in what the other one puts in."""
    return outer.site is not inner.site and id(inner.site) in outer.within & outer.kept


def apart(one: Stack, two: Stack) -> bool:
    """Tell whether two stacks replace parts of which none is in the other."""
    return id(one.site) not in two.within and id(two.site) not in one.within


def crossed(one: Stack, two: Stack, goal: Goal) -> Iterator[tuple[Move, Move]]:
    """Yield the pairs of edits that make a side right, to all that its numbers tell.

    Parameters
    ----------
    one, two : Stack
        Of which the second one replaces a part of the first, or each something apart.
    goal : Goal
        With the values of the side.

    Raises
    ------
    Timeout
        If the work that may be done is done.
    """
    inner = None if two.value is None else _turned(two.value, goal)
    second = _put(two, inner, (), goal)
    if second is None:
        return
    room = max(1, _ROOM // (goal.extent * len(two.moves)))
    for first in range(0, len(one.moves), room):
        part = None if one.value is None else _part(one.value, first, room, goal)
        inside = ((two.site, second),) if nested(one, two) else ()
        outside = () if inside else ((two.site, second),)
        value = _put(one, part, inside, goal)
        if value is None:
            continue
        value = goal.value(goal.side, ((one.site, value), *outside), (one.site, two.site))
        if value is None:
            continue
        for i, j in goal.agreeing(value, AXES):
            if first + i < len(one.moves) and j < len(two.moves):
                yield one.moves[first + i], two.moves[j]


def _put(
    stack: Stack, value: Value | None, inside: tuple[tuple[Node, Value], ...], goal: Goal
) -> Value | None:
    """Return what stands at the place of a stack, with a value in the hole."""
    if stack.hole is stack.new:
        return value
    given = inside if stack.hole is None or value is None else ((stack.hole, value), *inside)
    return goal.value(stack.new, given, tuple(node for node, _ in inside))


def _turned(value: Value, goal: Goal) -> Value:
    """Return the values of a stack along the second axis."""
    return value.mapped(value.data.swapaxes(*map(goal.place, AXES)))


def _part(value: Value, first: int, count: int, goal: Goal) -> Value:
    """Return some of the values of a stack."""
    along = (*[slice(None)] * goal.place(AXES[0]), slice(first, first + count))
    return value.mapped(value.data[along])
