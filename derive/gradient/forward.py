"""Forward mode: tangents flow from what the layer was given to its outputs.

    u̇[i]  =  Σ_tensors T  Σ_k  ∂u[i]/∂T[k] · Ṫ[k]

The same local derivatives as in reverse mode, contracted on the other side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.gradient.edges import active, edge, gradient_names
from derive.index.delta import close, eliminate
from derive.index.inverses import read
from derive.index.local import Term, renamed, scaled
from derive.index.simplify import tidy
from derive.index.terms import Entry, fresh
from derive.layer.model import Layer, Node, Role, Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["forward"]


def forward(layer: Layer, wrt: Sequence[str] | None = None, *, keep_outputs: bool = False) -> Layer:
    """Return the layer of the tangents (Jacobian-vector products).

    Parameters
    ----------
    layer : Layer
        What to differentiate.
    wrt : sequence of str, optional
        The tensors that have a tangent; all inputs and parameters if not given.
    keep_outputs : bool
        Whether the layer's own outputs come before the tangents.

    Returns
    -------
    Layer
        Its inputs are what the layer is given and the tangents (``d`` + name); its outputs are
        the tangents of the outputs (``d`` + name).
    """
    names = layer.wrt_names(wrt)
    known = layer.by_name
    reached = active(layer, names)
    called = gradient_names(
        [*names, *layer.outputs, *(node.name for node in layer.nodes)], set(layer.names)
    )
    given = tuple(
        Tensor(
            called[t.name],
            t.shape,
            Role.PARAM if t.role is Role.PARAM else Role.TANGENT,
            f"tangent of {t.name}",
        )
        for t in (known[name] for name in names)
    )
    nodes: list[Node] = []
    zero: set[str] = set()
    for node in layer.nodes:
        terms: list[Term] = []
        for tensor in sorted(read(node.body) & reached - zero):
            terms += _term(node, known[tensor], called[tensor])
        body = tidy(close(terms))
        if body == 0 and node.name not in layer.outputs:
            zero.add(node.name)
            continue
        tangent = Tensor(called[node.name], node.tensor.shape, Role.NODE, f"tangent of {node.name}")
        nodes.append(Node(tangent, node.indices, body, layer.span))
    outputs = tuple(called[name] for name in layer.outputs)
    result = Layer(
        f"{layer.name}_tangent",
        f"Jacobian-vector product of {layer.name}.",
        layer.sizes,
        (*layer.tensors, *given),
        (*layer.nodes, *nodes),
        (*layer.outputs, *outputs) if keep_outputs else outputs,
        layer.facts,
        layer.domains,
        span=layer.span,
    )
    return result.with_outputs(result.outputs)


def _term(node: Node, tensor: Tensor, tangent: str) -> list[Term]:
    """Return ``Σ_k ∂u[i]/∂T[k] · Ṫ[k]`` with the deltas eliminated."""
    target = tuple(fresh() for _ in tensor.shape)
    local = edge(node, tensor, target)
    back = dict(zip(local.indices, node.indices, strict=True))
    bound = tuple(zip(target, tensor.shape, strict=True))
    entry = Entry(tangent, tensor.shape, *target)
    result = []
    for term in local.terms:
        product = Term((*bound, *term.bound), term.deltas, scaled(entry, term.coefficient))
        reduced = eliminate(product, dict(zip(local.indices, node.tensor.shape, strict=True)))
        if reduced is not None:
            result.append(renamed(reduced, back))
    return result
