r"""Differentials: in ``dy = A\,dx``, dx is any small change of x, and dy what it does to y.

What is given and has a differential in a claim is what changes, and what is defined, if nothing
that it is of has one and something of it has; where there is neither, all inputs and parameters
change. The differential of a defined quantity, or of an unspecified loss, is the
sum of its derivatives by what changes, times their differentials; in a second one these stay.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.terms import Entry, Index, close_over, fresh
from derive.layer.model import Role, Tensor
from derive.notes import tree
from derive.notes.losses import refuse_second
from derive.notes.scope import Tensor as Symbol
from derive.notes.settle import rebuilt
from derive.notes.spans import PARTIAL, is_sign, order, with_partials, with_reaches
from derive.notes.values import Misfit
from derive.notes.ways import in_all_ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.notes.differentials import Differentials
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["with_increments"]

_SIGNS = ("d", r"\mathrm{d}", r"\mathrm d", r"\text{d}", r"\operatorname{d}")
_CHANGING = (Role.INPUT, Role.PARAM)


def with_increments(sides: Sequence[Node], differentials: Differentials) -> list[Node]:
    """Return the sides of a chain with one name for every ``dx`` in them."""
    world = differentials.world
    letters = {part.spelling for side in sides for part in _below(side)}
    declared = {*letters, *world.tensors, *world.sizes, *world.functions, *world.macros}
    sides = with_partials(sides, world)
    signs = {*_SIGNS, PARTIAL} - declared
    if "d" in world.sizes and "d" not in {*letters, *world.tensors}:
        # A size called d; but what has a d and a symbol on every side is no product with it,
        # though its square may be.
        every = {*signs, "d"}
        if all(any(n == 1 for _, n in _differentiated(side, world, every)) for side in sides):
            signs = every
    sides = with_reaches(sides, differentials, signs)
    return in_all_ways(sides, lambda chosen: _with_changes(chosen, differentials, signs))


def _with_changes(
    sides: Sequence[Node], differentials: Differentials, signs: set[str]
) -> list[Node]:
    """Return sides in which every d has a symbol behind it, with one name for both."""
    world = differentials.world
    found = [name for side in sides for name in _differentiated(side, world, signs)]
    if not found:
        return list(sides)
    names = {world.tensors[name].name for name, _ in found if name in world.tensors}
    own = {tensor.name for tensor in world.layer.tensors}
    losses = not world.losses.keys().isdisjoint(name for name, _ in found)
    moving = (names & own) | _free(names - own, names, losses, world)
    moving = moving or {t.name for t in world.layer.tensors if t.role in _CHANGING}
    spelled = {}
    for name, times in dict.fromkeys(found):
        if times > 1 and not moving <= own:
            # What moves by itself moves evenly; what is defined need not.
            raise Misfit("unreadable", "a second differential by what is defined")
        changed = _spelled(name, moving, differentials)
        again = changed if times == 1 else _spelled(changed, moving, differentials)
        spelled[name, times] = again
    return [_joined(side, spelled, world, signs) for side in sides]


def _free(defined: set[str], names: set[str], losses: bool, world: World) -> set[str]:
    r"""Return what is defined and changes by itself: nothing that it is of has a differential.

    In ``da = v^\top dz`` that is z.
    """
    above = {name: world.above(name) for name in names}
    return {
        name
        for name in defined
        if above[name].isdisjoint({*names, *world.losses})
        and (losses or any(name in others for others in above.values()))
    }


def _below(side: Node) -> Iterator[tree.Name]:
    """Yield the names among the indices of a side."""
    for part in tree.walk(side):
        if isinstance(part, tree.Scripted):
            yield from (item for item in tree.indices(part) if isinstance(item, tree.Name))


def _base(node: Node) -> tree.Name | None:
    """Return the name that a factor is, with scripts or without."""
    base = node.base if isinstance(node, tree.Scripted) else node
    return base if isinstance(base, tree.Name) else None


def _follows(product: tree.Product, k: int, world: World, signs: set[str]) -> bool:
    """Tell whether a factor is what the d before it differentiates."""
    sign, name = product.factors[k - 1], _base(product.factors[k])
    return (
        is_sign(sign, signs)
        and not product.operators[k - 1].text
        and name is not None
        and (name.spelling in world.tensors or name.spelling in world.losses)
    )


def _differentiated(node: Node, world: World, signs: set[str]) -> Iterator[tuple[str, int]]:
    """Yield the spellings of what has a differential, each with the order of this.

    Derivatives have a d of their own.
    """
    if isinstance(node, tree.Derivative):
        return
    if isinstance(node, tree.Product):
        for k in range(1, len(node.factors)):
            name = _base(node.factors[k])
            if name is not None and _follows(node, k, world, signs):
                yield name.spelling, order(node.factors[k - 1])
    for child in tree.children(node):
        yield from _differentiated(child, world, signs)


def _joined(node: Node, spelled: dict[tuple[str, int], str], world: World, signs: set[str]) -> Node:
    """Return the tree with every d and what follows it as one name."""
    if isinstance(node, tree.Derivative):
        return node
    if not isinstance(node, tree.Product):
        return rebuilt(node, lambda part: _joined(part, spelled, world, signs))
    factors: list[Node] = []
    operators: list[tree.Operator] = []
    for k, factor in enumerate(node.factors):
        name = _base(factor)
        if k and name is not None and _follows(node, k, world, signs):
            sign = factors.pop()
            start = sign.start
            new = replace(name, start=start, spelling=spelled[name.spelling, order(sign)])
            if isinstance(factor, tree.Scripted):
                factors.append(replace(factor, start=start, base=new))
            else:
                factors.append(new)
            continue
        if k:
            operators.append(node.operators[k - 1])
        factors.append(_joined(factor, spelled, world, signs))
    if len(factors) == 1:
        return factors[0]
    return replace(node, factors=tuple(factors), operators=tuple(operators))


def _spelled(spelling: str, moving: set[str], differentials: Differentials) -> str:
    """Return the spelling, which no note has, of a differential, defining what it is."""
    world = differentials.world
    symbol = world.tensors.get(spelling)
    of, shape = (
        (spelling, world.losses[spelling][0]) if symbol is None else (symbol.name, symbol.shape)
    )
    by = sorted(moving) if of not in moving else [of]
    key = ("increment", of, *by)
    if key not in world.known:
        world.known[key] = (
            _any(of, world) if of in moving else _change(of, shape, by, differentials)
        )
    name: str = world.known[key]
    result = f"{name} "
    world.tensors[result] = Symbol(name, shape)
    return result


def _any(of: str, world: World) -> str:
    """Return the name of a change of what is given: any values."""
    key = ("increment", of, of)
    if key not in world.known:
        name = world.name(f"d {of}")
        world.give(Tensor(name, world.shapes[of], Role.CONSTANT))
        world.known[key] = name
    found: str = world.known[key]
    return found


def _change(
    of: str, shape: tuple[sp.Expr, ...], moving: list[str], differentials: Differentials
) -> str:
    """Return the name of what changes of others do to a quantity."""
    world = differentials.world
    places = tuple(Index(letter) for letter in "ijklmnpqrstuv"[: len(shape)])
    terms = []
    for by in moving:
        refuse_second(world, of, by)
        if of in world.shapes and by not in world.above(of):
            continue
        partial = differentials.whole(of, by, shape)
        axes = [(fresh(), size) for size in world.shapes[by]]
        along = tuple(index for index, _ in axes)
        terms.append(
            close_over(
                axes,
                Entry(partial, (*shape, *world.shapes[by]), *places, *along)
                * Entry(_any(by, world), world.shapes[by], *along),
            )
        )
    name = world.name(f"d {of} by {' '.join(moving)}")
    world.define(name, places, shape, sp.Add(*terms))
    return name
