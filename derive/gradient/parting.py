"""Where a wrong formula parts from a derivation: the line that brings in what the formula lacks.

Two readings of a formula differ in features: how often a tensor stands in it, with which index,
in the argument of which functions, how many sums there are. Every line of a derivation has
features too. What a mistaken formula lacks has come into the derivation with one line and has
stayed in it to the end; what the formula has too much has gone with one line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.reverse import cotangent_names
from derive.index.partial import Partial
from derive.index.terms import Delta, Entry, IndexSum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from derive.gradient.derivation import Derivation

__all__ = ["OPEN", "Feature", "features", "parting", "signature"]

#: What stands around a part that is yet to be differentiated.
OPEN = "∂"


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that can be counted in a formula.

    Parameters
    ----------
    kind : str
        ``tensor``, ``index``, ``derivative``, ``function``, ``power``, ``sum`` or ``minus``.
    name : str
        Of the tensor, or of the function; the exponent; the size of a sum, empty for a sum over
        anything; the names in a term that has a minus sign.
    inside : tuple of str
        The functions in whose arguments it stands, outermost first; :data:`OPEN` in a
        derivative that is yet to be worked out.
    place : tuple of (int, str)
        The axis and the letter of an index; no letter for one that is summed over.
    """

    kind: str
    name: str = ""
    inside: tuple[str, ...] = ()
    place: tuple[int, str] = (0, "")


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is known of a derivation.

    Its free indices; of which tensors names are cotangents; what is differentiated, by whose
    name the cotangent that is 1 is called.
    """

    free: frozenset[str]
    cotangents: Mapping[str, str]
    of: str


def features(one: Derivation, expression: sp.Expr) -> Counter[Feature]:
    """Return the features of a line of a derivation.

    Parameters
    ----------
    one : Derivation
        The derivation.
    expression : sympy expression
        The line.
    """
    called, titles = cotangent_names(one.layer, (one.wrt,))
    cotangents = {title: name for names in (called, titles) for name, title in names.items()}
    free = frozenset(index.name for index in one.node.indices)
    return Counter(_found(expression, (), _Setting(free, cotangents, one.of)))


def parting(one: Derivation, right: Counter[Feature], wrong: Counter[Feature]) -> tuple[int, ...]:
    """Return the numbers of the steps at which a wrong formula parts from a derivation.

    Parameters
    ----------
    one : Derivation
        The derivation of what the formula claims.
    right, wrong : Counter of Feature
        What is counted in the repaired formula and in the one that is wrong. The lines are looked
        at up to the last one that has the same names in it as the repaired formula.

    Returns
    -------
    tuple of int
        The places in ``one.steps``, the earliest first; empty where none can be named.
    """
    if not one.steps:
        return ()
    lines = [features(one, step.after) for step in one.steps]
    # Nothing is to be learned from lines that say the same in other words.
    alike = [place for place, line in enumerate(lines) if _names(line) == _names(right)]
    if not alike:
        return ()
    lines = lines[: alike[-1] + 1]
    start = features(one, one.steps[0].before)
    lacking, excess = _coarsest(right - wrong), _coarsest(wrong - right)
    named = {_entering(lines, feature, wrong[feature] + 1) for feature in lacking}
    if named <= {None}:
        named = {_leaving([start, *lines], feature) for feature in excess}
    return tuple(sorted(place for place in named if place is not None))


def _names(found: Counter[Feature]) -> set[Feature]:
    """Return which tensors, functions and derivatives there are, and in which functions."""
    return {f for f in found if f.kind in ("tensor", "function", "derivative")}


def _coarsest(found: Counter[Feature]) -> list[Feature]:
    """Return features but for the indices of tensors that count themselves."""
    counted = {(f.name, f.inside) for f in found if f.kind == "tensor"}
    return [f for f in found if f.kind != "index" or (f.name, f.inside) not in counted]


def _entering(lines: Sequence[Counter[Feature]], feature: Feature, times: int) -> int | None:
    """Return the first line from which on all have a feature so many times.

    An index is chosen where it is written first, before or after differentiating.
    """
    if feature.kind == "index":
        lines, feature = [_closed(line) for line in lines], _worked(feature)
    place = len(lines)
    while place and lines[place - 1][feature] >= times:
        place -= 1
    return place if place < len(lines) else None


def _worked(feature: Feature) -> Feature:
    return replace(feature, inside=tuple(name for name in feature.inside if name != OPEN))


def _closed(line: Counter[Feature]) -> Counter[Feature]:
    """Return features as if all derivatives were worked out."""
    found: Counter[Feature] = Counter()
    for feature, times in line.items():
        found[_worked(feature)] += times
    return found


def _leaving(lines: Sequence[Counter[Feature]], feature: Feature) -> int | None:
    """Return the step after the last line that has a feature, worked out or not."""
    having = [place for place, line in enumerate(lines) if line[feature] or line[_opened(feature)]]
    return having[-1] if having and having[-1] < len(lines) - 1 else None


def _opened(feature: Feature) -> Feature:
    return replace(feature, inside=(OPEN, *feature.inside))


@singledispatch
def _found(part: sp.Basic, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    """Yield the features of a part that stands in these functions."""
    for argument in part.args:
        yield from _found(argument, inside, known)


@_found.register(Entry)
def _(part: Entry, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    cotangent = part.tensor in known.cotangents
    name = known.cotangents.get(part.tensor, part.tensor)
    if cotangent and name == known.of:
        return
    yield Feature("derivative" if cotangent else "tensor", name, inside)
    for axis, index in enumerate(part.indices):
        letter = str(index) if str(index) in known.free else ""
        yield Feature("index", name, inside, (axis, letter))


@_found.register(Delta)
def _(part: Delta, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    yield from ()


@_found.register(Partial)
def _(part: Partial, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    if isinstance(part.body, Entry):
        yield Feature("derivative", f"{part.body.tensor}/{part.entry.tensor}", inside)
    yield from _found(part.body, (*inside, OPEN), known)


@_found.register(IndexSum)
def _(part: IndexSum, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    yield Feature("sum", "", inside)
    yield Feature("sum", str(part.size), inside)
    yield from _found(part.args[0], inside, known)


@_found.register(sp.Function)
def _(part: sp.Function, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    name = type(part).__name__
    yield Feature("function", name, inside)
    for argument in part.args:
        yield from _found(argument, (*inside, name), known)


@_found.register(sp.Pow)
def _(part: sp.Pow, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    if part.exp.is_Number:
        yield Feature("power", str(part.exp), inside)
    yield from _found(part.base, inside, known)
    yield from _found(part.exp, inside, known)


@_found.register(sp.Add)
def _(part: sp.Add, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    for term in part.args:
        if term.is_Number and term.is_negative:
            yield Feature("minus", "", inside)
        yield from _found(term, inside, known)


@_found.register(sp.Mul)
def _(part: sp.Mul, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    own = [feature for factor in part.args for feature in _found(factor, inside, known)]
    if part.as_coeff_Mul()[0].is_negative:
        yield Feature("minus", signature(own), inside)
    yield from own


def signature(parts: Sequence[Feature]) -> str:
    """Return the names of the tensors and functions in a term, in order.

    >>> signature([Feature("function", "tanh"), Feature("tensor", "c", ("tanh",))])
    'c tanh'
    """
    return " ".join(sorted({f.name for f in parts if f.kind in ("tensor", "function")}))
