"""Put statements into common loops.

Every statement becomes a nest of loops over its axes; a nest is merged with an earlier one loop
by loop, from the outside in, as long as no value is read before it is complete. Statements that
range over the same axes then share what they compute, and a value that is used where it is made
never goes to memory.

Merging ``s`` into a loop over an axis is legal if every array that ``s`` reads, and that a
statement inside the loop makes, is made whole by one turn of the loop, and is read in the turn
that makes it.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations

from derive.program.ir import (
    Assign,
    Axis,
    Call,
    Contract,
    Expr,
    Load,
    Loop,
    Program,
    Reduce,
    Scatter,
    Statement,
    Tree,
    axes_of,
    leaves,
    loads,
    reads,
    subtrees,
)

__all__ = ["elementary", "fuse", "legal"]

_ELEMENTARY = {
    *("exp", "log", "tanh", "sinh", "cosh", "sech", "sin", "cos", "tan", "atan", "erf"),
    *("erfc", "sigmoid", "softplus", "pow", "sqrt"),
    *("asin", "acos", "asinh", "acosh", "atanh"),
}

#: Statements with more axes than this keep the order in which they are written.
_MOST_AXES = 5


#: What a statement reads is asked again for every place that another one may have.
_reads = lru_cache(maxsize=4096)(reads)


@lru_cache(maxsize=32)
def fuse(program: Program) -> tuple[Tree, ...]:
    """Return the program's statements as loop trees, in an order in which they can run."""
    trees: list[Tree] = []
    for statement in program.body:
        if isinstance(statement, Contract):
            trees.append(statement)
            continue
        best = max(_orders(statement), key=lambda order: _depth(trees, order, statement))
        if _depth(trees, best, statement) == 0:
            best = _natural(statement)
        trees = _insert(trees, best, statement)
    return tuple(trees)


def _orders(statement: Assign | Reduce | Scatter) -> list[tuple[Axis, ...]]:
    """Return the orders to try: the natural one first, so that it wins where nothing differs."""
    space = statement.space
    if len(space) > _MOST_AXES or (isinstance(statement, Reduce) and statement.op == "argmax"):
        return [_natural(statement)]
    natural = _natural(statement)
    return [natural, *(order for order in permutations(space) if order != natural)]


def _natural(statement: Assign | Reduce | Scatter) -> tuple[Axis, ...]:
    """Return the order that computes elementary functions least often, and reads along rows."""
    space = statement.space
    if len(space) > _MOST_AXES or (isinstance(statement, Reduce) and statement.op == "argmax"):
        return space
    places = [load.at for load in loads(statement.value)]
    places.append(statement.at if isinstance(statement, Scatter) else statement.axes)
    rows = [_row(at) for at in places]

    costly = [
        axes_of(part)
        for part in subtrees(statement.value)
        if isinstance(part, Call) and part.function in _ELEMENTARY
    ]

    def disorder(order: tuple[Axis, ...]) -> tuple[int, ...]:
        place = {axis: n for n, axis in enumerate(order)}
        # An elementary function is computed in the loop of its last axis: outer is better.
        depth = sum(
            max((place[axis] for axis in axes if axis in place), default=0) for axes in costly
        )
        inverted = sum(
            place[one] > place[two]
            for row in rows
            for n, slower in enumerate(row)
            for one in slower
            for faster in row[n + 1 :]
            for two in faster
            if one in place and two in place
        )
        innermost = sum(any(order[-1] in part for part in row[:-1]) for row in rows)
        # The axes of the arrays with many axes go outside: those arrays are then read once.
        late = sum(place[axis] for at in places if len(at) > 1 for axis in at if axis in place)
        return depth, inverted, innermost, late

    return min(permutations(space), key=disorder) if space else ()


def _row(at: tuple[Expr, ...]) -> list[tuple[Axis, ...]]:
    """Return the axes along which an array is read, the slowest first, as in ``x[2 * i + k, c]``.

    Within a subscript, those that a number stands before are slower; others go at one pace.
    """
    row: list[tuple[Axis, ...]] = []
    for part in at:
        alone, strided = _paces(part)
        row += [axes for axes in (strided, alone) if axes]
    return row


