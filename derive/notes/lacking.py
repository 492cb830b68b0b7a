"""Common facts that a note takes for granted: with which of them a wrong claim would be true."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.index.terms import tensors
from derive.layer.model import Role
from derive.notes.source import formula

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.document import Note
    from derive.notes.world import World

__all__ = ["suppositions", "under"]


def suppositions(world: World) -> Iterator[str]:
    """Yield facts that are often meant: labels that add up to 1, symmetric matrices."""
    spelled = {symbol.name: spelling for spelling, symbol in reversed(world.tensors.items())}
    known = {name for fact in world.layer.facts for name in tensors(fact.left)}
    taken = {*world.tensors, *world.sizes, *world.functions, *world.losses}
    free = [letter for letter in "kijlmnpqrstuv" if letter not in taken]
    if len(free) < 2:
        return
    k, n = free[:2]
    for tensor in world.layer.tensors:
        spelling, shape = spelled.get(tensor.name), tensor.shape
        if spelling is None or tensor.name in world.symmetric:
            continue
        if len(shape) == 2 and shape[0] == shape[1] and shape[0] != 1:
            yield rf"{spelling} = {spelling}^\top"
        if tensor.role is not Role.LABEL or tensor.name in known:
            continue
        long = [size for size in shape if size != 1]
        # A name that has an index already takes no second one without braces.
        own = f"{{{spelling}}}" if "_" in spelling else spelling
        if len(shape) == 1:
            yield rf"\sum_{k} {own}_{k} = 1"
        elif len(shape) == 2 and len(long) == 1:
            yield rf"\sum_{k} {own}_{{{f'1,{k}' if shape[0] == 1 else f'{k},1'}}} = 1"
        elif len(shape) == 2:
            yield rf"\sum_{k} {own}_{{{n},{k}}} = 1"


def under(note: Note, fact: str) -> Note:
    """Return the note with one more fact."""
    assert note.header is not None
    header = replace(note.header, assume=(*note.header.assume, formula(fact, note.file)))
    return replace(note, header=header)
