"""Do two sides of a claim agree? By numbers first, then by proof."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from derive.errors import DeriveError
from derive.index.inverses import inverted
from derive.notes.conditions import truth
from derive.notes.confirming import differ_exactly
from derive.notes.draws import MANY, allowance
from derive.notes.meaning import mean
from derive.notes.places import COLUMN, ROW, OutOfRange
from derive.notes.straddling import branches, compares, straddle
from derive.notes.sums import over_all
from derive.notes.tree import Matrix, Name
from derive.notes.truth import spelled
from derive.notes.universal import has_variables
from derive.notes.values import Misfit, Value, paired, shape_text, transposed
from derive.notes.verdicts import Witness

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from derive.index.arrays import Array
    from derive.notes.algebra import Numbers
    from derive.notes.differentials import Differentials
    from derive.notes.draws import Move
    from derive.notes.scope import Scope
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["Outcome", "Sides", "compare", "difference"]


#: Choices of sizes at which the sides are compared; sizes differ in the even ones.
SEEDS = (0, 1, 2)
#: Choices of greater sizes, for formulas that write entries which small ones do not have.
_GREATER = (4, 12, 40)
#: What may stand outside a tensor's range: a side whose value depends on it reads there.
_OUTSIDE = 0.6180339887
#: What rounding leaves of the cubes of values that are far off, relative to these.
_LEFT_OVER = 1e-15
#: In so many draws far off, differences are computed once more, to many digits; and in so many
#: in which they are as small as this, relative to the greatest value.
_DOUBTED, _FINELY_DOUBTED, _FINE = 6, 3, 1e-14
#: Quantities with more entries are not shown in a witness.
_MOST_SHOWN = 64


@dataclass(frozen=True, slots=True)
class Sides:
    """Two sides of a claim, and where it is claimed.

    Parameters
    ----------
    left, right : Node
        The sides' trees.
    conditions : tuple of Node
        Comparisons that restrict the claim.
    letters : mapping
        The letters of the claim with the sizes of their axes.
    rows : bool
        Whether vectors stand as rows, all of them, whatever the note's convention is.
    other : frozenset of str
        What is read in the less usual way.
    """

    left: Node
    right: Node
    conditions: tuple[Node, ...]
    letters: dict[str, sp.Expr]
    rows: bool = False
    other: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How two sides compare: ``equal``, ``transposed`` (in the other layout) or ``differ``.

    Where at no point both sides have a value, they compare as equal, and ``unvalued`` tells which
    of them never has one, ``left``, ``right`` or ``both``.
    """

    kind: str
    witness: Witness | None = None
    unvalued: str = ""


def difference(left: Value, right: Value, scope: Scope) -> tuple[Value, Value]:
    """Return both sides with one shape.

    Raises
    ------
    Misfit
        If the shapes do not agree.
    """
    both = paired(scope.algebra, left, right)
    if both is None:
        raise Misfit(
            "shape",
            f"the left side has shape {shape_text(left)}, the right side {shape_text(right)}",
        )
    one, two = both
    if one.is_scalar != two.is_scalar and not _zero(one if one.is_scalar else two):
        raise Misfit(
            "shape",
            f"the left side has shape {shape_text(left)}, the right side {shape_text(right)}",
        )
    return one, two


def _zero(value: Value) -> bool:
    data = value.data
    return bool(np.all(np.asarray(data) == 0)) if not isinstance(data, sp.Basic) else data == 0


