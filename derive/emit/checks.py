"""What a generated function refuses, in the order in which it looks: before anything is computed.

Types, dtypes and ranks are checked as the arguments are read; then the sizes are learnt; then
every shape must be what the sizes say, and every computed subscript inside its axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.arrays import extent_text, tuple_text
from derive.emit.names import python_extent, python_name
from derive.emit.sizes import bounds, sizes_in
from derive.layer.check import never_empty
from derive.program.freeze import freeze_size
from derive.program.ir import Extent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.emit.formals import Formal
    from derive.emit.sizes import Binding
    from derive.layer.model import Layer
    from derive.program.ir import Expr, Program

__all__ = ["Check", "checks", "computed_axes", "reading"]


@dataclass(frozen=True, slots=True)
class Check:
    """Refuse the call with ``error`` if ``condition`` holds."""

    condition: str
    error: str


def reading(
    given: Sequence[Formal], arrays: Sequence[Formal], seeds: Sequence[Formal]
) -> tuple[str, ...]:
    """Return the lines that take the arrays in: their type, dtype and rank, and the batch.

    Parameters
    ----------
    given : sequence of Formal
        What the layer is given; the first real one decides the dtype, the first that is batched
        the dimensions of the batch.
    arrays : sequence of Formal
        All arrays that are required, in the order of the arguments.
    seeds : sequence of Formal
        Those that may be ``None``.
    """
    lines = [f"dtype = {_dtype([f for f in (*given, *arrays) if not f.integer])}"]
    lines += [_reading(each) for each in arrays]
    leader = _leader(given)
    lines.append(
        f"lead = {leader.name}.shape[: {leader.name}.ndim - {len(leader.shape)}]"
        if leader
        else "lead = ()"
    )
    for each in seeds:
        lines.append(f"if {each.name} is not None:\n        {_reading(each)}")
    return tuple(lines)


def _dtype(reals: Sequence[Formal]) -> str:
    """Return how the dtype is found: the first array says it, and what may be a number does not."""
    first = next((n for n, each in enumerate(reals) if each.rank), len(reals) - 1)
    asked = tuple(dict.fromkeys(reals[: first + 1]))
    if len(asked) == 1 and reals[0].rank:
        return f'_dtype("{asked[0].label}", {asked[0].name})'
    each = ", ".join(f'("{each.label}", {each.name}, {each.rank})' for each in asked)
    return f"_first({each})" if asked else "_REAL"


def _reading(formal: Formal) -> str:
    kind = "_INTEGER" if formal.integer else "dtype"
    return (
        f'{formal.name} = _array("{formal.label}", {formal.name}, {kind}, "{formal.shown}", '
        f"{formal.rank}, {bool(formal.batch)})"
    )


def _leader(given: Sequence[Formal]) -> Formal | None:
    """Return the argument that tells the dimensions of the batch."""
    return next((each for each in given if each.batch), None)


def checks(
    programs: Sequence[Program],
    given: Sequence[Formal],
    arrays: Sequence[Formal],
    seeds: Sequence[Formal],
    bindings: Sequence[Binding],
    extra: Sequence[str],
    computed: Mapping[Expr, str],
) -> tuple[Check, ...]:
    """Return what is refused once the sizes are known.

    Parameters
    ----------
    programs : sequence of Program
        The definition, and what is to be computed: integers must be positions in both.
    given, arrays, seeds : sequence of Formal
        As for :func:`reading`.
    bindings : sequence of Binding
        How the sizes were learnt.
    extra : sequence of str
        The sizes that are arguments.
    computed : mapping of Expr to str
        As :func:`computed_axes` returns them.
    """
    sources = {binding.size: binding.source for binding in bindings}
    leader = _leader(given)
    lead = leader.label if leader else ""
    found = []
    every = [*sources, *extra]
    if every:
        names = [python_name(name) for name in every]
        least = f"min({', '.join(names)})" if len(names) > 1 else names[0]
        pairs = [f'("{size}", {name})' for size, name in zip(every, names, strict=True)]
        found.append(Check(f"{least} < 1", f"_empty({', '.join(pairs)})"))
    for extent, tensor in computed.items():
        if set(sizes_in(extent)) <= set(every):
            found.append(_axis(extent, tensor))
    for each in arrays:
        if not _tells(each, sources, lead):
            found.append(_shape(each, sources, lead))
    found += [_shape(each, sources, lead, f"{each.name} is not None and ") for each in seeds]
    found += [Check(text, f'ValueError(f"{message}")') for text, message in bounds(*programs)]
    return tuple(found)


def computed_axes(layer: Layer) -> dict[Expr, str]:
    """Return the lengths of axes that sizes of at least 1 may leave empty, each with a tensor.

    Of ``N - K + 1`` values there may be none, or less.
    """
    found: dict[Expr, str] = {}
    for name, tensor in layer.by_name.items():
        for extent in tensor.shape:
            if not never_empty(extent):
                found.setdefault(freeze_size(extent), name)
    return found


def _axis(extent: Expr, tensor: str) -> Check:
    length, shown = (extent_text(e, tight=False) for e in (python_extent(extent), extent))
    known = ", ".join(f"{size} = {{{python_name(size)}}}" for size in sizes_in(extent))
    message = f"{tensor}: size {shown} must be at least 1, got {{{length}}} with {known}"
    return Check(f"{length} < 1", f'ValueError(f"{message}")')


def _tells(formal: Formal, sources: Mapping[str, str], lead: str) -> bool:
    """Tell whether the shape must be right: all in it was learnt from this array."""
    learnt = all(
        isinstance(extent, Extent) and sources.get(extent.name) == formal.label
        for extent in formal.shape
    )
    batch = not formal.batch or formal.label == lead
    # The first of several arrays tells how many cotangents there are.
    many = not formal.many or formal.label != lead
    return learnt and batch and many and len(set(formal.shape)) == len(formal.shape)


def _shape(formal: Formal, sources: Mapping[str, str], lead: str, present: str = "") -> Check:
    known = [f'("batch", lead, "{lead}")'] if formal.batch and lead else []
    for size in dict.fromkeys(name for extent in formal.shape for name in sizes_in(extent)):
        known.append(f'("{size}", {python_name(size)}, "{sources.get(size, "")}")')
    return Check(
        f"{present}{formal.name}.shape != {formal.extents}",
        f'_mismatch("{formal.label}", "{formal.shown}", {tuple_text(known)}, {formal.name})',
    )
