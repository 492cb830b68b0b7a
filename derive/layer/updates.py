"""What an update step may do: set parameters, from what all samples share and from gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.index.terms import tensors
from derive.layer.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.layer.model import Layer, Tensor, Update

__all__ = ["UNKNOWN", "check_updates", "gradient_name", "needed_gradients"]

#: The tensor that stands where a mistake was made; nothing more is said of it.
UNKNOWN = "?"


def gradient_name(tensor: str) -> str:
    """Return what the gradient by a tensor is called in the body of an update."""
    return f"d{tensor}"


def needed_gradients(layer: Layer) -> tuple[str, ...]:
    """Return the tensors whose gradients the updates read: those that are updated come first."""
    read = {name for update in layer.updates for name in tensors(update.body)}
    every = dict.fromkeys((*(u.tensor for u in layer.updates), *(t.name for t in layer.tensors)))
    return tuple(name for name in every if gradient_name(name) in read)


def check_updates(layer: Layer) -> list[DeriveError]:
    """Return what is wrong with the update step."""
    found: list[DeriveError] = []
    known = layer.by_name
    seen: set[str] = set()
    for update in layer.updates:
        name = update.tensor
        if name not in known or UNKNOWN in tensors(update.body):
            continue
        if name in seen:
            text = f"{name} is updated twice"
            found.append(DeriveError(text, update.span, "write one update, with both changes"))
        elif known[name].role is not Role.PARAM:
            text = f"{name} is updated, but is {_kind(known[name])}"
            hint = f"an update sets parameters: d.param({name!r}, …)"
            found.append(DeriveError(text, update.span, hint))
        else:
            found += _reading(update, layer)
        seen.add(name)
    return found


def _reading(update: Update, layer: Layer) -> Iterator[DeriveError]:
    """Complain of what an update cannot read."""
    known, name = layer.by_name, update.tensor
    rates = {rate.name for rate in layer.rates}
    gradients = {gradient_name(t.name): t for t in layer.tensors}
    for read in sorted(tensors(update.body)):
        text = hint = ""
        if read in gradients and read in {*known, *rates}:
            text = f"{read} is the gradient by {gradients[read].name} here, and a tensor as well"
            hint = "give the tensor another name"
        elif read in gradients:
            if gradients[read].role is not Role.PARAM:
                text = f"the update of {name} reads the gradient by {gradients[read].name}"
                hint = "of what every sample has its own, gradients are not summed: read grad(…) "
                hint += "of a parameter"
        elif read in rates or (read in known and known[read].role in (Role.PARAM, Role.CONSTANT)):
            continue
        elif read in known:
            text = f"the update of {name} reads {read}, which is {_kind(known[read])}"
            hint = "an update reads what all samples share: parameters, constants, rates, grad(…)"
        else:
            text = f"the update of {name} reads an unknown tensor {read}"
        if text:
            yield DeriveError(text, update.span, hint)


def _kind(tensor: Tensor) -> str:
    """Return what a tensor is, in the word that declares it."""
    words = {Role.INDEX: "a tensor of integers", Role.INPUT: "an input"}
    return words.get(tensor.role, f"a {tensor.role.value}")
