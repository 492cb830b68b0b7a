"""The arguments and results of a generated Python function: names, and shapes as text.

A tensor's name in the definition is its label, which messages and documentation use; the name
of the variable differs from it where Python has the name already. Leading axes count cotangents
and samples; the kernels take all dimensions of the batch as one axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.arrays import extent_text, tuple_text
from derive.emit.names import python_extent, python_name
from derive.program.ir import Extent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.program.ir import Buffer, Expr
    from derive.program.suite import Suite

__all__ = ["Formal", "formal", "number_or", "or_number"]

_LEAD = "*lead"


@dataclass(frozen=True, slots=True)
class Formal:
    """An array argument of a generated function.

    Parameters
    ----------
    name : str
        The variable, a Python identifier.
    label : str
        What messages call it.
    shape : tuple of Expr
        In the names of the definition, without the axes that lead (cotangents, batch).
    many, batch : str
        The names of the sizes that count cotangents and samples; empty if it has no such axis.
    integer : bool
        Whether it holds subscripts.
    """

    name: str
    label: str
    shape: tuple[Expr, ...]
    many: str
    batch: str
    integer: bool

    @property
    def axes(self) -> tuple[Expr, ...]:
        """Its own shape, in the names that Python has for the sizes."""
        return tuple(map(python_extent, self.shape))

    @property
    def rank(self) -> int:
        """How many axes it has at least."""
        return len(self.shape) + bool(self.many)

    @property
    def shown(self) -> str:
        """Its shape for a reader.

        >>> from derive.program.ir import Extent
        >>> Formal("dX", "dX", (Extent("N"),), "P", "B", False).shown
        '(P, *batch, N)'
        """
        return self._shape("*batch", self.shape)

    @property
    def extents(self) -> str:
        """Its shape as the tuple of numbers that it must be."""
        return self._shape(_LEAD, self.axes)

    @property
    def joined(self) -> str:
        """Its shape with the batch as one axis."""
        return self._shape(self.batch, self.axes)

    @property
    def flat(self) -> str:
        """The array with the batch as one axis."""
        return f"{self.name}.reshape({self.joined[1:-1].rstrip(',')})" if self.batch else self.name

    @property
    def spec(self) -> str:
        """The pair of its label and its shape."""
        return f'("{self.label}", {self.extents})'

    def _shape(self, batch: str, axes: Sequence[Expr]) -> str:
        lead = [part for part in (self.many, batch if self.batch else "") if part]
        return tuple_text([*lead, *(extent_text(extent, tight=False) for extent in axes)])


def number_or(formal: Formal) -> str:
    """Return what to say before ``array``: that a number will do where there are no axes."""
    return "" if formal.rank else "int or " if formal.integer else "float or "


def or_number(formal: Formal) -> str:
    """Return what to add to the type of an argument where a number will do."""
    return "" if formal.rank else " | int" if formal.integer else " | float"


def formal(buffer: Buffer, suite: Suite) -> Formal:
    """Return the argument that a buffer is."""
    counts = [Extent(suite.many), Extent(suite.batch)]
    lead = [extent.name for extent in counts if extent in buffer.shape[:2]]
    return Formal(
        python_name(buffer.name),
        buffer.name,
        tuple(extent for extent in buffer.shape if extent not in counts),
        suite.many if suite.many in lead else "",
        suite.batch if suite.batch in lead else "",
        buffer.integer,
    )
