"""The language of explicit loops: what :mod:`derive.program.loops` writes, and a target prints.

c ::= For(axis, c…) | When(condition, c…) | Define(x, e) | Declare(x, op)
    | Accumulate(x | T[e…], op, e) | Choose(x, best, axis, e) | Store(T[e…], e)
    | Product(contract, c…)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.program.ir import Axis, Buffer, Contract, Expr, Load, Local, Number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "NEUTRAL",
    "Accumulate",
    "Choose",
    "Code",
    "Declare",
    "Define",
    "For",
    "Product",
    "Routine",
    "Store",
    "When",
    "walk",
]

#: What an accumulator starts from, by its operation; a position starts at 0.
NEUTRAL: dict[str, Number] = {
    "sum": Number(Fraction(0)),
    "product": Number(Fraction(1)),
    "max": Number(float("-inf")),
    "argmax": Number(Fraction(0)),
}


@dataclass(frozen=True, slots=True)
class For:
    """Run the body for every value of an axis, in order."""

    axis: Axis
    body: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class When:
    """Run the body where a condition holds; nothing in it is looked at elsewhere."""

    condition: Expr
    body: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Define:
    """A scalar that does not change."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Declare:
    """A scalar that starts from the neutral element of an operation; of argmax, an integer."""

    name: str
    op: str


@dataclass(frozen=True, slots=True)
class Accumulate:
    """``target = target op value``; op is sum, product or max."""

    target: Local | Load
    op: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Choose:
    """If the value exceeds ``best``, it is the best from now on, and stands at ``axis``."""

    position: Local
    best: Local
    axis: Axis
    value: Expr


@dataclass(frozen=True, slots=True)
class Store:
    """``target = value``."""

    target: Load
    value: Expr


@dataclass(frozen=True, slots=True)
class Product:
    """A matrix product, and the loops that compute it where no library does."""

    contract: Contract
    body: tuple[Code, ...]


Code = For | When | Define | Declare | Accumulate | Choose | Store | Product


@dataclass(frozen=True, slots=True)
class Routine:
    """A program as loops.

    Parameters
    ----------
    name : str
        The function.
    sizes : tuple of str
        As in the program.
    buffers : tuple of Buffer
        Inputs and outputs as in the program; temporaries that are still stored.
    body : tuple of Code
        In order.
    """

    name: str
    sizes: tuple[str, ...]
    buffers: tuple[Buffer, ...]
    body: tuple[Code, ...]

    @property
    def integers(self) -> frozenset[str]:
        """The buffers and scalars that hold integers."""
        arrays = {buffer.name for buffer in self.buffers if buffer.integer}
        positions = {
            part.name
            for part in walk(self.body)
            if isinstance(part, Declare) and part.op == "argmax"
        }
        return frozenset(arrays | positions)


def walk(body: Sequence[Code]) -> Iterator[Code]:
    """Yield every piece of code in the body, at any depth, in order."""
    for part in body:
        yield part
        if isinstance(part, (For, When, Product)):
            yield from walk(part.body)
