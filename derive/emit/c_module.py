"""The Python module of a layer's C: the interface of every target, over the compiled library."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.api import Function, functions, kernel_parameters
from derive.emit.c_extension import quick
from derive.emit.docs import Record, quoted, records, title_of
from derive.emit.names import python_name
from derive.render import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.emit.target import Described
    from derive.program.ir import Program
    from derive.program.suite import Suite

__all__ = ["MODULE", "python_module"]

MODULE = "c/module.py.jinja"

#: The dtype of each workspace.
_SPACES = {"work": "dtype", "positions": "np.int64"}


@dataclass(frozen=True, slots=True)
class Space:
    """A workspace, as the Python module makes it."""

    name: str
    variable: str
    symbol: str
    dtype: str


@dataclass(frozen=True, slots=True)
class Binding:
    """A function of the library, as the Python module calls it."""

    name: str
    variable: str
    symbol: str
    parameters: str
    formulas: tuple[str, ...]
    sizes: str
    named_sizes: str
    sizes_count: str
    arrays_count: str
    spaces: tuple[Space, ...]
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Module:
    """All that the template of the Python module prints."""

    title: str
    name: str
    source: str
    quick: str
    definition: tuple[str, ...]
    header: tuple[str, ...]
    kernels: tuple[Binding, ...]
    records: tuple[Record, ...]
    functions: tuple[Function, ...]


def python_module(
    suite: Suite,
    described: Described,
    header: tuple[str, ...],
    texts: tuple[str, ...],
    spaces: Mapping[str, tuple[str, ...]],
) -> str:
    """Return the text of the module.

    Parameters
    ----------
    suite : Suite
        The layer and its programs.
    described : Described
        Its formulas in text.
    header : tuple of str
        What the file says of its making.
    texts : tuple of str
        The C files and the header: only a library made of just these will be loaded.
    spaces : mapping
        The workspaces that each program needs, by its name.
    """
    layer = suite.layer
    module = Module(
        quoted(title_of(layer)),
        layer.name,
        hashlib.sha256("".join(texts).encode()).hexdigest(),
        ", ".join(f'"{name}"' for name in quick(suite)),
        described.definition,
        header,
        tuple(
            _binding(layer.name, p, described.formulas(p.name), spaces[p.name])
            for p in suite.programs
        ),
        records(suite, described),
        functions(suite, described),
    )
    return render(MODULE, module)


def _binding(
    prefix: str, program: Program, formulas: tuple[str, ...], spaces: tuple[str, ...]
) -> Binding:
    symbol = f"{prefix}_{program.name}"
    variable = f"_{program.name}".upper()
    sizes = [python_name(size) for size in program.sizes]
    buffers = (*program.of_kind("input"), *program.of_kind("output"))
    arrays = [python_name(buffer.name) for buffer in buffers]
    # No name of a layer begins with an underscore.
    made = tuple(
        Space(f"_{space}", f"{variable}_{space}".upper(), f"{symbol}_{space}", _SPACES[space])
        for space in spaces
    )
    pointers = (*arrays, *(space.name for space in made))
    return Binding(
        program.name,
        variable,
        symbol,
        kernel_parameters(program.name, (*sizes, *arrays)),
        formulas,
        ", ".join(sizes),
        ", ".join(f'("{name}", {size})' for name, size in zip(program.sizes, sizes, strict=True)),
        str(len(sizes)),
        str(len(pointers)),
        made,
        (*sizes, *(f"{name}.ctypes.data" for name in pointers)),
    )
