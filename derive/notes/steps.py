r"""Steps of a chain beside a wrong one: right as values of what they are judged by, and no more.

In ``a = b = c`` with a wrong b, c may be what a is. Then ``b = c`` is false all the same: what is
right is ``a = c``, and that is what is shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes.braces import balanced
from derive.notes.compare import Sides, compare
from derive.notes.values import Misfit
from derive.notes.verdicts import AGREES, LAYOUT, NOT_A_CLAIM, PROVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.notes.sides import Claim, Reader
    from derive.notes.verdicts import Verdict

__all__ = ["beside_wrong_step"]


def beside_wrong_step(
    claim: Claim, verdict: Verdict, found: Mapping[int, Verdict], reader: Reader
) -> Verdict:
    """Return the verdict on a claim; of a right side beside a wrong one, with what is right.

    Parameters
    ----------
    claim : Claim
        Of the chain.
    verdict : Verdict
        On it.
    found : mapping
        The verdicts on claims of the chain that are nearer to what is right, by their numbers.
    reader : Reader
        Of the note's formulas.
    """
    blamed, root = claim.blamed, claim.root
    inwards = -1 if root < blamed else 1
    beside = blamed + inwards
    if verdict.verdict not in (PROVED, AGREES, LAYOUT) or beside == root:
        return verdict
    before = found.get(claim.k + inwards)
    if before is not None and before.verdict in (PROVED, AGREES):
        return verdict
    if before is not None and before.verdict == NOT_A_CLAIM and not before.note:
        return verdict
    if _is_same(claim, beside, blamed, reader):
        return verdict
    formula, chain = verdict.formula, claim.chain
    side, truth = chain.sides[blamed], chain.sides[root]
    home = chain.homes[root] if root < chain.carried else formula
    parts = [(home, truth), (formula, side)]
    texts = [one.latex[slice(*balanced(one.latex, n.start, n.end))].strip() for one, n in parts]
    equation = " = ".join(texts if root < blamed else reversed(texts))
    which = "first" if root == 0 else "last" if root == len(chain.sides) - 1 else "right"
    step = "before" if root < blamed else "after"
    note = f"as a value of the {which} side, which the step {step} it is not"
    return replace(verdict, start=side.start, end=side.end, equation=equation, note=note)


def _is_same(claim: Claim, one: int, two: int, reader: Reader) -> bool:
    """Tell whether two sides are equal as they stand."""
    if claim.read[one].value is None:
        return False
    pair = Sides(claim.sides[one], claim.sides[two], claim.conditions, dict(claim.every))
    try:
        return compare(pair, reader.differentials).kind == "equal"
    except (Misfit, ValueError):
        return False
