"""Formulas that a note has wrongly set equal to a symbol, and what only follows from them.

A mistake is named where it is made. Every later claim is judged as it is written; one that does
not hold is tried once more with the symbol in the place of its mistaken formula. Links of the chain
rule, where a formula is a quantity's name, are right if they hold then, and the verdict says what
they follow from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.claims import bare_name, is_chain_rule
from derive.notes.judge import Judge
from derive.notes.losses import are_arguments
from derive.notes.mend import Mender
from derive.notes.settle import occurs, substituted
from derive.notes.verdicts import AGREES, ILL_FORMED, PROVED, WRONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.sides import Claim, Reader
    from derive.notes.tree import Node
    from derive.notes.verdicts import Verdict

__all__ = ["Mistake", "explained", "mistake"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A formula that a note has wrongly set equal to a symbol.

    Parameters
    ----------
    expression : Node
        The formula.
    symbol : Node
        What it was to be.
    number : int
        Of the claim that says so.
    """

    expression: Node
    symbol: Node
    number: int


def mistake(claim: Claim, verdict: Verdict, reader: Reader) -> Mistake | None:
    """Return what a claim wrongly says of a symbol that the header defines, if it does."""
    if verdict.verdict != WRONG or claim.root or claim.blamed != claim.k:
        return None
    symbol, expression = claim.sides[0], claim.sides[claim.k]
    if isinstance(symbol, tree.Product) and len(symbol.factors) == 2:
        symbol, arguments = symbol.factors
        if not are_arguments(arguments, reader.world.tensors):
            # The value somewhere is not the symbol.
            return None
    spelling = bare_name(symbol)
    known = reader.world.tensors.get(spelling or "")
    # What is given has no formula that a slip of the pen could have changed.
    defined = known is not None and any(n.name == known.name for n in reader.world.nodes)
    if not defined or spelling not in reader.names or bare_name(expression) is not None:
        return None
    if not any(isinstance(part, tree.Name) for part in tree.walk(expression)):
        return None
    return Mistake(expression, symbol, verdict.id)


def explained(
    claim: Claim, verdict: Verdict, mistakes: Sequence[Mistake], judge: Judge, text: str
) -> Verdict:
    """Return the verdict on a claim, with the mistake that it follows from if there is one.

    Parameters
    ----------
    claim : Claim
        As it is written.
    verdict : Verdict
        What was found of it.
    mistakes : sequence of Mistake
        What the note has said before.
    judge : Judge
        Who found it.
    text : str
        The whole note's, for its author's habits.
    """
    blamed = claim.blamed
    own, truth = claim.sides[blamed], claim.sides[claim.root]
    used = [m for m in mistakes if occurs(m.expression, own)]
    if verdict.verdict not in (WRONG, ILL_FORMED) or not used:
        return verdict
    if any(occurs(m.expression, truth) for m in used):
        return verdict
    used.sort(key=lambda m: sum(1 for _ in tree.walk(m.expression)))
    reader = judge.reader.with_meant([(m.expression, m.symbol) for m in used])
    other = Judge(reader, Mender(reader, judge.mender.effort, text), judge.definers)
    sides = list(claim.sides)
    sides[blamed] = substituted(own, reader.meant)
    read, every = reader.read(sides, claim.conditions)
    again = other.claim(replace(claim, sides=sides, read=read, every=every), verdict.id, {})
    numbers = sorted({m.number for m in used})
    are = "is" if len(numbers) == 1 else "are"
    note = f"follows from {', '.join(f'[{n}]' for n in numbers)}, which {are} wrong"
    if again.verdict in (PROVED, AGREES):
        if is_chain_rule(own):
            return replace(again, note=note)
        return replace(verdict, note=note)
    if again.repairs and (not verdict.repairs or _repeats(verdict, sides[blamed], used)):
        return replace(again, note=f"repaired as what {note}")
    return verdict


def _repeats(verdict: Verdict, side: Node, mistakes: Sequence[Mistake]) -> bool:
    """Tell whether the first repair of a claim is one of a mistake that was named before.

    The side has symbols where the mistaken formulas stood.
    """
    symbols = [m.symbol for m in mistakes]
    places = [(part.start, part.end) for part in tree.walk(side) if part in symbols]
    return all(
        any(start < edit.start and edit.end < end for start, end in places)
        for edit in verdict.repairs[0].edits
    )
