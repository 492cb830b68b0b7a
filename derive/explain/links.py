"""The chain rule link by link: each local Jacobian, its structure, and the operator that follows.

A link is an edge of the layer's graph, from a node ``u`` back to a tensor ``T`` that it reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.explain.compose import compose_jacobian
from derive.explain.einsum import einsum_text
from derive.explain.layout import Layout, Orientation, laid_out, layout_for
from derive.explain.layout import whole as letter_of
from derive.explain.matrix import matrix_form
from derive.explain.names import Notation, for_gradient, letters
from derive.explain.operators import actions
from derive.explain.reasons import Local, reasons
from derive.explain.shorthands import Shorthands
from derive.gradient.edges import active, edge
from derive.gradient.jacobian import Jacobian
from derive.gradient.reverse import cotangent_names, letters_for, reverse, through
from derive.gradient.structure import pattern, structure
from derive.index.delta import close
from derive.index.local import renamed
from derive.index.terms import Entry, Index, tensors
from derive.layer.model import Node, Role, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.explain.algebra import Tree
    from derive.explain.operators import Operator
    from derive.explain.tree import Equation, Formula
    from derive.explain.words import Phrase
    from derive.gradient.structure import Structure
    from derive.index.local import Term
    from derive.layer.model import Layer

__all__ = ["Link", "Setting", "links", "setting"]


@dataclass(frozen=True, slots=True)
class Link:
    """One edge of the graph, as the chain rule uses it.

    Parameters
    ----------
    of, wrt : str
        The node ``u``, and the tensor ``T`` that it reads.
    jacobian : Jacobian
        ``∂u[rows]/∂T[columns]``, local: other nodes stay what they are.
    index : Equation
        The Jacobian in index form, to print.
    matrix : Formula or None
        The Jacobian as a matrix, where it has at most two indices and a matrix form.
    structure : Structure
        What the Jacobian looks like.
    operators : tuple of Operator
        What applies it to the cotangent of ``u``, in order.
    product : Formula or None
        What the link gives to the gradient with respect to ``T``, in matrix form: ``Wᵀ ds``.
    einsum : str
        The same as a line of code, where there is no matrix form but a product of tensors.
    reason : tuple of Phrase
        Why these operators: the clauses of a sentence (:func:`derive.explain.words.sentence`).
    """

    of: str
    wrt: str
    jacobian: Jacobian
    index: Equation
    matrix: Formula | None
    structure: Structure
    operators: tuple[Operator, ...]
    product: Formula | None
    einsum: str
    reason: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all links of a page share.

    Parameters
    ----------
    layer, gradient : Layer
        The layer, and the layer of its gradients.
    notation : Notation
        How gradients are written.
    titles : mapping of str to str
        What the gradients with respect to the tensors are called.
    layout : Layout
        How linear algebra is written.
    shorthands : Shorthands
        The names given to factors; new ones are added.
    forms : dict of Node to Tree or None
        The matrix forms that were found so far.
    """

    layer: Layer
    gradient: Layer
    notation: Notation
    titles: Mapping[str, str]
    layout: Layout
    shorthands: Shorthands
    forms: dict[Node, Tree | None] = field(default_factory=dict)

    def form(self, node: Node) -> Tree | None:
        """Return the matrix form of an equation's right side."""
        if node not in self.forms:
            found = matrix_form(node, self.shorthands, self.notation.unit)
            self.forms[node] = None if found is None else found.tree
        return self.forms[node]

    def written(self, node: Node) -> Formula | None:
        """Return the matrix form of an equation's right side, to print."""
        tree = self.form(node)
        return None if tree is None else laid_out(tree, self.layout, node.name)


def setting(
    layer: Layer,
    wrt: Sequence[str] = (),
    *,
    rows: bool | None = None,
    orientation: Orientation = Orientation.TENSOR,
    shorthands: Shorthands | None = None,
) -> Setting:
    """Return what the links of a layer share.

    Parameters
    ----------
    layer : Layer
        The layer.
    wrt : sequence of str
        The tensors that it is differentiated by; all inputs and parameters if empty.
    rows : bool, optional
        Whether vectors are rows in matrix form; as the layer is written, if not given.
    orientation : Orientation
        How gradients lie beside their tensors in matrix form.
    shorthands : Shorthands, optional
        The names that factors have on the page; new ones are added.
    """
    names = tuple(wrt) or layer.wrt_names()
    gradient = reverse(layer, names)
    notation = for_gradient(layer, gradient, names)
    if shorthands is None:
        shorthands = Shorthands(notation.taken | set(gradient.names), layer.sizes)
    return Setting(
        layer,
        gradient,
        notation,
        cotangent_names(layer, names)[1],
        layout_for(layer, {**notation.cotangents, **notation.direct}, rows, orientation),
        shorthands,
    )


