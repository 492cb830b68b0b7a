"""Keep what one loop computes for the next loop over the same values.

    for k: … f(k) …;   for k: … f(k) …   →   for k: v = f(k); F[k] = v; … v …;   for k: … F[k] …

for an elementary function f, where the loops cannot be one: a softmax sums its exponentials in
the first and divides each by the sum in the second. Needs: a routine whose common scalars are
shared. Guarantees: what :func:`derive.program.check.check_routine` checks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.program.code import (
    Accumulate,
    Choose,
    Code,
    Define,
    For,
    Product,
    Routine,
    Store,
    When,
    walk,
)
from derive.program.ir import (
    Axis,
    Buffer,
    Call,
    Expr,
    Load,
    Local,
    axes_of,
    loads,
    mapped,
    subtrees,
)
from derive.program.loops import claimed, names_in, names_of
from derive.program.traverse import rebuilt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["CHEAP", "PLAIN", "keep"]

#: What compilers make vectors of by themselves.
PLAIN = frozenset({"add", "sub", "mul", "div", "neg", "abs"})
#: What is as cheap to compute again as to read.
CHEAP = PLAIN | {
    *("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "select"),
    *("relu", "step", "sign", "maximum", "minimum"),
}


def keep(routine: Routine) -> Routine:
    """Return the routine with the values kept that several loops need."""
    taken = names_of(routine)
    pass_ = _Pass(taken, [])
    body = pass_.body(routine.body)
    return replace(routine, body=body, buffers=(*routine.buffers, *pass_.made))


@dataclass(frozen=True, slots=True)
class _Pass:
    """The names that are taken, and the arrays that were made."""

    taken: set[str]
    made: list[Buffer]

    def body(self, body: Sequence[Code]) -> tuple[Code, ...]:
        """Return a body in which loops keep values for those after them."""
        parts = [
            replace(part, body=self.body(part.body))
            if isinstance(part, (For, When, Product))
            else part
            for part in body
        ]
        # Entries are compared as entries, whatever scalar holds them, and so are their differences.
        plain = [_plain(part) if isinstance(part, For) else part for part in parts]
        for place, first in enumerate(plain):
            if not isinstance(first, For):
                continue
            for value in _costly(first):
                later = [
                    n
                    for n in range(place + 1, len(parts))
                    if _same(first, plain[n], value) and _unchanged(plain[place : n + 1], value)
                ]
                if later:
                    kept = self.kept(value, first.axis)
                    first = _keeping(first, value, kept, self.named(value))
                    parts[place] = plain[place] = first
                    for n in later:
                        parts[n] = plain[n] = _swapped(plain[n], value, kept)
        return tuple(parts)

    def named(self, value: Call) -> str:
        """Return a name for a value, or for the array of its values."""
        return claimed(f"{value.function}_kept", self.taken)

    def kept(self, value: Call, axis: Axis) -> Load:
        """Return the entry of a new array that holds a value."""
        name = self.named(value)
        self.made.append(Buffer(name, (axis.extent,), "temporary"))
        return Load(name, (axis,))


def _values(loop: For) -> Iterator[Expr]:
    """Yield the values that stand in a loop, but not in the loops inside it."""
    for part in loop.body:
        if isinstance(part, (Define, Accumulate, Store)):
            yield part.value


def _plain(loop: For) -> For:
    """Return the loop with entries, or two of them and an operator, in the place of scalars."""
    written = {
        part.target.buffer
        for part in walk(loop.body)
        if isinstance(part, (Accumulate, Store)) and isinstance(part.target, Load)
    }
    own, entries = names_in(loop.body), dict[Expr, Expr]()
    for part in loop.body:
        if not isinstance(part, Define) or any(
            load.buffer in written for load in loads(part.value)
        ):
            continue
        value = mapped(part.value, entries.get)
        operands = value.arguments if isinstance(value, Call) and value.function in PLAIN else ()
        if isinstance(value, Load) or (operands and all(_single(o, own) for o in operands)):
            entries[Local(part.name)] = value
    if any(isinstance(part, For) for part in loop.body):
        return loop
    rest = (part for part in loop.body if not (_name(part) and Local(_name(part)) in entries))
    return For(loop.axis, tuple(rebuilt(part, entries.get) for part in rest))


def _single(operand: Expr, own: set[str]) -> bool:
    """Tell whether an operand is an entry, a number, or a scalar of the loops around."""
    return not isinstance(operand, Call) and not (
        isinstance(operand, Local) and operand.name in own
    )


def _name(part: Code) -> str:
    return part.name if isinstance(part, Define) else ""


def _costly(loop: For) -> dict[Call, None]:
    """Return what is costly and alike outside: of the loop's variable and of scalars before it."""
    own = names_in(loop.body)
    found: dict[Call, None] = {}
    for value in _values(loop):
        for part in subtrees(value):
            if not isinstance(part, Call) or part.function in CHEAP:
                continue
            inner = list(subtrees(part))
            if loop.axis in axes_of(part) and not any(
                (isinstance(p, Local) and p.name in own) or (isinstance(p, Load) and p.guarded)
                for p in inner
            ):
                found[part] = None
    return found


def _same(first: For, other: Code, value: Expr) -> bool:
    return (
        isinstance(other, For)
        and other.axis == first.axis
        and any(part == value for whole in _values(other) for part in subtrees(whole))
    )


def _unchanged(parts: Sequence[Code], value: Expr) -> bool:
    """Tell whether no part writes what a value reads."""
    arrays = {load.buffer for load in loads(value)}
    scalars = {part.name for part in subtrees(value) if isinstance(part, Local)}
    for part in walk(parts):
        if isinstance(part, (Accumulate, Store)):
            target = part.target
            if (target.name if isinstance(target, Local) else target.buffer) in arrays | scalars:
                return False
        if isinstance(part, Choose) and {part.position.name, part.best.name} & scalars:
            return False
    return True


def _keeping(loop: For, value: Expr, kept: Load, name: str) -> For:
    """Return the loop that computes a value once, and keeps it."""
    made = (Define(name, value), Store(kept, Local(name)))
    place = next(
        n
        for n, part in enumerate(loop.body)
        if isinstance(part, (Define, Accumulate, Store))
        and any(p == value for p in subtrees(part.value))
    )
    rest = tuple(_swapped(part, value, Local(name)) for part in loop.body[place:])
    return For(loop.axis, (*loop.body[:place], *made, *rest))


def _swapped(part: Code, value: Expr, by: Expr) -> Code:
    return rebuilt(part, lambda e: by if e == value else None)
