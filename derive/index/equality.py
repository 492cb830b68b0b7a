"""Are two index expressions equal? Three verdicts, never mixed up.

Refute first, by numbers; prove second, by bringing the difference to its canonical form. Whatever
a proof would say, a witness wins: no proof is tried of what has been refuted.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.index.arrays import objects
from derive.index.canonical import Undefined, vanishes
from derive.index.facts import Definitions, DomainLike, FactLike, unfolded
from derive.index.functions import KINKED
from derive.index.limits import Budget, Timeout
from derive.index.terms import Index, free_indices, tensors
from derive.index.witness import Arrays, Question, Sampler, Witness, draws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import sympy as sp

__all__ = ["Proved", "Refuted", "Sampled", "Verdict", "Witness", "equality"]

#: How many draws are looked at before a proof, how many where there are kinks (each draw sees
#: one side of a kink only), and how many in all where no proof is found.
_DRAWS = 3
_KINKED_DRAWS = 12
_MOST_DRAWS = 24
#: How many draws are made for each one at which both sides have a value.
_ATTEMPTS = 4


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
    bounded: frozenset[str] = frozenset(),
) -> Verdict:
    """Decide whether two expressions are equal for all values of their free indices.

    Parameters
    ----------
    left, right : sympy expressions
        In index notation.
    free : sequence of (Index, size)
        The free indices of both sides.
    sampler : callable
        Returns, for a seed, random arrays of float64 (that satisfy the facts and domains) and
        sizes. Sizes that are pairwise different tell indices apart best.
    facts, domains : sequences
        What is declared of the tensors.
    definitions : mapping of str to (indices, body), optional
        Tensors that are defined by others. Their values are computed, also where the sampler
        gives some, and proofs may put the bodies in their place.
    seconds : float
        About how long a proof may take, counted in steps of work: the verdict is the same on
        every machine. Refuting is not limited.
    exact : callable, optional
        Turns arrays of floats to arrays of mpmath numbers that satisfy the facts to all digits;
        the plain conversion if not given.
    bounded : frozenset of str
        Tensors that may have no other values than the sampler gives; the signs of the others
        are changed in some draws.

    Raises
    ------
    ValueError
        If a free index is not in ``free``.
    KeyError
        If the sampler gives no value for a tensor.

    Examples
    --------
    >>> import numpy as np, sympy as sp
    >>> from derive.index.terms import Entry
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
    question = Question(left, right, tuple(free), definitions or {})
    spoken_of = bounded.union(*(tensors(f.left) | tensors(f.right) for f in facts))
    outcomes = draws(question, sampler, exact or objects, spoken_of)
    points = 0
    undefined: set[str] = set()
    few = _KINKED_DRAWS if left.has(*KINKED) or right.has(*KINKED) else _DRAWS
    for outcome in itertools.islice(outcomes, _ATTEMPTS * few):
        if isinstance(outcome, Witness):
            return Refuted(outcome)
        undefined.add(outcome)
        points += not outcome
        if points == few:
            break
    if not points:
        return Sampled(0, undefined.pop() if len(undefined) == 1 else "both")
    used = _proof(question, facts, domains, Budget.of_seconds(seconds))
    if used is not None:
        return Proved(used)
    for outcome in itertools.islice(outcomes, _MOST_DRAWS - points):
        if isinstance(outcome, Witness):
            return Refuted(outcome)
        points += not outcome
    return Sampled(points)


# --- proving ---------------------------------------------------------------------------------


def _proof(
    question: Question,
    facts: Sequence[FactLike],
    domains: Sequence[DomainLike],
    budget: Budget,
) -> tuple[str, ...] | None:
    """Return the facts with which the sides are proved equal, None if they are not."""
    for form in _forms(question.left - question.right, question.definitions):
        if _is_zero(form, facts, domains, question, budget):
            return _needed(form, facts, domains, question, budget)
        if budget.spent:
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
    question: Question,
    budget: Budget,
) -> bool:
    try:
        return vanishes(form, facts, domains, free=dict(question.free), budget=budget)
    except (Timeout, Undefined):
        return False


def _needed(
    form: sp.Expr,
    facts: Sequence[FactLike],
    domains: Sequence[DomainLike],
    question: Question,
    budget: Budget,
) -> tuple[str, ...]:
    """Leave out all facts, or else one after another; return those that cannot be left out."""
    if not (facts or domains) or _is_zero(form, (), (), question, budget):
        return ()
    kept_facts, kept_domains = list(facts), list(domains)
    for fact in facts:
        fewer = [f for f in kept_facts if f is not fact]
        if _is_zero(form, fewer, kept_domains, question, budget):
            kept_facts = fewer
    for domain in domains:
        fewer_domains = [d for d in kept_domains if d is not domain]
        if _is_zero(form, kept_facts, fewer_domains, question, budget):
            kept_domains = fewer_domains
    return (
        *(fact.text for fact in kept_facts),
        *(f"{domain.tensor} is {domain.values}" for domain in kept_domains),
    )
