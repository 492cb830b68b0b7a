"""Find a layer by what a user calls it: a shipped one, a Python file, or a note."""

from __future__ import annotations

import keyword
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.layer.model import Layer, Node
    from derive.notes.header import Header

__all__ = ["NOTES", "load", "note_data"]

#: What the names of notes end with.
NOTES = (".md", ".markdown", ".tex", ".ltx", ".latex")


def load(name: str) -> Layer:
    """Return a layer by the name of a shipped one, or by the path of a Python file or a note.

    Raises
    ------
    DeriveError
        If there is no such layer, or its file is wrong.
    """
    if Path(name).suffix.lower() in NOTES:
        return _of_note(name)
    from derive.layer.find import load as load_other

    return load_other(name)


def note_data(file: str) -> bytes:
    """Return what is in a note's file, and no more of it than a note may have.

    Raises
    ------
    DeriveError
        If it cannot be read.
    """
    from derive.notes.source import FILE_LIMIT

    try:
        with Path(file).open("rb") as stream:
            return stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise DeriveError(f"{file} cannot be read: {error.strerror or error}") from error


def _of_note(file: str) -> Layer:
    """Return the layer that a note defines, or names."""
    from derive.layer.check import validated
    from derive.layer.find import load as load_shipped
    from derive.notes.declare import world_of
    from derive.notes.document import read

    note = read(note_data(file), file)
    header = note.header
    if header is not None and header.layer is not None:
        return load_shipped(header.layer)
    if header is not None:
        _refuse_open_functions(header)
        if not header.define:
            raise DeriveError(
                f"{file} defines nothing, so there is no layer in it",
                header.span("derive"),
                "its header needs define: with the formulas of the forward pass",
            )
    world = world_of(note)
    if not world.layer.nodes:
        raise DeriveError(
            f"{file} defines functions only, so there is no layer in it",
            None if header is None else header.span("define"),
            "apply them: z_i = f(x_i)",
        )
    layer = replace(
        world.layer,
        name=_module_name(Path(file).stem),
        doc=world.layer.doc or f"The layer of {Path(file).name}.",
        nodes=_in_order(world.layer.nodes),
    )
    spellings = {symbol.name: spelling for spelling, symbol in reversed(world.tensors.items())}
    _refuse_open_symbols(layer, spellings)
    return validated(layer)


def _refuse_open_functions(header: Header) -> None:
    for symbol in header.symbols:
        if symbol.role == "function":
            raise DeriveError(
                f"{symbol.spelling} is any function, and has no values to compute",
                symbol.span,
                f"say which one it is under define: {symbol.spelling}(u) = …",
            )


def _refuse_open_symbols(layer: Layer, spellings: dict[str, str]) -> None:
    """Complain of what a definition reads although nothing gives it a value."""
    from derive.index.terms import tensors

    known = set(layer.names)
    for node in layer.nodes:
        for name in sorted(tensors(node.body) - known):
            shown = spellings.get(name, name)
            if name.endswith("^-1"):
                raise DeriveError(
                    f"the inverse {spellings.get(name[:-3], name[:-3])}^{{-1}} is only understood "
                    "in claims: no code is written for it",
                    node.span,
                    "give the inverse a name, as an input or a constant",
                )
            raise DeriveError(
                f"{shown} has neither a role nor a definition",
                node.span,
                "say role: input, param, label or constant, or define it",
            )


def _in_order(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Return definitions so that each comes after what it reads; a circle is left as it is."""
    from derive.index.terms import tensors

    waiting = list(nodes)
    found: list[Node] = []
    while waiting:
        missing = {node.name for node in waiting}
        ready = next((node for node in waiting if not tensors(node.body) & missing), waiting[0])
        waiting.remove(ready)
        found.append(ready)
    return tuple(found)


def _module_name(stem: str) -> str:
    """Return a module's name that is like a file's.

    >>> _module_name("soft-max, 2nd"), _module_name("2nd"), _module_name("class")
    ('soft_max_2nd', 'note_2nd', 'class_')
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_") or "note"
    name = f"note_{name}" if name[0].isdigit() else name
    return f"{name}_" if keyword.iskeyword(name) else name
