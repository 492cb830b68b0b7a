"""Do two sides differ at values that are far off, or is that rounding? More digits tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.errors import DeriveError
from derive.index.terms import Index, free_indices
from derive.index.witness import Question, Witness, draws
from derive.layer.run import exact
from derive.notes.algebra import COLUMN, ROW
from derive.notes.conditions import truth
from derive.notes.draws import APART
from derive.notes.meaning import mean
from derive.notes.values import Misfit, paired, transposed

if TYPE_CHECKING:
    from derive.notes.compare import Sides
    from derive.notes.differentials import Differentials

__all__ = ["differ_exactly"]

#: More than there are between the greatest float and 1: whatever cancels, digits are left.
_DIGITS = (400,)


def differ_exactly(
    sides: Sides, differentials: Differentials, seed: int, draw: int, *, flipped: bool
) -> bool:
    """Tell whether two sides differ in one draw of values, computed to many digits.

    Parameters
    ----------
    sides : Sides
        What is compared, where its conditions hold.
    differentials : Differentials
        Of the note's world.
    seed, draw : int
        Of the sizes and of the values.
    flipped : bool
        Whether the right side is compared in the other layout.
    """
    world = differentials.world
    scope = differentials.symbolic()
    try:
        left, right = mean(sides.left, scope), mean(sides.right, scope)
        right = transposed(scope.algebra, right) if flipped else right
        both = paired(scope.algebra, left, right)
        if both is None:
            return False
        one, two = both
        where = sp.S.One
        for condition in sides.conditions:
            where *= truth(condition, scope).data
        axes = {**sides.letters, ROW: one.rows, COLUMN: one.columns}
        names = {index.name for index in free_indices((one.data + two.data) * where)}
        free = tuple((Index(name), axes[name]) for name in sorted(names))
        question = Question(one.data * where, two.data * where, free, world.definitions())
        arrays, sizes = world.values(seed * APART + draw, seed)
        given = {tensor.name: arrays[tensor.name] for tensor in world.given}
        outcomes = draws(
            question,
            lambda _: (given, sizes),
            lambda a: exact(world.whole, a),
            frozenset(given),
            _DIGITS,
        )
        return isinstance(next(outcomes), Witness)
    except (Misfit, DeriveError, LookupError, TypeError, ValueError, ArithmeticError):
        # What cannot be computed so is not known to differ.
        return False
