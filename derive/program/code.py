"""The language of explicit loops: what :mod:`derive.program.loops` writes, and a target prints.

c ::= For(axis, c…) | When(condition, c…) | Define(x, e) | Declare(x, op)
    | Accumulate(x | T[e…], op, e) | Choose(x, best, axis, e) | Store(T[e…], e)
    | Product(contract, c…) | Lanes(axis, c…, c…, c…) | Shares(e, c…, lanes, c…) | Fetch(T[e…])
    | Each(x…, x ← T[e…]…, c…) | Blocks(axis, e, T…, c…)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.program.ir import (
    ONE,
    ZERO,
    Axis,
    Buffer,
    Call,
    Contract,
    Expr,
    Extent,
    Load,
    Local,
    Number,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "AGAIN",
    "DONE",
    "FIRST",
    "GROUP",
    "LARGE_GROUP",
    "MOST_SHARES",
    "NEUTRAL",
    "NTH",
    "ROWS",
    "SHARE",
    "SLOT",
    "Accumulate",
    "Blocks",
    "Choose",
    "Code",
    "Declare",
    "Define",
    "Each",
    "Fetch",
    "For",
    "Lanes",
    "Product",
    "Routine",
    "Shares",
    "Store",
    "When",
    "walk",
]

#: What an accumulator starts from, by its operation; a position starts at 0.
NEUTRAL: dict[str, Number] = {
    "sum": ZERO,
    "product": ONE,
    "max": Number(float("-inf")),
    "argmax": ZERO,
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
    """A matrix product, and the loops that compute it where no library does.

    Parameters
    ----------
    contract : Contract
        The product, without the axes of the loops around it.
    entries : tuple of Load
        An entry of each array, with them: of the target, of the left and of the right operand.
    body : tuple of Code
        The loops.
    again : Expr, optional
        Where this holds it is added to what the target has, whatever the contract says.
    """

    contract: Contract
    entries: tuple[Load, Load, Load]
    body: tuple[Code, ...]
    again: Expr | None = None


@dataclass(frozen=True, slots=True)
class Lanes:
    """Run the body for every value of an axis, for several at once, in blocks of them.

    Parameters
    ----------
    axis : Axis
        Its values are the lanes.
    before, body, after : tuples of Code
        What starts a block, what is done in it for its values, and what ends it. The functions
        ``lanes_sum``, ``lanes_product`` and ``lanes_max`` reduce the lanes to one number.
    varying : frozenset of str
        The scalars that have a value in each lane.
    several : tuple of Code
        The same as the body, for a group of vectors; what :func:`derive.program.group.group` finds
        last of all. Other passes do not look at it.
    """

    axis: Axis
    before: tuple[Code, ...]
    body: tuple[Code, ...]
    after: tuple[Code, ...]
    varying: frozenset[str]
    several: tuple[Code, ...] = ()

    @property
    def runs(self) -> tuple[Each, ...]:
        """What is done for each vector of a group, in order."""
        return tuple(part for part in walk(self.several) if isinstance(part, Each))


@dataclass(frozen=True, slots=True)
class Each:
    """Run the body for every vector of a group.

    Parameters
    ----------
    made : tuple of str
        The scalars defined in it that are read elsewhere: there is one for every vector.
    kept : tuple of (str, Load)
        The scalars that start from an entry of an array of vectors, and end there.
    body : tuple of Code
        No loops.
    group : Extent
        How many vectors there are.
    """

    made: tuple[str, ...]
    kept: tuple[tuple[str, Load], ...]
    body: tuple[Code, ...]
    group: Extent


#: Names of ours begin with a sign that no name of a layer has.
#: How many vectors a group has, constants; and which of them is meant.
GROUP = Extent("#GROUP")
LARGE_GROUP = Extent("#LARGE_GROUP")
NTH = Axis("#nth", GROUP)
#: How many shares there may be, a constant; and the loop over those there are.
MOST_SHARES = Extent("#SHARES")
SHARE = Axis("#share", Extent("#shares"))
#: Which of the shares that run at the same time this one is: it has memory of its own.
SLOT = Axis("#slot", Extent("#shares"))


@dataclass(frozen=True, slots=True)
class Shares:
    """Divide a loop, over lanes or not, into shares that may run at the same time.

    Parameters
    ----------
    work : Expr
        How many values are computed: it decides how many shares there are.
    before : tuple of Code
        What starts a share.
    body : Lanes or For
        The loop; in each share it runs over that share's values.
    after : tuple of Code
        What ends the whole, in loops over the shares.
    """

    work: Expr
    before: tuple[Code, ...]
    body: Lanes | For
    after: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask for an entry that will be needed.

    Parameters
    ----------
    place : Load
        The entry.
    writes : bool
        Whether it will be written.
    further : tuple of Expr
        The product of these sizes is how far behind that place the entry is that is meant, which
        may be one after the last; the entry itself if there are none.
    """

    place: Load
    writes: bool
    further: tuple[Expr, ...] = ()


#: How many values of its axis a block has, and how many there were in those before it.
ROWS, DONE = Extent("#rows"), Extent("#done")
FIRST = Call("eq", (DONE, ZERO))
AGAIN = Call("gt", (DONE, ZERO))


@dataclass(frozen=True, slots=True)
class Blocks:
    """Run the body for blocks of an axis's values, one block after the other.

    There is always a first one, if need be of no values.

    Parameters
    ----------
    axis : Axis
        The axis as a whole.
    most : Expr
        How many of its values make a block; the last one may have fewer.
    arrays : tuple of str
        The arrays that have the axis: as their first one, if the caller knows them. The body sees
        the part of each that belongs to the block: of what the caller knows, a part of the whole;
        of the others there is no more.
    body : tuple of Code
        In which the axis has the extent ``ROWS``.
    apart : tuple of (str, str)
        The arrays that all blocks but the first find others in the place of.
    after : tuple of Code
        What is done after each block, with what it has written there.
    """

    axis: Axis
    most: Expr
    arrays: tuple[str, ...]
    body: tuple[Code, ...]
    apart: tuple[tuple[str, str], ...] = ()
    after: tuple[Code, ...] = ()

    def place(self, buffer: Buffer) -> int | None:
        """Return which of an array's axes it is; None if it has another part in this."""
        if buffer.name not in self.arrays:
            return None
        return next(n for n, e in enumerate(buffer.shape) if e in (self.axis.extent, self.most))

    def seen(self, buffer: Buffer) -> Buffer:
        """Return an array as the body sees it."""
        place = self.place(buffer)
        if place is None:
            return buffer
        shape = (*buffer.shape[:place], ROWS, *buffer.shape[place + 1 :])
        return replace(buffer, shape=shape)


Code = (
    For
    | When
    | Define
    | Declare
    | Accumulate
    | Choose
    | Store
    | Product
    | Lanes
    | Shares
    | Fetch
    | Each
    | Blocks
)


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


def walk(body: Sequence[Code], *, within_products: bool = True) -> Iterator[Code]:
    """Yield every piece of code in the body, at any depth, in order; products as one if wished."""
    for part in body:
        yield part
        inside: Sequence[Code] = ()
        if isinstance(part, (For, When, Each)) or (within_products and isinstance(part, Product)):
            inside = part.body
        elif isinstance(part, Blocks):
            inside = (*part.body, *part.after)
        elif isinstance(part, Lanes):
            inside = (*part.before, *part.body, *part.after)
        elif isinstance(part, Shares):
            inside = (*part.before, part.body, *part.after)
        yield from walk(inside, within_products=within_products)
