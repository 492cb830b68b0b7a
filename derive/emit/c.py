"""The C target: per layer a header, its functions in C11, and a Python module that calls them.

A function reads its inputs, writes its outputs, and needs nothing but the C library; every one
exists for ``double`` and ``float``. Arrays and workspaces belong to the caller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.emit.api import TEMPLATES
from derive.emit.c_extension import EXTENSION, extension
from derive.emit.c_lanes import TEMPLATES as HELPERS
from derive.emit.c_lanes import helpers
from derive.emit.c_lines import Line, lines, share_lines
from derive.emit.c_module import MODULE, python_module
from derive.emit.c_names import c_names
from derive.emit.c_text import DOUBLE, FLOAT, Printer
from derive.emit.c_work import (
    GIVEN,
    Workspace,
    listed,
    pointers,
    spaces_of,
    type_of,
    workspaces,
)
from derive.program.ahead import ahead
from derive.program.code import Declare, Define, For, Lanes, Routine, Shares, walk
from derive.program.fuse import fuse
from derive.program.group import group
from derive.program.ir import Call
from derive.program.keep import keep
from derive.program.lanes import lanes
from derive.program.loops import loops
from derive.program.onto import onto
from derive.program.share import share
from derive.program.shrink import shrink
from derive.program.threads import threads
from derive.program.together import together
from derive.render import render, template_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from derive.emit.target import Described
    from derive.program.ir import Buffer, Expr, Program
    from derive.program.suite import Suite

__all__ = ["NAME", "Source", "files", "source", "templates"]

NAME = "c"

_KERNEL, _HEADER = "c/kernel.c.jinja", "c/kernel.h.jinja"


@dataclass(frozen=True, slots=True)
class Variant:
    """A function in one precision, or what it does for each share; only that is static."""

    kind: str
    symbol: str
    parameters: tuple[str, ...]
    known: str
    setup: tuple[str, ...]
    body: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """One program of a layer."""

    name: str
    arrays: tuple[str, ...]
    formulas: tuple[str, ...]
    workspaces: tuple[Workspace, ...]
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Kernel:
    """All that the template of the C file prints."""

    header: tuple[str, ...]
    name: str
    products: str
    lengths: str
    vectors: str
    helpers: tuple[str, ...]
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """All that the template of the header prints."""

    header: tuple[str, ...]
    guard: str
    title: str
    definition: tuple[str, ...]
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The C of some programs: the text of the file, and of its header.

    Parameters
    ----------
    kernel, header : str
        The texts.
    spaces : dict
        For each program, by name, the workspaces that it needs.
    """

    kernel: str
    header: str
    spaces: dict[str, tuple[str, ...]]


def templates() -> str:
    """Return the text of all templates of the target, for the header's hash."""
    names = (_KERNEL, _HEADER, MODULE, EXTENSION, *TEMPLATES, *HELPERS)
    return "".join(map(template_text, names))


def files(suite: Suite, described: Described, header: tuple[str, ...]) -> dict[str, str]:
    """Return the target's files for a layer: name → text.

    Parameters
    ----------
    suite : Suite
        The layer and its programs.
    described : Described
        Its formulas in text.
    header : tuple of str
        What the files say of their making.
    """
    name = suite.layer.name
    title = f"{name}: {suite.layer.doc}" if suite.layer.doc else name
    written = source(
        name,
        title,
        suite.programs,
        described.definition,
        {program.name: described.formulas(program.name) for program in suite.programs},
        header,
    )
    bound = extension(suite, tuple(map(_comment, header)), written.spaces)
    texts = {f"{name}.c": written.kernel, f"{name}.h": written.header}
    if bound:
        texts[f"{name}_python.c"] = bound
    module = python_module(suite, described, header, tuple(texts.values()), written.spaces)
    return {**texts, f"{name}.py": module}


def source(
    name: str,
    title: str,
    programs: Sequence[Program],
    definition: Sequence[str] = (),
    formulas: dict[str, tuple[str, ...]] | None = None,
    header: Sequence[str] = (),
) -> Source:
    """Return the C of programs.

    Parameters
    ----------
    name : str
        What the functions' names begin with, and the name of the header.
    title : str
        One line on all of them.
    programs : sequence of Program
        Each becomes ``name_program_f64`` and ``name_program_f32``.
    definition : sequence of str
        Formulas for the head of the header.
    formulas : dict, optional
        The formulas of each program, by its name; its own notes if not given.
    header : sequence of str
        What the files say of their making.
    """
    routines = [_scheduled(program) for program in programs]
    made = []
    for program, routine in zip(programs, routines, strict=True):
        notes = tuple(s.note for s in program.body if s.note)
        told = notes if formulas is None else formulas.get(program.name, ())
        made.append(_function(name, routine, tuple(map(_comment, told))))
    texts = [line for function in made for variant in function.variants for line in variant.body]
    setup = [line for function in made for variant in function.variants for line in variant.setup]
    about = tuple(map(_comment, header))
    kernel = Kernel(
        about,
        name,
        next((line.text for line in texts if line.text.startswith("matrices_")), ""),
        next((line for line in setup if "length(" in line), ""),
        next((line.block for line in texts if line.block), ""),
        helpers("\n".join((*setup, *(line.words for line in texts)))),
        tuple(made),
    )
    guard = f"DERIVE_{name.upper()}_H"
    told_ = tuple(map(_comment, definition))
    public = [replace(f, variants=tuple(v for v in f.variants if v.kind == "void")) for f in made]
    heading = Header(about, guard, _comment(title), told_, tuple(public))
    spaces = {routine.name: tuple(spaces_of(routine)) for routine in routines}
    return Source(render(_KERNEL, kernel), render(_HEADER, heading), spaces)


