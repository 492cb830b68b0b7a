"""The lines of a derivation, from what reverse mode found on its way.

    T̄[k]  =  Σ_consumers u  Σ_i  ū[i] · ∂u[i]/∂T[k]  =  …  =  the gradient's body

The local derivatives are worked out rule by rule (:mod:`derive.gradient.levels`); every other
line is a value that the calculus had in its hands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.levels import nested, next_round
from derive.gradient.places import Places, lettered, moved, places
from derive.index.changes import changed
from derive.index.delta import close
from derive.index.local import Term
from derive.index.partial import Partial
from derive.index.rewrite import fold, rewrite
from derive.index.simplify import cancelled, operations, tidy
from derive.index.terms import IndexSum, Reduction, substitute
from derive.layer.model import Rule, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from derive.gradient.edges import Edge
    from derive.index.terms import Entry, Index
    from derive.layer.model import Fact, Node

__all__ = ["Contribution", "Line", "edge_steps", "simplified", "steps_of"]


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says, by which rule it follows from the one before, and where its sums stand."""

    rule: Rule
    after: sp.Expr
    detail: tuple[str, ...] = ()
    places: Places | None = None


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
    unit: Entry | None,
    is_read: bool,
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
    unit : Entry, optional
        The cotangent of a loss that is the layer's only output, which is 1.
    is_read : bool
        Whether the outputs are computed from the tensor.
    """
    lines = _lines(entry, contributions, own, facts, unit, is_read)
    return _steps(node.entry, lines, unit)


def edge_steps(node: Node, local: Edge, rows: Sequence[Index], entry: Entry) -> tuple[Step, ...]:
    """Return the steps of a local derivative, ``∂ node[rows] / ∂ entry``.

    Parameters
    ----------
    node : Node
        What is differentiated.
    local : Edge
        Its derivative by the entry.
    rows : sequence of Index
        Indices to write it with.
    entry : Entry
        What it is differentiated by.
    """
    back: dict[sp.Basic, sp.Basic] = dict(zip(local.indices, rows, strict=True))
    alone = Contribution(node, local, sp.S.One, ())
    lines = (
        replace(line, after=substitute(expression, back), places=_within(line.places, local))
        for line, (expression,) in _local_lines([alone], entry)
    )
    return _steps(Partial(node.tensor.at(*rows), entry), lines)


def _within(found: Places | None, local: Edge) -> Places | None:
    """Return the places of sums where a consumer's own indices are not summed over."""
    if found is None:
        return None
    depth = len(local.indices)
    return {i: {p - depth for p in own} for i, own in found.items() if i not in local.indices}


def _steps(start: sp.Expr, lines: Iterable[Line], unit: Entry | None = None) -> tuple[Step, ...]:
    """Return the steps from line to line.

    A line that looks like the one before is none: the ``unit``, the cotangent of a scalar loss,
    is not written. Deltas that are used one after another are used at once. Where sums have come
    to other places, their indices keep their letters until the end.
    """
    kept: list[Line] = []
    for line in lines:
        before = kept[-1].after if kept else start
        if _shown(line.after, unit) == _shown(before, unit):
            if kept:
                kept[-1] = replace(kept[-1], after=line.after, places=line.places)
        elif kept and kept[-1].rule is line.rule is Rule.DELTA:
            kept[-1] = line
        else:
            kept.append(line)
    result = []
    written: Places = {}
    letters: tuple[int, ...] = ()
    for line in kept:
        if line.places is not None:
            letters = moved(written, line.places)
            written = lettered(line.places, letters)
        part, became = changed(start, line.after)
        result.append(Step(line.rule, start, line.after, part, became, line.detail, letters))
        start = line.after
    if letters and start.has(Reduction):
        result.append(Step(Rule.RENAME, start, start, start, start))
    return tuple(result)


def _shown(expression: sp.Expr, unit: Entry | None) -> sp.Expr:
    return expression if unit is None else expression.xreplace({unit: sp.S.One})


