"""All that an explanation is made of, before it is put in words and in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.errors import DeriveError
from derive.explain.chain import chain
from derive.explain.layout import Orientation
from derive.explain.links import links, setting
from derive.explain.matrices import in_matrices, introduced
from derive.explain.report import report
from derive.explain.tree import Letter, letters_in
from derive.gradient.derivation import derivations
from derive.layer.check import refuse_constant
from derive.layer.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.explain.chain import Chain
    from derive.explain.links import Link, Setting
    from derive.explain.matrices import Matrices
    from derive.explain.report import Report
    from derive.explain.tree import Equation
    from derive.gradient.derivation import Derivation
    from derive.index.terms import Size
    from derive.layer.model import Layer

__all__ = ["Explanation", "explanation"]


@dataclass(frozen=True, slots=True)
class Explanation(Shown):
    """A layer's gradients, how they come about, and in which form they can be written.

    Parameters
    ----------
    report : Report
        The definitions and the gradients in index form.
    matrices : Matrices
        The same in matrix form.
    derivations : tuple of Derivation
        How each gradient came about: those of intermediates first, from the loss down.
    links : tuple of Link
        The links of the chain rule that they use.
    chains : tuple of Chain
        Each gradient as one product, in their order.
    shapes : mapping of str to shape
        The shapes of all tensors, of what the matrix forms give a name to, and of gradients that
        lie transposed beside their tensors.
    sizes : mapping of Size to expression
        The sizes that have a value here.
    orientation : Orientation
        How gradients lie beside their tensors in matrix form.
    """

    report: Report
    matrices: Matrices
    derivations: tuple[Derivation, ...]
    links: tuple[Link, ...]
    chains: tuple[Chain, ...]
    shapes: Mapping[str, tuple[sp.Expr, ...]]
    sizes: Mapping[Size, sp.Expr]
    orientation: Orientation = Orientation.TENSOR

    @property
    def layer(self) -> Layer:
        """The layer."""
        return self.report.layer

    def links_to(self, wrt: str) -> tuple[Link, ...]:
        """Return the links that end at a tensor."""
        return tuple(link for link in self.links if link.wrt == wrt)


def explanation(
    layer: Layer,
    wrt: Sequence[str] = (),
    *,
    rows: bool | None = None,
    orientation: Orientation = Orientation.TENSOR,
    sizes: Mapping[str, int] | None = None,
) -> Explanation:
    """Derive all that is to be explained.

    Parameters
    ----------
    layer : Layer
        The layer.
    wrt : sequence of str
        The tensors to differentiate by; all inputs and parameters if empty.
    rows : bool, optional
        Whether vectors are rows in matrix form; as the layer is written, if not given.
    orientation : Orientation
        How gradients lie beside their tensors in matrix form.
    sizes : mapping of str to int, optional
        Numbers for some sizes, by their names, to be shown in shapes.

    Raises
    ------
    DeriveError
        If the layer has no such tensor, or one that is not differentiated by, or no such size; or
        nothing to differentiate by.
    """
    if not wrt:
        refuse_constant(layer)
    numbers = _numbers(layer, sizes or {})
    found = report(layer, wrt)
    names = [line.wrt for line in found.gradients]
    traced = derivations(layer, names)
    results = {line.name for line in found.gradients}
    ordered = sorted(traced, key=lambda one: one.node.name in results)
    # All forms on the page share the names that they introduce.
    where = setting(layer, names, rows=rows, orientation=orientation)
    matrices = in_matrices(found, layout=where.layout, shorthands=where.shorthands)
    used = links(where)
    chains = tuple(chain(where, name) for name in names)
    shown = [matrices.equations[line.name] for line in (*found.definitions, *found.gradients)]
    met = letters_in((shown, [(link.matrix, link.product) for link in used], chains))
    names_met = tuple(e for e in introduced(where.shorthands, found.notation) if _name(e) in met)
    matrices = replace(matrices, where=names_met)
    tensors = [*layer.by_name.values(), *(n.tensor for n in where.shorthands.found.values())]
    shapes = {tensor.name: tensor.shape for tensor in tensors}
    shapes |= {n: layer.tensor(name).shape for n, name in where.layout.cotangents.items()}
    shapes |= {n: _turned(where, n) for n in where.layout.turned}
    return Explanation(found, matrices, tuple(ordered), used, chains, shapes, numbers, orientation)


def _numbers(layer: Layer, sizes: Mapping[str, int]) -> dict[Size, sp.Expr]:
    known = {size.name: size for size in layer.sizes}
    for name in sizes:
        if name not in known:
            there = f"it has {', '.join(known)}" if known else "all its sizes are numbers"
            raise DeriveError(f"{layer.name} has no size {name}", hint=there)
    return {known[name]: sp.Integer(number) for name, number in sizes.items()}


def _turned(where: Setting, title: str) -> tuple[sp.Expr, ...]:
    """Return the shape of a gradient that lies transposed beside its tensor."""
    shape = where.layer.tensor(where.layout.cotangents[title]).shape
    if len(shape) != 1:
        return shape[::-1]
    return (*shape, sp.S.One) if where.layout.rows else (sp.S.One, *shape)


def _name(equation: Equation) -> str:
    return equation.left.name if isinstance(equation.left, Letter) else ""
