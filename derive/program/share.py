"""Compute each scalar once, as far out as it can be computed.

    for k: … f(x) …           →   v = f(x);  for k: … v …       where x does not change with k
    … f(x) …; … f(x) …        →   v = f(x);  … v …; … v …

Subscripts and comparisons of subscripts are left as they are. A branch of a selection that reads
something which may not exist is left as it is as well, and so is the inside of a ``When``, from
the outside. Entries of arrays that the loop itself writes are not moved. Needs and guarantees:
what :func:`derive.program.check.check_routine` checks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.program.code import (
    Accumulate,
    Choose,
    Code,
    Declare,
    Define,
    For,
    Product,
    Routine,
    Store,
    When,
    walk,
)
from derive.program.ir import Axis, Call, Expr, Extent, Load, Local, Number, subtrees
from derive.program.traverse import rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["COMPARISONS", "is_integer", "share"]

COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})
_INTEGER = frozenset({"add", "sub", "mul", "neg"})


def share(routine: Routine) -> Routine:
    """Return the routine with its common scalars named and moved out of loops."""
    taken = {*routine.sizes, *(b.name for b in routine.buffers)}
    for part in walk(routine.body):
        taken |= _names(part)
    pass_ = _Pass(routine.integers, taken)
    return replace(routine, body=_numbered(pass_.body(routine.body), pass_.made, taken))


def is_integer(expression: Expr, integers: frozenset[str]) -> bool:
    """Tell whether an expression is made of loop variables, sizes and positions only."""
    if isinstance(expression, (Axis, Extent)):
        return True
    if isinstance(expression, Number):
        return not isinstance(expression.value, float) and expression.value.denominator == 1
    if isinstance(expression, Load):
        return expression.buffer in integers
    if isinstance(expression, Local):
        return expression.name in integers
    parts = expression.arguments
    return expression.function in _INTEGER and all(is_integer(p, integers) for p in parts)


def _names(part: Code) -> set[str]:
    if isinstance(part, (Define, Declare)):
        return {part.name}
    return {part.axis.name} if isinstance(part, For) else set()


@dataclass(slots=True)
class _Pass:
    """The integers, all names that are taken, and what each new name stands for."""

    integers: frozenset[str]
    taken: set[str]
    made: dict[str, str]

    def __init__(self, integers: frozenset[str], taken: set[str]) -> None:
        self.integers, self.taken, self.made = integers, taken, {}

    def name(self, value: Expr) -> str:
        """Return a new name for a value; it is replaced by a numbered stem at the end."""
        stem = value.buffer if isinstance(value, Load) else ""
        stem = value.function if isinstance(value, Call) else stem
        name = f"~{len(self.made)}"
        self.made[name] = stem
        return name

    def body(self, body: Sequence[Code]) -> tuple[Code, ...]:
        """Share in a body, the loops inside it first."""
        items: list[Code] = []
        for part in body:
            if isinstance(part, For):
                before, inner = self.hoisted(self.body(part.body), part.axis)
                items += [*before, For(part.axis, inner)]
            elif isinstance(part, (When, Product)):
                items.append(replace(part, body=self.body(part.body)))
            else:
                items.append(part)
        return self.common(items)

    def hoisted(self, body: tuple[Code, ...], axis: Axis) -> tuple[list[Code], tuple[Code, ...]]:
        """Part a loop's body into what may stand before the loop, and the rest."""
        inside = {name for part in walk(body) for name in _names(part)}
        written = _written(body)
        before: list[Code] = []
        rest: list[Code] = []
        known: dict[Expr, Local] = {}

        def fixed(part: Expr) -> bool:
            return not any(
                p == axis
                or (isinstance(p, Local) and p.name in inside)
                or (isinstance(p, Load) and p.buffer in written)
                or (isinstance(p, Axis) and p.name in inside)
                for p in subtrees(part)
            )

        def move(part: Expr) -> Expr | None:
            if not self.worth(part) or not fixed(part):
                return None
            if part not in known:
                known[part] = Local(self.name(part))
                before.append(Define(known[part].name, part))
            return known[part]

        for part in body:
            if isinstance(part, Define) and fixed(part.value):
                inside.discard(part.name)
                before.append(part)
            else:
                rest.append(_rewritten(part, lambda e: self.rewritten(e, move)))
        return before, tuple(rest)

    def common(self, body: Sequence[Code]) -> tuple[Code, ...]:
        """Name what a body computes more than once, where it is first needed."""
        written = _written(body)
        uses: Counter[Expr] = Counter()
        seen: set[Expr] = set()

        def stable(part: Expr) -> bool:
            return not any(isinstance(p, Load) and p.buffer in written for p in subtrees(part))

        def count(part: Expr) -> Expr | None:
            if self.worth(part) and stable(part):
                uses[part] += 1
                if part in seen:
                    return part
                seen.add(part)
            return None

        for part in body:
            _rewritten(part, lambda e: self.rewritten(e, count))
        known: dict[Expr, Local] = {}
        renamed: dict[Expr, Expr] = {}
        result: list[Code] = []

        def swap(part: Expr) -> Expr | None:
            if part in known:
                return known[part]
            if uses[part] < 2 or not self.worth(part) or not stable(part):
                return None
            value = self.inner(part, swap)
            local = Local(self.name(part))
            known[part] = local
            result.append(Define(local.name, value))
            return local

        for part in body:
            part = rebuilt(part, renamed.get) if renamed else part
            if isinstance(part, Define):
                if part.value in known:
                    renamed[Local(part.name)] = known[part.value]
                    continue
                value = self.inner(part.value, swap)
                if self.worth(part.value) and stable(part.value):
                    known[part.value] = Local(part.name)
                result.append(Define(part.name, value))
            else:
                result.append(_rewritten(part, lambda e: self.rewritten(e, swap)))
        return tuple(result)

    def worth(self, part: Expr) -> bool:
        """Tell whether a value deserves a name: it is an entry, or computed, and it varies."""
        if isinstance(part, Load):
            return part.buffer not in self.integers and not part.guarded
        if not isinstance(part, Call) or part.function in (*COMPARISONS, "and", "or", "not"):
            return False
        if part.function == "neg" and not isinstance(part.arguments[0], Call):
            return False
        return any(not isinstance(p, (Number, Call)) for p in subtrees(part))

    def rewritten(self, part: Expr, function: Callable[[Expr], Expr | None]) -> Expr:
        """Rebuild a value from the outside in; where the function returns something, it stands."""
        replaced = function(part)
        return self.inner(part, function) if replaced is None else replaced

    def inner(self, part: Expr, function: Callable[[Expr], Expr | None]) -> Expr:
        """Rebuild the operands of a value, those that may be looked at."""
        if not isinstance(part, Call):
            return part
        if part.function in COMPARISONS and all(
            is_integer(a, self.integers) for a in part.arguments
        ):
            return part
        operands = []
        for place, argument in enumerate(part.arguments):
            closed = part.function == "select" and place > 0 and _guarded(argument)
            operands.append(argument if closed else self.rewritten(argument, function))
        return Call(part.function, tuple(operands))


