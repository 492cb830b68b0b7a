"""Formulas as one line of ASCII, close to a program, for a programmer.

>>> from derive.explain.names import for_layer
>>> from derive.layers import quantizer
>>> layer = quantizer.layer.build()
>>> code_equation(layer.nodes[0], for_layer(layer))
'Z[i] = sum_j(a[j]*tanh(c[j]*(X[i] - b[j])))'
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from derive.explain.compose import compose, compose_node
from derive.explain.tightness import ATOM, POWER, PRODUCT, SUM, bracketed
from derive.explain.tree import (
    Big,
    Call,
    Cases,
    Compare,
    Equation,
    Formula,
    Guard,
    Join,
    Kronecker,
    Letter,
    Number,
    Over,
    Plus,
    Power,
    Times,
)

if TYPE_CHECKING:
    import sympy as sp

    from derive.explain.names import Notation
    from derive.layer.model import Node

__all__ = ["code", "code_equation", "code_written"]

Piece = tuple[str, int]  # some text, and how tightly it binds


def code(expression: sp.Expr, notation: Notation | None = None) -> str:
    """Return an expression in ASCII, close to a program: ``sum_l(dZ[l]*tanh(b[i] - X[l])**2)``.

    Cotangents keep the names that they have as arguments; reductions and deltas read
    ``sum_l(…)``, ``max_l(…)``, ``delta(i, j)``, selections ``where(condition, x, y)``.
    """
    return _code(compose(expression, notation))[0]


def code_equation(node: Node, notation: Notation | None = None) -> str:
    """Return ``left = right`` in ASCII for a definition or a gradient."""
    return code_written(compose_node(node, notation))


def code_written(formula: Formula | Equation) -> str:
    """Return a formula in ASCII."""
    if isinstance(formula, Equation):
        return f"{code_written(formula.left)} = {code_written(formula.right)}"
    return _code(formula)[0]


@singledispatch
def _code(formula: object) -> Piece:
    raise TypeError(f"no code for a {type(formula).__name__}")


@_code.register
def _(formula: Number) -> Piece:
    return {"oo": "inf"}.get(formula.digits, formula.digits), ATOM


@_code.register
def _(formula: Letter) -> Piece:
    inside = ", ".join(_code(index)[0] for index in formula.indices)
    name = formula.prefix + formula.name
    return f"{name}[{inside}]" if inside else name, ATOM


@_code.register
def _(formula: Plus) -> Piece:
    result = ""
    for place, (negative, term) in enumerate(formula.terms):
        sign = ("-" if negative else "") if place == 0 else (" - " if negative else " + ")
        result += sign + bracketed(_code(term), PRODUCT)
    return result, SUM


@_code.register
def _(formula: Times) -> Piece:
    return "*".join(bracketed(_code(factor), PRODUCT) for factor in formula.factors), PRODUCT


@_code.register
def _(formula: Over) -> Piece:
    above = bracketed(_code(formula.numerator), PRODUCT)
    return f"{above}/{bracketed(_code(formula.denominator), POWER)}", PRODUCT


@_code.register
def _(formula: Power) -> Piece:
    base, exponent = _code(formula.base), _code(formula.exponent)
    return f"{bracketed(base, ATOM)}**{bracketed(exponent, ATOM)}", POWER


@_code.register
def _(formula: Call) -> Piece:
    return f"{formula.function}({', '.join(_code(a)[0] for a in formula.arguments)})", ATOM


@_code.register
def _(formula: Big) -> Piece:
    name = {"product": "prod"}.get(formula.kind, formula.kind)
    but = f", {formula.index} != {_code(formula.but)[0]}" if formula.but is not None else ""
    return f"{name}_{formula.index}({_code(formula.body)[0]}{but})", ATOM


@_code.register
def _(formula: Kronecker) -> Piece:
    return f"delta({_code(formula.left)[0]}, {_code(formula.right)[0]})", ATOM


@_code.register
def _(formula: Compare) -> Piece:
    result = _code(formula.operands[0])[0]
    for relation, operand in zip(formula.relations, formula.operands[1:], strict=True):
        result += f" {relation} {_code(operand)[0]}"
    return result, SUM


@_code.register
def _(formula: Join) -> Piece:
    parts = [_code(part)[0] for part in formula.parts]
    return (f"not ({parts[0]})" if formula.word == "not" else f" {formula.word} ".join(parts)), SUM


@_code.register
def _(formula: Guard) -> Piece:
    return f"({_code(formula.condition)[0]})", ATOM


@_code.register
def _(formula: Cases) -> Piece:
    parts = (formula.condition, formula.first, formula.second)
    return f"where({', '.join(_code(part)[0] for part in parts)})", ATOM
