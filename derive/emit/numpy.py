"""The NumPy target: one module per layer, which imports NumPy and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.api import TEMPLATES, Function, functions, kernel_parameters
from derive.emit.docs import Record, quoted, records, title_of
from derive.emit.names import python_name, python_program
from derive.emit.ufuncs import HELPERS
from derive.emit.vector import kernel
from derive.render import render, template_text

if TYPE_CHECKING:
    from derive.emit.target import Described
    from derive.program.ir import Program
    from derive.program.suite import Suite

__all__ = ["KERNEL_HELPERS", "NAME", "files", "templates"]

NAME = "numpy"

_TEMPLATE = "numpy/module.py.jinja"
#: What kernels may call, in the order in which it stands in a module.
KERNEL_HELPERS = ("chunk", "threads", *HELPERS)


@dataclass(frozen=True, slots=True)
class Kernel:
    """The text of one kernel."""

    name: str
    parameters: str
    formulas: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """All that the module's template prints."""

    title: str
    definition: tuple[str, ...]
    header: tuple[str, ...]
    helpers: tuple[str, ...]
    kernels: tuple[Kernel, ...]
    records: tuple[Record, ...]
    functions: tuple[Function, ...]


def templates() -> str:
    """Return the text of all templates of the target, for the header's hash."""
    names = (_TEMPLATE, *TEMPLATES, *(f"numpy/{name}.py.jinja" for name in KERNEL_HELPERS))
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
        What the file says of its making.
    """
    layer = suite.layer
    programs = [python_program(program) for program in suite.programs]
    samples = python_name(suite.batch)
    texts = [kernel(program, samples) for program in programs]
    called = {name for text in texts for name in text.helpers}
    context = Context(
        quoted(title_of(layer)),
        described.definition,
        header,
        tuple(_helper(name) for name in KERNEL_HELPERS if name in called),
        tuple(
            Kernel(
                program.name,
                _parameters(program),
                described.formulas(program.name),
                text.lines,
            )
            for program, text in zip(programs, texts, strict=True)
        ),
        records(suite, described),
        functions(suite, described),
    )
    return {f"{layer.name}.py": render(_TEMPLATE, context)}


def _parameters(program: Program) -> str:
    arrays = (*program.of_kind("input"), *program.of_kind("output"))
    return kernel_parameters(program.name, (*program.sizes, *(buffer.name for buffer in arrays)))


def _helper(name: str) -> str:
    return template_text(f"numpy/{name}.py.jinja").rstrip("\n")
