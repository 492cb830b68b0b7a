"""A report in matrix form: every equation that has one, and the names they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from derive.explain.compose import compose_node
from derive.explain.layout import Layout, laid_out, layout_for, whole
from derive.explain.matrix import matrix_form
from derive.explain.names import BESIDE, letters
from derive.explain.shorthands import Shorthands
from derive.explain.tree import Equation, Letter, Partial
from derive.gradient.jacobian import Jacobian
from derive.index.delta import prenex
from derive.index.terms import Entry, Index
from derive.layer.model import Node, Role, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.explain.report import Line, Report
    from derive.layer.model import Layer

__all__ = ["Matrices", "einsum_text", "in_matrices"]


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
        layout = layout_for(found.layer, notation.cotangents, rows)
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
    where = tuple(compose_node(node, notation) for node in shorthands.found.values())
    return Matrices(layout.rows, equations, where)


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


def einsum_text(node: Node) -> str | None:
    """Return a product of whole tensors as a call of ``einsum``, or None if it is not one.

    >>> from derive.index.terms import Size, sum_over
    >>> N, i, j = Size("N"), Index("i"), Index("j")
    >>> y = Tensor("y", (N,), Role.NODE)
    >>> body = sum_over(j, N, 2 * Entry("W", (N, N), i, j) * Entry("x", (N,), j))
    >>> einsum_text(Node(y, (i,), body))
    'y = 2 einsum("il,l->i", W, x)'
    """
    terms = prenex(node.body)
    if len(terms) != 1 or terms[0].deltas:
        return None
    number, rest = terms[0].coefficient.as_coeff_Mul()
    entries: list[Entry] = []
    for factor in sp.Mul.make_args(rest):
        base, exponent = factor.as_base_exp() if factor.is_Pow else (factor, sp.S.One)
        plain = isinstance(base, Entry) and all(isinstance(i, Index) for i in base.indices)
        if not plain or not exponent.is_Integer or exponent < 0:
            return None
        entries += [base] * int(exponent)
    used = [index for index, _ in terms[0].bound]
    names = letters(BESIDE, {str(index) for index in node.indices})
    called = {**{i: str(i) for i in node.indices}, **{index: next(names) for index in used}}
    if any(len(name) > 1 for name in called.values()):
        return None
    entries.sort(key=lambda entry: [list(called).index(i) for i in entry.indices])
    inside = ",".join("".join(called[i] for i in entry.indices) for entry in entries)
    result = "".join(called[i] for i in node.indices)
    coefficient = "" if number == 1 else f"{number} "
    arrays = ", ".join(entry.tensor for entry in entries)
    return f'{node.name} = {coefficient}einsum("{inside}->{result}", {arrays})'