def compare(sides: Sides, differentials: Differentials) -> Outcome:
    """Compare by numbers, at several choices of sizes and values.

    Raises
    ------
    Misfit
        If the shapes of the sides do not agree, in neither layout.
    """
    flipped: bool | None = None
    compared, met = 0, False
    unvalued: set[str] = set()
    for seed in (*SEEDS, *_GREATER):
        if compared and seed not in SEEDS:
            break
        scope = _numeric(seed, sides, differentials)
        only = sides.rows or scope.only
        scope = replace(scope, rows=sides.rows or scope.rows, only=only, other=sides.other)
        try:
            left, right = _values(sides, scope)
        except OutOfRange:
            # A written position, such as the second entry, that these sizes do not have.
            continue
        except ValueError as error:
            message = "an index stands on axes of different sizes"
            raise Misfit("index-size", message) from error
        compared += 1
        if flipped is None:
            flipped = _flipped(left, right, scope) and not _listed(sides)
        if flipped:
            right = transposed(scope.algebra, right)
        one, two = difference(left, right, scope)
        mask = _mask(sides, scope, whole=one.is_scalar and two.is_scalar)
        met = met or mask is None or bool(mask.any())
        _within(sides, (left, right), mask, scope, differentials.world)
        try:
            numbers: Any = scope.algebra
            looked = _Look(sides, differentials, seed, mask, numbers)
            witness = looked.witness(one, two, flipped=bool(flipped))
            unvalued.add(_unvalued(one, two))
        except ValueError:
            # Arrays that do not meet: a letter that runs over one axis here, another there.
            raise Misfit("index-size", "an index stands on axes of different sizes") from None
        if witness is None:
            continue
        other = transposed(scope.algebra, right)
        if not flipped and _could_flip(left, right, other):
            again = difference(left, other, scope)
            if looked.witness(*again, flipped=True) is None:
                flipped = True
                continue
        return Outcome("differ", _with_values(witness, numbers, differentials.world))
    if not compared:
        raise Misfit("unreadable", f"an entry after the first {_GREATER[-1]} of an axis")
    if not met:
        return _anywhere(sides, differentials)
    never = "" if "" in unvalued else unvalued.pop() if len(unvalued) == 1 else "both"
    return Outcome("transposed" if flipped else "equal", unvalued=never)


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at the values of two sides, at one choice of sizes."""

    sides: Sides
    differentials: Differentials
    seed: int
    mask: Array | None
    numbers: Numbers

    def witness(self, one: Value, two: Value, *, flipped: bool) -> Witness | None:
        r"""Return where the sides differ; far off, more digits have to say so, too.

        Beside a threshold these may differ by little: by ``1 - \sigma(15)``.
        """
        world = self.differentials.world
        passed: set[int] = set()
        # Inverses have as many digits as they are computed with: more digits say nothing.
        fine = world.far.moves and not any(inverted(tensor.name) for tensor in world.given)
        for least, doubted in ((None, _DOUBTED), (_FINE, _FINELY_DOUBTED if fine else 0)):
            for _ in range(doubted):
                found = _differ(one, two, self.mask, self.numbers, world.far.moves, passed, least)
                if found is None:
                    break
                place = (self.seed, found.draw)
                if found.draw < MANY or differ_exactly(
                    self.sides, self.differentials, *place, flipped=flipped
                ):
                    return found
                passed.add(found.draw)
        return None


def _anywhere(sides: Sides, differentials: Differentials) -> Outcome:
    """Compare at all values, as none was found at which the conditions hold."""
    never = Misfit("unreadable", "no values were found at which the condition holds")
    try:
        outcome = compare(replace(sides, conditions=()), differentials)
    except Misfit as misfit:
        raise (never if misfit.kind == "index-range" else misfit) from None
    if outcome.kind == "differ":
        raise never
    return outcome


def _numeric(seed: int, sides: Sides, differentials: Differentials) -> Scope:
    """Return a scope of numbers: once with those that are far off, if that may matter."""
    kinked = branches(differentials.world)
    # A variable is one number in each draw.
    kinked |= has_variables((sides.left, sides.right), differentials.world)
    own = (sides.left, sides.right, *sides.conditions)
    if seed == SEEDS[0] and (
        kinked or sides.conditions or any(compares(part, differentials) for part in own)
    ):
        # What a note assumes may not allow them.
        with suppress(DeriveError):
            straddle(own, differentials, seed)
            draws = MANY + len(differentials.world.far.moves)
            return differentials.numeric(seed, sides.letters, draws)
    return differentials.numeric(seed, sides.letters)


def _unvalued(one: Value, two: Value) -> str:
    """Return which side has no value anywhere; both, if never both have one at the same place."""
    left, right = (np.isfinite(np.asarray(side.data, float)) for side in (one, two))
    if left.any() and right.any():
        return "" if (left & right).any() else "both"
    return "left" if right.any() else "right" if left.any() else "both"


def _within(
    sides: Sides, found: tuple[Value, Value], mask: Array | None, scope: Scope, world: World
) -> None:
    """Refuse sides that read a tensor where it has no entries.

    Raises
    ------
    Misfit
        If they do, at places for which the claim is made.
    """
    numbers: Any = scope.algebra
    if not numbers.strayed:
        return
    again = replace(numbers, outside=_OUTSIDE, known={}, strayed=set())
    for before, after in zip(
        found, _values(sides, replace(scope, algebra=again, memo={})), strict=True
    ):
        if before.shape == after.shape and _differ(before, after, mask, numbers) is not None:
            name, what = min(numbers.strayed)
            raise Misfit("index-range", f"{spelled(world).get(name, name)} {what}")


def _could_flip(left: Value, right: Value, other: Value) -> bool:
    return not right.is_scalar and left.shape == other.shape and right.shape[0] is not None


def _flipped(left: Value, right: Value, scope: Scope) -> bool:
    """Tell whether the sides have one shape only when one of them is transposed."""
    if left.is_scalar or right.is_scalar or left.identity or right.identity:
        return False
    if left.shape == right.shape or left.shape != right.shape[::-1]:
        return False
    return not (left.thin or right.thin) or not scope.rows


def _listed(sides: Sides) -> bool:
    """Tell whether a symbol is set equal to the list of its entries: ``b = (b_1, …, b_M)``."""
    pair = (sides.left, sides.right)
    lists = [isinstance(side, Matrix) or len(getattr(side, "items", ())) > 1 for side in pair]
    return any(lists) and any(isinstance(side, Name) for side in pair)


def _values(sides: Sides, scope: Scope) -> tuple[Value, Value]:
    left = mean(sides.left, scope)
    expecting = replace(scope, expected=left.shape)
    return left, mean(sides.right, expecting)


def _mask(sides: Sides, scope: Scope, *, whole: bool) -> Array | None:
    """Return where the conditions hold; what restricts a number, for all entries at once."""
    if not sides.conditions:
        return None
    result: Any = 1.0
    for condition in sides.conditions:
        held = truth(condition, scope)
        result = result * (over_all("prod", held, scope) if whole else held).data
    return np.asarray(np.asarray(result) != 0)


def _differ(
    one: Value,
    two: Value,
    mask: Array | None,
    numbers: Numbers,
    moves: Sequence[Move] = (),
    passed: Collection[int] = (),
    least: float | None = None,
) -> Witness | None:
    """Return where two arrays differ, or None where they agree as far as both are numbers.

    Draws that are far off, as ``moves`` say, are passed over where they are among ``passed``; where
    ``least`` is given, this is the relative difference that counts there.
    """
    left, right = np.broadcast_arrays(np.asarray(one.data, float), np.asarray(two.data, float))
    known = one.known if one.known is not None else two.known
    inside = np.isfinite(left) & np.isfinite(right)
    if mask is not None:
        left, right, mask, inside = np.broadcast_arrays(left, right, mask, inside)
        inside = inside & mask
    if known is not None:
        left, right, known, inside = np.broadcast_arrays(left, right, known, inside)
        inside = inside & (np.asarray(known) != 0)
    if not inside.any():
        return None
    left, right, inside = (np.atleast_1d(array) for array in (left, right, inside))
    place = _furthest(left, right, inside, moves, passed, least)
    if place is None:
        return None
    names = {axis: name for name, axis in numbers.axis.items()}
    shown = {ROW: "row", COLUMN: "column"}
    index = tuple(
        (shown.get(names[axis], names[axis]), int(where) + numbers.base)
        for axis, where in enumerate(place)
        if axis and left.ndim and left.shape[axis] > 1
    )
    sizes = tuple((size.name, number) for size, number in numbers.sizes.items())
    draw = int(place[0]) if left.ndim and left.shape[0] > 1 else 0
    return Witness(sizes, index, float(left[place]), float(right[place]), draw)


def _furthest(
    left: Array,
    right: Array,
    inside: Array,
    moves: Sequence[Move],
    passed: Collection[int],
    least: float | None,
) -> tuple[int, ...] | None:
    """Return the place at which two arrays differ most, None where that is only rounding.

    Draws that are far off are measured by their own values: they hide nothing of the others.
    """
    with np.errstate(invalid="ignore"):
        gap = np.where(inside, np.abs(left - right), 0.0)
    size = np.where(inside, np.maximum(np.abs(left), np.abs(right)), 0.0)
    parts = [(0, MANY, 0.0)]
    for draw, move in enumerate(moves, MANY):
        if draw not in passed:
            # Where large numbers cancel, so much of them may be left.
            parts.append((draw, draw + 1, _LEFT_OVER * move.reach**3))
    for first, last, rounding in parts:
        part = gap[first:last]
        if part.size:
            draw, *rest = (int(n) for n in np.unravel_index(int(np.argmax(part)), part.shape))
            sizes = size[first:last]
            allowed = allowance(sizes) + rounding
            if least is not None and first >= MANY:
                allowed = least * float(sizes.max())
            if part.max() > allowed:
                return (first + draw, *rest)
    return None


def _with_values(witness: Witness, numbers: Numbers, world: World) -> Witness:
    """Add the values of the given quantities that were read, directly or by others."""
    read = {tensor for tensor, _ in numbers.known}
    read |= {above for tensor in read for above in world.above(tensor)}
    names = spelled(world)
    values = []
    for tensor in world.given:
        if tensor.name in read and tensor.name in names:
            array = np.asarray(numbers.arrays[tensor.name])[witness.draw]
            if array.size <= _MOST_SHOWN:
                values.append((names[tensor.name], _nested(array.tolist())))
    return replace(witness, values=tuple(values))


def _nested(values: Any) -> Any:
    return tuple(map(_nested, values)) if isinstance(values, list) else values