def _paces(part: Expr) -> tuple[tuple[Axis, ...], tuple[Axis, ...]]:
    """Return the axes of a subscript that stand alone, and those that something stands before."""
    if isinstance(part, Axis):
        return (part,), ()
    # An axis on which an entry in a subscript stands says nothing of where that leads.
    if not isinstance(part, Call):
        return (), ()
    found = [_paces(argument) for argument in part.arguments]
    alone = tuple(axis for axes, _ in found for axis in axes)
    strided = tuple(axis for _, axes in found for axis in axes)
    return ((), (*strided, *alone)) if part.function == "mul" else (alone, strided)


def _depth(trees: list[Tree], order: tuple[Axis, ...], statement: Statement) -> int:
    """Return how many loops of the order can be shared."""
    if not order:
        return 0
    place = _place(trees, order[0], statement)
    if place is None:
        return 0
    loop = trees[place]
    assert isinstance(loop, Loop)
    return 1 + _depth(list(loop.body), order[1:], statement)


def _insert(trees: list[Tree], order: tuple[Axis, ...], statement: Statement) -> list[Tree]:
    if not order:
        return [*trees, statement]
    place = _place(trees, order[0], statement)
    if place is None:
        tree: Tree = statement
        for axis in reversed(order):
            tree = Loop(axis, (tree,))
        return [*trees, tree]
    loop = trees[place]
    assert isinstance(loop, Loop)
    merged = Loop(loop.axis, tuple(_insert(list(loop.body), order[1:], statement)))
    return [*trees[:place], merged, *trees[place + 1 :]]


def _place(trees: list[Tree], axis: Axis, statement: Statement) -> int | None:
    """Return the loop over the axis that the statement is to join, not before what it needs.

    The one that computes most of its elementary functions; of several, the last.
    """
    best, most = None, -1
    for place in range(len(trees) - 1, -1, -1):
        tree = trees[place]
        if isinstance(tree, Loop) and tree.axis == axis and legal(tree, statement):
            common = _common(tree, statement)
            best, most = (place, common) if common > most else (best, most)
        if any(_conflict(earlier, statement) for earlier in leaves(tree)):
            break
    return best


def _common(loop: Loop, statement: Statement) -> int:
    """Return how many elementary functions of a statement a loop computes already."""
    known = {call for earlier in leaves(loop) for call in elementary(earlier)}
    return len(known & elementary(statement))


@lru_cache(maxsize=4096)
def elementary(statement: Statement) -> frozenset[Call]:
    """Return the elementary functions that a statement computes."""
    if isinstance(statement, Contract):
        return frozenset()
    return frozenset(
        part
        for part in subtrees(statement.value)
        if isinstance(part, Call) and part.function in _ELEMENTARY
    )


def _conflict(earlier: Statement, later: Statement) -> bool:
    """Tell whether the two must stay in order."""
    return (
        earlier.target in _reads(later)
        or later.target in _reads(earlier)
        or earlier.target == later.target
    )


def legal(loop: Loop, statement: Statement) -> bool:
    """Tell whether the statement may run in the same turns of the loop."""
    entries = _entries(statement)
    for earlier in leaves(loop):
        if not _conflict(earlier, statement):
            continue
        onto = isinstance(statement, Contract) and statement.adds and isinstance(earlier, Contract)
        if statement.target in _reads(earlier) or (earlier.target == statement.target and not onto):
            return False
        axes = earlier.target_axes if isinstance(earlier, Contract) else earlier.axes
        if isinstance(earlier, Scatter) or loop.axis not in axes:
            return False
        position = axes.index(loop.axis)
        for load in entries:
            if load.buffer == earlier.target and load.at[position] != loop.axis:
                return False
    return True


def _entries(statement: Statement) -> list[Load]:
    """Return the entries that a statement reads, but for those that it adds to."""
    if isinstance(statement, Contract):
        operands = (statement.left, statement.left_axes), (statement.right, statement.right_axes)
        return [Load(name, axes) for name, axes in operands]
    parts = (statement.value, *(statement.at if isinstance(statement, Scatter) else ()))
    return [load for part in parts for load in loads(part)]