def links(where: Setting, wrt: str = "") -> tuple[Link, ...]:
    """Return the links that a gradient uses, those near the outputs first.

    Parameters
    ----------
    where : Setting
        The layer, and how it is written.
    wrt : str
        The tensor that the gradient is with respect to; all links of the layer if empty.
    """
    layer = where.layer
    reached = active(layer, (wrt,) if wrt else tuple(where.titles))
    found = []
    for node in reversed(layer.with_outputs(layer.outputs).nodes):
        read = tensors(node.body) & reached
        if node.name in reached and node.name != wrt:
            found += [_link(node, name, where) for name in layer.names if name in read]
    return tuple(found)


def _samples(layer: Layer) -> frozenset[sp.Expr]:
    """Return the size that counts samples, or positions of a sequence, if there is one.

    It is that of the first axis of all that is no parameter, and of no parameter's; and a sample
    is more than a number, or its index would be one of a vector.
    """
    given = [tensor for tensor in layer.tensors if tensor.role.batched]
    firsts = {tensor.shape[:1] for tensor in given}
    shared = {size for t in layer.tensors if not t.role.batched for size in t.shape}
    alone = all(len(tensor.shape) < 2 for tensor in given)
    return frozenset() if len(firsts) != 1 or alone else frozenset(*firsts) - shared


def _apart(layer: Layer, size: sp.Expr) -> bool:
    """Tell whether no entry of a tensor is computed from others along its first axis.

    The positions of a sequence are counted like samples, but read one another.
    """
    return all(
        entry.indices[0] == node.indices[0]
        for node in layer.nodes
        if node.tensor.shape[:1] == (size,)
        for entry in node.body.atoms(Entry)
        if entry.shape[:1] == (size,)
    )


def _link(node: Node, wrt: str, where: Setting) -> Link:
    layer, notation, samples = where.layer, where.notation, _samples(where.layer)
    tensor = layer.tensor(wrt)
    free = letters_for(layer, len(node.indices) + len(tensor.shape))
    rows, columns = free[: len(node.indices)], free[len(node.indices) :]
    local = edge(node, tensor, columns)
    back = dict(zip(local.indices, rows, strict=True))
    terms = tuple(_lettered(renamed(term, back), notation) for term in local.terms)
    sizes = dict(zip(columns, tensor.shape, strict=True))
    shape = {**dict(zip(rows, node.tensor.shape, strict=True)), **sizes}
    kind = structure(terms, rows, columns, shape)
    jacobian = Jacobian(node.name, wrt, rows, columns, close(terms), kind)
    # The Jacobian of a number is a gradient, and lies as one.
    name = f"{node.name}/{wrt}" if rows else where.titles[wrt]
    whole = Tensor(name, (*node.tensor.shape, *tensor.shape), Role.NODE)
    matrix = where.written(Node(whole, (*rows, *columns), jacobian.body))
    title = where.titles[node.name]
    unit = title == notation.unit
    cotangent = sp.S.One if unit else Entry(title, node.tensor.shape, *local.indices)
    arriving = close(through(local.terms, cotangent, local.indices, node, sizes))
    part = Node(Tensor(where.titles[wrt], tensor.shape, Role.NODE), columns, arriving)
    product = where.written(part)
    patterns = [pattern(term, rows, columns, shape) for term in terms]
    return Link(
        node.name,
        wrt,
        jacobian,
        compose_jacobian(jacobian, notation),
        matrix,
        kind,
        tuple(dict.fromkeys(action.operator for found in patterns for action in actions(found))),
        product,
        (einsum_text(part, notation.unit) or "") if product is None else "",
        reasons(
            Local(
                node=node,
                tensor=tensor,
                rows=rows,
                columns=columns,
                terms=terms,
                structure=kind,
                notation=notation,
                cotangent=None if unit else letter_of(title, where.layout),
                matrix=matrix,
                product=product,
                samples=samples,
                apart=all(_apart(layer, size) for size in samples),
            )
        ),
    )


def _lettered(term: Term, notation: Notation) -> Term:
    """Give the indices that are summed inside a term the letters that they have on paper."""
    names = letters(notation.letters, notation.taken)
    swap = {index: Index(next(names)) for index, _ in term.bound}
    bound = tuple((swap[index], size) for index, size in term.bound)
    return replace(renamed(term, swap), bound=bound)
