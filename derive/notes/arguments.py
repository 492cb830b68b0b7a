r"""What a quantity is a function of, where the note says so and its header does not.

``E(w)`` on a left side is E, which depends on w. A zero in brackets right after something that is
defined, ``\ell(0)``, is put for its argument: for what the note differentiates it by. Nobody means
a product. Other numbers may be factors, as in ``2r(-1)`` by the chain rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from derive.layer.model import Role
from derive.notes import tree
from derive.notes.claims import applied_name, bare_name
from derive.notes.iterates import as_update
from derive.notes.scope import Macro
from derive.notes.stationary import is_zero
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.notes.claims import Chain
    from derive.notes.tree import Line, Node
    from derive.notes.world import World

__all__ = ["learn_arguments", "refuse_unknown"]

#: What numbers are written with.
_WRITTEN = (tree.Number, tree.Fraction, tree.Add, tree.Term, tree.Product, tree.Operator)


def learn_arguments(found: Sequence[Chain], define: Sequence[Line], world: World) -> None:
    """Learn from the chains of a note what its quantities are functions of.

    Parameters
    ----------
    found : sequence of Chain
        All of the note.
    define : sequence of Line
        The definitions of the header.
    world : World
        It learns which brackets are decoration, and where a number may be put in.
    """
    for chain in found:
        if chain.relations:
            _decorate(chain.sides[0], world)
        update = as_update(chain, world)
        for part in () if update is None else tree.walk(update.sides[1]):
            if isinstance(part, tree.Derivative):
                _decorate(part, world)
    sides = [side for chain in found for side in chain.sides]
    numbered = {
        call.name.spelling
        for side in sides
        for call in _at_numbers(side, world)
        if call.zero or call.name.spelling in world.calls
    }
    for spelling in sorted(numbered):
        argument = _argument(spelling, sides, world)
        body = _body(spelling, define)
        if argument is not None and body is not None:
            world.calls[spelling] = (argument,)
            world.applied[spelling] = Macro((argument,), body)


def refuse_unknown(sides: Sequence[Node], world: World) -> None:
    r"""Complain about ``\ell(0)`` where nothing says what the number is put for.

    Raises
    ------
    Misfit
        With what would say it.
    """
    for side in sides:
        for name, group, zero, alone in _at_numbers(side, world):
            if not zero and not alone:
                continue
            of = next(iter(_candidates(name.spelling, world)), "x")
            message = (
                f"a number in brackets after {name.spelling}: nothing says what it is put for"
                f" (write {name.spelling}({of}) = … in the header)"
            )
            raise Misfit("unreadable", message, name.start, group.end)


def _decorate(side: Node | None, world: World) -> None:
    r"""Take ``t(x)`` on a left side as t, which depends on x; so too in ``\nabla_x t(x)``."""
    if isinstance(side, tree.Derivative):
        side = side.of
    if not isinstance(side, tree.Product) or len(side.factors) != 2:
        return
    name, group = side.factors
    if isinstance(name, tree.Derivative):
        name = name.of or name
    if not isinstance(name, tree.Name) or not isinstance(group, tree.Group):
        return
    tensors = world.tensors
    given = [item.spelling for item in group.items if isinstance(item, tree.Name)]
    if name.spelling not in tensors or name.spelling in world.calls:
        return
    above = world.above(tensors[name.spelling].name)
    named = len(given) == len(group.items) and all(n in tensors for n in given)
    if named and all(tensors[n].name in above for n in given):
        world.calls[name.spelling] = tuple(given)


class _Call(NamedTuple):
    """A symbol with a number in brackets right after it.

    ``alone`` says that there is nothing else that both could be factors with.
    """

    name: tree.Name
    group: Node
    zero: bool
    alone: bool


def _at_numbers(side: Node, world: World) -> Iterator[_Call]:
    """Yield the defined symbols in a side with numbers in brackets right after them."""
    defined = {node.name for node in world.nodes} | world.losses.keys()
    for part in tree.walk(side):
        if not isinstance(part, tree.Product):
            continue
        for factor, sign, group in zip(
            part.factors, part.operators, part.factors[1:], strict=False
        ):
            name = factor.of if isinstance(factor, tree.Derivative) else factor
            number = _number(group.base if isinstance(group, tree.Scripted) else group)
            if sign.text or number is None or not isinstance(name, tree.Name):
                continue
            symbol = world.tensors.get(name.spelling)
            unknown = name.spelling not in world.applied
            if symbol is not None and symbol.name in defined and unknown:
                alone = name is factor and len(part.factors) == 2
                yield _Call(name, group, is_zero(number), alone)


def _number(group: Node) -> Node | None:
    """Return the number that brackets hold, where that is written out and all there is."""
    if not isinstance(group, tree.Group) or group.opening != "(" or len(group.items) != 1:
        return None
    item = group.items[0]
    written = all(isinstance(part, _WRITTEN) for part in tree.walk(item))
    return item if written or is_zero(item) else None


def _candidates(spelling: str, world: World) -> list[str]:
    """Return what is given, may change, and is above a symbol: its parameters first."""
    above = world.above(world.tensors[spelling].name)
    roles = {t.name: t.role for t in world.layer.tensors if t.name in above}
    return [
        other
        for role in (Role.PARAM, Role.INPUT)
        for other, symbol in world.tensors.items()
        if roles.get(symbol.name) is role
    ]


def _argument(spelling: str, sides: Sequence[Node], world: World) -> str | None:
    """Return what a number in brackets after a number of the note is put for, if that is clear.

    It is what the note writes there itself; the only thing that the quantity can be a function of;
    or, of what is compared with labels, the only thing that it is differentiated by.
    """
    if world.tensors[spelling].shape:
        # It may count entries, or steps.
        return None
    candidates = _candidates(spelling, world)
    written = world.calls.get(spelling)
    if written is not None:
        return written[0] if len(written) == 1 and written[0] in candidates else None
    if len(candidates) == 1:
        return candidates[0]
    by = {
        name
        for side in sides
        for part in tree.walk(side)
        if isinstance(part, tree.Derivative) and part.of is not None
        if spelling in (bare_name(part.of), applied_name(part.of))
        for one in part.wrt
        if (name := bare_name(one)) in candidates
    }
    labels = {tensor.name for tensor in world.layer.tensors if tensor.role is Role.LABEL}
    compared = not labels.isdisjoint(world.above(world.tensors[spelling].name))
    return by.pop() if len(by) == 1 and compared else None


def _body(spelling: str, define: Sequence[Line]) -> Node | None:
    """Return what a number of the note is defined as."""
    for line in define:
        for statement in line.statements:
            body = statement.body
            if isinstance(body, tree.Relation) and bare_name(body.sides[0]) == spelling:
                return body.sides[1]
    return None
