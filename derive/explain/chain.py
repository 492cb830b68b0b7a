"""A gradient's whole chain: its links, and all of them put together as one product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.explain.compose import compose_node
from derive.explain.einsum import einsum_text
from derive.explain.facts import fact_equation
from derive.explain.layout import whole as letter_of
from derive.explain.links import links
from derive.explain.putting import put_in
from derive.explain.tree import Equation, Formula, Letter, Partial, parts
from derive.explain.words import Field, Phrase, phrase
from derive.index.terms import tensors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.explain.links import Link, Setting
    from derive.layer.model import Node

__all__ = ["Chain", "chain"]

#: A product of more parts than this says less than its steps do.
_LARGEST = 80


@dataclass(frozen=True, slots=True)
class Chain:
    """A gradient as one product, with the remarks that belong to it.

    Parameters
    ----------
    wrt : str
        The tensor.
    links : tuple of Link
        The links that it uses, from the outputs down to the tensor.
    steps : tuple of Equation
        The gradients on the way and at last the one with respect to the tensor, each in matrix
        form where it has one, else in index form.
    whole : Equation or None
        All of them put into one another: ``∂J/∂x = (((ŷ − y) W2ᵀ) ∘ h ∘ (1 − h)) W1ᵀ``. None
        where a step has no matrix form, or where the product is too long to be read.
    einsum : str
        The last step as a line of code, where it has no matrix form but is a product of tensors.
    remarks : tuple of Phrase
        What else is to be said: which links are taken together, why there is no matrix form.
    """

    wrt: str
    links: tuple[Link, ...]
    steps: tuple[Equation, ...]
    whole: Equation | None
    einsum: str
    remarks: tuple[Phrase, ...]


def chain(where: Setting, wrt: str) -> Chain:
    """Return the whole chain of one gradient.

    Parameters
    ----------
    where : Setting
        The layer, and how it is written.
    wrt : str
        One of the tensors that it is differentiated by.
    """
    used = links(where, wrt)
    layout, result = where.layout, where.titles[wrt]
    gradient = where.gradient.with_outputs((result,))
    titles = set(where.titles.values())
    derived = [node for node in gradient.nodes if node.name in titles]
    steps: list[Equation] = []
    known: dict[Formula, Formula] = {}
    numbers = {Letter(name) for name in where.layer.names if not where.layer.tensor(name).shape}
    numbers |= {letter_of(node.name, layout) for node in derived if not node.indices}
    for node in derived:
        right = where.written(node)
        letter = letter_of(node.name, layout)
        if right is not None:
            known[letter] = put_in(right, known, numbers)
        steps.append(
            compose_node(node, where.notation) if right is None else Equation(letter, right)
        )
    last, whole = letter_of(result, layout), None
    if len(known) == len(derived) and sum(1 for _ in parts(known[last])) <= _LARGEST:
        whole = Equation(Partial(Letter(where.notation.loss), Letter(wrt)), known[last])
    node = gradient.node(result)
    einsum = "" if last in known else einsum_text(node, where.notation.unit) or ""
    remarks = _together(where, used, {node.name: node for node in derived})
    if last not in known and len(node.indices) > 2:
        remarks.append(phrase("chain.indices"))
    elif last not in known and not any(
        # A single row may be added to every row: products with ones say so, which are not found.
        1 in where.layer.tensor(name).shape
        for name in where.layer.names
    ):
        remarks.append(phrase("chain.formless"))
    return Chain(wrt, used, tuple(steps), whole, einsum, tuple(remarks))


def _together(where: Setting, used: tuple[Link, ...], derived: Mapping[str, Node]) -> list[Phrase]:
    """Say which links are taken at once: their product does without the gradient between them."""
    result = []
    loss = Letter(where.notation.loss)
    for link in used:
        between, step = where.titles[link.of], derived.get(where.titles[link.wrt])
        if step is None or between in derived or link.of in where.layer.outputs:
            continue
        if between in tensors(step.body):
            continue
        first, second = Partial(loss, Letter(link.of)), Partial(Letter(link.of), Letter(link.wrt))
        if sum(other.wrt == link.wrt for other in used) > 1:
            result.append(phrase("chain.together.part", first=first, second=second))
            continue
        more: dict[str, Field] = {"product": compose_node(step, where.notation).right}
        facts = tuple(
            fact_equation(fact, where.notation)
            for fact in where.layer.facts
            if fact.text in step.facts
        )
        key = "chain.together.facts" if facts else "chain.together"
        more.update({"facts": facts} if facts else {})
        result.append(phrase(key, first=first, second=second, **more))
    return result
