"""Claims that are true in the other layout, with all their derivatives transposed."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.compare import Sides, compare
from derive.notes.edited import applied
from derive.notes.laying import OPPOSITE
from derive.notes.meaning import mean
from derive.notes.mend import proof
from derive.notes.moving import transposing
from derive.notes.scope import LAYOUT as OTHER
from derive.notes.values import Misfit
from derive.notes.verdicts import AGREES, LAYOUT, PROVED, Problem, Repair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.mend import Mender
    from derive.notes.sides import Claim, Reader
    from derive.notes.tree import Node
    from derive.notes.verdicts import Verdict

__all__ = ["in_other_layout"]


def in_other_layout(
    reader: Reader, mender: Mender, claim: Claim, base: Verdict, blamed: int
) -> Verdict | None:
    r"""Return the verdict if a claim is true in the other layout.

    So is ``\partial L/\partial x = \partial h/\partial x\,\partial L/\partial h`` in denominator
    layout: neither side is the transpose of what it is in numerator layout.
    """
    nodes = [claim.sides[claim.root], claim.sides[blamed]]
    if not any(isinstance(part, tree.Derivative) for node in nodes for part in tree.walk(node)):
        return None
    other = frozenset({OTHER})
    read, every = reader.read(nodes, claim.conditions, other=other)
    if any(side.value is None for side in read) or read[1].letters - read[0].letters:
        return None
    sides = Sides(nodes[0], nodes[1], claim.conditions, every, other=other)
    try:
        outcome = compare(sides, reader.differentials)
    except Misfit:
        return None
    if outcome.kind != "equal":
        return None
    found = proof(reader, read[0], read[1], outcome, every, claim.conditions)
    if found.refuted or (outcome.unvalued and not found.proved):
        return None
    if reader.world.layout == "any":
        return replace(base, verdict=PROVED if found.proved else AGREES, facts=found.facts)
    layout = OPPOSITE[reader.world.layout]
    message = f"true in {layout} layout: each derivative would be the transpose of what it is here"
    node = nodes[1]
    latex = base.formula.latex
    problem = Problem("layout", node.start, node.end, latex[node.start : node.end], "", message)
    result = replace(base, verdict=LAYOUT, problems=(problem,), facts=found.facts)
    if next(_lying(nodes[0], reader), None) is None:
        # Only this side has what is transposed: its transpose is what the other layout says.
        edits = [edit for part in _lying(node, reader) for edit in transposing(part, latex).edits]
        repair = Repair(tuple(edits), applied(latex, tuple(edits)), found.proved)
        return replace(result, repairs=(repair,))
    return mender.repaired(claim, result, blamed)


def _lying(node: Node, reader: Reader) -> Iterator[Node]:
    """Yield the derivatives in a side that are others in the other layout."""
    scope = reader.differentials.symbolic()
    for part in tree.walk(node):
        if isinstance(part, tree.Derivative):
            with contextlib.suppress(Misfit):
                here = mean(part, scope)
                there = mean(part, replace(scope, other=frozenset({OTHER})))
                if (here.shape, here.data) != (there.shape, there.data):
                    yield part
