"""The programs of a layer: what is generated for every layer, whatever it is.

``forward``, ``backward``, ``forward_backward``, ``jvp``, ``vjp_many``, and ``sgd_step`` where the
layer declares an update. All are over a batch; values of nodes that the gradients need are
saved by ``forward`` and given to ``backward``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.forward import forward
from derive.gradient.reverse import reverse
from derive.index.terms import Entry, Size, rename_tensors, tensors
from derive.layer.batch import batch, batch_size, free_name
from derive.layer.check import refuse_constant
from derive.layer.model import Layer, Node, Role, Tensor
from derive.layer.updates import gradient_name, needed_gradients
from derive.program.pipeline import compiled
from derive.program.stabilise import prepare, stabilise

if TYPE_CHECKING:
    from derive.program.ir import Program

__all__ = ["Suite", "sizes", "suite"]


@dataclass(frozen=True, slots=True)
class Suite:
    """A layer and its programs.

    Parameters
    ----------
    layer : Layer
        As it was written.
    batch, many : str
        The names of the size that counts samples, and of that which counts cotangents.
    saved : tuple of str
        The nodes whose values ``forward`` saves for ``backward``.
    cotangents, gradients, tangents : tuples of str
        The names of the cotangents of the outputs, of the gradients (one for each tensor that
        is differentiated by) and of the outputs' tangents.
    seeds : tuple of str
        The names of the tangents of the tensors that are differentiated by.
    layers : tuple of (str, Layer)
        The layer behind each program, as it is in textbooks.
    computed : tuple of (str, Layer)
        What each program computes: the same, in the form that keeps digits.
    programs : tuple of Program
        One for each function.
    """

    layer: Layer
    batch: str
    many: str
    saved: tuple[str, ...]
    cotangents: tuple[str, ...]
    gradients: tuple[str, ...]
    tangents: tuple[str, ...]
    seeds: tuple[str, ...]
    layers: tuple[tuple[str, Layer], ...]
    computed: tuple[tuple[str, Layer], ...]
    programs: tuple[Program, ...]

    @property
    def forward(self) -> Program:
        """The program of the definition itself."""
        return next(program for program in self.programs if program.name == "forward")


def suite(layer: Layer, *, stable: bool = True) -> Suite:
    """Return all programs of a layer.

    Parameters
    ----------
    layer : Layer
        Without a batch.
    stable : bool
        Whether to compute in the form that keeps digits, or as it is written.

    Raises
    ------
    DeriveError
        If there is nothing to differentiate by.

    Examples
    --------
    >>> from derive.layers import quantizer
    >>> [program.name for program in suite(quantizer.layer.build()).programs]
    ['forward', 'backward', 'forward_backward', 'jvp', 'vjp_many']
    """
    refuse_constant(layer)
    batched = batch(layer)
    many = _many(layer)
    layers = _layers(batched, many)
    computed = dict(layers)
    if stable:
        prepared = prepare(batched)
        derived = layers if prepared == batched else _layers(prepared, many)
        written = {node.name for node in prepared.nodes}
        computed = {kind: stabilise(each, None, written) for kind, each in derived.items()}
    saved = _saved(computed["backward"], computed["forward"])
    computed["forward"] = _saving(computed["forward"], saved)
    computed["backward"] = _given(computed["backward"], saved)
    count = len(layer.outputs)
    return Suite(
        layer,
        batch_size(layer).name,
        many.name,
        saved,
        tuple(t.name for t in layers["backward"].tensors[:count]),
        layers["backward"].outputs,
        layers["jvp"].outputs,
        tuple(t.name for t in layers["jvp"].tensors[len(layer.tensors) :]),
        tuple(layers.items()),
        tuple(computed.items()),
        tuple(compiled(each, name) for name, each in computed.items()),
    )


def sizes(layer: Layer) -> tuple[str, ...]:
    """Return the names of all sizes of a layer's functions, of the batch and of cotangents too.

    >>> from derive.layers import quantizer
    >>> sizes(quantizer.layer.build())
    ('P', 'B', 'N', 'M')
    """
    return (_many(layer).name, *(size.name for size in (batch_size(layer), *layer.sizes)))


def _many(layer: Layer) -> Size:
    """Return the size that counts cotangents."""
    taken = {*layer.names, batch_size(layer).name, *(size.name for size in layer.sizes)}
    return Size(free_name(("P",), taken))


def _layers(layer: Layer, many: Size) -> dict[str, Layer]:
    """Return what each function computes, from a layer over a batch."""
    layers = {
        "forward": layer,
        "backward": reverse(layer),
        "forward_backward": reverse(layer, keep_outputs=True),
        "jvp": forward(layer),
        "vjp_many": reverse(layer, cotangents=many),
    }
    if layer.updates:
        layers["sgd_step"] = _step(layer)
    return layers


def _saved(backward: Layer, primal: Layer) -> tuple[str, ...]:
    """Return the nodes that the gradients read, in order; outputs among them."""
    own = {node.name for node in primal.nodes}
    read = {name for node in backward.nodes if node.name not in own for name in tensors(node.body)}
    return tuple(node.name for node in primal.nodes if node.name in read)


def _saving(primal: Layer, saved: tuple[str, ...]) -> Layer:
    """Return the layer with what it saves among its outputs."""
    return primal.with_outputs(tuple(dict.fromkeys((*primal.outputs, *saved))))


def _given(backward: Layer, saved: tuple[str, ...]) -> Layer:
    """Return the gradients with the values of these nodes given, instead of computed again."""
    inputs = [
        replace(node.tensor, role=Role.INPUT) for node in backward.nodes if node.name in saved
    ]
    kept = tuple(node for node in backward.nodes if node.name not in saved)
    layer = replace(backward, tensors=(*backward.tensors, *inputs), nodes=kept)
    return layer.with_outputs(layer.outputs)


def _step(layer: Layer) -> Layer:
    """Return the layer of the update step: new values of the parameters, the loss's cotangent 1."""
    names = needed_gradients(layer)
    gradients = reverse(layer, names)
    given = [tensor for tensor in gradients.tensors if tensor.role is Role.COTANGENT]
    updated = (update.tensor for update in layer.updates)
    news = {name: free_name((f"{name}_new",), {*gradients.names}) for name in updated}
    ones = {tensor.name for tensor in given}
    called = dict(zip(map(gradient_name, names), gradients.outputs, strict=True))
    nodes = [replace(node, body=_with_ones(node.body, ones), steps=()) for node in gradients.nodes]
    for update in layer.updates:
        tensor = Tensor(news[update.tensor], layer.tensor(update.tensor).shape, Role.NODE)
        nodes.append(Node(tensor, update.indices, rename_tensors(update.body, called)))
    outputs = tuple(news.values())
    step = replace(
        gradients,
        tensors=(*(t for t in gradients.tensors if t not in given), *layer.rates),
        nodes=tuple(nodes),
        outputs=outputs,
    )
    return step.with_outputs(outputs)


def _with_ones(body: sp.Expr, names: set[str]) -> sp.Expr:
    return body.xreplace({e: sp.S.One for e in body.atoms(Entry) if e.tensor in names})
