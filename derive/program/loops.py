"""From loop trees to explicit loops: what runs in which turn, and which scalars it keeps.

The rewrite lines, for a statement in its loops:

    Reduce, summed loops inside       →   Declare(x); loops: Accumulate(x, e); Store(T, x)
    Reduce, summed loops outside      →   loops: Store(T, neutral); loops: Accumulate(T, e)
    Assign                            →   Store(T, e)
    Scatter                           →   Accumulate(T[at], sum, e); in When where at may leave T
    Contract                          →   Product, with the loops that compute it
    T read in the turn that makes it  →   Define(x, e); Store(T, x); x where T was read

An array that is read in no other turn is never stored. Needs: a program and its loop trees (see
:mod:`derive.program.fuse`). Guarantees: every array is read after it has been written; the
temporaries among ``buffers`` are those that are stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.program.code import (
    NEUTRAL,
    Accumulate,
    Choose,
    Code,
    Declare,
    Define,
    For,
    Lanes,
    Product,
    Routine,
    Store,
    When,
    walk,
)
from derive.program.ir import (
    ZERO,
    Assign,
    Axis,
    Call,
    Contract,
    Expr,
    Load,
    Local,
    Loop,
    Number,
    Program,
    Reduce,
    Scatter,
    Statement,
    Tree,
    loads,
    mapped,
    subtrees,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["claimed", "loops", "merged", "names_in", "names_of", "unused"]


Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A statement, where it stands in the trees, and the axes of the loops around it."""

    statement: Statement
    path: Path
    axes: tuple[Axis, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was decided of every statement before any loop is written."""

    shapes: Mapping[str, tuple[Expr, ...]]
    leaves: Mapping[Path, _Leaf]
    #: The scalar that holds the value in its turn, by the place of the statement that makes it.
    scalars: Mapping[Path, str]
    #: The scalar that holds the best value so far, for an argmax.
    bests: Mapping[Path, str]
    #: For each statement, the entries that it reads as scalars.
    swaps: Mapping[Path, Mapping[Load, str]]
    #: The places of statements whose array is needed in other turns.
    stored: frozenset[Path]
    #: The names that are taken; it grows.
    names: set[str]


def claimed(wish: str, taken: set[str]) -> str:
    """Return the wish, numbered if it is taken; it is taken from then on."""
    name = unused(wish, taken)
    taken.add(name)
    return name


def unused(wish: str, taken: set[str]) -> str:
    """Return the wish, or the wish with the first number that makes it free."""
    name, number = wish, 1
    while name in taken:
        number += 1
        name = f"{wish}_{number}"
    return name


def names_in(body: Sequence[Code]) -> set[str]:
    """Return the names of all scalars and loop variables of a body."""
    found = {part.name for part in walk(body) if isinstance(part, (Define, Declare))}
    return found | {part.axis.name for part in walk(body) if isinstance(part, (For, Lanes))}


def names_of(routine: Routine) -> set[str]:
    """Return the names of a routine's sizes, arrays, scalars and loop variables."""
    return {*routine.sizes, *(b.name for b in routine.buffers), *names_in(routine.body)}


def loops(program: Program, trees: Sequence[Tree]) -> Routine:
    """Return the loops of a program.

    Parameters
    ----------
    program : Program
        For its name, sizes and buffers.
    trees : sequence of Tree
        Its statements, in common loops.
    """
    plan = _planned(program, trees)
    body = _body(trees, (), (), plan)
    kept = {plan.leaves[path].statement.target for path in plan.stored}
    buffers = tuple(b for b in program.buffers if b.kind != "temporary" or b.name in kept)
    return Routine(program.name, program.sizes, buffers, tuple(body))


def _planned(program: Program, trees: Sequence[Tree]) -> _Plan:
    leaves = {leaf.path: leaf for leaf in _leaves(trees, (), ())}
    axes = {axis.name for leaf in leaves.values() for axis in leaf.axes}
    names = {*program.sizes, *(b.name for b in program.buffers), *axes}
    writers: dict[str, list[_Leaf]] = {}
    for leaf in leaves.values():
        writers.setdefault(leaf.statement.target, []).append(leaf)
    near: dict[Path, list[tuple[Path, Load]]] = {}
    far = {b.name for b in program.buffers if b.kind == "output"}
    for reader in leaves.values():
        for name, load in _accesses(reader.statement):
            made = writers.get(name, [])
            if len(made) == 1 and load is not None and _same_turn(made[0], reader, load):
                near.setdefault(made[0].path, []).append((reader.path, load))
            else:
                far.add(name)
    stored = frozenset(path for path, leaf in leaves.items() if leaf.statement.target in far)
    scalars: dict[Path, str] = {}
    bests: dict[Path, str] = {}
    swaps: dict[Path, dict[Load, str]] = {}
    for path, leaf in leaves.items():
        target = leaf.statement.target
        if path not in near and path not in stored:
            continue
        if path in stored and (path in near or _kept(leaf)):
            stem = leaf.statement.op if isinstance(leaf.statement, Reduce) else "at"
            scalars[path] = claimed(f"{target}_{stem}", names)
        elif path in near:
            scalars[path] = target
        if path in scalars and isinstance(leaf.statement, Reduce) and leaf.statement.op == "argmax":
            bests[path] = claimed(f"{target}_best", names)
        for place, load in near.get(path, ()):
            swaps.setdefault(place, {})[load] = scalars[path]
    shapes = {buffer.name: buffer.shape for buffer in program.buffers}
    return _Plan(shapes, leaves, scalars, bests, swaps, stored, names)


def _leaves(trees: Sequence[Tree], path: Path, axes: tuple[Axis, ...]) -> Iterator[_Leaf]:
    for place, tree in enumerate(trees):
        if isinstance(tree, Loop):
            yield from _leaves(tree.body, (*path, place), (*axes, tree.axis))
        else:
            yield _Leaf(tree, (*path, place), axes)


def _accesses(statement: Statement) -> Iterator[tuple[str, Load | None]]:
    """Yield each array that is read, with the entry; None where it is read as a whole."""
    if isinstance(statement, Contract):
        yield statement.left, None
        yield statement.right, None
        return
    at = statement.at if isinstance(statement, Scatter) else ()
    for part in (statement.value, *at):
        for load in loads(part):
            yield load.buffer, load


def _kept(leaf: _Leaf) -> bool:
    """Tell whether a reduction has all its target's loops outside the loops of its sum."""
    statement = leaf.statement
    return isinstance(statement, Reduce) and set(leaf.axes[: len(statement.axes)]) == set(
        statement.axes
    )


def _same_turn(writer: _Leaf, reader: _Leaf, load: Load) -> bool:
    """Tell whether the reader reads what the writer made in this turn of their common loops."""
    statement = writer.statement
    if not isinstance(statement, (Assign, Reduce)) or load.at != statement.axes:
        return False
    if isinstance(statement, Reduce) and not _kept(writer):
        return False
    depth = len(statement.axes)
    inside = reader.path[:depth] == writer.path[:depth] and len(reader.path) > depth
    return inside and writer.path < reader.path


def _body(trees: Sequence[Tree], path: Path, axes: tuple[Axis, ...], plan: _Plan) -> list[Code]:
    body: list[Code] = []
    for place, tree in enumerate(trees):
        here = (*path, place)
        if not isinstance(tree, Loop):
            body += _leaf(plan.leaves[here], plan)
            continue
        inside = (*axes, tree.axis)
        begun = [
            leaf
            for at, leaf in plan.leaves.items()
            if at[: len(here)] == here and _begins(leaf.statement, tree.axis, axes)
        ]
        body += merged([code for leaf in begun for code in _begin(leaf, axes, plan)])
        inner = _body(tree.body, here, inside, plan)
        if inner:
            body.append(For(tree.axis, tuple(inner)))
        for leaf in begun:
            if leaf.path in plan.scalars and leaf.path in plan.stored:
                body.append(Store(_whole(leaf.statement), Local(plan.scalars[leaf.path])))
    return body


def _begins(statement: Statement, axis: Axis, outside: tuple[Axis, ...]) -> bool:
    """Tell whether the loop over the axis is the outermost one over which it reduces."""
    return (
        isinstance(statement, Reduce)
        and axis in statement.over
        and not set(outside) & set(statement.over)
    )


def _whole(statement: Statement) -> Load:
    assert isinstance(statement, (Assign, Reduce))
    return Load(statement.target, statement.axes)


def merged(body: Sequence[Code]) -> list[Code]:
    """Join neighbouring loops over one axis: those that fill arrays."""
    result: list[Code] = []
    for part in body:
        last = result[-1] if result else None
        if isinstance(part, For) and isinstance(last, For) and part.axis == last.axis:
            result[-1] = For(part.axis, tuple(merged((*last.body, *part.body))))
        else:
            result.append(part)
    return result


def _begin(leaf: _Leaf, outside: tuple[Axis, ...], plan: _Plan) -> list[Code]:
    statement = leaf.statement
    assert isinstance(statement, Reduce)
    scalar = plan.scalars.get(leaf.path)
    if scalar is None:
        if leaf.path not in plan.stored:
            return []
        if statement.op == "argmax":
            raise ValueError(f"{statement.target}: a position is found inside the target's loops")
        fill: Code = Store(_whole(statement), NEUTRAL[statement.op])
        for axis in reversed(statement.axes):
            if axis not in outside:
                fill = For(axis, (fill,))
        return [fill]
    if statement.op == "argmax":
        return [Declare(scalar, "argmax"), Declare(plan.bests[leaf.path], "max")]
    return [Declare(scalar, statement.op)]


def _leaf(leaf: _Leaf, plan: _Plan) -> list[Code]:
    statement = leaf.statement
    if isinstance(statement, Contract):
        return [_product(statement, leaf.axes, plan.names)]
    swaps = plan.swaps.get(leaf.path, {})
    value = _swapped(statement.value, swaps)
    scalar = plan.scalars.get(leaf.path)
    stored = leaf.path in plan.stored
    if scalar is None and not stored:
        return []
    if isinstance(statement, Scatter):
        at = tuple(_swapped(part, swaps) for part in statement.at)
        add = Accumulate(Load(statement.target, at), "sum", value)
        condition = _in_range(statement, at, plan)
        return [add if condition is None else When(condition, (add,))]
    if isinstance(statement, Reduce):
        if scalar is None:
            return [Accumulate(_whole(statement), statement.op, value)]
        if statement.op == "argmax":
            (axis,) = statement.over
            best = Local(plan.bests[leaf.path])
            plain = isinstance(value, (Local, Load, Number))
            name = "" if plain else claimed(f"{statement.target}_value", plan.names)
            define: list[Code] = [] if plain else [Define(name, value)]
            return [*define, Choose(Local(scalar), best, axis, value if plain else Local(name))]
        return [Accumulate(Local(scalar), statement.op, value)]
    if scalar is None:
        return [Store(_whole(statement), value)]
    made: list[Code] = [Define(scalar, value)]
    return [*made, Store(_whole(statement), Local(scalar))] if stored else made


def _swapped(expression: Expr, swaps: Mapping[Load, str]) -> Expr:
    def swap(part: Expr) -> Expr | None:
        return Local(swaps[part]) if isinstance(part, Load) and part in swaps else None

    return mapped(expression, swap) if swaps else expression


def _in_range(statement: Scatter, at: tuple[Expr, ...], plan: _Plan) -> Expr | None:
    """Return the condition that the place exists; None where that is certain.

    A selection in the value may be what keeps a computed place in range: where it chooses 0, the
    subscript means nothing. A loop variable may leave an axis of another size.
    """
    selects = any(isinstance(p, Call) and p.function == "select" for p in subtrees(statement.value))
    conditions: list[Expr] = []
    for part, extent in zip(at, plan.shapes[statement.target], strict=True):
        if isinstance(part, Axis) and part.extent != extent:
            conditions.append(Call("lt", (part, extent)))
        elif isinstance(part, Call) and selects:
            conditions += [Call("ge", (part, ZERO)), Call("lt", (part, extent))]
    if not conditions:
        return None
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = Call("and", (whole, condition))
    return whole


def _product(contract: Contract, around: Sequence[Axis], names: set[str]) -> Product:
    """Return a matrix product, with its loops in an order that runs along rows of memory.

    Where the target's last axis is the last one of every operand that has it, whole rows are
    added up; else every entry is a sum of its own, over the innermost loops.
    """
    left = Load(contract.left, contract.left_axes)
    right = Load(contract.right, contract.right_axes)
    stored = dict.fromkeys((*max(left.at, right.at, key=len), *contract.over))
    over = tuple(axis for axis in stored if axis in contract.over)
    value: Expr = Call("mul", (left, right))
    if contract.scale.value == -1:
        value = Call("neg", (value,))
    elif contract.scale.value != 1:
        value = Call("mul", (Call("mul", (contract.scale, left)), right))
    target = Load(contract.target, contract.target_axes)
    axes = contract.target_axes[len(around) :]
    rows = bool(axes) and all(row[-1] == axes[-1] for row in (left.at, right.at) if axes[-1] in row)
    inner: tuple[Code, ...]
    if rows:
        add: tuple[Code, ...] = (For(axes[-1], (Accumulate(target, "sum", value),)),)
        start: tuple[Code, ...] = (For(axes[-1], (Store(target, ZERO),)),)
        inner = (*(() if contract.adds else start), *_nest(over, add))
        return Product(_within(contract, around), (target, left, right), _nest(axes[:-1], inner))
    total = claimed(f"{contract.target}_sum", names)
    inner = (
        Declare(total, "sum"),
        *_nest(over, (Accumulate(Local(total), "sum", value),)),
        Accumulate(target, "sum", Local(total)) if contract.adds else Store(target, Local(total)),
    )
    return Product(_within(contract, around), (target, left, right), _nest(axes, inner))


def _within(contract: Contract, around: Sequence[Axis]) -> Contract:
    """Return the product that is left in the loops over some of its batch."""
    assert tuple(around) == contract.batch[: len(around)]
    return replace(
        contract,
        target_axes=contract.target_axes[len(around) :],
        left_axes=contract.left_axes[len(around) :],
        right_axes=contract.right_axes[len(around) :],
    )


def _nest(axes: Sequence[Expr], body: tuple[Code, ...]) -> tuple[Code, ...]:
    for axis in reversed(axes):
        assert isinstance(axis, Axis)
        body = (For(axis, body),)
    return body
