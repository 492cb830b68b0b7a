"""Prove that two sides of a claim are equal, after numbers have not told them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.index.equality import Proved, Refuted, equality
from derive.index.terms import Delta, Entry, Index, fresh
from derive.layer.model import Fact
from derive.layer.run import exact
from derive.notes import tree
from derive.notes.algebra import COLUMN, ROW
from derive.notes.meaning import letter_of, truth
from derive.notes.values import paired, transposed

if TYPE_CHECKING:
    from derive.notes.differentials import Differentials
    from derive.notes.scope import Scope
    from derive.notes.tree import Node
    from derive.notes.values import Value
    from derive.notes.world import World

__all__ = ["Proof", "prove"]


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a claim was proved, or even refuted, and the declared facts that a proof needed."""

    proved: bool
    facts: tuple[str, ...] = ()
    refuted: bool = False


def prove(
    left: Value,
    right: Value,
    differentials: Differentials,
    letters: dict[str, sp.Expr],
    conditions: tuple[Node, ...] = (),
    *,
    flipped: bool = False,
    seconds: float = 2.0,
) -> Proof:
    """Try to prove that two values are equal.

    Parameters
    ----------
    left, right : Value
        Index expressions with their shapes.
    differentials : Differentials
        Of the world in which they were read.
    letters : mapping
        The letters with their sizes.
    conditions : tuple of Node
        Comparisons that restrict the claim.
    flipped : bool
        Whether the right side is meant transposed.
    seconds : float
        The time limit.
    """
    world = differentials.world
    scope = differentials.symbolic()
    if flipped or (left.shape != right.shape and left.shape == right.shape[::-1]):
        right = transposed(scope.algebra, right)
    both = paired(scope.algebra, left, right)
    if both is None:
        return Proof(False)
    one, two = both
    known = one.known if one.known is not None else two.known
    weight: Any = sp.S.One if known is None else known
    for condition in conditions:
        weight = weight * _weight(condition, scope)
    shape = two if one.is_scalar else one
    free = [(Index(name), size) for name, size in letters.items()]
    free += [
        (Index(axis), size)
        for axis, size in ((ROW, shape.rows), (COLUMN, shape.columns))
        if size is not None
    ]
    here = (one.data * weight, two.data * weight)
    used = {i for side in here for i in side.atoms(Index)}
    layer = world.whole

    def draw(seed: int) -> tuple[dict[str, Any], dict[Any, int]]:
        arrays, sizes = world.values(seed + 100, seed)
        return {t.name: arrays[t.name] for t in layer.tensors}, sizes

    try:
        verdict = equality(
            *here,
            [(index, size) for index, size in free if index in used],
            draw,
            facts=(*layer.facts, *_symmetries(world)),
            domains=layer.domains,
            definitions=world.definitions(),
            seconds=seconds,
            exact=lambda arrays: _exact(world, arrays),
        )
    except (IndexError, ValueError, TypeError, ZeroDivisionError):
        # A written position that some sizes do not have, or an inverse: nothing is proved.
        return Proof(False)
    if isinstance(verdict, Proved):
        return Proof(True, verdict.facts_used)
    return Proof(False, refuted=isinstance(verdict, Refuted))


def _exact(world: World, arrays: dict[str, Any]) -> dict[str, Any]:
    return exact(world.whole, arrays)


def _weight(condition: Node, scope: Scope) -> sp.Expr:
    """Return what is 1 where a condition holds and 0 elsewhere."""
    if isinstance(condition, tree.Relation) and condition.relations[0].text in (r"\neq", r"\ne"):
        names = [letter_of(side) for side in condition.sides]
        if all(names):
            return 1 - Delta(Index(str(names[0])), Index(str(names[1])))
    result: sp.Expr = truth(condition, scope).data
    return result


def _symmetries(world: World) -> list[Fact]:
    """Return the declared symmetries as equations."""
    found = []
    for name in world.symmetric:
        shape = world.shapes[name]
        indices = [fresh() for _ in shape]
        swapped = (*indices[:-2], indices[-1], indices[-2])
        found.append(
            Fact(Entry(name, shape, *indices), Entry(name, shape, *swapped), f"{name} is symmetric")
        )
    return found
