"""A difference and its opposite are one value, and the sign is a matter of the product around it.

    … a · (x − y) …; … b · (y − x) …   →   … a · (x − y) …; … −(b · (x − y)) …

Needs: a program. Guarantees: the same values, to the last bit, but for the sign of a zero.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.program.ir import Call, Contract, Expr, Program, subtrees

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["opposite"]


def opposite(program: Program) -> Program:
    """Return the program with one of every two opposite differences."""
    differences: dict[Expr, None] = {}
    for statement in program.body:
        for part in () if isinstance(statement, Contract) else subtrees(statement.value):
            if _is_difference(part) and _turned(part) not in differences:
                differences[part] = None

    def swapped(part: Expr) -> Expr:
        if not isinstance(part, Call):
            # The subscripts of an entry are left as they are.
            return part
        operands = [swapped(argument) for argument in part.arguments]
        if _is_difference(part) and part not in differences:
            return Call("neg", (Call("sub", (operands[1], operands[0])),))
        if tuple(operands) == part.arguments:
            return part
        return _SIGNS.get(part.function, _plain)(part.function, *operands)

    body = tuple(
        s if isinstance(s, Contract) else replace(s, value=swapped(s.value)) for s in program.body
    )
    return replace(program, body=body)


def _is_difference(part: Expr) -> bool:
    return isinstance(part, Call) and part.function == "sub"


def _turned(part: Expr) -> Expr:
    assert isinstance(part, Call)
    return Call(part.function, part.arguments[::-1])


def _plain(function: str, *operands: Expr) -> Expr:
    return Call(function, operands)


def _without(operand: Expr) -> tuple[bool, Expr]:
    """Return whether an operand has a sign, and the operand without it."""
    if isinstance(operand, Call) and operand.function == "neg":
        return True, operand.arguments[0]
    return False, operand


def _product(function: str, *operands: Expr) -> Expr:
    """Return a product or a quotient with its sign before it."""
    signs, parts = zip(*map(_without, operands), strict=True)
    product = Call(function, tuple(parts))
    return Call("neg", (product,)) if sum(signs) % 2 else product


def _negative(function: str, operand: Expr) -> Expr:
    sign, part = _without(operand)
    return part if sign else Call(function, (operand,))


def _sum(function: str, left: Expr, right: Expr) -> Expr:
    """Return a sum or a difference, of operands without a sign where there is a way."""
    sign, part = _without(right)
    if sign:
        return Call({"add": "sub", "sub": "add"}[function], (left, part))
    sign, part = _without(left)
    if sign and function == "add":
        return Call("sub", (right, part))
    return Call(function, (left, right))


_SIGNS: dict[str, Callable[..., Expr]] = {
    **{"mul": _product, "div": _product, "neg": _negative},
    **{"add": _sum, "sub": _sum},
}