def _scheduled(program: Program) -> Routine:
    """Return the loops of a program: fused, with scalars shared, over lanes, in shares."""
    program = onto(program)
    plain = loops(program, together(fuse(program)))
    return group(ahead(threads(shrink(lanes(share(keep(share(plain))))))))


def _comment(text: str) -> str:
    """Return the text such that it can stand in a comment."""
    return text.replace("*/", "* /").replace("/*", "/ *")


def _function(prefix: str, routine: Routine, formulas: tuple[str, ...]) -> Function:
    names = {
        **c_names(_names(routine)),
        **{name: name for name in ("SHARES", "share", "shares", "slot", "GROUP", "nth")},
    }
    extents = _extents(routine)
    shapes = {buffer.name: buffer.shape for buffer in routine.buffers}
    symbol = f"{prefix}_{routine.name}"
    vectors = frozenset(buffer.name for buffer in routine.buffers if buffer.kind == "lanes")
    double, single = (
        Printer(real, names, shapes, extents, routine.integers, vectors) for real in (DOUBLE, FLOAT)
    )
    plain = replace(double, extents={})
    return Function(
        symbol,
        tuple(
            f"{names[b.name]} ({', '.join(plain.length(e) for e in b.shape)}): {_kind(b)}"
            for b in routine.buffers
            if b.kind in GIVEN
        ),
        formulas,
        tuple(workspaces(symbol, routine, plain)),
        tuple(v for printer in (double, single) for v in _variants(symbol, routine, printer)),
    )


def _kind(buffer: Buffer) -> str:
    return f"{buffer.kind}, int64_t" if buffer.integer else buffer.kind


def _names(routine: Routine) -> Iterable[str]:
    yield from routine.sizes
    for buffer in routine.buffers:
        yield buffer.name
    for part in walk(routine.body):
        if isinstance(part, (Define, Declare)):
            yield part.name
        elif isinstance(part, (For, Lanes)):
            yield part.axis.name
        if isinstance(part, Lanes):
            yield from (name for run in part.runs for name, _ in run.kept)


def _extents(routine: Routine) -> dict[Expr, str]:
    """Return the sizes that have to be computed, each with a name."""
    found: dict[Expr, str] = {}
    shapes = [extent for buffer in routine.buffers for extent in buffer.shape]
    axes = [part.axis.extent for part in walk(routine.body) if isinstance(part, (For, Lanes))]
    for extent in (*shapes, *axes):
        if isinstance(extent, Call) and extent not in found:
            found[extent] = f"extent_{len(found) + 1}"
    return found


def _variants(symbol: str, routine: Routine, printer: Printer) -> Iterable[Variant]:
    """Yield a function, after those that it calls for its shares."""
    real, names = printer.real, printer.names
    given = [*routine.sizes, *(b.name for b in routine.buffers if b.kind in GIVEN)]
    spaces = spaces_of(routine)
    parameters = [
        *(f"size_t {names[size]}" for size in routine.sizes),
        *(
            f"{'const ' if b.kind == 'input' else ''}{type_of(b, real)} *restrict {names[b.name]}"
            for b in routine.buffers
            if b.kind in GIVEN
        ),
        *(f"{kind(real)} *restrict {space}" for space, kind in spaces.items()),
    ]
    arguments = ", ".join([*(names[name] for name in given), *spaces])
    known = " ".join(f"KNOWN({names[size]}, {size})" for size in routine.sizes)
    body: list[Line] = []
    number = 0
    for line in lines(routine.body, printer):
        if line.shares:
            number += 1
            called = f"{symbol}_share{number}_{real.bits}"
            line = replace(line, called=f"{called}({arguments}")
        body.append(line)
    divided = (part for part in walk(routine.body) if isinstance(part, Shares))
    for place, part in enumerate(divided, start=1):
        inside = share_lines(part, printer)
        yield Variant(
            "static void",
            f"{symbol}_share{place}_{real.bits}",
            listed([*parameters, "size_t share", "size_t shares", "size_t slot"]),
            known,
            _setup(routine, printer, inside, (*given, "slot")),
            tuple(inside),
        )
    setup = _setup(routine, printer, body, given)
    yield Variant("void", f"{symbol}_{real.bits}", listed(parameters), known, setup, tuple(body))


def _setup(
    routine: Routine, printer: Printer, body: Sequence[Line], given: Sequence[str]
) -> tuple[str, ...]:
    """Return what comes before the lines of a body: of sizes and arrays, those that they name."""
    names = printer.names
    said = _words(line.words for line in body)
    places: list[str] = []
    for statement in reversed(pointers(routine, printer)):
        if statement.split(" = ")[0].split("restrict ")[1] in said:
            places.insert(0, statement)
            said |= _words([statement])
    computed = [
        f"const size_t {name} = {printer.length(extent)};"
        for extent, name in printer.extents.items()
        if name in said
    ]
    said |= _words(computed)
    if any(line.shares for line in body):
        # What is done for a share reaches the same places in its own way.
        places = [statement.replace("*restrict ", "*") for statement in places]
    own = [*(names.get(name, name) for name in given), *spaces_of(routine)]
    return (*computed, *places, *(f"(void){name};" for name in own if name not in said))


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.findall(r"\w+", text)}
