"""Arrays that lie across the lanes are brought into vectors once for each turn.

    lanes i: for m: for d: … X[i, d] …   →   lanes i: for d: V[d] = X[i, d];  for m: for d: … V[d] …

where neighbouring values of ``i`` are not neighbours in memory, and a loop that the entry does not
depend on would read it again and again. What is written is brought back at the end; a temporary
that is needed nowhere else is never in memory at all. Needs: the body of a loop. Guarantees: the
same values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from derive.program.code import Accumulate, Code, Define, For, Store, walk
from derive.program.ir import (
    ONE,
    ZERO,
    Axis,
    Buffer,
    Call,
    Expr,
    Load,
    Local,
    axes_of,
    multiplied,
    subtrees,
)
from derive.program.traverse import rebuilt
from derive.program.uniform import nest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Stage", "across", "entries_of", "place_of", "staged"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A body with its arrays in vectors.

    Parameters
    ----------
    body : tuple of Code
        What is done for the lanes.
    made : tuple of Buffer
        The vectors.
    """

    body: tuple[Code, ...]
    made: tuple[Buffer, ...]


@dataclass(frozen=True, slots=True)
class _Access:
    load: Load
    around: tuple[Axis, ...]
    writes: bool
    stores: bool


def place_of(load: Load, axis: Axis) -> int | None:
    """Return the one subscript in which an axis occurs; None if there are more, or none."""
    places = [n for n, part in enumerate(load.at) if axis in axes_of(part)]
    return places[0] if len(places) == 1 else None


def across(load: Load, axis: Axis) -> bool:
    """Tell whether neighbouring values of an axis are apart in memory, each a row further on."""
    place = place_of(load, axis)
    return place is not None and place < len(load.at) - 1 and load.at[place] == axis


def staged(
    axis: Axis,
    body: Sequence[Code],
    local: Callable[[str], bool],
    named: Callable[[str], str],
) -> Stage | None:
    """Return a body with the arrays in vectors that lie across the lanes.

    Parameters
    ----------
    axis : Axis
        Its values are the lanes.
    body : sequence of Code
        The body of the loop over it.
    local : function
        Tells whether an array is a temporary that nothing else uses.
    named : function
        Makes a name that is not taken.

    Returns
    -------
    Stage or None
        None where an array is written in other places than it is read.
    """
    loops = {part.axis: part.axis.extent for part in walk(body) if isinstance(part, For)}
    found: dict[str, list[_Access]] = {}
    for access in _accesses(body, ()):
        if across(access.load, axis):
            found.setdefault(access.load.buffer, []).append(access)
    before: list[Code] = []
    after: list[Code] = []
    made: list[Buffer] = []
    swaps: dict[Expr, Expr] = {}
    for name, accesses in found.items():
        places = dict.fromkeys(access.load for access in accesses)
        written = any(access.writes for access in accesses)
        if written and len(places) > 1:
            return None
        for load in places:
            own = tuple(part for part in load.at if isinstance(part, Axis) and part in loops)
            rest = [p for part in load.at if part not in own for p in subtrees(part)]
            if len(set(own)) < len(own) or any(p in loops or _varies(p) for p in rest):
                return None
            again = any(set(a.around) - set(own) for a in accesses if a.load == load)
            if not again and not local(name):
                continue
            held = Buffer(named(f"{name}_held"), tuple(loops[part] for part in own), "lanes")
            made.append(held)
            swaps[load] = Load(held.name, own)
            if not accesses[0].stores:
                before.append(nest(own, Store(Load(held.name, own), load)))
            if written and not local(name):
                after.append(nest(own, Store(load, Load(held.name, own))))
    inner = tuple(rebuilt(part, swaps.get) for part in body)
    return Stage((*before, *inner, *after), tuple(made))


def entries_of(buffers: Sequence[Buffer]) -> Expr:
    """Return how many entries arrays have together.

    >>> from derive.program.ir import Extent
    >>> entries_of([Buffer("a", (Extent("N"),), "lanes"), Buffer("b", (), "lanes")])
    Call(function='add', arguments=(Extent(name='N'), Number(value=Fraction(1, 1))))
    """
    counts: list[Expr] = [multiplied(b.shape) if b.shape else ONE for b in buffers]
    return reduce(lambda a, b: Call("add", (a, b)), counts) if counts else ZERO


def _varies(part: Expr) -> bool:
    return isinstance(part, (Load, Local))


def _accesses(body: Sequence[Code], around: tuple[Axis, ...]) -> Iterator[_Access]:
    for part in body:
        if isinstance(part, For):
            yield from _accesses(part.body, (*around, part.axis))
            continue
        if isinstance(part, (Define, Accumulate, Store)):
            for expression in subtrees(part.value):
                if isinstance(expression, Load):
                    yield _Access(expression, around, writes=False, stores=False)
        if isinstance(part, (Accumulate, Store)) and isinstance(part.target, Load):
            yield _Access(part.target, around, writes=True, stores=isinstance(part, Store))
