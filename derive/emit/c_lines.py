"""A routine as lines of C, one record each; how a loop or a call looks is the template's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

from derive.emit.c_blas import blas
from derive.emit.c_text import Printer, literal
from derive.program.code import (
    NEUTRAL,
    Accumulate,
    Choose,
    Code,
    Declare,
    Define,
    For,
    Product,
    Store,
    When,
)
from derive.program.ir import Call, Load, Local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.program.ir import Expr

__all__ = ["Line", "lines"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a function's body; exactly one of the other fields is filled in.

    Parameters
    ----------
    indent : str
        Blanks.
    text : str
        A statement.
    axis, extent : str
        The head of a loop over an axis.
    condition : str
        The head of a conditional.
    blas, sizes : str
        A matrix product: the call of the library, and the sizes that must suit it; the block
        that follows computes it without.
    end : str
        The end of a block.
    """

    indent: str
    text: str = ""
    axis: str = ""
    extent: str = ""
    condition: str = ""
    blas: str = ""
    sizes: str = ""
    end: str = ""


def lines(body: Sequence[Code], printer: Printer, depth: int = 1) -> list[Line]:
    """Return the lines of a body."""
    return [line for part in body for line in _lines(part, printer, depth)]


def _indent(depth: int) -> str:
    return "    " * depth


@singledispatch
def _lines(part: Code, printer: Printer, depth: int) -> list[Line]:
    raise TypeError(f"no C for a {type(part).__name__}")


@_lines.register
def _(part: For, printer: Printer, depth: int) -> list[Line]:
    axis, extent = printer.names[part.axis.name], printer.position(part.axis.extent).text
    return [
        Line(_indent(depth), axis=axis, extent=extent),
        *lines(part.body, printer, depth + 1),
        Line(_indent(depth), end="}"),
    ]


@_lines.register
def _(part: When, printer: Printer, depth: int) -> list[Line]:
    return [
        Line(_indent(depth), condition=printer.number(part.condition).text),
        *lines(part.body, printer, depth + 1),
        Line(_indent(depth), end="}"),
    ]


@_lines.register
def _(part: Product, printer: Printer, depth: int) -> list[Line]:
    product = blas(part.contract, printer)
    if product is None:
        return lines(part.body, printer, depth)
    return [
        Line(_indent(depth), blas=product.call, sizes=", ".join(product.sizes)),
        *lines(part.body, printer, depth + 1),
        Line(_indent(depth), end="}"),
    ]


@_lines.register
def _(part: Define, printer: Printer, depth: int) -> list[Line]:
    value = printer.number(part.value).text
    return [_text(f"const {printer.real.type} {printer.names[part.name]} = {value};", depth)]


@_lines.register
def _(part: Declare, printer: Printer, depth: int) -> list[Line]:
    name = printer.names[part.name]
    if part.op == "argmax":
        return [_text(f"int64_t {name} = 0;", depth)]
    start = literal(NEUTRAL[part.op], printer.real).text
    return [_text(f"{printer.real.type} {name} = {start};", depth)]


@_lines.register
def _(part: Accumulate, printer: Printer, depth: int) -> list[Line]:
    target = _target(part.target, printer)
    if part.op == "max":
        greatest = printer.number(Call("greatest", (part.target, part.value))).text
        return [_text(f"{target} = {greatest};", depth)]
    sign, value = {"sum": "+=", "product": "*="}[part.op], part.value
    if part.op == "sum" and isinstance(value, Call) and value.function == "neg":
        sign, value = "-=", value.arguments[0]
    return [_text(f"{target} {sign} {printer.number(value).text};", depth)]


@_lines.register
def _(part: Choose, printer: Printer, depth: int) -> list[Line]:
    best, position = printer.names[part.best.name], printer.names[part.position.name]
    condition = printer.number(Call("exceeds", (part.value, part.best))).text
    return [
        Line(_indent(depth), condition=condition),
        _text(f"{best} = {printer.number(part.value).text};", depth + 1),
        _text(f"{position} = {printer.integer(part.axis).text};", depth + 1),
        Line(_indent(depth), end="}"),
    ]


@_lines.register
def _(part: Store, printer: Printer, depth: int) -> list[Line]:
    integer = part.target.buffer in printer.integers
    value: Expr = part.value
    text = printer.integer(value) if integer else printer.number(value)
    return [_text(f"{_target(part.target, printer)} = {text.text};", depth)]


def _target(target: Local | Load, printer: Printer) -> str:
    if isinstance(target, Load):
        return printer.entry(target).text
    return printer.names[target.name]


def _text(text: str, depth: int) -> Line:
    return Line(_indent(depth), text=text)
