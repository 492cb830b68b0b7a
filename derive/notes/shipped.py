"""A note about a shipped layer (``layer: quantizer``): the layer's names, as notes spell them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.layer.find import load, shipped
from derive.layer.model import Layer, Role
from derive.notes.header import Declaration, Dim
from derive.notes.parse import canonical

if TYPE_CHECKING:
    from derive.errors import Span
    from derive.layer.model import Tensor
    from derive.notes.document import Note

__all__ = ["layer_of", "with_layer"]

_LETTERS = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma
tau
upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"""
_GREEK = frozenset(_LETTERS.split())
_NAME = re.compile(r"(?P<stem>[A-Za-z]+)_?(?P<number>\d*)_?(?P<word>[A-Za-z]\w*)?\Z")
_ACCENTS = ("hat", "bar", "tilde", "dot", "vec")
#: What stands for any function of the outputs, where the layer has no such name itself.
_LOSS = "L"


def layer_of(name: str, span: Span | None) -> Layer:
    """Return a shipped layer; a note names no other, for it is from anyone and runs nothing.

    Raises
    ------
    DeriveError
        If there is none of this name.
    """
    if name not in shipped():
        raise DeriveError(
            f"there is no shipped layer {name}", span, f"there are {', '.join(shipped())}"
        )
    return load(name)


def with_layer(note: Note) -> Note:
    """Return a note whose header declares what the layer that it names has; others as they are.

    Every tensor gets the spellings that people use: ``W1`` is ``W^{(1)}`` and ``W_1``. A scalar
    L of the outputs is there as well, unless the layer has something of this name.
    """
    header = note.header
    if header is None or header.layer is None or header.symbols:
        return note
    span = header.span("layer") or note.source.span(0, 1)
    layer = layer_of(header.layer, span)
    tensors = [*layer.tensors, *(node.tensor for node in layer.nodes)]
    symbols = [_declaration(tensor, span) for tensor in tensors]
    if _LOSS not in layer.names:
        outputs = tuple(_spellings(name)[0] for name in layer.outputs)
        symbols.append(Declaration(_LOSS, _LOSS, (), "loss", outputs, "", span))
    declared = {symbol.name for symbol in symbols}
    aliases = [
        (alias, first)
        for first, *others in (_spellings(tensor.name) for tensor in tensors)
        for alias in others
        if alias not in declared
    ]
    dims = tuple(Dim(size.name, "", None, span) for size in layer.sizes)
    own = {dim.name: dim for dim in (*dims, *header.dims)}
    return replace(
        note,
        header=replace(
            header,
            dims=tuple(own.values()),
            symbols=tuple(symbols),
            rename=(*header.rename, *aliases),
        ),
    )


def _declaration(tensor: Tensor, span: Span) -> Declaration:
    name = _spellings(tensor.name)[0]
    shape = tuple(str(size) for size in tensor.shape)
    role = None if tensor.role is Role.NODE else tensor.role.value
    return Declaration(name, name, shape, role, (), tensor.doc, span)


def _spellings(name: str) -> list[str]:
    r"""Return how a name is written in LaTeX, the usual way first.

    >>> _spellings("y_hat"), _spellings("W1"), _spellings("theta")
    (['\\hat{y}'], ['W^{(1)}', 'W_1', 'W1'], ['\\theta'])
    """
    found = _NAME.match(name)
    if found is None:
        return [canonical(rf"\mathrm{{{name}}}")]
    stem, number, word = found["stem"], found["number"], found["word"]
    if stem in _GREEK:
        stem = f"\\{stem}"
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem}}}"
    if word in _ACCENTS:
        return [canonical(rf"\{word}{{{stem}}}")]
    if word:
        return [canonical(rf"{stem}_{{{word}}}")]
    if number:
        # Not W^1: a square of b is no second b.
        forms = (f"^{{({number})}}", f"_{{{number}}}", number)
        return [canonical(stem + form) for form in forms]
    return [canonical(stem)]
