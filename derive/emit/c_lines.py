"""A routine as lines of C, one record each; how a loop or a call looks is the template's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

from derive.emit.c_matrices import matrices
from derive.emit.c_names import words
from derive.emit.c_text import Printer
from derive.emit.c_vectors import LanePrinter
from derive.program.code import (
    Accumulate,
    Blocks,
    Choose,
    Code,
    Declare,
    Define,
    Each,
    Fetch,
    For,
    Lanes,
    Product,
    Shares,
    Store,
    When,
    walk,
)
from derive.program.ir import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Line", "lines", "share_lines"]


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
        The head of a loop over an axis, and where it ends.
    condition : str
        The head of a conditional.
    shares, called : str
        What is done in shares, by how much there is to do and for how many, and the start of the
        call that does it.
    rows : str
        What is done for blocks of rows, by how many rows they may have; ``extent``, how many there
        are in all, and ``called``, the call that does it.
    portion : str
        The head of what is done for one share of an axis, by its extent.
    block, start : str
        The head of a loop over blocks of an axis, by where it ends; where any loop starts.
    group, lane : str
        The heads of the loops over the groups of vectors of a block, and over its vectors, or those
        that are left, by their axis.
    each : str
        How many vectors a group has: with ``group`` in its head, else of a loop over the vectors of
        one; ``start``, where the first of them stands, if that is asked for.
    bits, upper : str
        The precision of the lanes.
    end : str
        The end of a block.
    """

    indent: str
    text: str = ""
    axis: str = ""
    extent: str = ""
    condition: str = ""
    shares: str = ""
    called: str = ""
    rows: str = ""
    portion: str = ""
    block: str = ""
    start: str = ""
    group: str = ""
    lane: str = ""
    each: str = ""
    bits: str = ""
    upper: str = ""
    end: str = ""

    @property
    def words(self) -> str:
        """All that it says."""
        heads = f"block_{self.bits}( vec_{self.bits}" if self.block else ""
        heads += f" share_{self.bits}(" if self.portion else ""
        heads += " shares_of(" if self.shares else ""
        return " ".join(
            (
                self.text,
                self.extent,
                self.condition,
                self.block,
                self.shares,
                self.called,
                self.rows,
                self.portion,
                heads,
            )
        )


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
        Line(_indent(depth), axis=axis, start="0", extent=extent),
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
    call = matrices(part, printer)
    return lines(part.body, printer, depth) if call is None else [_text(call, depth)]


@_lines.register
def _(part: Lanes, printer: Printer, depth: int) -> list[Line]:
    return _laned(part, printer, depth, "0", printer.position(part.axis.extent).text)


def _laned(part: Lanes, printer: Printer, depth: int, start: str, stop: str) -> list[Line]:
    """Return a loop over lanes from one value to another."""
    inside = LanePrinter.of(printer, part)
    axis, bits, upper = printer.names[part.axis.name], printer.real.bits, printer.real.bits.upper()
    groups: list[Line] = []
    if part.several:
        several = lines(part.several, inside.each(part.runs), depth + 2)
        end = Line(_indent(depth + 1), end="}")
        each = printer.position(part.runs[0].group).text
        groups = [Line(_indent(depth + 1), group=axis, each=each, upper=upper), *several, end]
    return [
        Line(_indent(depth), block=stop, start=start, bits=bits, upper=upper),
        *lines(part.before, inside, depth + 1),
        *groups,
        Line(_indent(depth + 1), lane=axis, start="" if groups else "first", upper=upper),
        *lines(part.body, inside, depth + 2),
        Line(_indent(depth + 1), end="}"),
        *lines(part.after, inside, depth + 1),
        Line(_indent(depth), end="}"),
    ]


@_lines.register
def _(part: Each, printer: Printer, depth: int) -> list[Line]:
    assert isinstance(printer, LanePrinter)
    bits, group = printer.real.bits, printer.position(part.group).text
    held = ", ".join(f"{printer.held[name]}[{group}]" for name in part.made)
    inside = lines(part.body, printer, depth + 1)
    # A vector that begins where it stands in the loop, or that does not begin anywhere.
    turn = printer.turn if any("here" in words(line.text) for line in inside) else ""
    kept = [(printer.names[name], printer.entry(entry).text) for name, entry in part.kept]
    return [
        *([_text(f"vec_{bits} {held};", depth)] if held else []),
        *(_text(f"vec_{bits} {name} = {entry};", depth) for name, entry in kept),
        Line(_indent(depth), each=group, start=turn, upper=bits.upper()),
        *inside,
        Line(_indent(depth), end="}"),
        *(_text(f"{entry} = {name};", depth) for name, entry in kept),
    ]


@_lines.register
def _(part: Shares, printer: Printer, depth: int) -> list[Line]:
    work = printer.position(part.work).text
    turns = printer.position(part.body.axis.extent).text
    # With lanes, a share is worth while for some vectors; without, for some turns, or for one with
    # a product of matrices.
    least = 256 if isinstance(part.body, Lanes) else 4
    if any(isinstance(inside, Product) for inside in walk((part.body,))):
        least = 1
    return [
        Line(_indent(depth), shares=f"{work}, {turns} / {least}"),
        *lines(part.after, printer, depth + 1),
        Line(_indent(depth), end="}"),
    ]


@_lines.register
def _(part: Blocks, printer: Printer, depth: int) -> list[Line]:
    most, extent = printer.position(part.most).text, printer.position(part.axis.extent).text
    return [
        Line(_indent(depth), rows=most, extent=extent),
        *lines(part.after, printer, depth + 1),
        Line(_indent(depth), end="}"),
    ]


def share_lines(part: Shares, printer: Printer) -> list[Line]:
    """Return the lines of what is done for one share."""
    extent = printer.position(part.body.axis.extent).text
    before = lines(part.before, printer)
    if isinstance(part.body, Lanes):
        head = Line(_indent(1), portion=extent, bits=printer.real.bits)
        return [head, *before, *_laned(part.body, printer, 1, "begin", "end")]
    return [
        _text(f"const size_t begin = {extent} * share / shares;", 1),
        _text(f"const size_t end = {extent} * (share + 1) / shares;", 1),
        *before,
        Line(_indent(1), axis=printer.names[part.body.axis.name], start="begin", extent="end"),
        *lines(part.body.body, printer, 2),
        Line(_indent(1), end="}"),
    ]


@_lines.register
def _(part: Define, printer: Printer, depth: int) -> list[Line]:
    return [_text(printer.define(part.name, part.value), depth)]


@_lines.register
def _(part: Declare, printer: Printer, depth: int) -> list[Line]:
    return [_text(printer.declare(part.name, part.op), depth)]


@_lines.register
def _(part: Accumulate, printer: Printer, depth: int) -> list[Line]:
    return [_text(printer.accumulate(part), depth)]


@_lines.register
def _(part: Choose, printer: Printer, depth: int) -> list[Line]:
    whole = printer.choose(part) if isinstance(printer, LanePrinter) else None
    if whole is not None:
        return [_text(whole, depth)]
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
    return [_text(printer.store(part.target, part.value), depth)]


@_lines.register
def _(part: Fetch, printer: Printer, depth: int) -> list[Line]:
    return [_text(printer.fetch(part), depth)]


def _text(text: str, depth: int) -> Line:
    return Line(_indent(depth), text=text)
