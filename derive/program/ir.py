"""The target-neutral program: scalar expressions, statements over index spaces, loop trees.

Expressions are one small language for numbers and for subscripts alike::

    e ::= Number | Axis | Extent | Load(buffer, e…) | Local | Call(function, e…)

A program is a list of statements; the passes turn ``Assign | Reduce | Scatter`` into
``Contract`` (matrix products) and put statements into ``Loop`` trees.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce, singledispatch
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = [
    "ONE",
    "ZERO",
    "Assign",
    "Axis",
    "Buffer",
    "Call",
    "Contract",
    "Expr",
    "Extent",
    "Load",
    "Local",
    "Loop",
    "Number",
    "Program",
    "Reduce",
    "Scatter",
    "Statement",
    "Tree",
    "accesses",
    "axes_of",
    "children",
    "leaves",
    "loads",
    "mapped",
    "multiplied",
    "reads",
    "spans",
    "subtrees",
]


@dataclass(frozen=True, slots=True)
class Number:
    """An exact constant."""

    value: Fraction | float


ZERO, ONE = Number(Fraction(0)), Number(Fraction(1))


@dataclass(frozen=True, slots=True)
class Extent:
    """A size, by name, as an integer."""

    name: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A loop variable running from 0 to ``extent - 1``."""

    name: str
    extent: Expr


@dataclass(frozen=True, slots=True)
class Load:
    """An entry of a buffer; ``guarded`` if it may be out of range where its value is not used."""

    buffer: str
    at: tuple[Expr, ...]
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """A scalar that has been computed for the present point of the surrounding loops."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function of scalars: arithmetic, an elementary function, a comparison, a selection."""

    function: str
    arguments: tuple[Expr, ...]


Expr = Number | Extent | Axis | Load | Local | Call


@dataclass(frozen=True, slots=True)
class Buffer:
    """An array of the program.

    Parameters
    ----------
    name : str
        As in the layer, where it comes from there.
    shape : tuple of Expr
        Integers.
    kind : str
        ``input``, ``output``, ``temporary``, or ``lanes``: a temporary each of whose entries has
        a value in each lane of a vector.
    integer : bool
        Whether it holds subscripts instead of reals.
    """

    name: str
    shape: tuple[Expr, ...]
    kind: str
    integer: bool = False


@dataclass(frozen=True, slots=True)
class Assign:
    """``target[axes] = value`` for all values of the axes."""

    target: str
    axes: tuple[Axis, ...]
    value: Expr
    note: str = ""

    @property
    def space(self) -> tuple[Axis, ...]:
        """The axes that it ranges over."""
        return self.axes


@dataclass(frozen=True, slots=True)
class Reduce:
    """``target[axes] = op over the axes ``over`` of value``; op is sum, product, max or argmax."""

    target: str
    axes: tuple[Axis, ...]
    over: tuple[Axis, ...]
    op: str
    value: Expr
    note: str = ""

    @property
    def space(self) -> tuple[Axis, ...]:
        """The axes that it ranges over."""
        return (*self.axes, *self.over)


@dataclass(frozen=True, slots=True)
class Scatter:
    """``target[at] += value`` for all values of the axes; the target starts as it is.

    ``guarded`` if positions may lie outside the target where the value is 0: they are skipped.
    """

    target: str
    at: tuple[Expr, ...]
    axes: tuple[Axis, ...]
    value: Expr
    note: str = ""
    guarded: bool = False

    @property
    def space(self) -> tuple[Axis, ...]:
        """The axes that it ranges over."""
        return self.axes


@dataclass(frozen=True, slots=True)
class Contract:
    """``target[batch, rows, cols] = Σ_over left[batch, rows, over] right[batch, over, cols]``.

    Parameters
    ----------
    target, left, right : str
        Buffers.
    target_axes, left_axes, right_axes : tuple of Axis
        The axes of each, in the order in which they are stored.
    over : tuple of Axis
        The axes that are summed: in both operands, not in the target.
    scale : Number
        A constant factor.
    adds : bool
        Whether it is added to what the target holds.
    """

    target: str
    target_axes: tuple[Axis, ...]
    left: str
    left_axes: tuple[Axis, ...]
    right: str
    right_axes: tuple[Axis, ...]
    over: tuple[Axis, ...]
    scale: Number
    note: str = ""
    adds: bool = False

    @property
    def space(self) -> tuple[Axis, ...]:
        """The axes that it ranges over."""
        return (*self.target_axes, *self.over)

    @property
    def batch(self) -> tuple[Axis, ...]:
        """The axes that lead in all three arrays: there is a product for each of their values."""
        every = zip(self.target_axes, self.left_axes, self.right_axes, strict=False)
        return tuple(axes[0] for axes in takewhile(lambda axes: len(set(axes)) == 1, every))


Statement = Assign | Reduce | Scatter | Contract


