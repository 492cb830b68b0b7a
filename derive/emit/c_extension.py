"""The functions of a layer's C for Python: a CPython extension over NumPy's C API, as C text.

It takes the calls that are all as they should be; the Python module takes the others, and says
what is wrong with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.api import arguments, is_bare, results_of
from derive.emit.checks import computed_axes
from derive.emit.docs import RETURNED
from derive.emit.formals import formal
from derive.emit.sizes import bounds
from derive.program.ir import Extent
from derive.render import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from derive.emit.api import Arguments
    from derive.emit.formals import Formal
    from derive.program.ir import Program
    from derive.program.suite import Suite

__all__ = ["EXTENSION", "Extension", "extension", "quick"]

EXTENSION = "c/extension.c.jinja"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A function, as the extension describes and calls it."""

    name: str
    parameters: tuple[str, ...]
    positional: str
    required: str
    given: str
    saved: str
    results: str
    written: str
    real: str
    sample: str
    batch: str
    many: str
    bare: str
    arrays: tuple[str, ...]
    known: str
    record: str
    work: str
    positions: str
    unused: tuple[str, ...]
    single: str
    double: str


@dataclass(frozen=True, slots=True)
class Extension:
    """All that the template of the extension prints."""

    header: tuple[str, ...]
    name: str
    most_parameters: str
    most_arrays: str
    most_sizes: str
    most_axes: str
    functions: tuple[Wrapped, ...]


def extension(suite: Suite, header: tuple[str, ...], spaces: Mapping[str, tuple[str, ...]]) -> str:
    """Return the text of the extension; nothing if it has no function.

    Parameters
    ----------
    suite : Suite
        The layer and its programs.
    header : tuple of str
        What the file says of its making.
    spaces : mapping
        The workspaces that each program needs, by its name.
    """
    programs = [p for p in suite.programs if _plain(p, suite)]
    if not programs:
        return ""
    functions = [_wrapped(program, suite, spaces) for program in programs]
    shapes = [len(buffer.shape) for program in programs for buffer in program.buffers]
    context = Extension(
        header,
        suite.layer.name,
        str(max(len(function.parameters) for function in functions) - 1),
        str(max(len(function.arrays) for function in functions)),
        str(max(len(program.sizes) for program in programs)),
        str(max(1, *shapes)),
        tuple(functions),
    )
    return render(EXTENSION, context)


def quick(suite: Suite) -> tuple[str, ...]:
    """Return the names of the functions that the extension has."""
    return tuple(program.name for program in suite.programs if _plain(program, suite))


def _saved(takes: Arguments) -> list[str]:
    return ["saved"] if takes.saved else []


def _plain(program: Program, suite: Suite) -> bool:
    """Tell whether the shapes tell all sizes directly, and no position needs to be looked at."""
    takes = arguments(program, suite)
    shapes = [b.shape for b in program.buffers if b.kind != "temporary"]
    return (
        not takes.extra
        and not bounds(suite.forward, program)
        and not computed_axes(suite.layer)
        and suite.layer.name.isascii()
        and all(isinstance(extent, Extent) for shape in shapes for extent in shape)
    )


def _wrapped(program: Program, suite: Suite, spaces: Mapping[str, tuple[str, ...]]) -> Wrapped:
    takes = arguments(program, suite)
    kinds = [
        *((f, "INTEGER" if f.integer else "REAL") for f in takes.arrays),
        *((f, "NUMBER") for f in (*takes.rates, *takes.scalars)),
        *((f, "TANGENT") for f in takes.seeds),
        *((f, "SAVED") for f in takes.saved),
    ]
    outputs = [formal(buffer, suite) for buffer in program.of_kind("output")]
    results = results_of(program.name, outputs, suite)
    every = [*kinds, *((f, "REAL") for f in outputs)]
    places = {f.label: place for place, (f, _) in enumerate(every)}
    buffers = (*program.of_kind("input"), *program.of_kind("output"))
    sizes = [f"n[{place}]" for place in range(len(program.sizes))]
    own = spaces[program.name]
    inside = [*sizes, *(f"p[{places[b.name]}]" for b in buffers), *own]
    symbol = f"{suite.layer.name}_{program.name}"
    counts = {space: f"{symbol}_{space}({', '.join(sizes)})" for space in own}
    bare = is_bare(program.name, results)
    named = [f.name for f, kind in kinds if kind != "SAVED"]
    return Wrapped(
        program.name,
        (*(f'"{name}"' for name in (*named, *_saved(takes), "out")), "NULL"),
        str(len(takes.arrays)),
        str(len(takes.arrays) + len(takes.rates)),
        str(len(kinds)),
        str(len(takes.saved)),
        str(len(results)),
        str(len(outputs) - len(results)),
        _first(not f.integer for f in takes.arrays),
        _first(bool(f.batch) for f in takes.arrays),
        _place(suite.batch, program.sizes),
        _place(suite.many, program.sizes),
        str(int(bare)),
        tuple(_array(f, kind, program.sizes) for f, kind in every),
        ", ".join(f"KNOWN({size})" for size in program.sizes) or "0",
        "" if bare else RETURNED[program.name],
        counts.get("work", ""),
        counts.get("positions", ""),
        tuple(f"(void){space};" for space in ("work", "positions") if space not in own),
        f"{symbol}_f32({', '.join(inside)})",
        f"{symbol}_f64({', '.join(inside)})",
    )


def _place(size: str, sizes: Sequence[str]) -> str:
    return str(sizes.index(size)) if size in sizes else "-1"


def _first(told: Iterable[bool]) -> str:
    return str(next((place for place, found in enumerate(told) if found), -1))


def _array(f: Formal, kind: str, sizes: Sequence[str]) -> str:
    own = [str(sizes.index(e.name)) for e in f.shape if isinstance(e, Extent)]
    axes = ", ".join(own) or "0"
    return f"{{{kind}, {int(bool(f.many))}, {int(bool(f.batch))}, {len(own)}, {{{axes}}}}}"
