"""Unspecified losses: numbers that depend in any way on what they are ``of``.

A loss has a value, which may be any, and cotangents, which may be any too: by these goes every
derivative of it, and of what is made of it. What its second derivatives are nothing says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.reverse import reverse
from derive.index.terms import Entry, Index, Size, close_over, fresh, rename_tensors
from derive.layer.model import Layer, Role, Tensor
from derive.notes import tree
from derive.notes.claims import applied_name, bare_name
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from derive.notes.differentials import Differentials
    from derive.notes.sides import Side
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["are_arguments", "cotangent", "introduce", "refuse_second", "tells_loss", "through"]


def introduce(world: World) -> None:
    """Give every loss of a world its value; with arguments, as in ``L(y)``, it is the same."""
    for loss, (shape, _) in world.losses.items():
        if loss not in world.shapes:
            world.give(Tensor(loss, shape, Role.COTANGENT))
            world.calls.setdefault(loss, tuple(world.tensors))


def are_arguments(node: Node, tensors: Collection[str]) -> bool:
    """Tell whether brackets after a loss hold what it is of: ``L(y_i, t)``, no factor."""
    items = node.items if isinstance(node, tree.Group) else ()
    bases = [item.base if isinstance(item, tree.Scripted) else item for item in items]
    return bool(bases) and all(
        isinstance(base, tree.Name) and base.spelling in tensors for base in bases
    )


def cotangent(world: World, loss: str, wrt: str) -> str:
    """Return the name of the cotangent of a tensor for a loss, adding what it is made of.

    Raises
    ------
    Misfit
        If the loss has several axes, or depends on another one.
    """
    shape, ends = world.losses[loss]
    if not world.losses.keys().isdisjoint(world.above(loss)):
        raise Misfit("unreadable", f"the derivative of {loss}, which is of another loss")
    layer = replace(world.whole, outputs=ends).with_outputs(ends)
    gradients = reverse(layer, [wrt], cotangents=_lead(shape))
    names = dict(zip((t.name for t in gradients.tensors[: len(ends)]), ends, strict=True))
    swap = {}
    for given, end in names.items():
        key = ("cotangent", loss, end)
        if key not in world.known:
            own = world.name(f"d{loss}/d{end}")
            world.give(replace(gradients.tensor(given), name=own, role=Role.COTANGENT))
            world.known[key] = own
        swap[given] = world.known[key]
    return _adopted(world, gradients, swap, f"d{loss}/d{wrt}")


def _lead(shape: tuple[sp.Expr, ...]) -> Size | None:
    if not shape:
        return None
    if len(shape) > 1 or not isinstance(shape[0], Size):
        raise Misfit("unreadable", "a loss with more than one axis")
    return shape[0]


def _adopted(world: World, gradients: Layer, swap: dict[str, str], wish: str) -> str:
    """Add a layer's own nodes to the world under names of their own; return the output's."""
    there = set(world.shapes)
    for node in gradients.nodes:
        if node.name not in there:
            swap[node.name] = world.name(
                wish if node.name == gradients.outputs[0] else f"{wish} via {node.name}"
            )
            body = rename_tensors(node.body, swap)
            world.define(swap[node.name], node.indices, node.tensor.shape, body)
    last = gradients.outputs[0]
    return swap.get(last, last)


def refuse_second(world: World, of: str, wrt: str) -> None:
    """Refuse the derivative of what has the derivative of a loss in it, by what that is of.

    Raises
    ------
    Misfit
        Where a second derivative of a loss is asked for.
    """
    read = world.above(of) | {of}
    for loss in world.losses:
        slopes = {name for key, name in world.known.items() if key[:2] == ("cotangent", loss)}
        if wrt in world.above(loss) and not read.isdisjoint(slopes):
            raise Misfit("unreadable", f"a second derivative of {loss}, which may be any function")


def through(differentials: Differentials, of: str, wrt: str, places: tuple[Index, ...]) -> sp.Expr:
    """Return what a derivative has beside its direct part: by the losses that it is made of."""
    world = differentials.world
    above = world.above(of)
    terms = []
    for loss, (axes, _) in world.losses.items():
        if loss not in above or wrt not in world.above(loss):
            continue
        shape = world.shapes[of]
        outer = differentials.whole(of, loss, shape)
        inner = differentials.whole(loss, wrt, axes)
        middle = tuple((fresh(), size) for size in axes)
        along = tuple(index for index, _ in middle)
        first = Entry(outer, (*shape, *axes), *places[: len(shape)], *along)
        second = Entry(inner, (*axes, *world.shapes[wrt]), *along, *places[len(shape) :])
        terms.append(close_over(middle, first * second))
    return sp.Add(*terms)


def tells_loss(read: Sequence[Side], world: World) -> bool:
    """Tell whether sides say what an unspecified loss is, which the header does not."""
    derived = any(
        isinstance(part, tree.Derivative) for side in read for part in tree.walk(side.node)
    )
    names = [bare_name(side.node) for side in read]
    names += [
        applied_name(side.node)
        for side in read
        if isinstance(side.node, tree.Product)
        and are_arguments(side.node.factors[-1], world.tensors)
    ]
    told = any(name in world.losses for name in names)
    return told and not derived and all(side.value is not None for side in read)
