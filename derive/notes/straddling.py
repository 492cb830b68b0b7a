r"""Values on both sides of every place where something is compared with something else.

The usual values are of the order of 1, or of 10; those of ``\max(0, 30 - x)`` and of
``\max(1, \|g\|/50)`` are all on one side then, and a slope that is wrong on the other is not seen.
For these there are draws that are farther off, as far as the numbers in the formulas say.
"""

from __future__ import annotations

import itertools
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from derive.errors import DeriveError
from derive.index.evaluate import evaluate
from derive.index.functions import Select, maximum, minimum, relu, step
from derive.index.terms import Index, Reduction, tensors
from derive.notes import tree
from derive.notes.algebra import COLUMN, ROW
from derive.notes.draws import APART, KINKS, MANY, Move, has_kinks
from derive.notes.goal import FAILURES
from derive.notes.meaning import mean
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from derive.notes.differentials import Differentials
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["branches", "compares", "straddle"]

#: A difference of what is compared, and its free indices with the sizes of their axes.
_Gap = tuple[sp.Expr, tuple[tuple[Index, sp.Expr], ...]]

_COMPARING = frozenset({"max", "min", "relu", "ReLU", "Relu", "clip", "hardtanh", "abs"})
#: The usual values see what numbers below this say; beyond the others nobody looks.
_NEAR, _SHIFTED, _FAR = 4.0, 100.0, 65536.0
#: There are at most so many draws far off.
_MOST = 30


def branches(world: World) -> bool:
    """Tell whether what a note defines chooses, or what is given has one of a few values only.

    Two draws of a few values may well be the same.
    """
    few = any(bounds.choices for bounds in world.bounds.values())
    few |= any(domain.values == "binary" for domain in world.layer.domains)
    return few or any(has_kinks(node.body) for node in world.nodes)


def compares(node: Node, differentials: Differentials) -> bool:
    """Tell whether a formula itself chooses by what it compares."""
    written = any(
        isinstance(part, tree.Indicator | tree.Cases)
        or (isinstance(part, tree.FunctionCall) and part.name in _COMPARING)
        or (isinstance(part, tree.Relation) and part is node)
        for part in tree.walk(node)
    )
    if not written:
        # It may be written in many ways: as a power of a maximum, as a function of the note.
        with suppress(*FAILURES, DeriveError):
            data = mean(node, differentials.symbolic()).data
            return data is not None and has_kinks(data)
    return written


def straddle(formulas: Iterable[Node], differentials: Differentials, seed: int) -> None:
    """See to it that draws of a note's values lie on both sides of all that is compared.

    Parameters
    ----------
    formulas : iterable of Node
        A claim's sides and conditions; the note's definitions are looked at in any case.
    differentials : Differentials
        Of the note's world, to which the draws are added.
    seed : int
        Of the choice of sizes.
    """
    world = differentials.world
    if world.conditions:
        # It takes long to find values for which these hold.
        return
    stated = [formula for formula in formulas if compares(formula, differentials)]
    key = (len(world.nodes), *stated)
    if key in world.far.known:
        return
    world.far.known.add(key)
    gaps = [gap for gap in dict.fromkeys(_gaps_of(world)) if gap not in world.far.known]
    world.far.known.update(gaps)
    gaps += [gap for formula in stated for gap in _stated(formula, differentials)]
    thresholds = sorted({t for gap in gaps for t in _thresholds(world, gap[0])})
    if not thresholds:
        return
    beside = {t for gap, _ in gaps for t in _numbers(gap) if t <= _SHIFTED}
    for t in sorted(beside):
        world.far.moves += [m for m in (Move(t), Move(-t)) if m not in world.far.moves]
    draws = range(MANY + len(world.far.moves))
    signs = [set[int]().union(*(_signs(gap, world, seed, n) for n in draws)) for gap in gaps]
    most = min(_FAR, 4 * max(thresholds) ** 2)
    for move in _moves(most):
        lacking = [k for k, known in enumerate(signs) if len(known) < 2]
        if not lacking or len(world.far.moves) >= _MOST:
            break
        _try(move, [(gaps[k], signs[k]) for k in lacking], world, seed)


def _moves(most: float) -> Iterator[Move]:
    """Yield moves farther and farther off, then such as are nearer and nearer to 0."""
    scale = _NEAR**2
    while scale <= most:
        yield from (Move(scale=scale, sign=sign) for sign in (1, -1, 0))
        scale *= _NEAR
    scale = 1 / _NEAR**2
    while 1 / scale <= most:
        yield Move(scale=scale)
        scale /= _NEAR


