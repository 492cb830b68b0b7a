"""Two slips at once: all edits of one place against all edits of another, evaluated together.

The edits of a place are stacked along an axis of their own, those of another place along a second
one. One evaluation of the side then tells of every pair of them whether it is right.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from derive.notes.factors import Inserted
from derive.notes.settle import swapped
from derive.notes.tree import (
    Add,
    BigOperator,
    Fraction,
    FunctionCall,
    Group,
    Name,
    Node,
    Norm,
    Operator,
    Product,
    Root,
    Scripted,
    Term,
    Wrapped,
    children,
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
    "apart",
    "crossed",
    "grown",
    "nested",
    "replaced",
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


def _located(old: Node, new: Node) -> tuple[Node, Node]:
    """Return the smallest part with a value that differs between a side and a variant of it."""
    while True:
        pair = _step(old, new)
        if pair is None:
            return old, new
        old, new = pair


def _step(old: Node, new: Node) -> tuple[Node, Node] | None:
    """Return the only parts of two nodes that differ, None if the nodes differ otherwise."""
    if type(old) is not type(new):
        return None
    if isinstance(old, Add) and isinstance(new, Add) and len(old.terms) == len(new.terms):
        other = [(a, b) for a, b in zip(old.terms, new.terms, strict=True) if a is not b]
        if len(other) == 1 and other[0][0].sign == other[0][1].sign:
            return other[0][0].body, other[0][1].body
        return None
    pairs = []
    for item in fields(old):
        one, two = getattr(old, item.name), getattr(new, item.name)
        if one is two or not item.compare:
            continue
        if isinstance(one, Node) and isinstance(two, Node):
            pairs.append((item.name, one, two))
        elif isinstance(one, tuple) and isinstance(two, tuple) and len(one) == len(two):
            for a, b in zip(one, two, strict=True):
                if a is not b:
                    if not (isinstance(a, Node) and isinstance(b, Node)):
                        return None
                    pairs.append((item.name, a, b))
        elif one != two:
            return None
    if len(pairs) != 1:
        return None
    name, one, two = pairs[0]
    return (one, two) if _has_value(old, name, one) else None


def _has_value(parent: Node, name: str, child: Node) -> bool:
    """Tell whether a part has a value of its own that the whole is computed from."""
    if isinstance(parent, Group):
        return len(parent.items) == 1
    if isinstance(parent, Scripted):
        return name == "base" and not isinstance(child, Name)
    if isinstance(parent, BigOperator | Wrapped | Norm | Root):
        return name == "body"
    if isinstance(parent, FunctionCall):
        return name == "argument"
    return isinstance(parent, Fraction | Product) and not isinstance(child, Operator)


def _ids(node: Node) -> frozenset[int]:
    """Return the identities of a node and its parts, but for what comes from elsewhere."""
    found = []
    waiting = [node]
    while waiting:
        part = waiting.pop()
        found.append(id(part))
        if not isinstance(part, Inserted):
            waiting.extend(children(part))
    return frozenset(found)


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
            Stack(site, new, hole, self._stacked(values), tuple(moves), _ids(site), _ids(new))
            for site, new, hole, values, moves in self.found.values()
        ]

    def _stacked(self, values: list[Value]) -> Value:
        whole = np.ones((1,) * self.goal.axes)
        arrays = (np.asarray(value.data, float) for value in values)
        data = np.concatenate(
            np.broadcast_arrays(whole, *arrays)[1:], axis=self.goal.place(AXES[0])
        )
        return replace(values[0], data=data, link=None, readings=())


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
        site, new = _located(side, variant)
        for target, changed, value in _simpler(site, new, goal):
            if value is not None:
                hole = holes.setdefault(id(target), _hole(target))
                stacks.put(id(target), target, hole, hole, value, move)
            if changed is not None:
                kept = _ids(changed)
                around.append(Stack(target, changed, None, None, (move,), _ids(target), kept))
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
    return replace(value, data=np.ones_like(data) if factor is None else data * factor)


def grown(side: Node, variants: Iterable[Variant], goal: Goal) -> list[Stack]:
    """Return the edits that put a factor or a term in, by place."""
    stacks = _Stacks(goal)
    frames: dict[object, tuple[Node, Node, Node]] = {}
    known: dict[int, Value | None] = {}
    for variant, move in variants:
        site, new = _located(side, variant)
        way = _way(new)
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
            value = replace(value, data=-np.asarray(value.data, float))
        key = (id(site), move[0].kind, tuple(n for n, _ in way))
        if key not in frames:
            hole = _hole(inserted.body)
            inner: Node = swapped(new, inserted, hole)
            if isinstance(term, Term) and term.sign == "-":
                inner = swapped(new, term, replace(term, sign="+", body=hole))
            frames[key] = (site, inner, hole)
        stacks.put(key, *frames[key], value, move)
    return stacks.done()


def _way(node: Node) -> list[tuple[int, Node]] | None:
    """Return the parts on the way to what was put in, each with its number among its siblings."""
    if isinstance(node, Inserted):
        return [(0, node)]
    for n, child in enumerate(children(node)):
        if isinstance(child, Operator):
            continue
        below = _way(child)
        if below is not None:
            return [(n, node), *below]
    return None


def substituting(side: Node, words: Vocabulary, goal: Goal, edit: type[Edit]) -> list[Stack]:
    """Return the edits that put a known factor in the place of another one."""
    stacks = _Stacks(goal)
    known = [(goal.value(node), node, text) for node, text in words.factors]
    for part in (p for p in _walked(side) if isinstance(p, Product)):
        for factor in part.factors:
            if factor.end == factor.start or isinstance(factor, Inserted):
                continue
            hole = _hole(factor)
            for value, node, text in known:
                if value is not None and node != factor:
                    move = (edit(factor.start, factor.end, text, "substitute"),)
                    stacks.put(id(factor), factor, hole, hole, value, move)
    return stacks.done()


def _walked(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _walked(child)


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
    return replace(value, data=value.data.swapaxes(*map(goal.place, AXES)))


def _part(value: Value, first: int, count: int, goal: Goal) -> Value:
    """Return some of the values of a stack."""
    along = (*[slice(None)] * goal.place(AXES[0]), slice(first, first + count))
    return replace(value, data=value.data[along])
