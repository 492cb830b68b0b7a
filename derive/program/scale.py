"""A number before every term of a sum goes before the sum.

    t = Σ_k 2 f(k);  … g(t) …   →   t = Σ_k f(k);  … g(2 t) …

It is then multiplied once, not for each term. Only numbers beyond 1: a sum of terms that a number
makes smaller may be finite where that of the terms themselves is not. Needs: a program. Guarantees:
the same values but for rounding, which a power of two does not even change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.program.contract import scaled
from derive.program.ir import (
    Call,
    Contract,
    Expr,
    Load,
    Number,
    Program,
    Reduce,
    mapped,
    multiplied,
    reads,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from derive.program.ir import Statement

__all__ = ["scale"]


def scale(program: Program) -> Program:
    """Return the program with numbers before sums, where something computed reads these."""
    body = list(program.body)
    for place, statement in enumerate(body):
        if not isinstance(statement, Reduce) or not _free(statement, program):
            continue
        number, factors = scaled(statement.value)
        if abs(number) == 1:
            continue
        product = multiplied(factors)
        body[place] = replace(statement, value=product if number > 0 else Call("neg", (product,)))
        body[place + 1 :] = _times(abs(number), statement.target, body[place + 1 :])
    return replace(program, body=tuple(body))


def _free(statement: Reduce, program: Program) -> bool:
    """Tell whether a sum is all of a temporary, and one that no matrix product reads."""
    name = statement.target
    products = [s for s in program.body if isinstance(s, Contract)]
    read = any(name in reads(product) for product in products)
    whole = sum(s.target == name for s in program.body) == 1
    temporary = program.buffer(name).kind == "temporary"
    return statement.op == "sum" and temporary and whole and not read


def _times(number: Fraction, name: str, body: Sequence[Statement]) -> list[Statement]:
    """Return statements that read so many times what a temporary holds."""

    def larger(part: Expr) -> Expr | None:
        if isinstance(part, Load) and part.buffer == name:
            return Call("mul", (Number(number), part))
        return None

    return [
        s if isinstance(s, Contract) else replace(s, value=mapped(s.value, larger)) for s in body
    ]
