r"""Derivatives of a function at other arguments than its own: ``\nabla f(x + h)``, ``\nabla f(0)``.

Where the symbol is named, and the argument has it, ``\nabla_x f(2x)``, what is differentiated is
all that follows; else the derivative is taken first, and then at the argument.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.settle import occurs, rebuilt, substituted

if TYPE_CHECKING:
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["with_other_arguments"]


def with_other_arguments(side: Node, world: World) -> Node:
    """Return a side whose derivatives are of functions at their own arguments, or of formulas."""
    node = rebuilt(side, lambda part: with_other_arguments(part, world))
    if not isinstance(node, tree.Derivative) or not isinstance(node.of, tree.Product):
        return node
    name, *others = node.of.factors
    if not isinstance(name, tree.Name) or name.spelling not in world.applied:
        return node
    (group, *rest), function = others, world.applied[name.spelling]
    if rest or not isinstance(group, tree.Group) or node.of.operators[0].text:
        return node
    if len(function.parameters) != 1 or len(group.items) != 1:
        return node
    (parameter,), (argument,) = function.parameters, group.items
    own = tree.Name(group.start, group.end, parameter)
    if argument == own:
        return node
    if any(occurs(symbol, argument) for symbol in node.wrt):
        return replace(node, of=substituted(function.body, [(own, group)]))
    at = replace(group, items=(own,))
    gradient = replace(node, of=replace(node.of, factors=(name, at)))
    equal = tree.Operator(group.start, group.end, "=")
    point = tree.Relation(group.start, group.end, (own, argument), (equal,))
    return tree.Evaluated(node.start, node.end, gradient, (point,))
