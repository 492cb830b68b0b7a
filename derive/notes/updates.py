"""Update rules: ``W - γ ∂L/∂W`` steps against the gradient, and only a minus does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.claims import bare_name

if TYPE_CHECKING:
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["corrected", "is_update"]


def _parts(side: Node, world: World) -> tuple[tree.Add, int] | None:
    """Return the sum, and which of its terms is the step."""
    if not isinstance(side, tree.Add) or len(side.terms) != 2:
        return None
    first, second = side.terms
    for n, (symbol, step) in enumerate(((first, second), (second, first))):
        spelling = bare_name(symbol.body)
        if symbol.sign == "-" or spelling not in world.tensors:
            continue
        wrt = [
            bare_name(target)
            for part in tree.walk(step.body)
            if isinstance(part, tree.Derivative)
            for target in part.wrt
        ]
        if spelling in wrt:
            return side, 1 - n
    return None


def is_update(side: Node, world: World) -> bool:
    """Tell whether a side is a symbol plus or minus a multiple of a derivative by it."""
    return _parts(side, world) is not None


def corrected(side: Node, world: World) -> Node:
    """Return the step with a minus before the derivative."""
    found = _parts(side, world)
    if found is None:
        return side
    total, place = found
    step = total.terms[place]
    if step.sign == "-":
        return side
    terms = tuple(
        replace(term, sign="-") if n == place else term for n, term in enumerate(total.terms)
    )
    return replace(total, terms=terms)
