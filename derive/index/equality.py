"""Are two index expressions equal? Three verdicts, never mixed up.

Refute first: both sides are evaluated at random draws, in float64; a difference is confirmed
with 50 digits before it is believed, and where float64 sees none, 50 digits have a look as well.
Prove second: the difference is brought to its canonical form. Whatever a proof would say, a
witness wins: no proof is tried of what has been refuted.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from derive.index.canonical import Timeout, Undefined, vanishes
from derive.index.evaluate import evaluate
from derive.index.facts import Definitions, DomainLike, FactLike, unfolded
from derive.index.functions import KINKED
from derive.index.terms import Entry, Index, Size, free_indices, tensors

__all__ = ["Proved", "Refuted", "Sampled", "Verdict", "Witness", "equality"]

Array = np.ndarray[Any, np.dtype[Any]]
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
#: How many draws are looked at before a proof, how many where there are kinks (each draw sees
#: one side of a kink only), and how many in all where no proof is found.
_DRAWS = 3
_KINKED_DRAWS = 12
_MOST_DRAWS = 48
#: How many draws are made for each one at which both sides have a value.
_ATTEMPTS = 4
#: What SymPy makes of a division by 0 or of the root of a negative number.
_NO_NUMBERS = (sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I)
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
class Proved:
    """Equal wherever both sides are defined; ``facts_used`` are the facts that it takes."""

    facts_used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuted:
    """Different: see the witness."""

    witness: Witness


@dataclass(frozen=True, slots=True)
class Sampled:
    """Equal at this many random draws, not proved.

    With ``points == 0`` nothing is known: at no draw do both sides have a value. ``undefined``
    then says which side had none, ``left``, ``right`` or ``both``.
    """

    points: int
    undefined: str = ""


Verdict = Proved | Refuted | Sampled


@dataclass(frozen=True, slots=True)
class _Question:
    left: sp.Expr
    right: sp.Expr
    free: tuple[tuple[Index, sp.Expr], ...]
    definitions: Definitions


def equality(
    left: sp.Expr,
    right: sp.Expr,
    free: Sequence[tuple[Index, sp.Expr]],
    sampler: Sampler,
    *,
    facts: Sequence[FactLike] = (),
    domains: Sequence[DomainLike] = (),
    definitions: Definitions | None = None,
    seconds: float = 2.0,
    exact: Callable[[Arrays], Arrays] | None = None,
) -> Verdict:
    """Decide whether two expressions are equal for all values of their free indices.

    Parameters
    ----------
    left, right : sympy expressions
        In index notation.
    free : sequence of (Index, size)
        The free indices of both sides.
    sampler : callable
        Returns, for a seed, random arrays (that satisfy the facts and domains) and sizes.
    facts, domains : sequences
        What is declared of the tensors.
    definitions : mapping of str to (indices, body), optional
        Tensors that are defined by others. Their values are computed, also where the sampler
        gives some, and proofs may put the bodies in their place.
    seconds : float
        The limit to the time for a proof; refuting is not limited.
    exact : callable, optional
        Turns arrays of floats to arrays of mpmath numbers that satisfy the facts to all digits;
        the plain conversion if not given.

    Raises
    ------
    ValueError
        If a free index is not in ``free``.
    KeyError
        If the sampler gives no value for a tensor.

    Examples
    --------
    >>> x = Entry("x", ())
    >>> draw = lambda seed: ({"x": np.array(np.random.default_rng(seed).normal())}, {})
    >>> equality(1 - sp.tanh(x) ** 2, sp.sech(x) ** 2, (), draw)
    Proved(facts_used=())
    >>> type(equality(x**2, x**3, (), draw)).__name__
    'Refuted'
    """
    unbound = (free_indices(left) | free_indices(right)) - {index for index, _ in free}
    if unbound:
        raise ValueError(f"unbound: {', '.join(sorted(map(str, unbound)))}")
    question = _Question(left, right, tuple(free), definitions or {})
    speaks = frozenset().union(*(tensors(fact.left) for fact in facts))
    draws = _draws(question, _with_positive(sampler, speaks), exact or _objects)
    points = 0
    undefined: set[str] = set()
    few = _KINKED_DRAWS if left.has(*KINKED) or right.has(*KINKED) else _DRAWS
    for outcome in itertools.islice(draws, _ATTEMPTS * few):
        if isinstance(outcome, Witness):
            return Refuted(outcome)
        undefined.add(outcome)
        points += not outcome
        if points == few:
            break
    if not points:
        return Sampled(0, undefined.pop() if len(undefined) == 1 else "both")
    used = _proof(question, facts, domains, time.monotonic() + seconds)
    if used is not None:
        return Proved(used)
    for outcome in itertools.islice(draws, _MOST_DRAWS - points):
        if isinstance(outcome, Witness):
            return Refuted(outcome)
        points += not outcome
    return Sampled(points)


# --- refuting --------------------------------------------------------------------------------


def _draws(
    question: _Question, sampler: Sampler, exact: Callable[[Arrays], Arrays]
) -> Iterator[Witness | str]:
    """Yield what one draw after another shows; the first one is looked at with all digits."""
    closely = True
    for seed in itertools.count():
        outcome = _look(question, sampler, seed, exact, closely=closely)
        closely = closely and outcome != ""
        yield outcome


def _with_positive(sampler: Sampler, speaks: frozenset[str]) -> Sampler:
    """Make odd draws positive, but for what facts speak of: there logarithms and roots exist."""

    def draw(seed: int) -> tuple[Arrays, Sizes]:
        arrays, sizes = sampler(seed)
        if seed % 2 == 0:
            return arrays, sizes
        return {n: v if n in speaks else np.asarray(abs(v)) for n, v in arrays.items()}, sizes

    return draw


def _look(
    question: _Question,
    sampler: Sampler,
    seed: int,
    exact: Callable[[Arrays], Arrays],
    *,
    closely: bool,
) -> Witness | str:
    """Return a witness, or else which side has no value anywhere: none if they agree."""
    arrays, sizes = sampler(seed)
    extents = tuple(int(sp.sympify(size).xreplace(dict(sizes))) for _, size in question.free)
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
    for digits in _DIGITS:
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
    pending = list(tensors(expression))
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += tensors(definitions[name][1]) if name in definitions else ()
    return found


def _values(
    question: _Question, arrays: Arrays, sizes: Sizes, extents: tuple[int, ...]
) -> tuple[Array, Array]:
    """Return the values of both sides, nan where a side cannot be evaluated."""
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
                values.append(evaluate(side, indices, known, sizes, extents))
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
    shapes = {entry.tensor: entry.shape for entry in expression.atoms(Entry)}
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


def _objects(arrays: Arrays) -> Arrays:
    """Return the arrays with the same values as mpmath numbers; integers stay."""
    return {
        name: array
        if array.dtype.kind in "iub"
        else np.asarray(np.frompyfunc(mpmath.mpf, 1, 1)(array), object)
        for name, array in arrays.items()
    }


def _tuples(values: Any) -> Any:
    return tuple(map(_tuples, values)) if isinstance(values, list) else values


# --- proving ---------------------------------------------------------------------------------


def _proof(
    question: _Question,
    facts: Sequence[FactLike],
    domains: Sequence[DomainLike],
    deadline: float,
) -> tuple[str, ...] | None:
    """Return the facts with which the sides are proved equal, None if they are not."""
    for form in _forms(question.left - question.right, question.definitions):
        if _is_zero(form, facts, domains, question, deadline):
            return _needed(form, facts, domains, question, deadline)
        if time.monotonic() > deadline:
            break
    return None


def _forms(difference: sp.Expr, definitions: Definitions) -> Iterator[sp.Expr]:
    """Yield a difference as it stands, then with 1, 3, 7, … levels of definitions put in.

    What both sides have in common is often named; putting in all there is could take long.
    """
    yield difference
    for levels in (2**n for n in itertools.count()):
        if tensors(difference).isdisjoint(definitions):
            return
        for _ in range(levels):
            difference = unfolded(difference, definitions)
        yield difference


def _is_zero(
    form: sp.Expr,
    facts: Sequence[FactLike],
    domains: Sequence[DomainLike],
    question: _Question,
    deadline: float,
) -> bool:
    try:
        return vanishes(form, facts, domains, free=dict(question.free), deadline=deadline)
    except (Timeout, Undefined):
        return False


def _needed(
    form: sp.Expr,
    facts: Sequence[FactLike],
    domains: Sequence[DomainLike],
    question: _Question,
    deadline: float,
) -> tuple[str, ...]:
    """Leave out all facts, or else one after another; return those that cannot be left out."""
    if not (facts or domains) or _is_zero(form, (), (), question, deadline):
        return ()
    kept_facts, kept_domains = list(facts), list(domains)
    for fact in facts:
        fewer = [f for f in kept_facts if f is not fact]
        if _is_zero(form, fewer, kept_domains, question, deadline):
            kept_facts = fewer
    for domain in domains:
        fewer_domains = [d for d in kept_domains if d is not domain]
        if _is_zero(form, kept_facts, fewer_domains, question, deadline):
            kept_domains = fewer_domains
    return (
        *(fact.text for fact in kept_facts),
        *(f"{domain.tensor} is {domain.values}" for domain in kept_domains),
    )
