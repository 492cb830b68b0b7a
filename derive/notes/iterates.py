r"""Values that a symbol has in turn: ``w_{t+1} = w_t - \eta \nabla J(w_t)``, ``w' = w - …``.

What is given has no relation between its entries, and a function of w has no entry of w for its
argument: where a formula says so, ``w_t`` is w after t steps.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.layer.model import Role
from derive.notes import tree
from derive.notes.claims import EQUALITIES, UPDATES
from derive.notes.names import spellings
from derive.notes.settle import rebuilt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.claims import Chain
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["as_update", "at_one_step"]


def as_update(chain: Chain, world: World) -> Chain | None:
    r"""Return ``w \leftarrow w - …`` for ``w_{t+1} = w_t - …``; None if a chain says no such thing.

    ``w' = w - …``, ``\Delta w = -…`` and ``w -= …`` are steps as well.
    """
    if len(chain.sides) == 2 and chain.relations[0] in UPDATES[1:]:
        return _from_program(chain, world)
    if len(chain.sides) != 2 or chain.relations[0] not in (*EQUALITIES, *UPDATES[:1]):
        return None
    left, right = chain.sides
    found = _from_change(left, right, world) or _from_next(left, right, world)
    return None if found is None else replace(chain, sides=found)


def _from_program(chain: Chain, world: World) -> Chain | None:
    r"""Return ``w \leftarrow w - …`` for ``w -= …``."""
    left, right = chain.sides
    body = chain.statement.body
    name = None if (base := _base(left)) is None else _given(base, world)
    if name is None or not isinstance(body, tree.Relation) or len(body.relations) != 1:
        return None
    start = body.relations[0].start
    if isinstance(right, tree.Add):
        # All of it is added.
        right = tree.Group(right.start, right.end, "(", ")", (right,))
    place = (right.start, right.start)
    own = tree.Term(*place, "", left, place)
    step = tree.Term(start, right.end, chain.relations[0][0], right, (start, start + 1))
    sides = left, tree.Add(start, right.end, (own, step))
    return replace(chain, sides=sides, relations=UPDATES[:1])


def _from_change(left: Node, right: Node, world: World) -> tuple[Node, Node] | None:
    r"""Return the sides of ``w \leftarrow w - …`` for ``\Delta w = -…``."""
    if not isinstance(left, tree.Product) or len(left.factors) != 2 or left.operators[0].text:
        return None
    delta, symbol = left.factors
    if not isinstance(delta, tree.Name) or delta.spelling != r"\Delta":
        return None
    if delta.spelling in world.tensors or _given(symbol, world) is None:
        return None
    place = (right.start, right.start)
    step = right.terms if isinstance(right, tree.Add) else (tree.Term(*place, "", right, place),)
    if len(step) != 1 or isinstance(right, tree.Derivative):
        # What is the gradient itself may be called so.
        return None
    own = tree.Term(*place, "", symbol, place)
    return symbol, tree.Add(right.start, right.end, (own, *step))


def _from_next(left: Node, right: Node, world: World) -> tuple[Node, Node] | None:
    r"""Return the sides of ``w \leftarrow w - …`` for ``w_{t+1} = w_t - …``."""
    if not isinstance(right, tree.Add) or not isinstance(left, tree.Scripted):
        return None
    name = _given(left.base, world)
    now = [term.body for term in right.terms if term.sign != "-" and _base(term.body) == name]
    if name is None or len(now) != 1 or now[0] == left or not _may_count(left, world):
        return None
    if isinstance(now[0], tree.Scripted) and not _may_count(now[0], world):
        return None
    found = _put(name, now[0], right)
    alike = [part for part in tree.walk(found) if isinstance(part, tree.Scripted)]
    if any(_base(part) == name and (part.sub or _may_count(part, world)) for part in alike):
        # Of other steps, or entries.
        return None
    return name, found


def at_one_step(sides: Sequence[Node], world: World) -> list[Node]:
    r"""Return sides with w for ``w_t``, where all that they have of w is this.

    In ``\nabla J(w_t) = X^\top (X w_t - y)`` an argument says what it is: no entry of w.
    """
    for now in _arguments(sides, world):
        name = _base(now)
        assert name is not None
        found = [_put(name, now, side) for side in sides]
        others = [
            part
            for side in sides
            for part in tree.walk(_put(tree.Name(-1, -1, " "), now, side))
            if _base(part) == name
        ]
        if _may_count(now, world) and not others:
            return found
    return list(sides)


def _arguments(sides: Sequence[Node], world: World) -> list[tree.Scripted]:
    """Return arguments that are the symbol of which a function is, with something on it."""
    found = []
    for side in sides:
        for part in tree.walk(side):
            if not isinstance(part, tree.Product):
                continue
            for function, group in zip(part.factors, part.factors[1:], strict=False):
                name = function.of if isinstance(function, tree.Derivative) else function
                macro = world.applied.get(name.spelling) if isinstance(name, tree.Name) else None
                if macro is None or not isinstance(group, tree.Group) or len(group.items) != 1:
                    continue
                (item,) = group.items
                base = _base(item)
                own = base is not None and (base.spelling,) == macro.parameters
                if own and isinstance(item, tree.Scripted):
                    found.append(item)
    return found


def _given(node: Node, world: World) -> tree.Name | None:
    """Return the name of something that is given, and may be moved."""
    symbol = world.tensors.get(node.spelling) if isinstance(node, tree.Name) else None
    roles = (Role.PARAM, Role.INPUT)
    names = {tensor.name for tensor in world.layer.tensors if tensor.role in roles}
    return node if isinstance(node, tree.Name) and symbol and symbol.name in names else None


def _base(node: Node) -> tree.Name | None:
    base = node.base if isinstance(node, tree.Scripted) else node
    return base if isinstance(base, tree.Name) else None


def _may_count(node: tree.Scripted, world: World) -> bool:
    """Tell whether what hangs on a symbol can count steps: it is no power and no transpose."""
    if node.primes or len(node.sub) + len(node.sup) != 1:
        return node.primes == 1 and not node.sub and not node.sup
    if node.sub:
        return not spellings(*node.sub) & world.tensors.keys()
    (mark,) = node.sup
    names = spellings(mark)
    if names & (world.tensors.keys() | world.sizes.keys()) or tree.transposes(mark):
        return False
    return bool(names) or isinstance(mark, (tree.Group, tree.Mark))


def _put(name: tree.Name, now: Node, node: Node) -> Node:
    """Return a formula with a symbol for what it is now."""
    if node == now:
        return replace(name, start=node.start, end=node.end)
    if isinstance(now, tree.Scripted) and isinstance(node, tree.Scripted):
        same = (node.base, node.sub) == (now.base, now.sub)
        if same and node.sup and not now.sup:
            return replace(node, base=replace(name, start=node.start, end=node.base.end), sub=())
    return rebuilt(node, lambda part: _put(name, now, part))
