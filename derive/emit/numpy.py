"""The NumPy target: one module per layer, which imports NumPy and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.api import Function, Record, functions, records
from derive.emit.names import python_name, renamed
from derive.emit.vector import HELPERS as _HELPERS
from derive.emit.vector import kernel
from derive.render import render, template_text

if TYPE_CHECKING:
    from derive.emit.target import Described
    from derive.program.ir import Program
    from derive.program.suite import Suite

__all__ = ["NAME", "files", "templates"]

NAME = "numpy"

_TEMPLATE = "numpy/module.py.jinja"


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
    return template_text(_TEMPLATE) + "".join(_helper(name) for name in sorted(_HELPERS))


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
    written = [(p, _python(p)) for p in suite.programs]
    texts = [(p, kernel(renamed_program)) for p, renamed_program in written]
    helpers = {name for _, text in texts for name in text.helpers}
    context = Context(
        f"{suite.layer.name}: {suite.layer.doc}" if suite.layer.doc else suite.layer.name,
        described.definition,
        header,
        tuple(_helper(name) for name in _HELPERS if name in helpers),
        tuple(
            Kernel(
                program.name,
                _parameters(renamed_program),
                described.formulas(program.name),
                text.lines,
            )
            for (program, renamed_program), (_, text) in zip(written, texts, strict=True)
        ),
        records(suite, described.formula),
        functions(suite),
    )
    return {f"{suite.layer.name}.py": render(_TEMPLATE, context)}


def _python(program: Program) -> Program:
    names = [*program.sizes, *(buffer.name for buffer in program.buffers)]
    return renamed(program, {name: python_name(name) for name in names})


def _parameters(program: Program) -> str:
    arrays = (*program.of_kind("input"), *program.of_kind("output"))
    return ", ".join(("dtype", *program.sizes, *(buffer.name for buffer in arrays)))


def _helper(name: str) -> str:
    return template_text(f"numpy/{name}.py.jinja").rstrip("\n")


