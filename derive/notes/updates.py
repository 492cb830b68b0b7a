"""Update rules: ``W - γ ∂L/∂W`` steps against the gradient, and only a minus does.

The gradient may be written out: it is that of the only number that a note defines for its own sake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.index.terms import tensors
from derive.notes import tree
from derive.notes.brackets import bare, unbracketed
from derive.notes.claims import bare_name, chain_ends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["Step", "ascends", "corrected", "direction", "is_rate", "is_update", "step_of", "steps"]


#: What a note says that goes uphill somewhere, in the languages of the notes.
_UPHILL = re.compile(
    r"ascen[dt]|ascens|maximi[sz]|likelihood|uphill|climb|verosimilitud"
    r"|wznosz|maksymaliz|wiarygodn|восхожд|подъ[её]м|максимиз|правдоподоб"
    r"|מקסימי|נראות|aufstieg|maximier|mont[ée]e|vraisemblance|上升|最大化|似然",
    re.IGNORECASE,
)


def ascends(text: str) -> bool:
    """Tell whether a note speaks of going uphill, so that a plus may be what is meant."""
    return _UPHILL.search(text) is not None


@dataclass(frozen=True, slots=True)
class Step:
    """A step that may be one along a gradient.

    Parameters
    ----------
    term : Term
        The step.
    gradient : Node
        What it may be along.
    written : Node
        What would be the gradient.
    rates : tuple of Node
        The numbers that say how far it goes.
    """

    term: tree.Term
    gradient: Node
    written: Node
    rates: tuple[Node, ...] = ()


def _parts(side: Node, world: World) -> tuple[tree.Add, int] | None:
    """Return the sum, and which of its terms is the step."""
    if not isinstance(side, tree.Add) or len(side.terms) != 2:
        return None
    first, second = side.terms
    for n, (symbol, step) in enumerate(((first, second), (second, first))):
        spelling = bare_name(symbol.body)
        if symbol.sign == "-" or spelling not in world.tensors:
            continue
        wrt = [
            bare_name(target)
            for part in tree.walk(step.body)
            if isinstance(part, tree.Derivative) and not _is_of_negative(part)
            for target in part.wrt
        ]
        if spelling in wrt:
            return side, 1 - n
    return None


def _is_of_negative(node: tree.Derivative) -> bool:
    """Tell whether a derivative is of -J: down along it is up J."""
    of = None if node.of is None else unbracketed(node.of)
    return isinstance(of, tree.Add) and of.terms[0].sign == "-"


def is_update(side: Node, world: World) -> bool:
    """Tell whether a side is a symbol plus or minus a multiple of a derivative by it."""
    return _parts(side, world) is not None


def step_of(side: Node, world: World) -> tuple[Node, tree.Term] | None:
    """Return the symbol that an update moves, with its indices, and the step."""
    found = _parts(side, world)
    if found is None:
        return None
    total, place = found
    return total.terms[1 - place].body, total.terms[place]


def direction(node: Node, symbol: Node) -> Node | None:
    r"""Return the derivative by a symbol of which a step is some multiple; None if it is unclear.

    What is in front of it, and its sign, is left out: of ``-\eta \sum_i \nabla_w J_i`` it is
    ``\sum_i \nabla_w J_i``.
    """
    if isinstance(node, tree.Derivative):
        by = len(node.wrt) == 1 and bare_name(node.wrt[0]) == bare_name(symbol)
        return node if by and node.order is None else None
    if isinstance(node, tree.Evaluated):
        return node if direction(node.body, symbol) is not None else None
    if isinstance(node, tree.Group) and len(node.items) == 1:
        return direction(node.items[0], symbol)
    if isinstance(node, tree.Wrapped):
        return direction(node.body, symbol)
    if isinstance(node, tree.Scripted) and not node.sub and all(map(tree.transposes, node.sup)):
        return direction(node.base, symbol)
    if isinstance(node, tree.BigOperator) and node.operator == "sum":
        body = direction(node.body, symbol)
        return None if body is None else replace(node, body=body)
    if isinstance(node, tree.Fraction):
        return direction(node.numerator, symbol)
    if isinstance(node, tree.FunctionCall) and node.argument is not None:
        return direction(node.argument, symbol)
    if isinstance(node, tree.Product):
        links = tuple(factor for factor in node.factors if isinstance(factor, tree.Derivative))
        chain = replace(node, factors=links, operators=node.operators[: max(0, len(links) - 1)])
        ends = [end for end in chain_ends(chain) if direction(end, symbol) is not None]
        found: list[Node] = [*ends[:1]]
        found = found or [p for f in node.factors if (p := direction(f, symbol)) is not None]
        return found[0] if found and found.count(found[0]) == len(found) else None
    if isinstance(node, tree.Add):
        return _direction_of_sum(node, symbol)
    return None


def _direction_of_sum(node: tree.Add, symbol: Node) -> Node | None:
    """Return the sum of the derivatives in a sum, where all have one sign."""
    found = [(term, direction(term.body, symbol)) for term in node.terms]
    terms = [(term, part) for term, part in found if part is not None]
    if len({term.sign == "-" for term, _ in terms}) != 1:
        return None
    if len(terms) == 1:
        return terms[0][1]
    signs = ("", *("+" for _ in terms[1:]))
    return replace(
        node,
        terms=tuple(
            replace(term, sign=sign, body=part)
            for sign, (term, part) in zip(signs, terms, strict=True)
        ),
    )


def corrected(side: Node, world: World) -> Node:
    """Return the step with a minus before the derivative."""
    found = _parts(side, world)
    if found is None:
        return side
    total, place = found
    step = total.terms[place]
    if step.sign == "-":
        return side
    terms = tuple(
        replace(term, sign="-") if n == place else term for n, term in enumerate(total.terms)
    )
    return replace(total, terms=terms)


def steps(left: Node, side: Node, world: World) -> Iterator[Step]:
    """Yield what ``W ± γ E`` may say: every E that the factors before it may be the rate of."""
    objective = _objective(world)
    if objective is None or not isinstance(side, tree.Add) or len(side.terms) != 2:
        return
    for symbol, step in (side.terms, side.terms[::-1]):
        given = {tensor.name for tensor in world.given}
        tensor = world.tensors.get(bare_name(symbol.body) or "")
        if symbol.sign == "-" or tensor is None or tensor.name not in given or symbol.body != left:
            continue
        place = (step.body.start, step.body.end)
        of = tree.Name(*place, objective)
        gradient = tree.Derivative(*place, "gradient", r"\nabla", of, (symbol.body,))
        yield Step(step, gradient, step.body)
        product = step.body
        rates: tuple[Node, ...] = ()
        while isinstance(product, tree.Product) and is_rate(product.factors[0], world):
            first = product.factors[0]
            if isinstance(first, tree.Fraction):
                # What is below the line may belong to the gradient: η/N times a sum.
                one = tree.Number(first.start, first.start, "1")
                factors = (replace(first, numerator=one), *product.factors[1:])
                longer = replace(product, factors=factors)
                yield Step(step, gradient, longer, (*rates, first.numerator))
            rates = (*rates, product.factors[0])
            rest, operators = product.factors[1:], product.operators[1:]
            written = (
                rest[0]
                if len(rest) == 1
                else replace(product, start=rest[0].start, factors=rest, operators=operators)
            )
            yield Step(step, gradient, written, rates)
            product = written


def is_rate(node: Node, world: World) -> bool:
    """Tell whether a factor can be how far a step goes: a number, declared or not."""
    node = bare(node)
    if isinstance(node, tree.Fraction):
        return all(is_rate(part, world) for part in (node.numerator, node.denominator))
    if isinstance(node, tree.Product):
        return all(is_rate(part, world) for part in node.factors)
    if isinstance(node, tree.Add):
        return all(is_rate(term.body, world) for term in node.terms)
    if isinstance(node, tree.Number):
        return True
    symbol = world.tensors.get(bare_name(node) or "")
    plain = isinstance(node, tree.Name) or (isinstance(node, tree.Scripted) and not node.sup)
    return plain and (symbol is None or not symbol.shape)


def _objective(world: World) -> str | None:
    """Return the spelling of the only number that is defined and that nothing else is made of."""
    nodes = world.layer.nodes
    used = {name for node in nodes for name in tensors(node.body)}
    found = [node.name for node in nodes if not node.tensor.shape and node.name not in used]
    if len(found) != 1 or world.losses:
        return None
    return next((s for s, symbol in world.tensors.items() if symbol.name == found[0]), None)
