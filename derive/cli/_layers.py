"""Find a layer by what a user calls it: a shipped one, a Python file, or a note."""

from __future__ import annotations

import keyword
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.layer.model import Layer
    from derive.notes.header import Header

__all__ = ["NOTES", "load", "note_data", "said_of_layout", "with_any_sizes"]

#: What the names of notes end with.
NOTES = (".md", ".markdown", ".tex", ".ltx", ".latex")


def load(name: str, *, code: bool = True) -> Layer:
    """Return a layer by the name of a shipped one, or by the path of a Python file or a note.

    Parameters
    ----------
    name : str
        As the user gave it.
    code : bool
        Whether there is to be code for it; else it may have functions that can be any.

    Raises
    ------
    DeriveError
        If there is no such layer, or its file is wrong.
    """
    if Path(name).suffix.lower() in NOTES:
        return _of_note(name, code=code)
    from derive.layer.find import load as load_other

    return load_other(name)


def with_any_sizes(name: str, given: Layer) -> Layer | None:
    """Return the layer of a note with letters in the place of large numbers that are sizes.

    Parameters
    ----------
    name : str
        As the user gave it.
    given : Layer
        The layer of that name, as :func:`load` returns it.

    Returns
    -------
    Layer or None
        None where there are no such numbers, or where only these numbers will do.
    """
    if Path(name).suffix.lower() not in NOTES:
        return None
    try:
        layer = _of_note(name, code=True, exact=False)
    except DeriveError:
        return None
    return layer if len(layer.sizes) > len(given.sizes) else None


def said_of_layout(name: str) -> dict[str, str]:
    """Return the ``layout`` and the ``convention`` of a note that are not the usual ones.

    Parameters
    ----------
    name : str
        As the user gave it; only a note says anything.
    """
    from derive.notes.document import read

    if Path(name).suffix.lower() not in NOTES:
        return {}
    header = read(note_data(name), name).header
    if header is None:
        return {}
    said = {"convention": header.convention, "layout": header.layout}
    return {key: value for key, value in said.items() if value in ("row", "numerator")}


def note_data(file: str) -> bytes:
    """Return what is in a note's file, and no more of it than a note may have.

    Raises
    ------
    DeriveError
        If it cannot be read.
    """
    from derive.notes.source import FILE_LIMIT

    if not file:
        raise DeriveError(f"{file!r} names no file")
    try:
        with Path(file).open("rb") as stream:
            return stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise DeriveError(f"{file} cannot be read: {error.strerror or error}") from error


def _of_note(file: str, *, code: bool, exact: bool = True) -> Layer:
    """Return the layer that a note defines, or names; not ``exact``, of any large sizes."""
    from derive.layer.check import validated
    from derive.layer.find import load as load_shipped
    from derive.notes.declare import world_of
    from derive.notes.document import read

    note = read(note_data(file), file)
    header = note.header
    if header is not None and header.layer is not None:
        return load_shipped(header.layer)
    if header is not None:
        if code:
            _refuse_open_functions(header)
        if not header.define:
            raise DeriveError(
                "the note defines nothing, so there is no layer in it",
                header.span("derive"),
                "its header needs define: with the formulas of the forward pass",
            )
    world = world_of(note, exact=exact)
    for node in world.nodes[len(world.layer.nodes) :]:
        raise DeriveError(
            f"{node.name} is made of a loss that may be any function: it is in no layer",
            None if header is None else header.span("define"),
            "derive check needs no more than this",
        )
    if not world.layer.nodes:
        raise DeriveError(
            "the note defines functions only, so there is no layer in it",
            None if header is None else header.span("define"),
            "apply them: z_i = f(x_i)",
        )
    layer = replace(
        world.layer,
        name=_module_name(Path(file).stem),
        doc=world.layer.doc or f"The layer of {Path(file).name}.",
    )
    spellings = {symbol.name: spelling for spelling, symbol in reversed(world.tensors.items())}
    _refuse_inverses(layer, spellings)
    return validated(layer)


def _refuse_open_functions(header: Header) -> None:
    """Complain of a definition with a function that may be any."""
    from derive.notes.order import in_order

    names = (*header.names(), *(dim.name for dim in header.dims))
    definitions = in_order(header.define, names)
    read = {name for one in definitions for name in one.reads}
    known = {name for one in definitions for name in one.names}
    for symbol in header.symbols:
        if symbol.role == "function" and symbol.name in read - known:
            raise DeriveError(
                f"{symbol.spelling} is any function: there is no code that computes it",
                symbol.span,
                f"say under define which it is, as {symbol.spelling}(u) = \\tanh(u); "
                "derive show and derive check need no more than this",
            )


def _refuse_inverses(layer: Layer, spellings: dict[str, str]) -> None:
    """Complain of a definition with the inverse of a matrix."""
    from derive.index.inverses import inverted
    from derive.index.terms import tensors

    for node in layer.nodes:
        for name in sorted(tensors(node.body) - set(layer.names)):
            shown = spellings.get(inverted(name) or name, name)
            raise DeriveError(
                f"the inverse {shown}^{{-1}} is only understood in claims",
                node.span,
                "to have code, give the inverse a name, as an input or a constant",
            )


def _module_name(stem: str) -> str:
    """Return a module's name that is like a file's.

    >>> _module_name("soft-max, 2nd"), _module_name("2nd"), _module_name("class")
    ('soft_max_2nd', 'note_2nd', 'class_')
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_") or "note"
    name = f"note_{name}" if name[0].isdigit() else name
    return f"{name}_" if keyword.iskeyword(name) else name
