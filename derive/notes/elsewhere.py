r"""A function of the note at other arguments than its own: ``f(x + h)``, ``\nabla f(0)``.

The value is put through everything that is defined between the function and its argument. Of
derivatives, ``\nabla_x f(2x)`` is of all that follows, where the argument has the symbol; else the
derivative is taken first, and then at the argument: ``\nabla f(x + h)``, ``\frac{df}{dx}(0)``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.claims import bare_name
from derive.notes.names import spellings
from derive.notes.settle import rebuilt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["with_other_arguments"]


def with_other_arguments(side: Node, world: World) -> Node:
    """Return a side in which these are values at points, as those with a bar are."""
    if isinstance(side, tree.Derivative) and isinstance(side.of, tree.Product):
        # Before the call below it is a value.
        found = _of_call(side, side.of, world)
        if found != side:
            return found
    node = rebuilt(side, lambda part: with_other_arguments(part, world))
    return _in_product(node, world) if isinstance(node, tree.Product) else node


def _of_call(node: tree.Derivative, of: tree.Product, world: World) -> Node:
    """Return the derivative of ``f(h)``, and the factors that do not belong to it after it."""
    name, after = of.factors[:2]
    call, scripts = after, None
    if node.form == "nabla" and isinstance(after, tree.Scripted):
        # Of a gradient, not of the argument: ``\nabla f(x)^\top h``, ``\nabla f(x)_i``.
        call, scripts = after.base, after
    point = None if of.operators[0].text else _point(name, call, world)
    if point is None or (len(of.factors) > 2 and scripts is None):
        return node
    own, argument = point.sides
    inside = replace(of, end=call.end, factors=(name, call), operators=of.operators[:1])
    found: Node
    if argument == own:
        found = replace(node, end=call.end, of=inside)
    elif any(bare_name(symbol) in spellings(argument) for symbol in node.wrt):
        found = replace(node, of=tree.Evaluated(of.start, call.end, name, (point,)))
    else:
        gradient = replace(node, of=replace(inside, factors=(name, _around(own, call))))
        found = tree.Evaluated(node.start, call.end, gradient, (point,))
    if scripts is not None:
        found = replace(scripts, start=node.start, base=found)
    if len(of.factors) == 2:
        return found
    return tree.Product(node.start, node.end, (found, *of.factors[2:]), of.operators[1:])


def _in_product(node: tree.Product, world: World) -> Node:
    """Return a product with the calls in it that need it as values at points."""
    factors: list[Node] = [node.factors[0]]
    operators: list[tree.Operator] = []
    for sign, factor in zip(node.operators, node.factors[1:], strict=True):
        last = factors[-1]
        name = last.of if isinstance(last, tree.Derivative) else last
        # What hangs on the brackets hangs on the value: ``f(0)^2``.
        call = factor.base if isinstance(factor, tree.Scripted) else factor
        point = None if sign.text or name is None else _point(name, call, world)
        differs = point is not None and point.sides[0] != point.sides[1]
        if differs and (name is not last or _passes_on(name, world)):
            assert point is not None
            value = tree.Evaluated(last.start, call.end, last, (point,))
            factors[-1] = value
            if isinstance(factor, tree.Scripted):
                factors[-1] = replace(factor, start=last.start, base=value)
        else:
            factors.append(factor)
            operators.append(sign)
    if len(factors) == 1:
        return factors[0]
    return replace(node, factors=tuple(factors), operators=tuple(operators))


def _point(name: Node, after: Node, world: World) -> tree.Relation | None:
    """Return ``x = h`` for ``f(h)``, where f is a function of x alone."""
    function = world.applied.get(name.spelling) if isinstance(name, tree.Name) else None
    if function is None or not isinstance(after, tree.Group):
        return None
    if len(function.parameters) != 1 or len(after.items) != 1:
        return None
    own = tree.Name(after.start, after.end, function.parameters[0])
    equal = tree.Operator(after.start, after.end, "=")
    return tree.Relation(after.start, after.end, (own, after.items[0]), (equal,))


def _around(own: Node, call: Node) -> Node:
    assert isinstance(call, tree.Group)
    return replace(call, items=(own,))


def _passes_on(name: Node, world: World) -> bool:
    """Tell whether a function's argument goes through what is defined before it."""
    assert isinstance(name, tree.Name)
    (parameter,) = world.applied[name.spelling].parameters
    symbol, tensor = world.tensors.get(name.spelling), world.tensors.get(parameter)
    if symbol is None or tensor is None:
        return False
    between: Sequence[str] = [n.name for n in world.nodes if n.name in world.above(symbol.name)]
    return any(tensor.name in world.above(each) for each in between)
