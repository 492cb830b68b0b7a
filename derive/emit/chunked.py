"""The lines with which a kernel of NumPy computes a chunk of its samples at a time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from derive.emit.api import broken
from derive.emit.arrays import extent_text
from derive.program.chunks import chunks
from derive.program.ir import Extent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.emit.page import Page
    from derive.program.ir import Expr, Program

__all__ = ["chunked"]


def chunked(program: Program, size: str, page: Page) -> list[str]:
    """Return what a kernel begins with: where it would make large arrays, it calls itself.

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
    list of str
        Nothing where there are no arrays for all samples, or where chunks would change results.
    """
    wide = [shape for shape in page.whole if Extent(size) in shape]
    plan = chunks(program, size) if wide else None
    if plan is None:
        return []
    outputs = [buffer.name for buffer in program.of_kind("output")]
    given = [buffer.name for buffer in program.of_kind("input")] + outputs
    slices = {name: f"{name}[{':, ' * place}low:high]" for name, place in plan.sliced.items()}
    # A slice of an inner axis is not in C order, as the kernel wants its results.
    copied = [name for name in outputs if plan.sliced.get(name)]
    own = {name: page.fresh(f"{name}_c") for name in (*plan.summed, *copied)}
    names = [own.get(name) or slices.get(name, name) for name in given]
    sizes = ["high - low" if name == size else name for name in program.sizes]
    width = _numbers(map(plan.others, wide))
    call = broken(f"        _{program.name}(", ["dtype", *sizes, *names], "    " * 3)
    return [
        broken("chunk = _chunk(", (width, *plan.summed)),
        f"if chunk < {size}:",
        *(f"    {own[name]} = np.empty_like({name})" for name in plan.summed),
        *(f"    {name}.fill(0.0)" for name in plan.summed),
        f"    for low in range(0, {size}, chunk):",
        f"        high = min(low + chunk, {size})",
        *(f"        {own[name]} = np.empty_like({slices[name]})" for name in copied),
        call,
        *(f"        {slices[name]} = {own[name]}" for name in copied),
        *(f"        {name} += {own[name]}" for name in plan.summed),
        "    return",
    ]


def _numbers(shapes: Iterable[tuple[Expr, ...]]) -> str:
    """Return how many numbers arrays hold."""
    terms = []
    for shape, count in Counter(shapes).items():
        factors = [extent_text(extent) for extent in shape]
        terms.append(" * ".join((*((str(count),) if count > 1 or not shape else ()), *factors)))
    return " + ".join(terms)
