"""What the right side of a wrong claim means, with the note's derivatives written out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.index.terms import Entry, Index, free_indices, substitute
from derive.notes.algebra import COLUMN, ROW

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes.verdicts import Verdict
    from derive.notes.world import World

__all__ = ["Cotangent", "RightForm", "cotangents", "right_form"]

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
    """``left = expression``; ``axes`` are the letters for the rows and columns of the left side."""

    left: str
    axes: str
    expression: sp.Expr


def right_form(verdict: Verdict, world: World) -> RightForm | None:
    """Return what a claim should say, None where that has no simple form.

    That is a claim with concrete matrices, or with indices in sums: its entries depend on what
    indices count from.
    """
    truth = verdict.truth
    if truth is None or truth.expression is None:
        return None
    if any(truth.start <= problem.start < truth.end for problem in verdict.problems):
        # An update rule: what is right is not what stands there.
        return None
    left = verdict.formula.latex[truth.start : truth.end].strip()
    expression = _expanded(truth.expression, world)
    if expression == truth.expression or not _plain(expression):
        return None
    return RightForm(left, *_lettered(expression, left))


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


def _expanded(expression: sp.Expr, world: World) -> sp.Expr:
    """Put definitions in for derivatives and for the note's names, up to the next cotangents."""
    stops = cotangents(world)
    own = {node.name for node in world.layer.nodes}
    nodes = {node.name: node for node in world.nodes if node.name not in own}
    for level in range(_LEVELS):
        swap = {
            entry: substitute(
                nodes[entry.tensor].body,
                dict(zip(nodes[entry.tensor].indices, entry.indices, strict=True)),
            )
            for entry in expression.atoms(Entry)
            if entry.tensor in nodes
            and (entry.tensor not in stops or (expression == entry and level < _LEVELS - 1))
        }
        if not swap:
            break
        expression = expression.xreplace(swap)
    return expression


def _plain(expression: sp.Expr) -> bool:
    """Tell whether every index stands alone: nothing depends on what indices count from."""
    return all(
        isinstance(index, Index) for entry in expression.atoms(Entry) for index in entry.indices
    )


def _lettered(expression: sp.Expr, left: str) -> tuple[str, sp.Expr]:
    """Give rows and columns letters that the formula does not have; return these."""
    free = {index.name for index in free_indices(expression)}
    spare = [letter for letter in _LETTERS if letter not in free and f"_{letter}" not in left]
    swap = {Index(axis): Index(spare.pop(0)) for axis in (ROW, COLUMN) if axis in free}
    return "".join(index.name for index in swap.values()), substitute(expression, swap)