def _lines(
    entry: Entry,
    contributions: Sequence[Contribution],
    own: sp.Expr,
    facts: Sequence[Fact],
    unit: Entry | None,
    is_read: bool,
) -> Iterator[Line]:
    if not contributions:
        # What is read gives nothing where something flat lies between it and the loss.
        nothing = Rule.FLAT if is_read else Rule.CONSTANT
        yield Line(nothing if own == 0 else Rule.ENTRY, own)
        return
    factors = [c.cotangent for c in contributions]

    def joined(local: Iterable[sp.Expr]) -> sp.Expr:
        parts = zip(contributions, factors, local, strict=True)
        return sp.Add(own, *(_summed(factor * inner, c) for c, factor, inner in parts))

    # The loss itself is not one more link of the chain: its definition is put in at once.
    ends = [c.cotangent == unit for c in contributions]
    names = tuple(c.consumer.name for c in contributions)
    local = [
        Partial(c.edge.body if end else c.consumer.tensor.at(*c.edge.indices), entry)
        for c, end in zip(contributions, ends, strict=True)
    ]
    yield Line(Rule.DEFINITION if all(ends) else Rule.CHAIN, joined(local), names)
    for line, expressions in _local_lines(contributions, entry):
        local = list(expressions)
        known = line.places
        yield replace(line, after=joined(local))
    looked = tuple(c.consumer.name for c in contributions if c.put_in is not None)
    factors = [c.cotangent if c.put_in is None else c.put_in for c in contributions]
    yield Line(Rule.COTANGENT, joined(local), looked, known)
    parts = [close(c.found) for c in contributions]
    where = {i: p for c in contributions for i, p in places(c.found, close).items()}
    rule = _gathering(contributions, where)
    if rule is Rule.DELTA:
        yield from _cancelling(contributions, factors, local, own, known)
    if rule is Rule.OUT and any(c.edge.indices and len(c.edge.terms) > 1 for c in contributions):
        pairs = zip(contributions, factors, strict=True)
        yield Line(Rule.SPLIT, sp.Add(own, *(_split(c, factor) for c, factor in pairs)), (), known)
    yield Line(rule, sp.Add(own, *parts), (), where)
    for place, contribution in enumerate(contributions):
        if contribution.short is not None:
            for line in simplified(parts[place], facts):
                rule = _kind(line.rule, parts[place], line.after)
                parts[place] = line.after
                yield Line(rule, sp.Add(own, *parts), line.detail)
    total = sp.Add(own, *parts)
    for line in simplified(total, facts):
        yield replace(line, rule=_kind(line.rule, total, line.after))
        total = line.after


def _cancelling(
    contributions: Sequence[Contribution],
    factors: Sequence[sp.Expr],
    local: Sequence[sp.Expr],
    own: sp.Expr,
    where: Places | None,
) -> Iterator[Line]:
    """Yield a line for what cancels where a cotangent was put in: nothing else takes it away."""
    products = [factor * inner for factor, inner in zip(factors, local, strict=True)]
    looked = [c.put_in is not None for c in contributions]
    shorter = [cancelled(p) if one else p for p, one in zip(products, looked, strict=True)]
    if shorter != products:
        parts = (_summed(p, c) for p, c in zip(shorter, contributions, strict=True))
        yield Line(Rule.SIMPLIFY, sp.Add(own, *parts), (), where)


def _split(contribution: Contribution, factor: sp.Expr) -> sp.Expr:
    """Return the sum over a consumer's indices, each term of the local derivative by itself."""
    return sp.Add(*(_summed(factor * close([t]), contribution) for t in contribution.edge.terms))


def _gathering(contributions: Sequence[Contribution], where: Places) -> Rule:
    """Return what happens where the sum over a consumer's indices meets the local derivative."""
    if any(
        sum(len(term.deltas) for term in c.found) < sum(len(term.deltas) for term in c.edge.terms)
        for c in contributions
    ):
        return Rule.DELTA
    deeper = any(
        depth > place
        for c in contributions
        for place, index in enumerate(c.edge.indices)
        for depth in where.get(index, ())
    )
    return Rule.EXCHANGE if deeper else Rule.OUT


