"""Where do two index expressions differ? Both are evaluated at random draws.

In float64 first; a difference is confirmed with 50 digits before it is believed, and a small one
with 200. Where float64 sees none, the first draw is looked at with 50 digits as well. A side that
is not finite somewhere has no value there: such places are passed over.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy as sp

from derive.index.arrays import Array
from derive.index.evaluate import evaluate
from derive.index.inverses import inverted, read
from derive.index.terms import Entry, Index, Size

if TYPE_CHECKING:
    from derive.index.facts import Definitions

__all__ = ["Arrays", "Question", "Sampler", "Sizes", "Witness", "draws"]

Arrays = Mapping[str, Array]
Sizes = Mapping[Size, int]
Sampler = Callable[[int], tuple[Arrays, Sizes]]

#: How far two values may be apart, in relation to the greater one.
_TOLERANCE = 1e-7
#: Below this, values count as this much: what cancels to 0 leaves some noise.
_SMALLEST = 1e-6
_EXACT = 1e-35
#: With how many digits, and which distance is beyond any noise at the first of these.
_DIGITS = (50, 200)
_CLEAR = 1e-10
#: What SymPy makes of a division by 0 or of the root of a negative number. -∞ is evaluated: the
#: exponential of it is 0.
_NO_NUMBERS = (sp.nan, sp.zoo, sp.oo, sp.I)
#: Arrays with more entries are not written into a witness.
_MOST_SHOWN = 64


@dataclass(frozen=True, slots=True)
class Witness:
    """Concrete values at which two expressions differ.

    Parameters
    ----------
    seed : int
        What the sampler was given.
    sizes : tuple of (str, int)
        The sizes.
    index : tuple of (str, int)
        The free indices at which the sides differ most.
    left, right : float
        The two values there.
    inputs : tuple of (str, nested tuples)
        The values of the tensors that are read, as far as they are small.
    """

    seed: int
    sizes: tuple[tuple[str, int], ...]
    index: tuple[tuple[str, int], ...]
    left: float
    right: float
    inputs: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Two expressions, their free indices with their sizes, and what defines their tensors."""

    left: sp.Expr
    right: sp.Expr
    free: tuple[tuple[Index, sp.Expr], ...]
    definitions: Definitions


def draws(
    question: Question,
    sampler: Sampler,
    exact: Callable[[Arrays], Arrays],
    spoken_of: frozenset[str],
    digits: tuple[int, ...] = _DIGITS,
) -> Iterator[Witness | str]:
    """Yield what one draw after another shows: a witness, or which side has no value anywhere.

    It is ``left``, ``right`` or ``both``, and the empty text where the sides agree. Every second
    draw is made positive, but for what facts speak of: there logarithms and roots exist. With the
    first of ``digits`` a difference is looked at, and with the next where it is not clear.
    """
    sampler = _with_positive(sampler, spoken_of)
    closely = True
    for seed in itertools.count():
        outcome = _look(question, sampler, seed, exact, digits, closely=closely)
        closely = closely and outcome != ""
        yield outcome


def _with_positive(sampler: Sampler, spoken_of: frozenset[str]) -> Sampler:
    def draw(seed: int) -> tuple[Arrays, Sizes]:
        arrays, sizes = sampler(seed)
        if seed % 2 == 0:
            return arrays, sizes
        return {n: v if n in spoken_of else np.asarray(abs(v)) for n, v in arrays.items()}, sizes

    return draw


