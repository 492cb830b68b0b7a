"""What the rules of stability do to a layer: each rewritten expression, and what it gains.

Every use of a rule is judged by the calculus (are the two sides equal?) and by numbers: both sides
in float64, within their layers, against the first at many digits, at inputs of several scales.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import mpmath
import numpy as np

from derive.gradient.forward import forward
from derive.gradient.reverse import reverse
from derive.index.arrays import Array
from derive.index.equality import Proved, Refuted, Sampled, equality
from derive.index.evaluate import evaluate
from derive.index.terms import free_indices
from derive.layer.run import exact, run
from derive.layer.sample import sample, sample_sizes
from derive.program.stabilise import prepare, safe, stabilise
from derive.verify.inputs import cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import sympy as sp

    from derive.index.equality import Verdict
    from derive.index.terms import Index, Size
    from derive.layer.model import Layer, Node
    from derive.program.rules import Application

__all__ = ["Rewritten", "Stage", "rewritten", "stages", "verdict"]


#: Enough for what is left of 1 if a number near it is taken from it, as far as float64 holds that.
_DIGITS = 400
#: How far two sides may be apart that are equal but for rounding, relatively.
_ROUNDING = 1e-15
#: What is smaller or larger is not judged: float64 hardly holds it.
_LEAST, _MOST = 1e-300, 1e300


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One expression that a rule has replaced.

    Parameters
    ----------
    name : str
        The definition that it stands in.
    application : Application
        The rule and the two sides.
    verdict : Verdict
        Whether the calculus finds them equal.
    before, after : float
        The worst relative error of each, infinite where it is no number.
    """

    name: str
    application: Application
    verdict: Verdict
    before: float
    after: float

    @property
    def equal(self) -> str:
        """What the calculus says, in a few words."""
        if isinstance(self.verdict, Proved):
            return "proved"
        if isinstance(self.verdict, Sampled) and self.verdict.points:
            return f"equal at {self.verdict.points} draws"
        if not isinstance(self.verdict, Refuted):
            return "unknown"
        # A rule that leaves out what rounding would leave out is equal in floats only.
        seen = self.verdict.witness
        near = math.isclose(seen.left, seen.right, rel_tol=_ROUNDING)
        return "equal but for rounding" if self.application.rule.within and near else "refuted"


@dataclass(frozen=True, slots=True)
class Stage:
    """A layer before and after rewriting, and what was applied to which definition."""

    old: Layer
    new: Layer
    log: list[tuple[Node, Application]]


def rewritten(layer: Layer, seed: int = 0) -> tuple[Rewritten, ...]:
    """Return what the rules rewrite in a layer, its gradients and its tangents.

    Parameters
    ----------
    layer : Layer
        Without a batch.
    seed : int
        Of the random inputs.
    """
    found: dict[tuple[str, sp.Expr], Rewritten] = {}
    for stage in stages(layer):
        points = list(_points(stage, layer, seed))
        for node, each in stage.log:
            key = (each.rule.name, each.before.xreplace(_letters(each)))
            if key in found:
                continue
            free = _free(node, each)
            sides = (each.before, safe(each.after, stage.old))
            errors = [_errors(sides, free, *point) for point in points]
            found[key] = Rewritten(
                node.name,
                each,
                verdict(node, each, stage.old),
                max((before for before, _ in errors), default=0.0),
                max((after for _, after in errors), default=0.0),
            )
    return tuple(found.values())


def stages(layer: Layer) -> Iterator[Stage]:
    """Yield a layer, its gradients and its tangents, each before and after rewriting."""
    log: list[tuple[Node, Application]] = []
    prepared = prepare(layer, log)
    named = (node for node in prepared.nodes if node.name not in layer.names)
    yield Stage(replace(layer, nodes=(*layer.nodes, *named)), stabilise(prepared), log)
    for derived in (reverse(prepared, keep_outputs=True), forward(prepared)):
        uses: list[tuple[Node, Application]] = []
        yield Stage(derived, stabilise(derived, uses), uses)


def _letters(application: Application) -> dict[sp.Expr, sp.Expr]:
    """Return names for bound indices that do not depend on when they were made."""
    return {index: type(index)(f"~{n}") for n, (index, _) in enumerate(application.bound)}


_Point = tuple[dict["Size", int], dict[str, Array], dict[str, Array], dict[str, Array]]


def _points(stage: Stage, layer: Layer, seed: int) -> Iterator[_Point]:
    """Yield sizes, and the values of all tensors: before and after in floats, and exactly."""
    generator = np.random.default_rng(seed)
    sizes = sample_sizes(layer, generator, ones=False)
    for case in cases(layer, sizes, generator):
        if "normal" not in case.title:
            continue
        arrays = {**sample(stage.old, sizes, generator), **case.arrays}
        with mpmath.workdps(_DIGITS):
            given = exact(stage.old, arrays)
            true = {**given, **run(stage.old, given, sizes)}
        old = {**arrays, **run(stage.old, arrays, sizes)}
        new = {**arrays, **run(stage.new, arrays, sizes)}
        yield sizes, {**new, **old}, {**old, **new}, true


def _errors(
    sides: tuple[sp.Expr, sp.Expr],
    free: tuple[tuple[Index, sp.Expr], ...],
    sizes: Mapping[Size, int],
    old: Mapping[str, Array],
    new: Mapping[str, Array],
    true: Mapping[str, Array],
) -> tuple[float, float]:
    """Return the worst relative error of both sides at one point."""
    indices = tuple(index for index, _ in free)
    extents = tuple(int(size.xreplace(dict(sizes))) for _, size in free)
    with mpmath.workdps(_DIGITS):
        right = evaluate(sides[0], indices, true, sizes, extents)
        first, second = (
            max(
                _error(got, want)
                for got, want in zip(
                    evaluate(side, indices, arrays, sizes, extents).flat, right.flat, strict=True
                )
            )
            for side, arrays in zip(sides, (old, new), strict=True)
        )
    return first, second


def _error(got: float, want: mpmath.mpf) -> float:
    if not mpmath.isfinite(want) or not _LEAST <= abs(want) < _MOST:
        return 0.0
    return float(abs(mpmath.mpf(float(got)) - want) / abs(want)) if np.isfinite(got) else np.inf


def _free(node: Node, each: Application) -> tuple[tuple[Index, sp.Expr], ...]:
    """Return the free indices of both sides, with their sizes."""
    sizes = {**node.sizes, **dict(each.bound)}
    free = free_indices(each.before) | free_indices(each.after)
    return tuple((index, size) for index, size in sizes.items() if index in free)


def verdict(node: Node, each: Application, layer: Layer) -> Verdict:
    """Ask the calculus whether the two sides of a rule are equal.

    Parameters
    ----------
    node : Node
        The definition in which it was applied.
    each : Application
        The rule and the two sides.
    layer : Layer
        The layer before rewriting.
    """

    def sampler(seed: int) -> tuple[dict[str, Array], dict[Size, int]]:
        generator = np.random.default_rng(seed)
        sizes = sample_sizes(layer, generator, ones=False)
        return sample(layer, sizes, generator), sizes

    return equality(
        each.before,
        each.after,
        _free(node, each),
        sampler,
        facts=layer.facts,
        domains=layer.domains,
        definitions={node.name: (node.indices, node.body) for node in layer.nodes},
        exact=lambda arrays: exact(layer, arrays),
    )
