"""The scratch memory of a function of C: how much there is of it, and what lies where in it.

Arrays of vectors come last, from the next place on that suits them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.program.ir import Extent, subtrees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from derive.emit.c_text import Printer, Real
    from derive.program.code import Routine
    from derive.program.ir import Buffer

__all__ = ["GIVEN", "Workspace", "listed", "pointers", "spaces_of", "type_of", "workspaces"]

#: The kinds of arrays that belong to the caller; the others lie in scratch memory.
GIVEN = ("input", "output")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A function that tells how many elements of scratch memory another one needs."""

    symbol: str
    doc: str
    parameters: tuple[str, ...]
    unused: tuple[str, ...]
    count: str


#: How many vectors lie between two arrays of vectors: what is at the same place in arrays that are
#: whole pages apart would be taken for the same memory at first. A third of a page, with AVX-512;
#: as many numbers lie between two arrays of numbers.
_APART = 21
_NUMBERS_APART = 16 * _APART

#: What stands in a product as it is.
_CALLS = ("length(", "rows_of(")


def _parts(routine: Routine) -> dict[str, list[Buffer]]:
    """Return the arrays that the caller does not know, by the workspace that holds them."""
    buffers = [buffer for buffer in routine.buffers if buffer.kind not in GIVEN]
    # Vectors have to begin at certain places: they come last.
    buffers.sort(key=lambda buffer: buffer.kind == "lanes")
    parts = {
        "work": [buffer for buffer in buffers if not buffer.integer],
        "positions": [buffer for buffer in buffers if buffer.integer],
    }
    return {space: held for space, held in parts.items() if held}


def spaces_of(routine: Routine) -> dict[str, Callable[[Real], str]]:
    """Return the workspaces that a routine needs, each with the type of its elements."""
    types: dict[str, Callable[[Real], str]] = {
        "work": lambda real: real.type,
        "positions": lambda real: "int64_t",
    }
    return {space: types[space] for space in _parts(routine)}


def type_of(buffer: Buffer, real: Real) -> str:
    """Return the type of an array's elements."""
    if buffer.kind == "lanes":
        return f"vec_{real.bits}"
    return "int64_t" if buffer.integer else real.type


def workspaces(symbol: str, routine: Routine, printer: Printer) -> Iterable[Workspace]:
    """Yield the functions that tell how much scratch memory a routine needs."""
    for space, buffers in _parts(routine).items():
        needed = {
            part.name
            for buffer in buffers
            for extent in buffer.shape
            for part in subtrees(extent)
            if isinstance(part, Extent)
        }
        counts = [_product(buffer, printer) for buffer in buffers if buffer.kind != "lanes"]
        vectors = [_product(buffer, printer) for buffer in buffers if buffer.kind == "lanes"]
        if vectors:
            # In single precision a vector has more lanes; one more, for where the first begins.
            more = 1 + _APART * (len(vectors) - 1)
            counts.append(f"({' + '.join(vectors)} + {more}) * LANES_F32")
        between = _NUMBERS_APART * (len(counts) - 1)
        yield Workspace(
            f"{symbol}_{space}",
            f"How many elements {space} must have.",
            listed([f"size_t {printer.names[size]}" for size in routine.sizes]),
            tuple(f"(void){printer.names[size]};" for size in routine.sizes if size not in needed),
            " + ".join([*counts, *([str(between)] if between else [])]),
        )


def pointers(routine: Routine, printer: Printer) -> list[str]:
    """Return the statements that give each array its place in scratch memory."""
    made: list[str] = []
    for space, buffers in _parts(routine).items():
        start, offset = space, ""
        for buffer in buffers:
            kind, name = type_of(buffer, printer.real), printer.names[buffer.name]
            place = f"{start}{offset}"
            if buffer.kind == "lanes" and start == space:
                start, place, offset = name, f"aligned_{printer.real.bits}({place})", ""
            made.append(f"{kind} *restrict {name} = {place};")
            apart = _APART if buffer.kind == "lanes" else _NUMBERS_APART
            offset += f" + {printer.count(buffer.shape).text} + {apart}"
    return made


def _product(buffer: Buffer, printer: Printer) -> str:
    """Return the number of a buffer's elements, from sizes alone."""
    parts = [printer.length(extent) for extent in buffer.shape]
    texts = [
        part if isinstance(extent, Extent) or part.startswith(_CALLS) else f"({part})"
        for part, extent in zip(parts, buffer.shape, strict=True)
    ]
    return " * ".join(texts) or "1"


def listed(parameters: Sequence[str]) -> tuple[str, ...]:
    """Return parameters, with commas but after the last."""
    return (*(f"{parameter}," for parameter in parameters[:-1]), *parameters[-1:])
