"""The C target: per layer a header, its functions in C11, and a Python module that calls them.

A function reads its inputs, writes its outputs, and needs nothing but the C library; every one
exists for ``double`` and ``float``. Arrays and workspaces belong to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from derive.emit.api import TEMPLATES
from derive.emit.arrays import extent_text
from derive.emit.c_extension import EXTENSION, extension
from derive.emit.c_functions import Function, function
from derive.emit.c_lanes import TEMPLATES as HELPERS
from derive.emit.c_lanes import helpers
from derive.emit.c_module import MODULE, python_module
from derive.emit.c_work import spaces_of
from derive.emit.checks import computed_axes
from derive.emit.docs import title_of
from derive.program.ahead import ahead
from derive.program.argmax import argmax
from derive.program.around import around
from derive.program.blocks import blocks
from derive.program.fuse import fuse
from derive.program.group import group
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
    from collections.abc import Mapping, Sequence

    from derive.emit.target import Described
    from derive.program.code import Routine
    from derive.program.ir import Program
    from derive.program.suite import Suite

__all__ = ["NAME", "Source", "files", "source", "templates"]

NAME = "c"

_NONE: Mapping[str, Sequence[str]] = MappingProxyType({})
_KERNEL, _HEADER = "c/kernel.c.jinja", "c/kernel.h.jinja"


@dataclass(frozen=True, slots=True)
class Kernel:
    """All that the template of the C file prints."""

    header: tuple[str, ...]
    name: str
    lengths: str
    inside: str
    memory: str
    vectors: str
    blocks: str
    helpers: tuple[str, ...]
    functions: tuple[Function, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """All that the template of the header prints."""

    header: tuple[str, ...]
    guard: str
    title: str
    definition: tuple[str, ...]
    name: str
    integers: str
    lengths: str
    blocks: str
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
    written = source(
        name,
        title_of(suite.layer),
        suite.programs,
        (*described.definition, *_required(suite)),
        {program.name: described.formulas(program.name) for program in suite.programs},
        header,
        suite.batch,
        {
            "input": suite.saved,
            "output": tuple(name for name in suite.saved if name not in suite.layer.outputs),
        },
        (suite.forward,),
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
    samples: str = "",
    saved: Mapping[str, Sequence[str]] = _NONE,
    defining: Sequence[Program] = (),
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
    samples : str
        The size that counts samples, if there is one.
    saved : mapping of str to sequence of str
        What a function has from another besides its own inputs, and what one writes for another
        besides the outputs, by the kind of the buffer: ``input`` or ``output``.
    defining : sequence of Program
        Those whose positions every function's integers must be, besides its own.
    """
    routines = [_scheduled(program, samples) for program in programs]
    made = []
    for program, routine in zip(programs, routines, strict=True):
        notes = tuple(s.note for s in program.body if s.note)
        told = notes if formulas is None else formulas.get(program.name, ())
        read = tuple(dict.fromkeys((*defining, program)))
        made.append(function(name, routine, read, tuple(map(_comment, told)), saved))
    texts = [line for function in made for variant in function.variants for line in variant.body]
    setup = [line for function in made for variant in function.variants for line in variant.setup]
    blocks = next((line.rows for line in texts if line.rows), "")
    about = tuple(map(_comment, header))
    shapes = [line for function in made for line in function.arrays]
    helping = helpers("\n".join((*setup, *(line.words for line in texts))))
    kernel = Kernel(
        about,
        name,
        next((line for line in setup if "length(" in line), ""),
        next((line.words for line in texts if "inside(" in line.words), ""),
        next((helper for helper in helping if "memcpy(" in helper), ""),
        next((line.block for line in texts if line.block), ""),
        blocks,
        helping,
        tuple(made),
    )
    guard = f"DERIVE_{name.upper()}_H"
    public = [replace(f, variants=tuple(v for v in f.variants if v.kind == "void")) for f in made]
    heading = Header(
        about,
        guard,
        _comment(title),
        tuple(map(_comment, definition)),
        name,
        next((line for line in shapes if "int64_t" in line), ""),
        next((line for line in shapes if "length(" in line), ""),
        blocks,
        tuple(public),
    )
    spaces = {routine.name: tuple(spaces_of(routine)) for routine in routines}
    return Source(render(_KERNEL, kernel), render(_HEADER, heading), spaces)


def _scheduled(program: Program, samples: str) -> Routine:
    """Return the loops of a program: fused, with scalars shared, over lanes, in shares."""
    program = onto(program)
    plain = argmax(loops(program, together(fuse(program))))
    whole = blocks(ahead(threads(shrink(lanes(share(keep(share(plain))))))))
    return group(around(whole, program, samples))


def _required(suite: Suite) -> tuple[str, ...]:
    """Return what sizes of at least 1 may break, in words: nothing here looks at them."""
    return tuple(
        f"{tensor} has an axis of {extent_text(extent, tight=False)}, which must be at least 1, too"
        for extent, tensor in computed_axes(suite.layer).items()
    )


def _comment(text: str) -> str:
    """Return the text such that it can stand in a comment."""
    return text.replace("*/", "* /").replace("/*", "/ *")
