r"""What ``\nabla`` is of, where more than one factor follows: ``\nabla_y L\, W`` is (∇L) W.

``\nabla_u \cdot s`` is the divergence of s.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.claims import bare_name
from derive.notes.losses import are_arguments
from derive.notes.meaning import mean
from derive.notes.settle import rebuilt
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from derive.notes.differentials import Differentials
    from derive.notes.tree import Node

__all__ = ["with_gradients"]

_FORMS = ("nabla", "subscript")


def with_gradients(side: Node, differentials: Differentials) -> Node:
    """Return a side whose gradients are of numbers wherever their text allows it.

    A gradient is of a number. Where all that follows is one, as in the gradient of xᵀAx, it is of
    all that; else it is of a quantity that comes first, and the rest is multiplied by it.
    """
    node = rebuilt(side, lambda part: with_gradients(part, differentials))
    if isinstance(node, tree.Derivative) and node.form in _FORMS:
        return _shortened(node, differentials)
    if isinstance(node, tree.Product) and isinstance(side, tree.Product):
        return _divergence(_flat(node, side), differentials)
    return node


def _divergence(node: tree.Product, differentials: Differentials) -> Node:
    r"""Return ``\nabla_u \cdot s`` at the end of a product as the trace of the Jacobian of s."""
    *before, nabla, of = node.factors
    if node.operators[-1].text != r"\cdot" or not isinstance(nabla, tree.Derivative):
        return node
    if nabla.form != "nabla" or nabla.of is not None or len(nabla.wrt) != 1:
        return node
    place = (nabla.start, of.end)
    jacobian = tree.Derivative(*place, "frac", r"\partial", of, nabla.wrt, nabla.order)
    trace = tree.FunctionCall(*place, "tr", jacobian, bracketed=True, head=place)
    # Of what is no vector it is nothing.
    if not _is_number(trace, differentials) or _is_number(of, differentials):
        return node
    if not before:
        return trace
    factors, operators = (*before, trace), node.operators[:-1]
    return replace(node, factors=factors, operators=operators)


def _flat(node: tree.Product, before: tree.Product) -> tree.Product:
    """Return a product with the factors of those of its gradients that have become products."""
    factors: list[Node] = []
    operators: list[tree.Operator] = []
    signs = (None, *node.operators)
    for sign, factor, old in zip(signs, node.factors, before.factors, strict=True):
        if sign is not None:
            operators.append(sign)
        if isinstance(factor, tree.Product) and isinstance(old, tree.Derivative):
            factors += factor.factors
            operators += factor.operators
        else:
            factors.append(factor)
    return replace(node, factors=tuple(factors), operators=tuple(operators))


def _transposed(node: tree.Derivative, differentials: Differentials) -> Node:
    r"""Return a gradient with the transpose that stands behind its ``\nabla``, or behind a number.

    Of a number there is none: that in ``\nabla_x \log f^\top`` is one of the gradient.
    """
    of, mark = node.of, node.order
    if of is None:
        return node
    if node.form == "nabla" and mark is not None and tree.transposes(mark):
        plain = replace(node, order=None)
        if not _is_number(of, differentials):
            return node
    else:
        found = _without_transpose(of, differentials)
        if found is None:
            return node
        plain, mark = replace(node, of=found[0]), found[1]
    return tree.Scripted(node.start, node.end, plain, (), (mark,))


def _without_transpose(node: Node, differentials: Differentials) -> tuple[Node, Node] | None:
    """Return a function of a number without the transpose that ends it, and that transpose."""
    if isinstance(node, tree.FunctionCall) and not node.bracketed:
        inner = node.argument
        if isinstance(inner, tree.Scripted) and len(inner.sup) == 1 and not inner.primes:
            bare = replace(inner, sup=(), sup_range=None) if inner.sub else inner.base
            if not tree.transposes(inner.sup[0]) or not _is_number(bare, differentials):
                return None
            return replace(node, argument=bare), inner.sup[0]
        found = None if inner is None else _without_transpose(inner, differentials)
        return None if found is None else (replace(node, argument=found[0]), found[1])
    if isinstance(node, tree.Scripted) and isinstance(node.base, tree.FunctionCall):
        plain = not node.sub and not node.primes and len(node.sup) == 1
        if plain and tree.transposes(node.sup[0]) and _is_number(node.base, differentials):
            return node.base, node.sup[0]
    return None


def _shortened(node: tree.Derivative, differentials: Differentials) -> Node:
    turned = _transposed(node, differentials)
    if turned is not node:
        return turned
    of = node.of
    if isinstance(of, tree.Scripted) and of.sup and not of.sub and not of.primes:
        if _is_loss(of.base, node, differentials) and tree.transposes(of.sup[0]):
            return replace(of, start=node.start, base=_of(node, of.base))
        return node
    if not isinstance(of, tree.Product):
        return node
    called = isinstance(of.factors[1], tree.Group) and not of.operators[0].text
    for count in (2, 1) if called and len(of.factors) > 2 else (1,):
        first = of.factors[0]
        if count > 1:
            end = of.factors[1].end
            first = replace(of, end=end, factors=of.factors[:2], operators=of.operators[:1])
        if _is_loss(first, node, differentials) and not _is_number(of, differentials):
            head = _shortened(_of(node, first), differentials)
            rest = of.factors[count:]
            return tree.Product(node.start, node.end, (head, *rest), of.operators[count - 1 :])
    return node


def _of(node: tree.Derivative, first: Node) -> tree.Derivative:
    return replace(node, of=first, end=first.end)


def _is_loss(node: Node, gradient: tree.Derivative, differentials: Differentials) -> bool:
    """Tell whether a part is a number, defined or not, that depends on what is derived by."""
    if isinstance(node, tree.Scripted) and node.sup and tree.transposes(node.sup[0]):
        node = node.base
    world = differentials.world
    if isinstance(node, tree.Product):
        name, after = node.factors[:2]
        if not isinstance(name, tree.Name) or name.spelling not in world.calls:
            return False
        return name.spelling not in world.losses or are_arguments(after, world.tensors)
    spelling = bare_name(node) or ""
    if spelling in world.losses:
        return not world.losses[spelling][0]
    symbol = world.tensors.get(spelling)
    if symbol is None or symbol.shape or symbol.name not in {n.name for n in world.nodes}:
        return False
    names = (part.spelling for part in gradient.wrt if isinstance(part, tree.Name))
    below = (world.tensors[name].name for name in names if name in world.tensors)
    return all(name in world.above(symbol.name) for name in below)


def _is_number(node: Node, differentials: Differentials) -> bool:
    try:
        return mean(node, differentials.symbolic()).is_scalar
    except Misfit:
        return False