def _local_lines(
    contributions: Sequence[Contribution], entry: Entry
) -> Iterator[tuple[Line, tuple[sp.Expr, ...]]]:
    """Yield how local derivatives are worked out, side by side; lines yet to be joined."""
    names = tuple(c.consumer.name for c in contributions)
    local = [Partial(c.edge.body, entry) for c in contributions]
    yield Line(Rule.DEFINITION, sp.S.Zero, names), tuple(local)
    put_in = [False] * len(contributions)
    done = False
    while not done:
        found = next_round(local)
        done = found.done
        local = list(found.expressions)
        where = None
        if done:
            where = _places(contributions, [c.edge.raw for c in contributions], nested)
            local = [
                _saved(nested(c.edge.raw), c, entry) if early else nested(c.edge.raw)
                for c, early in zip(contributions, put_in, strict=True)
            ]
        yield Line(found.rule, sp.S.Zero, found.detail, where), tuple(local)
        for place, contribution in enumerate(contributions):
            # What is a function as a whole gets its value as soon as that is met.
            if isinstance(contribution.edge.body, (sp.Function, sp.Pow)):
                saved = _saved(local[place], contribution, entry)
                put_in[place] |= saved != local[place]
                local[place] = saved
        yield Line(Rule.SAVED, sp.S.Zero, _chosen(names, put_in), where), tuple(local)
    known, where = where, _places(contributions, [c.edge.terms for c in contributions], close)
    both = [(c.edge, early) for c, early in zip(contributions, put_in, strict=True)]
    local = [close(edge.terms if early else edge.reduced) for edge, early in both]
    yield Line(_reducing(contributions, known, where), sp.S.Zero, (), where), tuple(local)
    late = _chosen(names, [edge.terms != edge.reduced and not early for edge, early in both])
    local = [close(edge.terms) for edge, _ in both]
    yield Line(Rule.SAVED, sp.S.Zero, late, where), tuple(local)


def _reducing(contributions: Sequence[Contribution], before: Places | None, after: Places) -> Rule:
    """Return what happens where the sums of a local derivative are put in order."""
    edges = [c.edge for c in contributions]
    if any(_bound(edge.reduced) < _bound(edge.raw) for edge in edges):
        return Rule.DELTA
    return Rule.EXCHANGE if moved(before or {}, after) else Rule.OUT


def _bound(terms: Sequence[Term]) -> int:
    return sum(len(term.bound) for term in terms)


def _places(
    contributions: Sequence[Contribution],
    terms: Sequence[Sequence[Term]],
    closed: Callable[[Iterable[Term]], sp.Expr],
) -> Places:
    """Return the places of all summed indices, those of the consumers outermost."""
    found: Places = {}
    for contribution, own in zip(contributions, terms, strict=True):
        found |= places(own, closed, contribution.edge.indices)
    return found


def _chosen(names: Sequence[str], chosen: Sequence[bool]) -> tuple[str, ...]:
    return tuple(name for name, is_chosen in zip(names, chosen, strict=True) if is_chosen)


def _saved(expression: sp.Expr, contribution: Contribution, entry: Entry) -> sp.Expr:
    """Put the node's own value for its definition."""
    node, indices = contribution.consumer, contribution.edge.indices
    sizes = dict(zip(indices, node.tensor.shape, strict=True))
    sizes.update(zip(entry.indices, entry.shape, strict=True))
    return fold(expression, node.body, node.entry, sizes)


def _summed(body: sp.Expr, contribution: Contribution) -> sp.Expr:
    """Return the body summed over the consumer's indices, its factors left where they are."""
    number, rest = body.as_coeff_Mul()
    axes = zip(contribution.edge.indices, contribution.consumer.tensor.shape, strict=True)
    for index, size in reversed(list(axes)):
        rest = IndexSum(rest, index, size)
    return number * rest


def _kind(rule: Rule, before: sp.Expr, after: sp.Expr) -> Rule:
    """Say more exactly what was collected: a quotient has gone, or a sign was moved."""
    if rule is not Rule.COLLECT:
        return rule
    if _quotients(after) < _quotients(before):
        return Rule.SIMPLIFY
    number, other = before.as_coeff_Mul()[0], after.as_coeff_Mul()[0]
    same = operations(after) >= operations(before) - 2
    return Rule.SIGN if number < 0 < other and same else rule


def _quotients(expression: sp.Expr) -> int:
    return sum(
        p.exp.could_extract_minus_sign()
        for p in sp.preorder_traversal(expression)
        if isinstance(p, sp.Pow)
    )
