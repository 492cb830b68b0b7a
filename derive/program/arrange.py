"""In which order temporaries have their axes: as the arrays beside which they are read and written.

    t[s, b] …;  y[b, s] = f(t[s, b], x[b, s])   →   t[b, s] …;  y[b, s] = f(t[b, s], x[b, s])
    p = f(x);  q = f(x);  … p … q …             →   p = f(x);  … p … p …

Loops then run along the rows of all arrays at once; matrix products are as fast in any order.
Needs: a program. Guarantees: what :func:`derive.program.check.check_program` checks, and the same
values.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.program.ir import (
    Assign,
    Axis,
    Contract,
    Expr,
    Load,
    Program,
    Scatter,
    Statement,
    accesses,
    loads,
    mapped,
    reads,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["arrange"]

Order = tuple[int, ...]


def arrange(program: Program) -> Program:
    """Return the program with the axes of its temporaries in the order of their neighbours'."""
    orders: dict[str, Order] = {}
    for buffer in program.of_kind("temporary"):
        order = _order(buffer.name, program)
        if order is not None:
            orders[buffer.name] = order
    buffers = tuple(
        replace(b, shape=_permuted(b.shape, orders[b.name])) if b.name in orders else b
        for b in program.buffers
    )
    body = tuple(_reordered(statement, orders) for statement in program.body)
    return _without_copies(replace(program, buffers=buffers, body=body))


def _permuted(parts: tuple[Expr, ...], order: Order) -> tuple[Expr, ...]:
    return tuple(parts[place] for place in order)


def _order(name: str, program: Program) -> Order | None:
    """Return the order that most arrays beside a temporary have; None where it has that."""
    votes: Counter[Order] = Counter()
    rank = len(program.buffer(name).shape)
    for statement in program.body:
        if isinstance(statement, Contract):
            continue
        if isinstance(statement, Scatter) and statement.target == name:
            return None
        target, (value,) = accesses(statement)
        entries = [*loads(value), target]
        for own in entries:
            if own.buffer != name:
                continue
            if len({part for part in own.at if isinstance(part, Axis)}) < rank:
                return None
            for other in entries:
                if other.buffer != name and set(own.at) <= set(other.at):
                    found = [own.at.index(part) for part in other.at if part in own.at]
                    votes[tuple(found)] += 1
    stays = tuple(range(rank))
    best = max(votes, key=lambda order: (votes[order], order), default=stays)
    return best if len(best) == rank > 1 and votes[best] > votes[stays] else None


def _reordered(statement: Statement, orders: Mapping[str, Order]) -> Statement:
    def axes_of(name: str, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
        return tuple(axes[place] for place in orders[name]) if name in orders else axes

    def load(part: Expr) -> Expr | None:
        if isinstance(part, Load) and part.buffer in orders:
            return replace(part, at=_permuted(part.at, orders[part.buffer]))
        return None

    if isinstance(statement, Contract):
        made = replace(
            statement,
            target_axes=axes_of(statement.target, statement.target_axes),
            left_axes=axes_of(statement.left, statement.left_axes),
            right_axes=axes_of(statement.right, statement.right_axes),
        )
        return _rows_first(made) if statement.target in orders else made
    if isinstance(statement, Scatter):
        at = tuple(mapped(part, load) for part in statement.at)
        return replace(statement, at=at, value=mapped(statement.value, load))
    axes = axes_of(statement.target, statement.axes)
    return replace(statement, axes=axes, value=mapped(statement.value, load))


def _rows_first(product: Contract) -> Contract:
    """Let the rows of a product come from its left operand."""
    left, right = set(product.left_axes), set(product.right_axes)
    first = next((axis for axis in product.target_axes if not {axis} <= left & right), None)
    if first is None or first in left:
        return product
    return replace(
        product,
        left=product.right,
        left_axes=product.right_axes,
        right=product.left,
        right_axes=product.left_axes,
    )


def _without_copies(program: Program) -> Program:
    """Compute once what several products need."""
    known: dict[object, str] = {}
    same: dict[str, str] = {}
    body: list[Statement] = []
    temporary = {buffer.name for buffer in program.of_kind("temporary")}
    operands = {s.left for s in program.body if isinstance(s, Contract)}
    operands |= {s.right for s in program.body if isinstance(s, Contract)}
    # What a statement adds to begins like others, and does not stay like them.
    others = {b for s in program.body if not isinstance(s, Contract) for b in reads(s)}
    for statement in program.body:
        if isinstance(statement, Contract):
            left, right = (same.get(name, name) for name in (statement.left, statement.right))
            statement = replace(statement, left=left, right=right)
        elif isinstance(statement, Assign) and statement.target in operands - others:
            places: dict[Expr, Expr] = {
                axis: Axis(str(n), axis.extent) for n, axis in enumerate(statement.axes)
            }
            key = (mapped(statement.value, places.get), tuple(places.values()))
            first = known.setdefault(key, statement.target)
            if first != statement.target and statement.target in temporary:
                same[statement.target] = first
                continue
        body.append(statement)
    buffers = tuple(buffer for buffer in program.buffers if buffer.name not in same)
    return replace(program, buffers=buffers, body=tuple(body))
