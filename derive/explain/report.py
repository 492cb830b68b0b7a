"""All that is to be shown of a layer: its definitions, its gradients, its Jacobians."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.explain.compose import compose_jacobian, compose_node
from derive.explain.names import Notation, for_gradient, for_layer
from derive.gradient.jacobian import jacobian
from derive.gradient.reverse import reverse
from derive.layer.check import refuse_constant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.explain.tree import Equation
    from derive.gradient.jacobian import Jacobian
    from derive.layer.model import Layer, Node

__all__ = ["Line", "Report", "report"]


@dataclass(frozen=True, slots=True)
class Line:
    """One equation of a report.

    Parameters
    ----------
    name : str
        The tensor on the left: ``Z``, or ``db`` for the gradient with respect to b.
    of, wrt : str
        For a derivative, what of what; ``of`` is empty for a loss that has no name.
    equation : Equation
        What to print.
    source : Node or Jacobian
        What it was made from.
    """

    name: str
    of: str
    wrt: str
    equation: Equation
    source: Node | Jacobian


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be shown of a layer.

    Parameters
    ----------
    layer, gradient : Layer
        The layer and the layer of its gradients.
    notation : Notation
        How gradients are written; its ``loss`` is what is differentiated.
    definitions, intermediate, gradients, jacobians : tuples of Line
        The layer's own equations; the cotangents on the way; what was asked for, in the order of
        the definition; and, for a layer that ends in tensors, the Jacobians of these.
    """

    layer: Layer
    gradient: Layer
    notation: Notation
    definitions: tuple[Line, ...]
    intermediate: tuple[Line, ...]
    gradients: tuple[Line, ...]
    jacobians: tuple[Line, ...]


def report(layer: Layer, wrt: Sequence[str] = ()) -> Report:
    """Derive what is to be shown.

    Parameters
    ----------
    layer : Layer
        What to show.
    wrt : sequence of str
        The tensors to differentiate by; all inputs and parameters if empty.

    Raises
    ------
    DeriveError
        If the layer has no such tensor, or one that is not differentiated by.
    """
    names = tuple(dict.fromkeys(wrt)) or layer.wrt_names()
    possible = [*layer.wrt_names(), *_between(layer)]
    for name in names:
        if not possible:
            refuse_constant(layer)
        if name not in possible:
            raise DeriveError(
                f"{layer.name} has no gradient with respect to {name!r}",
                hint=f"there are those with respect to {', '.join(possible)}",
            )
    gradient = reverse(layer, names)
    notation = for_gradient(layer, gradient, names)
    own = for_layer(layer)
    given = set(layer.names)
    lines = {
        node.name: Line(
            node.name,
            notation.loss if notation.loss in layer.outputs else "",
            notation.cotangents.get(node.name, node.name),
            compose_node(node, notation),
            node,
        )
        for node in gradient.nodes
        if node.name not in given
    }
    return Report(
        layer,
        gradient,
        notation,
        tuple(Line(n.name, "", "", compose_node(n, own), n) for n in layer.nodes),
        tuple(line for name, line in lines.items() if name not in gradient.outputs),
        tuple(lines[name] for name in gradient.outputs if name in lines),
        _jacobians(layer, names, notation),
    )


def _between(layer: Layer) -> list[str]:
    """Return the intermediates, by which one may differentiate as well."""
    return [node.name for node in layer.nodes if node.name not in layer.outputs]


def _jacobians(layer: Layer, names: tuple[str, ...], notation: Notation) -> tuple[Line, ...]:
    lines = []
    for output in layer.outputs:
        if not layer.tensor(output).shape:
            continue
        for name in names:
            found = jacobian(layer, output, name)
            equation = compose_jacobian(found, notation)
            lines.append(Line(f"d{output}/d{name}", output, name, equation, found))
    return tuple(lines)
