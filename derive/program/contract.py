"""Find the matrix products.

    Reduce(T, over k, f·g)   →   Contract(T, f, g)

where the factors fall into two groups, neither of which depends on all axes. A group that is
not one plain array is first computed into a temporary, but only if that is no larger than an
array it is made of; otherwise the sum stays a reduction, to be fused with others that need the
same values.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import reduce

from derive.program.ir import (
    Assign,
    Axis,
    Buffer,
    Call,
    Contract,
    Expr,
    Load,
    Number,
    Program,
    Reduce,
    Statement,
    axes_of,
    loads,
    multiplied,
)

__all__ = ["contract", "factors_of", "groups_of", "scaled"]


def contract(program: Program) -> Program:
    """Turn every sum of products that is a matrix product into a ``Contract``."""
    taken = {buffer.name for buffer in program.buffers} | set(program.sizes)
    extra: list[Buffer] = []
    body: list[Statement] = []
    for statement in program.body:
        body += _contracted(statement, program, taken, extra) or [statement]
    return replace(program, buffers=(*program.buffers, *extra), body=tuple(body))


def _contracted(
    statement: Statement, program: Program, taken: set[str], extra: list[Buffer]
) -> list[Statement] | None:
    if not isinstance(statement, Reduce) or statement.op != "sum":
        return None
    factor, factors = scaled(statement.value)
    groups = groups_of(factors, {*statement.axes, *statement.over})
    if groups is None:
        return None
    wholes = [multiplied(group) for group in groups]
    if not all(_plain(whole, program) or _made_of_equals(whole) for whole in wholes):
        return None
    before: list[Statement] = []
    operands: list[tuple[str, tuple[Axis, ...]]] = []
    for whole in wholes:
        plain = _plain(whole, program)
        if plain is None:
            order = tuple(a for a in (*statement.axes, *statement.over) if a in axes_of(whole))
            number = len(extra) + 1
            while f"p{number}" in taken:
                number += 1
            taken.add(f"p{number}")
            buffer = Buffer(f"p{number}", tuple(a.extent for a in order), "temporary")
            extra.append(buffer)
            before.append(Assign(buffer.name, order, whole))
            plain = (buffer.name, order)
        operands.append(plain)
    (left, left_axes), (right, right_axes) = operands
    first = statement.axes[0] if statement.axes else None
    if first is not None and first in right_axes and first not in left_axes:
        # The rows of the result come from the left operand.
        left, left_axes, right, right_axes = right, right_axes, left, left_axes
    product = Contract(
        statement.target,
        statement.axes,
        left,
        left_axes,
        right,
        right_axes,
        statement.over,
        Number(factor),
        statement.note,
    )
    return [*before, product]


def factors_of(value: Expr) -> tuple[int, list[Expr]]:
    """Return the sign and the factors of a product."""
    if isinstance(value, Call) and value.function == "neg":
        sign, factors = factors_of(value.arguments[0])
        return -sign, factors
    if isinstance(value, Call) and value.function == "mul":
        sign, factors = 1, list[Expr]()
        for argument in value.arguments:
            part, inner = factors_of(argument)
            sign, factors = sign * part, factors + inner
        return sign, factors
    return 1, [value]


def scaled(value: Expr) -> tuple[Fraction, list[Expr]]:
    """Return the number before a product, with its sign, and the other factors.

    A number between -1 and 1 is left among the factors: a sum of terms that it makes smaller may be
    finite where the sum of the terms themselves is not.
    """
    sign, factors = factors_of(value)
    rest = [f for f in factors if not (isinstance(f, Number) and isinstance(f.value, Fraction))]
    number = reduce(
        lambda a, b: a * b,
        (f.value for f in factors if isinstance(f, Number) and isinstance(f.value, Fraction)),
        Fraction(sign),
    )
    return (number, rest) if rest and abs(number) > 1 else (Fraction(sign), factors)


def groups_of(factors: list[Expr], space: set[Axis]) -> tuple[list[Expr], list[Expr]] | None:
    """Part the factors in two groups that together span the space and alone do not."""
    spans = [set(axes_of(factor)) for factor in factors]
    if len(factors) < 2 or any(span == space for span in spans) or not space:
        return None
    widest = max(range(len(factors)), key=lambda n: (len(spans[n]), -n))
    left, right = [factors[widest]], list[Expr]()
    left_span, right_span = set(spans[widest]), set[Axis]()
    for n, factor in enumerate(factors):
        if n == widest:
            continue
        if spans[n] <= left_span:
            left.append(factor)
        else:
            right.append(factor)
            right_span |= spans[n]
    if not right or right_span == space or left_span | right_span != space:
        return None
    return left, right


def _made_of_equals(value: Expr) -> bool:
    """Tell whether an array holding the value is no larger than an array that it is made of."""
    return any(set(axes_of(load)) == set(axes_of(value)) for load in loads(value))


def _plain(value: Expr, program: Program) -> tuple[str, tuple[Axis, ...]] | None:
    """Return the buffer and its axes if the value is one whole array, read at its own axes."""
    if not isinstance(value, Load):
        return None
    axes = tuple(part for part in value.at if isinstance(part, Axis))
    if len(axes) != len(value.at) or len(set(axes)) != len(axes):
        return None
    if tuple(axis.extent for axis in axes) != program.buffer(value.buffer).shape:
        return None
    return value.buffer, axes
