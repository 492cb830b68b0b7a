r"""By what a gradient is that does not say so: ``\nabla f(x)``, and ``\nabla f`` of x alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.layer.model import Role
from derive.notes import tree

if TYPE_CHECKING:
    from derive.notes.world import World

__all__ = ["variables"]


def variables(of: tree.Node, world: World) -> tuple[tree.Node, ...]:
    """Return what stands in the brackets after a function's name, or all that a symbol is of.

    Labels and constants are nothing that anybody differentiates by.
    """
    if isinstance(of, tree.Product) and isinstance(of.factors[-1], tree.Group):
        return of.factors[-1].items
    symbol = world.tensors.get(of.spelling) if isinstance(of, tree.Name) else None
    if symbol is None:
        return ()
    free = {t.name for t in world.given if t.role in (Role.INPUT, Role.PARAM)}
    below = free & world.above(symbol.name)
    return tuple(
        tree.Name(of.end, of.end, spelling)
        for spelling, one in world.tensors.items()
        if one.name in below
    )
