r"""What a notebook shows of a layer, of its gradients, of a derivation, and of all of them.

>>> from derive.layers import quantizer
>>> print(drawn(quantizer.layer.build(), "latex"))
$$
\begin{aligned}
Z_i &= \sum_{j=1}^{M} a_j \tanh\left(c_j (X_i - b_j)\right)
\end{aligned}
$$
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.explain.compose import compose_node
from derive.explain.explained import derived, page_of
from derive.explain.explanation import Explanation
from derive.explain.html import html_block
from derive.explain.markdown import display, markdown, markdown_block
from derive.explain.names import BESIDE, for_gradient, for_layer
from derive.explain.page import Derived, Formulas
from derive.gradient.derivation import Derivation
from derive.gradient.reverse import reverse
from derive.layer.build import Definition
from derive.layer.model import Layer, Role

if TYPE_CHECKING:
    from derive.explain.names import Notation
    from derive.layer.shown import Shown

__all__ = ["drawn"]


def drawn(value: Shown, form: str) -> str | None:
    """Return a value in a format (latex, html, markdown); None where it has no formulas yet."""
    try:
        return _drawn(value, form)
    except DeriveError:
        return None


@singledispatch
def _drawn(value: Shown, form: str) -> str | None:
    block, origin = _block(value)
    if form == "latex":
        return display(block, origin)
    return markdown_block(block, origin) if form == "markdown" else html_block(block, origin)


@_drawn.register
def _(value: Explanation, form: str) -> str | None:
    """Return the whole page, in the one format that is the same in a notebook as in a file."""
    return markdown(page_of(value)) if form == "markdown" else None


@singledispatch
def _block(value: Shown) -> tuple[Formulas | Derived, int]:
    raise TypeError(f"nothing to show of a {type(value).__name__}")


@_block.register
def _(value: Layer) -> tuple[Formulas | Derived, int]:
    notation = _notation(value)
    rows = tuple((compose_node(node, notation), ()) for node in value.nodes)
    return Formulas(rows), notation.origin


def _notation(layer: Layer) -> Notation:
    """Return the notation of a layer; cotangents are derivatives of a loss, on paper."""
    given = [tensor for tensor in layer.tensors if tensor.role is Role.COTANGENT]
    if not given:
        return for_layer(layer)
    known = {*layer.names, *(tensor.name[1:] for tensor in given)}
    named = [name for name in layer.names if name[:1] == "d" and name[1:] in known]
    notation = replace(
        for_layer(layer), letters=BESIDE, cotangents={name: name[1:] for name in named}
    )
    if len(given) == 1 and not given[0].shape:
        # The only output is a scalar: it is the loss itself, and its own cotangent is 1.
        return replace(notation, loss=given[0].name[1:], unit=given[0].name)
    return notation


@_block.register
def _(value: Definition) -> tuple[Formulas | Derived, int]:
    return _block(value.build())


@_block.register
def _(value: Derivation) -> tuple[Formulas | Derived, int]:
    layer = value.layer
    notation = for_gradient(layer, reverse(layer, [value.wrt]), [value.wrt])
    return derived(value, notation), notation.origin