def _look(
    question: Question,
    sampler: Sampler,
    seed: int,
    exact: Callable[[Arrays], Arrays],
    numbers: tuple[int, ...],
    *,
    closely: bool,
) -> Witness | str:
    arrays, sizes = sampler(seed)
    extents = tuple(
        int(sp.sympify(size, strict=True).xreplace(dict(sizes))) for _, size in question.free
    )
    sides = _values(question, arrays, sizes, extents)
    finite = [np.isfinite(side) for side in sides]
    defined = finite[0] & finite[1]
    if not defined.any():
        missing = [name for name, f in zip(("left", "right"), finite, strict=True) if not f.any()]
        return missing[0] if len(missing) == 1 else "both"
    apart = _apart(*sides, defined)
    if not closely and not (apart > _TOLERANCE).any():
        return ""
    # Where digits cancel, what is left of them is noise; of more digits, less is.
    for digits in numbers:
        with mpmath.workdps(digits):
            precise = _values(question, exact(arrays), sizes, extents)
            apart = _apart(*precise, defined)
        if np.isnan(apart[defined]).all():
            return "both"
        if not (apart > _EXACT).any():
            return ""
        if (apart > _CLEAR).any():
            break
    where = np.unravel_index(int(np.nanargmax(apart)), apart.shape)
    inside = _values(question, arrays, sizes, extents, strict=True)
    if not all(np.isfinite(side[where]) for side in inside):
        # A selection takes what it reads where these sizes have no entry.
        return "both"
    values = [float(side[where]) for side in precise]
    read = sorted(_read(question.left - question.right, question.definitions))
    return Witness(
        seed,
        tuple(sorted((str(size), int(value)) for size, value in sizes.items())),
        tuple((str(index), int(n)) for (index, _), n in zip(question.free, where, strict=True)),
        values[0],
        values[1],
        tuple(
            (name, _tuples(arrays[name].tolist()))
            for name in read
            if name in arrays
            and name not in question.definitions
            and arrays[name].size <= _MOST_SHOWN
        ),
    )


def _read(expression: sp.Expr, definitions: Definitions) -> set[str]:
    """Return the tensors that an expression reads, also those that its definitions read."""
    found: set[str] = set()
    pending = list(read(expression))
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += read(definitions[name][1]) if name in definitions else ()
    return found


def _values(
    question: Question,
    arrays: Arrays,
    sizes: Sizes,
    extents: tuple[int, ...],
    *,
    strict: bool = False,
) -> tuple[Array, Array]:
    """Return the values of both sides, nan where a side cannot be evaluated.

    Where ``strict``, that is also where a selection takes what it reads out of range.
    """
    indices = tuple(index for index, _ in question.free)
    known = dict(arrays)
    done: set[str] = set()
    values = []
    for side in (question.left, question.right):
        if side.has(*_NO_NUMBERS):
            values.append(np.full(extents, np.nan))
            continue
        try:
            with np.errstate(all="ignore"):
                _define(side, question.definitions, known, sizes, done)
                values.append(evaluate(side, indices, known, sizes, extents, strict=strict))
        except (IndexError, ArithmeticError, ValueError):
            # Out of the range of a tensor, or of a function: mpmath raises for some of these.
            values.append(np.full(extents, np.nan))
    return values[0], values[1]


def _define(
    expression: sp.Expr,
    definitions: Definitions,
    known: dict[str, Array],
    sizes: Sizes,
    done: set[str],
) -> None:
    """Compute the defined tensors that an expression reads, what they need first."""
    shapes = {inverted(e.tensor) or e.tensor: e.shape for e in expression.atoms(Entry)}
    for name in sorted(shapes):
        if name in definitions and name not in done:
            done.add(name)
            indices, body = definitions[name]
            _define(body, definitions, known, sizes, done)
            extents = tuple(int(size.xreplace(dict(sizes))) for size in shapes[name])
            known[name] = evaluate(body, indices, known, sizes, extents)


def _apart(left: Array, right: Array, defined: Array) -> Any:
    """Return the distances in relation to the greater value, nan where a side has no value."""
    result = np.full(left.shape, np.nan)
    for where in map(tuple, np.argwhere(defined)):
        a, b = left[where], right[where]
        if mpmath.isfinite(a) and mpmath.isfinite(b):
            result[where] = abs(a - b) / max(abs(a), abs(b), _SMALLEST)
    return result


def _tuples(values: Any) -> Any:
    return tuple(map(_tuples, values)) if isinstance(values, list) else values