def _try(move: Move, lacking: list[tuple[_Gap, set[int]]], world: World, seed: int) -> None:
    """Keep a move that leads to a side on which no draw has been."""
    far = world.far
    if move in far.moves:
        return
    before = list(far.moves)
    far.moves.append(move)
    draw = MANY + len(before)
    try:
        new = [_signs(gap, world, seed, draw) - known for gap, known in lacking]
    except DeriveError:
        new = []
    if not any(new):
        far.moves[:] = before
        world.forget(seed * APART + draw, seed)
        return
    for (_, known), more in zip(lacking, new, strict=True):
        known |= more


def _signs(gap: _Gap, world: World, seed: int, draw: int) -> set[int]:
    """Return the signs that a difference has in a draw: of these there are two."""
    expression, free = gap
    arrays, sizes = world.values(seed * APART + draw, seed)
    with suppress(IndexError, KeyError, TypeError, ValueError, ArithmeticError):
        extents = tuple(int(size.xreplace(dict(sizes))) for _, size in free)
        with np.errstate(all="ignore"):
            found = evaluate(expression, tuple(i for i, _ in free), arrays, sizes, extents)
        return {int(sign) for sign in np.unique(np.sign(found)) if sign in (-1, 1)}
    # What cannot be computed alone lacks nothing.
    return {1, -1}


def _gaps_of(world: World) -> Iterator[_Gap]:
    """Yield what is compared in the definitions of a note, and in what its claims differentiate."""
    given = {node.name for node in world.layer.nodes} | world.expressions.keys()
    for node in world.nodes:
        if node.name in given:
            free = tuple(zip(node.indices, node.tensor.shape, strict=True))
            yield from ((gap, (*free, *inner)) for gap, inner in _gaps(node.body))


def _stated(formula: Node, differentials: Differentials) -> Iterator[_Gap]:
    """Yield what is compared in a formula as it is written."""
    scope = differentials.symbolic()
    sides = formula.sides if isinstance(formula, tree.Relation) else (formula,)
    with suppress(Misfit, KeyError, ValueError, TypeError):
        values = [mean(side, scope) for side in sides]
        axes = {Index(name): size for name, size in scope.letters.every.items()}
        for value in values:
            axes |= {
                Index(axis): size
                for axis, size in ((ROW, value.rows), (COLUMN, value.columns))
                if size is not None
            }
        found = [gap for value in values if value.data is not None for gap in _gaps(value.data)]
        if len(values) > 1:
            pairs = itertools.pairwise(value.data for value in values)
            found += [(one - two, ()) for one, two in pairs if None not in (one, two)]
        for gap, inner in found:
            free = tuple((index, axes[index]) for index in sorted(axes, key=str))
            yield gap, (*free, *inner)


@lru_cache(maxsize=1024)
def _gaps(expression: sp.Expr) -> tuple[_Gap, ...]:
    """Return what is compared in an expression, with the indices that sums around it bind."""
    if not expression.has(*KINKS):
        return ()
    if isinstance(expression, Reduction):
        body, index = expression.open()
        own = ((index, expression.size),)
        return tuple((gap, (*own, *inner)) for gap, inner in _gaps(body))
    found: list[sp.Expr] = []
    if isinstance(expression, maximum | minimum):
        found.append(expression.args[0] - expression.args[1])
    elif isinstance(expression, relu | step | sp.Abs | sp.sign):
        found.append(expression.args[0])
    elif isinstance(expression, Select):
        found += [one.lhs - one.rhs for one in _comparisons(expression.args[0])]
    below = (part for part in expression.args if isinstance(part, sp.Expr))
    return (
        *((gap, ()) for gap in found if tensors(gap)),
        *(gap for part in below for gap in _gaps(part)),
    )


def _comparisons(condition: sp.Basic) -> Iterator[Relational]:
    if isinstance(condition, Relational):
        yield condition
    else:
        for part in condition.args:
            yield from _comparisons(part)


def _numbers(expression: sp.Expr) -> set[float]:
    """Return the numbers in an expression, and one over each, that the usual values do not see."""
    sizes = {abs(float(number)) for number in expression.atoms(sp.Number) if number.is_finite}
    return {t for size in sizes if size for t in (size, 1 / size) if t > _NEAR}


def _thresholds(world: World, gap: sp.Expr) -> set[float]:
    """Return the numbers in what is compared, and in all that it depends on."""
    names = {name for tensor in tensors(gap) for name in (tensor, *world.above(tensor))}
    bodies = [node.body for node in world.nodes if node.name in names]
    return set[float]().union(*map(_numbers, (gap, *bodies)))