def _guarded(part: Expr) -> bool:
    return any(isinstance(p, Load) and p.guarded for p in subtrees(part))


def _written(body: Sequence[Code]) -> set[str]:
    """Return the arrays that a body writes."""
    found = set()
    for part in walk(body):
        if isinstance(part, (Store, Accumulate)) and isinstance(part.target, Load):
            found.add(part.target.buffer)
    return found


def _rewritten(part: Code, function: Callable[[Expr], Expr]) -> Code:
    """Rebuild the value of one piece of code; what stands inside loops is left as it is."""
    if isinstance(part, (Define, Store, Accumulate, Choose)):
        return replace(part, value=function(part.value))
    return part


def _numbered(body: tuple[Code, ...], made: dict[str, str], taken: set[str]) -> tuple[Code, ...]:
    """Give new scalars their final names: what they hold, numbered in the order of the text."""
    names: dict[Expr, Expr] = {}
    numbers: Counter[str] = Counter()
    for part in walk(body):
        if isinstance(part, Define) and part.name in made:
            stem = made[part.name]
            name = stem
            while name == stem or name in taken:
                numbers[stem] += 1
                name = f"{stem}_{numbers[stem]}"
            names[Local(part.name)] = Local(name)

    def final(part: Code) -> Code:
        if isinstance(part, (For, When, Product)):
            return replace(part, body=tuple(final(p) for p in part.body))
        if isinstance(part, Define):
            local = names.get(Local(part.name), Local(part.name))
            assert isinstance(local, Local)
            return Define(local.name, part.value)
        return part

    return tuple(rebuilt(final(part), names.get) for part in body)
