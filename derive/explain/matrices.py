"""A report in matrix form: every equation that has one, and the names they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.explain.compose import compose_node
from derive.explain.layout import Layout, laid_out, layout_for, whole
from derive.explain.matrix import matrix_form
from derive.explain.shorthands import Shorthands
from derive.explain.tree import Equation, Letter, Partial
from derive.gradient.jacobian import Jacobian
from derive.layer.model import Node, Role, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.explain.names import Notation
    from derive.explain.report import Line, Report
    from derive.layer.model import Layer

__all__ = ["Matrices", "in_matrices"]


@dataclass(frozen=True, slots=True)
class Matrices:
    """The equations of a report without indices.

    Parameters
    ----------
    rows : bool
        Whether vectors are rows.
    equations : mapping of str to Equation or None
        By the name of a report's line; None where no matrix form was found.
    where : tuple of Equation
        The definitions of the names that the forms introduce, in index form.
    """

    rows: bool
    equations: Mapping[str, Equation | None]
    where: tuple[Equation, ...]


def in_matrices(
    found: Report,
    rows: bool | None = None,
    *,
    layout: Layout | None = None,
    shorthands: Shorthands | None = None,
) -> Matrices:
    """Return the matrix forms of a report's equations, each one verified.

    Parameters
    ----------
    found : Report
        What is to be shown.
    rows : bool, optional
        Whether vectors are rows; as the layer is written, if not given.
    layout : Layout, optional
        How linear algebra is written, if more than that is to be said.
    shorthands : Shorthands, optional
        The names that factors have on the page; new ones are added.
    """
    notation = found.notation
    if layout is None:
        named = {**notation.cotangents, **notation.direct}
        layout = layout_for(found.layer, named, rows)
    if shorthands is None:
        shorthands = Shorthands(notation.taken | set(found.gradient.names), found.layer.sizes)
    equations: dict[str, Equation | None] = {}
    lines = (*found.definitions, *found.intermediate, *found.gradients, *found.jacobians)
    for line in lines:
        form = matrix_form(_node(line, found.layer), shorthands, notation.unit)
        equations[line.name] = (
            None
            if form is None
            else Equation(_left(line, layout), laid_out(form.tree, layout, line.name))
        )
    return Matrices(layout.rows, equations, introduced(shorthands, notation))


def introduced(shorthands: Shorthands, notation: Notation) -> tuple[Equation, ...]:
    """Return the definitions of the names that have been introduced so far, in index form."""
    return tuple(compose_node(node, notation) for node in shorthands.found.values())


def _node(line: Line, layer: Layer) -> Node:
    """Return the equation of a line as a node; a Jacobian is an array over rows and columns."""
    source = line.source
    if isinstance(source, Node):
        return source
    shape = (*layer.tensor(source.of).shape, *layer.tensor(source.wrt).shape)
    tensor = Tensor(line.name, shape, Role.NODE)
    return Node(tensor, (*source.rows, *source.columns), source.body)


def _left(line: Line, layout: Layout) -> Letter | Partial:
    if isinstance(line.source, Jacobian):
        return Partial(Letter(line.of), Letter(line.wrt))
    return whole(line.name, layout)
