r"""What to declare where a note defines something in its text: ``Let $q = X^\top r$``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.claims import EQUALITIES
from derive.notes.meaning import letter_of
from derive.notes.verdicts import ILL_FORMED

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes.sides import Claim
    from derive.notes.verdicts import Verdict
    from derive.notes.world import World

__all__ = ["with_declaration"]


def with_declaration(claim: Claim, verdict: Verdict, world: World) -> Verdict:
    """Return a verdict with the line that would make a definition of its claim.

    Without it nothing tells a definition from a name that is misspelled.
    """
    left, first = claim.sides[0], claim.read[0].misfit
    if verdict.verdict != ILL_FORMED or claim.k != 1 or claim.chain.carried or first is None:
        return verdict
    name = left.base if isinstance(left, tree.Scripted) else left
    if first.kind != "undefined-symbol" or not isinstance(name, tree.Name):
        return verdict
    if claim.chain.relations[0] not in EQUALITIES or name.spelling in world.tensors:
        return verdict
    sizes = _shape(claim, left)
    if sizes is None:
        return verdict
    spelled = {size: spelling for spelling, size in world.sizes.items()}
    shape = ", ".join(spelled.get(size, str(size)) for size in sizes)
    quote = "'" if set(name.spelling) & set("\\{}:'") else ""
    hint = f"to define it here, declare {quote}{name.spelling}{quote}: {{shape: [{shape}]}}"
    return replace(verdict, note="; ".join(filter(None, (verdict.note, hint))))


def _shape(claim: Claim, left: tree.Node) -> list[sp.Expr] | None:
    """Return the shape of what is set equal to an undeclared name, None where it has none."""
    value = claim.read[1].value
    if value is None or value.data is None or value.identity:
        return None
    if not isinstance(left, tree.Scripted):
        open_ = claim.read[1].letters
        shape = [size for size in value.shape if size is not None]
        return None if open_ else shape
    letters = [letter_of(part) for part in tree.indices(left)]
    if left.sup or left.primes or not value.is_scalar or None in letters:
        return None
    if len(set(letters)) < len(letters) or not claim.every.keys() >= set(letters):
        return None
    return [claim.every[letter] for letter in letters if letter is not None]