@dataclass(frozen=True, slots=True)
class Program:
    """A function: buffers in, buffers out.

    Parameters
    ----------
    name : str
        The function, such as ``backward``.
    sizes : tuple of str
        The sizes, in the order of the definition.
    buffers : tuple of Buffer
        All arrays: inputs in the order of the arguments, outputs in the order of the results,
        then temporaries.
    body : tuple of Statement
        In an order in which they can be executed.
    """

    name: str
    sizes: tuple[str, ...]
    buffers: tuple[Buffer, ...]
    body: tuple[Statement, ...]

    def buffer(self, name: str) -> Buffer:
        """Return the buffer of this name."""
        return next(buffer for buffer in self.buffers if buffer.name == name)

    def of_kind(self, kind: str) -> tuple[Buffer, ...]:
        """Return the buffers of a kind, in order."""
        return tuple(buffer for buffer in self.buffers if buffer.kind == kind)


def children(expression: Expr) -> tuple[Expr, ...]:
    """Return the parts of an expression: the arguments of a call, the subscripts of a load."""
    if isinstance(expression, Call):
        return expression.arguments
    return expression.at if isinstance(expression, Load) else ()


def subtrees(expression: Expr) -> Iterator[Expr]:
    """Yield the expression and all its parts, itself first."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += reversed(children(part))


def mapped(expression: Expr, function: Callable[[Expr], Expr | None]) -> Expr:
    """Rebuild an expression; where the function returns something, that stands instead."""
    replaced = function(expression)
    if replaced is not None:
        return replaced
    if isinstance(expression, Call):
        return Call(expression.function, tuple(mapped(a, function) for a in expression.arguments))
    if isinstance(expression, Load):
        at = tuple(mapped(a, function) for a in expression.at)
        return Load(expression.buffer, at, expression.guarded)
    return expression


def multiplied(factors: Iterable[Expr]) -> Expr:
    """Return the product of one expression or more."""
    return reduce(lambda a, b: Call("mul", (a, b)), factors)


def axes_of(expression: Expr) -> dict[Axis, None]:
    """Return the axes in an expression, in the order in which they are met."""
    return {part: None for part in subtrees(expression) if isinstance(part, Axis)}


def spans(at: tuple[Expr, ...], shape: tuple[Expr, ...]) -> tuple[int, ...]:
    """Return how many axes of an array each subscript runs over.

    It is one, unless the subscript is a loop variable whose extent is the product of several.
    """
    counts: list[int] = []
    place = 0
    for part in at:
        counts.append(_span(part.extent, shape[place:]) if isinstance(part, Axis) else 1)
        place += counts[-1]
    return tuple(counts)


def _span(extent: Expr, shape: tuple[Expr, ...]) -> int:
    """Return how many of the first sizes of a shape an extent is the product of; 1 if of none."""
    whole = _factors(extent)
    found: tuple[Expr, ...] = ()
    for count, size in enumerate(shape, 1):
        # A size may be a product itself.
        found += _factors(size)
        if len(found) >= len(whole):
            return count if found == whole else 1
    return 1


def _factors(extent: Expr) -> tuple[Expr, ...]:
    if isinstance(extent, Call) and extent.function == "mul":
        return tuple(factor for part in extent.arguments for factor in _factors(part))
    return (extent,)


def loads(expression: Expr) -> list[Load]:
    """Return every load in an expression."""
    return [part for part in subtrees(expression) if isinstance(part, Load)]


@singledispatch
def reads(statement: Statement) -> frozenset[str]:
    """Return the buffers that a statement reads."""
    raise TypeError(f"no buffers known of a {type(statement).__name__}")


@reads.register(Assign)
@reads.register(Reduce)
def _(statement: Assign | Reduce) -> frozenset[str]:
    return frozenset(load.buffer for load in loads(statement.value))


@reads.register(Scatter)
def _(statement: Scatter) -> frozenset[str]:
    inner = [load.buffer for part in (statement.value, *statement.at) for load in loads(part)]
    return frozenset((*inner, statement.target))


@reads.register(Contract)
def _(statement: Contract) -> frozenset[str]:
    return frozenset((statement.left, statement.right))


def accesses(statement: Statement) -> tuple[Load, tuple[Expr, ...]]:
    """Return where a statement writes, and the expressions that it computes."""
    if isinstance(statement, Contract):
        left = Load(statement.left, statement.left_axes)
        right = Load(statement.right, statement.right_axes)
        return Load(statement.target, statement.target_axes), (left, right)
    at = statement.at if isinstance(statement, Scatter) else statement.axes
    return Load(statement.target, at), (statement.value,)


@dataclass(frozen=True, slots=True)
class Loop:
    """Run the body for every value of an axis."""

    axis: Axis
    body: tuple[Tree, ...]


Tree = Loop | Assign | Reduce | Scatter | Contract


def leaves(tree: Tree) -> Iterator[Statement]:
    """Yield the statements of a loop tree, in their order."""
    if isinstance(tree, Loop):
        for part in tree.body:
            yield from leaves(part)
    else:
        yield tree
