"""What the right side of a wrong claim means, with the note's derivatives written out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.reverse import reverse
from derive.gradient.trace import simplified
from derive.index.facts import unfolded
from derive.index.simplify import tidy
from derive.index.terms import Entry, Index, free_indices, substitute, tensors
from derive.notes.algebra import COLUMN, ROW

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from derive.layer.model import Node
    from derive.notes.verdicts import Verdict
    from derive.notes.world import World

__all__ = [
    "Cotangent",
    "RightForm",
    "cotangents",
    "named_derivative",
    "put_in",
    "right_form",
    "spelled",
]

#: Letters for the rows and columns of a matrix claim.
_LETTERS = "ijklmnpqrstuv"
#: How often a definition is put in for a name.
_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Cotangent:
    """The derivative of an unspecified loss by a tensor; ``lead`` axes number the losses."""

    loss: str
    wrt: str
    lead: int


@dataclass(frozen=True, slots=True)
class RightForm:
    """``left = expression``.

    Parameters
    ----------
    left : str
        In LaTeX, as the formula has it.
    axes : str
        The letters for the rows and columns of the left side.
    expression : sympy expression
        The right side.
    lead : int
        How many indices of the derivatives of an unspecified loss in it are the loss's own.
    """

    left: str
    axes: str
    expression: sp.Expr
    lead: int


def right_form(verdict: Verdict, world: World) -> RightForm | None:
    """Return what a claim should say, None where that has no simple form.

    That is a claim with concrete matrices, or one that is as short as it can be.
    """
    truth = verdict.truth
    if truth is None or truth.expression is None:
        return None
    if any(truth.start <= problem.start < truth.end for problem in verdict.problems):
        # An update rule: what is right is not what stands there.
        return None
    left = verdict.formula.latex[truth.start : truth.end].strip()
    expression = _short(_expanded(_by_reverse_mode(truth.expression, world), world), world)
    if expression == truth.expression:
        return None
    axes, expression = _lettered(expression, left)
    known = cotangents(world)
    alike = _unnumbered(expression, axes, known)
    if alike is not None:
        return RightForm(left, "", alike, 0)
    return RightForm(left, axes, expression, next((c.lead for c in known.values()), 0))


def cotangents(world: World) -> dict[str, Cotangent]:
    """Return the derivatives of the note's unspecified losses by the names of their tensors."""
    found: dict[str, Cotangent] = {}
    names = {node.name for node in world.nodes} | {tensor.name for tensor in world.given}
    for loss, (shape, _) in world.losses.items():
        for name in names:
            match = re.fullmatch(rf"d{re.escape(loss)}/d(\S+?)( via d(\S+))?", name)
            wrt = match and (match.group(3) or match.group(1))
            if wrt and wrt in world.layer.names:
                found[name] = Cotangent(loss, wrt, len(shape))
    return found


def spelled(world: World) -> dict[str, str]:
    """Return how the note writes its quantities, and derivatives of them, by their names."""
    found = {symbol.name: spelling for spelling, symbol in reversed(world.tensors.items())}
    pairs = {name: key[1:] for key, name in world.known.items() if key[0] == "derivative"}
    pairs |= {name: (one.loss, one.wrt) for name, one in cotangents(world).items()}
    found |= {
        name: rf"\partial {found.get(str(of), of)}/\partial {found.get(str(wrt), wrt)}"
        for name, (of, wrt) in pairs.items()
    }
    return found


def _by_reverse_mode(expression: sp.Expr, world: World) -> sp.Expr:
    """Put in for a gradient of a number what reverse mode finds: it is shorter by its names."""
    found = named_derivative(expression, world)
    if found is None:
        return expression
    of, wrt, entry = found
    if of not in {node.name for node in world.layer.nodes} or world.shapes[of]:
        return expression
    if wrt not in world.layer.names:
        return expression
    gradients = reverse(replace(world.layer, outputs=(of,)), [wrt])
    unit = gradients.tensors[0].at()
    nodes = [node for node in gradients.nodes if node.name not in world.layer.names]
    result = Entry(gradients.outputs[0], entry.shape, *entry.indices)
    return put_in(result, nodes).xreplace({unit: sp.S.One})


def named_derivative(expression: sp.Expr, world: World) -> tuple[str, str, Entry] | None:
    """Return of what by what an expression is the derivative, and the entry that is its name."""
    pairs = {name: key[1:] for key, name in world.known.items() if key[0] == "derivative"}
    entry = _named(expression, pairs, world)
    if entry is None:
        return None
    of, wrt = (str(part) for part in pairs[entry.tensor])
    return of, wrt, entry


def _named(expression: sp.Expr, names: Collection[str], world: World) -> Entry | None:
    """Return which of some quantities an entry is, perhaps by a name that the note gives it."""
    nodes = {node.name: node for node in world.nodes}
    while isinstance(expression, Entry) and expression.tensor not in names:
        node = nodes.get(expression.tensor)
        if node is None or not isinstance(node.body, Entry):
            return None
        expression = substitute(node.body, dict(zip(node.indices, expression.indices, strict=True)))
    return expression if isinstance(expression, Entry) else None


def put_in(expression: sp.Expr, nodes: Iterable[Node]) -> sp.Expr:
    """Put definitions in until none is left."""
    definitions = {node.name: (node.indices, node.body) for node in nodes}
    while not tensors(expression).isdisjoint(definitions):
        expression = unfolded(expression, definitions)
    return expression


def _short(expression: sp.Expr, world: World) -> sp.Expr:
    """Apply the declared facts and what else makes an expression shorter."""
    # Signs and factors come out of sums first: a fact speaks of a sum without them.
    expression = tidy(expression)
    lines = simplified(expression, world.layer.facts)
    return lines[-1].after if lines else expression


def _expanded(expression: sp.Expr, world: World) -> sp.Expr:
    """Put definitions in for derivatives and for the note's names, up to the next cotangents."""
    stops = cotangents(world)
    own = {node.name for node in world.layer.nodes}
    nodes = {node.name: node for node in world.nodes if node.name not in own}
    for level in range(_LEVELS):
        definitions = {
            name: (node.indices, node.body)
            for name, node in nodes.items()
            if name not in stops
            or (isinstance(expression, Entry) and expression.tensor == name and level < _LEVELS - 1)
        }
        if tensors(expression).isdisjoint(definitions):
            break
        expression = unfolded(expression, definitions)
    return expression


def _lettered(expression: sp.Expr, left: str) -> tuple[str, sp.Expr]:
    """Give rows and columns letters that the formula does not have; return these."""
    free = {index.name for index in free_indices(expression)}
    spare = [letter for letter in _LETTERS if letter not in free and f"_{letter}" not in left]
    swap = {Index(axis): Index(spare.pop(0)) for axis in (ROW, COLUMN) if axis in free}
    return "".join(index.name for index in swap.values()), substitute(expression, swap)


def _unnumbered(expression: sp.Expr, axes: str, known: Mapping[str, Cotangent]) -> sp.Expr | None:
    """Leave out the number of the loss where a formula speaks of all of them alike.

    None where the axes of the left side are others, or stand elsewhere too.
    """
    own = tuple(map(Index, axes))
    found = [entry for entry in expression.atoms(Entry) if entry.tensor in known]
    if not own or any(entry.indices[: known[entry.tensor].lead] != own for entry in found):
        return None
    bare = {
        entry: Entry(entry.tensor, entry.shape[len(own) :], *entry.indices[len(own) :])
        for entry in found
    }
    result = expression.xreplace(bare)
    return None if free_indices(result) & set(own) else result
