r"""Links that a chain of derivatives lacks: ``\frac{\partial z}{\partial W}`` between its ends."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from derive.index.inverses import read
from derive.notes import tree
from derive.notes.claims import applied_name, bare_name, chain_ends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["joined", "links"]

#: A part of a derivative, and its text.
_End = tuple["Node", str]


def links(
    sides: tuple[Node, ...], truth: Node, text: str, world: World, mark: str
) -> Iterator[tuple[Node, str]]:
    """Yield the derivatives that may stand between those of a claim, each with its text.

    Parameters
    ----------
    sides : tuple of Node
        All sides of the claim.
    truth : Node
        The side that is right: the ends of the chain, if it is a derivative.
    text : str
        The formula's text.
    world : World
        What depends on what.
    mark : str
        How the claim writes a transpose.
    """
    truth = tree.unwrapped(truth)
    parts = [part for side in sides for part in tree.walk(side)]
    written = [part for part in parts if isinstance(part, tree.Derivative) and _once(part)]
    turned = any(
        isinstance(part, tree.Scripted)
        and isinstance(part.base, tree.Group)
        and part.base.items[:1] == (one,)
        for part in parts
        for one in written
    )
    above: dict[str, _End] = {}
    below: dict[str, _End] = {}
    for one in written:
        assert one.of is not None
        for found, end in ((below, one.of), (above, one.wrt[0])):
            name = _name(end, world)
            if name is not None and end.end > end.start:
                found.setdefault(name, (end, text[end.start : end.end]))
    for end in (truth, *chain_ends(truth)):
        # A chain that is right has the ends of what it stands for.
        if isinstance(end, tree.Derivative) and _once(end):
            truth = end
            break
    if isinstance(truth, tree.Derivative) and _once(truth):
        assert truth.of is not None
        for found, end in ((above, truth.of), (below, truth.wrt[0])):
            name = _name(end, world)
            if name is not None:
                found.setdefault(name, (end, text[end.start : end.end]))
    else:
        spelled = {symbol.name: spelling for spelling, symbol in world.tensors.items()}
        for direct in [direct for name in above for direct in _inputs(name, world)]:
            below.setdefault(direct, (tree.Name(0, 0, spelled[direct]), spelled[direct]))
    loss = None
    if isinstance(truth, tree.Derivative) and truth.form == "nabla" and truth.of is not None:
        loss = _name(truth.of, world)
    # What these depend on, the world does not say.
    known = {*world.losses, *world.functions}
    for of, top in above.items():
        for by, bottom in below.items():
            if of != by and (of in known or by in known or by in world.above(of)):
                yield from _link(top, bottom, nabla=of == loss)
                if turned:
                    yield from _turned(top, bottom, mark)


def joined(side: Node) -> int:
    """Return how many derivatives of a product are by what the next one is of."""
    return sum(
        isinstance(one, tree.Derivative)
        and isinstance(two, tree.Derivative)
        and one.wrt == (two.of,)
        for part in tree.walk(side)
        if isinstance(part, tree.Product)
        for one, two in pairwise(part.factors)
    )


def _once(node: tree.Derivative) -> bool:
    return node.of is not None and len(node.wrt) == 1 and node.order is None


def _name(node: Node, world: World) -> str | None:
    """Return the quantity that an end of a derivative is."""
    spelling = applied_name(node) or bare_name(node)
    if spelling in world.losses or spelling in world.functions:
        return spelling
    symbol = world.tensors.get(spelling or "")
    return None if symbol is None else symbol.name


def _inputs(name: str, world: World) -> Iterator[str]:
    """Yield what a quantity is directly computed from, where the note has symbols for it."""
    for node in world.nodes:
        if node.name == name:
            known = {symbol.name for symbol in world.tensors.values()}
            yield from sorted(read(node.body) & known)


def _link(top: _End, bottom: _End, *, nabla: bool) -> Iterator[tuple[Node, str]]:
    of, by = top[0], bottom[0]
    if nabla:
        head = tree.Derivative(0, 0, "nabla", r"\nabla", of, (by,), None, None, (0, 0))
        yield head, rf"\nabla_{{{bottom[1]}}} {top[1]}"
    else:
        yield _fraction(of, by), _written(top, bottom)


def _turned(top: _End, bottom: _End, mark: str) -> Iterator[tuple[Node, str]]:
    inner = tree.Group(0, 0, "(", ")", (_fraction(top[0], bottom[0]),))
    turned = tree.Scripted(0, 0, inner, (), (tree.Mark(0, 0, r"\top"),))
    yield turned, rf"\left({_written(top, bottom)}\right){mark}"


def _fraction(of: Node, by: Node) -> tree.Derivative:
    return tree.Derivative(0, 0, "frac", r"\partial", of, (by,), None, None, (0, 0))


def _written(top: _End, bottom: _End) -> str:
    return rf"\frac{{\partial {top[1]}}}{{\partial {bottom[1]}}}"
