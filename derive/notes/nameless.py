r"""Derivatives by expressions that have no name: ``\partial L/\partial(Wx + b)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.index.terms import Entry, substitute
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["nameless"]


def nameless(world: World, name: str, target: Node) -> Misfit:
    r"""Return the complaint about a derivative by an expression that is no symbol.

    Where it stands in a definition, as in ``z = \sigma(Wx + b)``, what is meant is clear, and only
    the name is lacking.

    Parameters
    ----------
    world : World
        The note's.
    name : str
        The quantity that the expression is.
    target : Node
        The expression.
    """
    if _stands(world, name):
        what = "a derivative by an expression inside a definition: define it as a symbol"
        return Misfit("unreadable", what, target.start, target.end)
    what = "a derivative by what is no symbol and does not occur in what is differentiated"
    return Misfit("derivative", what, target.start, target.end)


def _stands(world: World, name: str) -> bool:
    """Tell whether a quantity stands in a definition of the header, entry by entry."""
    own = next(node for node in world.nodes if node.name == name)
    for node in world.layer.nodes:
        if node.tensor.shape != own.tensor.shape:
            continue
        here = substitute(own.body, dict(zip(own.indices, node.indices, strict=True)))
        there = Entry(name, own.tensor.shape, *node.indices)
        # Of an odd function, the sign stands before it.
        if any(substitute(node.body, {part: there}) != node.body for part in (here, -here)):
            return True
    return False
