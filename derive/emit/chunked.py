"""The lines with which a kernel of NumPy computes a chunk of its samples at a time.

Chunks keep memory bounded; where there is nothing but elementary work, threads share them. How
many samples are a chunk does not depend on the number of threads, and neither does any result.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.api import broken
from derive.emit.arrays import extent_text
from derive.program.chunks import chunks
from derive.program.fuse import elementary
from derive.program.ir import Contract, Extent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.emit.page import Page
    from derive.program.ir import Expr, Program

__all__ = ["Chunked", "chunked"]


@dataclass(frozen=True, slots=True)
class Chunked:
    """The lines, and the helper functions that they call, by the names of their templates."""

    lines: tuple[str, ...]
    helpers: frozenset[str]


def chunked(program: Program, size: str, page: Page) -> Chunked:
    """Return what a kernel begins with: for many samples, it calls itself for chunks of them.

    Parameters
    ----------
    program : Program
        What it computes.
    size : str
        How many samples there are.
    page : Page
        The rest of the kernel.

    Returns
    -------
    Chunked
        Without lines where chunks would change results, and where nothing asks for them: neither
        arrays for all samples, nor costly functions that threads may share. Products of matrices
        have threads of their own.
    """
    wide = [shape for shape in page.whole if Extent(size) in shape]
    work = _work(program, size)
    plan = chunks(program, size) if wide or work else None
    if plan is None:
        return Chunked((), frozenset())
    outputs = [buffer.name for buffer in program.of_kind("output")]
    given = [buffer.name for buffer in program.of_kind("input")] + outputs
    slices = {name: f"{name}[{':, ' * place}low:high]" for name, place in plan.sliced.items()}
    # A slice of an inner axis is not in C order, as the kernel wants its results.
    copied = [name for name in outputs if plan.sliced.get(name)]
    own = {name: page.fresh(f"{name}_c") for name in (*plan.summed, *copied)}
    names = [own.get(name) or slices.get(name, name) for name in given]
    sizes = ["high - low" if name == size else name for name in program.sizes]
    call = broken(f"        _{program.name}(", ["dtype", *sizes, *names], "    " * 3)
    width = _numbers(map(plan.others, work or wide))
    measure, threads = ("_share", ("_in_threads",)) if work else ("_chunk", ())
    comma = "," if len(plan.summed) == 1 else ""
    summed = f"({', '.join(plan.summed)}{comma})"
    returned = f"({', '.join(own[name] for name in plan.summed)}{comma})"
    lines = (
        broken(f"chunk = {measure}(", (width, *plan.summed)),
        f"if chunk < {size}:",
        "    def compute(low, high):",
        *(f"        {own[name]} = np.empty_like({name})" for name in plan.summed),
        *(f"        {own[name]} = np.empty_like({slices[name]})" for name in copied),
        call,
        *(f"        {slices[name]} = {own[name]}" for name in copied),
        f"        return {returned}",
        broken("    _in_chunks(", ("compute", size, "chunk", summed, *threads), "    " * 2),
        "    return",
    )
    return Chunked(lines, frozenset(("chunk", "threads") if work else ("chunk",)))


def _work(program: Program, size: str) -> list[tuple[Expr, ...]]:
    """Return the extents of what computes costly functions of samples; nothing beside products."""
    if any(isinstance(statement, Contract) for statement in program.body):
        return []
    spaces = {
        tuple(sorted((axis.extent for axis in statement.space), key=extent_text))
        for statement in program.body
        if elementary(statement)
    }
    return sorted((space for space in spaces if Extent(size) in space), key=str)


def _numbers(shapes: Iterable[tuple[Expr, ...]]) -> str:
    """Return how many numbers arrays hold."""
    terms = []
    for shape, count in Counter(shapes).items():
        factors = [extent_text(extent) for extent in shape]
        terms.append(" * ".join((*((str(count),) if count > 1 or not shape else ()), *factors)))
    return " + ".join(terms)
