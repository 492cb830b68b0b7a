"""Reverse mode: cotangents flow from the outputs to what the layer was given.

    T̄[k]  =  Σ_consumers u  Σ_i  ū[i] · ∂u[i]/∂T[k]

One equation per tensor, one local derivative per edge; no expression of the whole network is
ever formed, so the cost is linear in the number of nodes. The result is a layer whose inputs
are the layer's own and the cotangents of its outputs, and whose outputs are the gradients.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.edges import active, edge, gradient_names, readers
from derive.gradient.trace import Contribution, Line, simplified, steps_of
from derive.index.delta import close, eliminate
from derive.index.local import Term, scaled
from derive.index.simplify import operations
from derive.index.terms import (
    Index,
    Reduction,
    Size,
    substitute,
    tensors,
)
from derive.layer.model import Layer, Node, Role, Rule, Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "cotangent_names",
    "cotangent_nodes",
    "letters_for",
    "letters_taken",
    "reverse",
    "through",
]


@dataclass(frozen=True, slots=True)
class _Cotangent:
    """The cotangent of a tensor: its entry at given indices, or the expression it stands for."""

    indices: tuple[Index, ...]
    body: sp.Expr
    node: Node | None

    def at(self, indices: Sequence[sp.Expr]) -> sp.Expr:
        return substitute(self.body, dict(zip(self.indices, indices, strict=True)))


def reverse(
    layer: Layer,
    wrt: Sequence[str] | None = None,
    *,
    cotangents: Size | None = None,
    keep_outputs: bool = False,
    traced: bool = False,
) -> Layer:
    """Return the layer of the gradients.

    Parameters
    ----------
    layer : Layer
        What to differentiate.
    wrt : sequence of str, optional
        The tensors to differentiate by; all inputs and parameters if not given.
    cotangents : Size, optional
        Carry this many cotangents at once: every cotangent and gradient gets a first axis of
        this size.
    keep_outputs : bool
        Whether the layer's own outputs are outputs of the result as well, before the gradients.
    traced : bool
        Whether every gradient is to hold the steps of its derivation.

    Returns
    -------
    Layer
        Its inputs are the cotangents of the outputs (``d`` + name), then what the layer is
        given; its outputs are the gradients (``d`` + name), each of the shape of its tensor. A
        tensor that no output depends on has a gradient of zeros.
    """
    names = layer.wrt_names(wrt)
    lead = () if cotangents is None else (cotangents,)
    nodes = cotangent_nodes(layer, names, lead, traced=traced)
    outputs = tuple(nodes[name].name for name in names)
    result = Layer(
        f"{layer.name}_gradient",
        f"Gradients of {layer.name}.",
        (*lead, *layer.sizes),
        (*_given(layer, names, lead), *layer.tensors),
        (*layer.nodes, *nodes.values()),
        ((*layer.outputs, *outputs) if keep_outputs else outputs),
        layer.facts,
        layer.domains,
        span=layer.span,
    )
    return result.with_outputs(result.outputs)


def _given(layer: Layer, names: tuple[str, ...], lead: tuple[Size, ...]) -> list[Tensor]:
    """Return the cotangents of the outputs."""
    called, _ = cotangent_names(layer, names)
    shapes = {name: (*lead, *layer.tensor(name).shape) for name in layer.outputs}
    return [
        Tensor(called[name], shape, Role.COTANGENT, f"cotangent of {name}")
        for name, shape in shapes.items()
    ]


def cotangent_nodes(
    layer: Layer, names: tuple[str, ...], lead: tuple[Size, ...] = (), *, traced: bool = False
) -> dict[str, Node]:
    """Return the cotangents by the names of their tensors, from the outputs backwards.

    Parameters
    ----------
    layer : Layer
        What to differentiate.
    names : tuple of str
        The tensors to differentiate by; their cotangents are among the results, as are those of
        all nodes on the way.
    lead : tuple of Size
        First axes that every cotangent has besides.
    traced : bool
        Whether the results are to hold their steps.
    """
    return dict(_cotangent_nodes(layer, names, lead, traced))


@lru_cache(maxsize=32)
def _cotangent_nodes(
    layer: Layer, names: tuple[str, ...], lead: tuple[Size, ...], traced: bool
) -> Mapping[str, Node]:
    """Find the cotangents once, whether outputs are kept beside them or not."""
    known = layer.by_name
    fixed = frozenset(t.name for t in layer.tensors if not t.role.differentiated)
    reached = active(layer, names)
    _, titles = cotangent_names(layer, names)
    given = dict(zip(layer.outputs, _given(layer, names, lead), strict=True))
    (first, *others) = given.values()
    unit = None if others or first.shape else first.at()
    consumers = readers(layer)
    needed = {node.name for node in layer.with_outputs(layer.outputs).nodes}
    found: dict[str, _Cotangent] = {}
    nodes: dict[str, Node] = {}
    alphabet = letters_for(layer, len(lead) + max(len(t.shape) for t in known.values()))
    for name in (name for name in reversed(layer.names) if name in reached):
        tensor = known[name]
        letters = alphabet[: len(lead) + len(tensor.shape)]
        prefix, target = letters[: len(lead)], letters[len(lead) :]
        contributions = _contributions(layer, tensor, prefix, target, consumers[name], found, fixed)
        body = close(term for contribution in contributions for term in contribution.terms)
        own: sp.Expr = sp.S.Zero
        if name in given:
            own = given[name].at(*letters)
            if not consumers[name]:
                found[name] = _Cotangent(letters, own, None)
                if name not in names:
                    continue
            body = body + own
        lines = simplified(body, layer.facts)
        body = lines[-1].after if lines else body
        facts = [fact for contribution in contributions for fact in contribution.facts]
        facts += _facts(lines)
        result = Tensor(
            titles[name], (*lead, *tensor.shape), Role.NODE, f"gradient with respect to {name}"
        )
        node = Node(result, letters, body, layer.span, (), tuple(dict.fromkeys(facts)))
        if traced:
            entry = tensor.at(*target)
            read = any(consumer.name in needed for consumer in consumers[name])
            steps = steps_of(node, entry, contributions, own, layer.facts, unit, read)
            node = replace(node, steps=steps)
        nodes[name] = node
        here = sp.S.Zero if body == 0 else node.entry
        inlined = body if name not in names and not body.has(Reduction) else None
        found[name] = _Cotangent(letters, here, node if inlined is not None else None)
    return nodes


def _contributions(
    layer: Layer,
    tensor: Tensor,
    prefix: tuple[Index, ...],
    target: tuple[Index, ...],
    consumers: list[Node],
    found: Mapping[str, _Cotangent],
    fixed: frozenset[str],
) -> tuple[Contribution, ...]:
    """Return the summands of the chain rule, one for each consumer that the loss depends on.

    ``fixed`` are the given tensors that nobody differentiates by: they ask for no cotangent.
    """
    sizes = dict(zip(target, tensor.shape, strict=True))
    contributions: list[Contribution] = []
    for consumer in consumers:
        cotangent = found.get(consumer.name)
        if cotangent is None or cotangent.body == 0:
            continue
        local = edge(consumer, tensor, target)
        indices = (*prefix, *local.indices)
        here = cotangent.at(indices)
        reached = through(local.terms, here, local.indices, consumer, sizes)
        contribution = Contribution(consumer, local, here, tuple(reached))
        node = cotangent.node
        if node is not None and len(tensors(consumer.body) - fixed) == 1:
            # The cotangent is elementwise and nobody else's: look through it if that is shorter.
            inner = substitute(node.body, dict(zip(node.indices, indices, strict=True)))
            direct = tuple(through(local.terms, inner, local.indices, consumer, sizes))
            lines = simplified(close(direct), layer.facts)
            short = lines[-1].after if lines else close(direct)
            if operations(short) < operations(close(reached)) + operations(node.body):
                used = (*node.facts, *_facts(lines))
                contribution = Contribution(consumer, local, here, direct, inner, short, used)
        contributions.append(contribution)
    return tuple(contributions)


def _facts(lines: Iterable[Line]) -> list[str]:
    """Return the facts that lines used."""
    return [line.detail[0] for line in lines if line.rule is Rule.FACT]


def through(
    local: tuple[Term, ...],
    cotangent: sp.Expr,
    indices: tuple[Index, ...],
    consumer: Node,
    sizes: Mapping[Index, sp.Expr],
) -> list[Term]:
    """Return ``Σ_i ū[i] · ∂u[i]/∂T[k]`` with the deltas eliminated."""
    outer = tuple(zip(indices, consumer.tensor.shape, strict=True))
    result = []
    for term in local:
        product = Term((*outer, *term.bound), term.deltas, scaled(cotangent, term.coefficient))
        reduced = eliminate(product, sizes)
        if reduced is not None:
            result.append(reduced)
    return result


def cotangent_names(
    layer: Layer, wrt: Sequence[str] | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the cotangents are called: those that are given, and those that are derived.

    The two differ for an output that other nodes read: its whole cotangent is not the given one.
    """
    names = layer.wrt_names(wrt)
    reached = active(layer, names)
    wanted = [name for name in reversed(layer.names) if name in reached]
    called = gradient_names([*layer.outputs, *names, *wanted], set(layer.names))
    consumers = readers(layer)
    again = [name for name in layer.outputs if consumers[name] or name in names]
    totals = gradient_names([f"{name}_total" for name in again], {*layer.names, *called.values()})
    return called, {**called, **{name: totals[f"{name}_total"] for name in again}}


def letters_taken(layer: Layer) -> frozenset[str]:
    """Return what no index is called: names, and what they have below them, as in ``y_i``."""
    names = (*layer.names, *(size.name for size in layer.sizes))
    return frozenset((*names, *(part for name in names for part in name.split("_")[1:])))


def letters_for(layer: Layer, count: int) -> tuple[Index, ...]:
    """Return free indices to write a gradient with: i, j, k, …, but no letter that is taken."""
    taken = letters_taken(layer)
    letters = [letter for letter in "ijkpqrstuv" if letter not in taken]
    numbered = (f"i{n}" for n in itertools.count())
    more = itertools.chain(letters, (name for name in numbered if name not in taken))
    return tuple(Index(letter) for letter in itertools.islice(more, count))
