"""The lines of a derivation, from what reverse mode found on its way.

    T̄[k]  =  Σ_consumers u  Σ_i  ū[i] · ∂u[i]/∂T[k]  =  …  =  the gradient's body

The local derivatives are worked out rule by rule (:mod:`derive.gradient.levels`); every other
line is a value that the calculus had in its hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.levels import rounds
from derive.index.changes import changed
from derive.index.delta import close
from derive.index.local import Term
from derive.index.partial import Partial
from derive.index.rewrite import rewrite
from derive.index.simplify import tidy
from derive.index.terms import IndexSum
from derive.layer.model import Rule, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from derive.gradient.edges import Edge
    from derive.index.terms import Entry
    from derive.layer.model import Fact, Node

__all__ = ["Contribution", "Line", "local_lines", "simplified", "steps", "steps_of"]


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says, and by which rule it follows from the one before."""

    rule: Rule
    after: sp.Expr
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one consumer of a tensor gives to its cotangent: ``Σ_i ū[i] · ∂u[i]/∂T[k]``.

    Parameters
    ----------
    consumer : Node
        The node u.
    edge : Edge
        The local derivative.
    cotangent : sympy expression
        ``ū[i]``, at the indices of the edge.
    found : tuple of Term
        The product, summed, with the deltas eliminated.
    put_in : sympy expression, optional
        What was put in for ``ū[i]``, where the cotangent was looked through.
    short : sympy expression, optional
        What became of the product then.
    facts : tuple of str
        The declared facts that were used for that.
    """

    consumer: Node
    edge: Edge
    cotangent: sp.Expr
    found: tuple[Term, ...]
    put_in: sp.Expr | None = None
    short: sp.Expr | None = None
    facts: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """What is added to the cotangent."""
        return self.found if self.short is None else (Term((), (), self.short),)


def simplified(body: sp.Expr, facts: Iterable[Fact]) -> tuple[Line, ...]:
    """Apply the declared facts, then the rules that always hold; return what changed."""
    lines: list[Line] = []
    for fact in facts:
        rewritten = rewrite(body, fact.left, fact.right)
        if rewritten != body:
            lines.append(Line(Rule.FACT, rewritten, (fact.text,)))
            body = rewritten
    shorter = tidy(body)
    if shorter != body:
        lines.append(Line(Rule.COLLECT, shorter))
    return tuple(lines)


def steps_of(
    node: Node,
    entry: Entry,
    contributions: Sequence[Contribution],
    own: sp.Expr,
    facts: Sequence[Fact],
) -> tuple[Step, ...]:
    """Return the steps from a gradient's entry to its body.

    Parameters
    ----------
    node : Node
        The gradient.
    entry : Entry
        The entry that is differentiated by.
    contributions : sequence of Contribution
        The summands of the chain rule.
    own : sympy expression
        What the loss depends on besides, for an output that other nodes read as well.
    facts : sequence of Fact
        Those that the layer declares.
    """
    return steps(node.entry, _lines(entry, contributions, own, facts))


def steps(start: sp.Expr, lines: Iterable[Line]) -> tuple[Step, ...]:
    """Return the steps from line to line; a line that changes nothing is none."""
    before = start
    result = []
    for line in lines:
        if line.after != before:
            part, became = changed(before, line.after)
            result.append(Step(line.rule, before, line.after, part, became, line.detail))
            before = line.after
    return tuple(result)


def _lines(
    entry: Entry, contributions: Sequence[Contribution], own: sp.Expr, facts: Sequence[Fact]
) -> Iterator[Line]:
    names = tuple(c.consumer.name for c in contributions)
    factors = [c.cotangent for c in contributions]

    def joined(local: Iterable[sp.Expr]) -> sp.Expr:
        parts = zip(contributions, factors, local, strict=True)
        return sp.Add(own, *(_summed(factor * inner, c) for c, factor, inner in parts))

    here = [Partial(c.consumer.tensor.at(*c.edge.indices), entry) for c in contributions]
    yield Line(Rule.CHAIN, joined(here), names)
    local = here
    for rule, local, detail in local_lines([c.edge for c in contributions], names, entry):
        yield Line(rule, joined(local), detail)
    looked = [c for c in contributions if c.put_in is not None]
    factors = [c.cotangent if c.put_in is None else c.put_in for c in contributions]
    yield Line(Rule.COTANGENT, joined(local), tuple(c.consumer.name for c in looked))
    parts = [close(c.found) for c in contributions]
    yield Line(Rule.DELTA, sp.Add(own, *parts))
    for place, contribution in enumerate(contributions):
        if contribution.short is not None:
            for line in simplified(parts[place], facts):
                parts[place] = line.after
                yield Line(line.rule, sp.Add(own, *parts), line.detail)
    yield from simplified(sp.Add(own, *parts), facts)


def local_lines(
    edges: Sequence[Edge], names: tuple[str, ...], entry: Entry
) -> Iterator[tuple[Rule, list[sp.Expr], tuple[str, ...]]]:
    """Yield how local derivatives are worked out, side by side."""
    defined = [Partial(edge.body, entry) for edge in edges]
    yield Rule.DEFINITION, defined, names
    raw = [close(edge.raw) for edge in edges]
    for rule, worked, detail in rounds(defined):
        last = not any(expression.has(Partial) for expression in worked)
        yield rule, raw if last else list(worked), detail
    yield Rule.DELTA, [close(edge.reduced) for edge in edges], ()
    yield Rule.SAVED, [close(edge.terms) for edge in edges], names


def _summed(body: sp.Expr, contribution: Contribution) -> sp.Expr:
    """Return the body summed over the consumer's indices, its factors left where they are."""
    axes = zip(contribution.edge.indices, contribution.consumer.tensor.shape, strict=True)
    for index, size in reversed(list(axes)):
        body = IndexSum(body, index, size)
    return body
