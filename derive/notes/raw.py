"""What the grammar's rules leave for :mod:`derive.notes.fold`: flat lines, sums and products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from derive.notes.tree import Node, Operator, Product, Range

if TYPE_CHECKING:
    from derive.notes.cursor import Tok


@dataclass(frozen=True, slots=True)
class Head(Node):
    """A sign that takes what follows it: a function, a big operator, ∇, ∂; with its scripts."""

    kind: str
    value: str
    sub: tuple[Node, ...] = ()
    sup: tuple[Node, ...] = ()
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Spread(Node):
    r"""Factors that one command set in a font: ``\mathbf{Wx}``; they join the row around."""

    product: Product


@dataclass(frozen=True, slots=True)
class Item:
    """A factor with the operator before it and, after an operator, its sign."""

    operator: Operator | None
    sign: Tok | None
    node: Node


@dataclass(frozen=True, slots=True)
class RawProduct:
    """Factors in a row."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class RawSum:
    """Products with the signs before them."""

    terms: tuple[tuple[Tok | None, RawProduct], ...]


@dataclass(frozen=True, slots=True)
class RawChain:
    """Sums with the relations between them; None where a side is missing."""

    sides: tuple[RawSum | None, ...]
    relations: tuple[Tok, ...]


RawPart: TypeAlias = RawSum | RawChain | None


@dataclass(frozen=True, slots=True)
class RawLine:
    """Parts with the separators between them."""

    parts: tuple[RawPart, ...]
    separators: tuple[Tok, ...]


@dataclass(frozen=True, slots=True)
class Braces(Node):
    """TeX braces around a line; what they mean depends on who takes them."""

    line: RawLine


@dataclass(frozen=True, slots=True)
class Decorated(Node):
    """A wrapper whose inside is not settled yet."""

    kind: str
    note: str
    inside: Node


def only_product(part: RawPart) -> tuple[Tok | None, tuple[Item, ...]] | None:
    """Return the sign and the factors of a part that is a single product."""
    if isinstance(part, RawSum) and len(part.terms) == 1:
        sign, product = part.terms[0]
        return sign, product.items
    return None


def only_items(node: Node) -> tuple[Item, ...] | None:
    """Return the factors inside braces that hold a single unsigned product."""
    if isinstance(node, Braces) and len(node.line.parts) == 1:
        found = only_product(node.line.parts[0])
        if found is not None and found[0] is None:
            return found[1]
    return None


def reach(*ranges: Range) -> Range:
    """Return the range from the first start to the last end."""
    return min(start for start, _ in ranges), max(end for _, end in ranges)
