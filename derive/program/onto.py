"""Add up matrix products where they are computed.

    T = Σ L R;  U = Σ P Q;  … T[i, j] + U[i, j] …   →   T = Σ L R;  T += Σ P Q;  … T[i, j] …
    T = Σ L R;  O[i, j] = T[i, j]                   →   O = Σ L R

where nothing else needs the products. Needs: a program. Guarantees: what
:func:`derive.program.check.check_program` checks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.program.ir import (
    Assign,
    Call,
    Contract,
    Load,
    Number,
    Scatter,
    loads,
    reads,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.program.ir import Axis, Expr, Program, Statement

__all__ = ["onto"]


def onto(program: Program) -> Program:
    """Return the program with sums of products computed as such."""
    pass_ = _Pass(_alone(program), {}, {})
    # What a sum is made of is known when it is reached: the products stand before it.
    body = [pass_.read(statement) for statement in program.body]
    made = [pass_.made(statement) for statement in body if not pass_.copies(statement)]
    written = {statement.target for statement in made}
    kept = (b for b in program.buffers if b.kind != "temporary" or b.name in written)
    return replace(program, buffers=tuple(kept), body=tuple(made))


def _alone(program: Program) -> dict[str, Contract]:
    """Return the products that one entry of one statement reads, and nothing else."""
    uses: Counter[str] = Counter()
    for statement in program.body:
        if isinstance(statement, Contract):
            uses.update({name: 2 for name in reads(statement)})
        else:
            at = statement.at if isinstance(statement, Scatter) else ()
            uses.update(load.buffer for part in (statement.value, *at) for load in loads(part))
    temporary = {buffer.name for buffer in program.of_kind("temporary")}
    return {
        statement.target: statement
        for statement in program.body
        if isinstance(statement, Contract)
        and statement.target in temporary
        and uses[statement.target] == 1
    }


@dataclass(frozen=True, slots=True)
class _Added:
    """Where a product goes, with which sign, and whether something is there."""

    target: str
    sign: int
    adds: bool


@dataclass(frozen=True, slots=True)
class _Pass:
    """The products that may be added; of those that are read, where they go; copies."""

    products: dict[str, Contract]
    added: dict[str, _Added]
    copied: dict[str, str]

    def read(self, statement: Statement) -> Statement:
        """Return a statement that reads one product instead of a sum of them."""
        if isinstance(statement, Contract):
            return statement
        statement = replace(statement, value=self.summed(statement.value))
        if isinstance(statement, Assign) and self.plain(statement):
            assert isinstance(statement.value, Load)
            self.copied[statement.value.buffer] = statement.target
        return statement

    def summed(self, value: Expr) -> Expr:
        """Return a value in which each sum has one product of a kind."""
        if not isinstance(value, Call):
            return value
        if value.function not in ("add", "sub", "neg"):
            return replace(value, arguments=tuple(map(self.summed, value.arguments)))
        groups: dict[tuple[tuple[Expr, ...], ...], list[tuple[str, int]]] = {}
        order = list(self.products)
        for sign, term in _terms(value, 1):
            if isinstance(term, Load) and term.buffer in self.products:
                extents = _extents(self.products[term.buffer].target_axes)
                groups.setdefault((term.at, extents), []).append((term.buffer, sign))
        gone: set[str] = set()
        for found in groups.values():
            # The one that stays in the sum is not taken away from it, if there is such a one.
            kept, own = max(found, key=lambda each: each[1])
            first = min((name for name, _ in found), key=order.index)
            for name, sign in found:
                self.added[name] = _Added(kept, sign * own, adds=name != first)
            gone |= {name for name, _ in found} - {kept}
        left = self.without(value, gone)
        assert left is not None
        return left

    def without(self, value: Expr, gone: set[str]) -> Expr | None:
        """Return a sum without some terms; None if nothing is left."""
        if isinstance(value, Load) and value.buffer in gone:
            return None
        if not isinstance(value, Call):
            return value
        if value.function not in ("add", "sub", "neg"):
            return self.summed(value)
        parts = [self.without(part, gone) for part in value.arguments]
        left = tuple(part for part in parts if part is not None)
        if len(left) == len(parts):
            return replace(value, arguments=left)
        if not left:
            return None
        return Call("neg", left) if value.function == "sub" and parts[0] is None else left[0]

    def plain(self, statement: Assign) -> bool:
        """Tell whether a statement copies a product, entry by entry."""
        value = statement.value
        return (
            isinstance(value, Load)
            and value.buffer in self.products
            and value.at == statement.axes
            and _extents(statement.axes) == _extents(self.products[value.buffer].target_axes)
        )

    def copies(self, statement: Statement) -> bool:
        """Tell whether a statement does nothing any more."""
        return isinstance(statement, Assign) and self.copied.get(_source(statement)) is not None

    def made(self, statement: Statement) -> Statement:
        """Return a product that is added to another one, or written where it is wanted."""
        if not isinstance(statement, Contract):
            return statement
        alone = _Added(statement.target, 1, adds=False)
        added = self.added.get(statement.target, alone)
        target = self.copied.get(added.target, added.target)
        scale = Number(Fraction(added.sign) * Fraction(statement.scale.value))
        return replace(statement, target=target, scale=scale, adds=added.adds)


def _extents(axes: tuple[Axis, ...]) -> tuple[Expr, ...]:
    return tuple(axis.extent for axis in axes)


def _source(statement: Assign) -> str:
    return statement.value.buffer if isinstance(statement.value, Load) else ""


def _terms(value: Expr, sign: int) -> Iterator[tuple[int, Expr]]:
    """Yield the terms of a sum, each with its sign."""
    if isinstance(value, Call) and value.function in ("add", "sub", "neg"):
        signs = {"add": (1, 1), "sub": (1, -1), "neg": (-1,)}[value.function]
        for own, part in zip(signs, value.arguments, strict=True):
            yield from _terms(part, sign * own)
    else:
        yield sign, value
