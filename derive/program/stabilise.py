"""Rewrites that keep digits: equal in exact arithmetic, better in floating point.

Two passes. :func:`prepare` runs before differentiation: a logarithm meets what it undoes, through
the definitions of other nodes as well, so that derivatives never divide by what has underflown.
:func:`stabilise` runs on definitions and gradients alike, before they are frozen into a program.
The rules are rows of :mod:`derive.program.scalar_rules`, :mod:`derive.program.softmax_rules`,
:mod:`derive.program.average_rules`, :mod:`derive.program.norm_rules`,
:mod:`derive.program.term_rules`, :mod:`derive.program.hyperbolic_rules`,
:mod:`derive.program.root_rules`, :mod:`derive.program.tail_rules`,
:mod:`derive.program.logistic_rules`, :mod:`derive.program.series_rules`,
:mod:`derive.program.variance_rules`, :mod:`derive.program.beside_rules` and
:mod:`derive.program.shift`.
"""

from __future__ import annotations

import itertools
import string
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.decimals import exactly
from derive.index.functions import Select, grouped, sigmoid
from derive.index.rewrite import rewrite
from derive.index.terms import (
    Entry,
    Index,
    IndexArgmax,
    IndexSum,
    Reduction,
    substitute,
    symbols,
)
from derive.layer.batch import free_name
from derive.layer.model import Node, Role, Tensor
from derive.program import (
    average_rules,
    beside_rules,
    hyperbolic_rules,
    logistic_rules,
    norm_rules,
    root_rules,
    scalar_rules,
    series_rules,
    softmax_rules,
    tail_rules,
    term_rules,
    variance_rules,
)
from derive.program.average_rules import CENTRED, DIFFERENCE, REST
from derive.program.norm_rules import AT_ZERO
from derive.program.rules import Application, Around, Rules, over
from derive.program.shift import SHIFT, shifted
from derive.program.softmax import log_sum, powers, quotient

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from derive.layer.model import Layer
    from derive.program.rules import Rule

__all__ = ["BEFORE", "RULES", "prepare", "safe", "stabilise"]

_BEFORE = (
    *hyperbolic_rules.BEFORE,
    *root_rules.BEFORE,
    *term_rules.BEFORE,
    *scalar_rules.BEFORE,
    *variance_rules.BEFORE,
    *tail_rules.BEFORE,
    *logistic_rules.BEFORE,
    *softmax_rules.BEFORE,
    *average_rules.BEFORE,
)
#: Before differentiation, one after the other.
BEFORE = (
    term_rules.CHOICES,
    _BEFORE,
    (*term_rules.RECIPROCALS, *root_rules.LAST),
    series_rules.BEFORE,
)
_ALWAYS = (
    *softmax_rules.ALWAYS,
    CENTRED,
    DIFFERENCE,
    REST,
    *norm_rules.NORMS,
    *term_rules.ALWAYS,
    *hyperbolic_rules.ALWAYS,
    *root_rules.ALWAYS,
    *scalar_rules.ALWAYS,
    scalar_rules.EXPM1,
    *tail_rules.ALWAYS,
    *logistic_rules.ALWAYS,
    *beside_rules.ALWAYS,
)
_LAST = (*softmax_rules.LAST, *norm_rules.LAST)
_FIRST = (*term_rules.FIRST, *root_rules.FIRST)
#: One after the other.
_PASSES = (_FIRST, _ALWAYS, _LAST)
#: Every rule there is.
RULES: tuple[Rule, ...] = tuple(
    dict.fromkeys((*itertools.chain(*BEFORE), *_FIRST, *_ALWAYS, *_LAST, SHIFT))
)

#: What was applied, and to which node.
Log = list[tuple[Node, Application]]


def prepare(layer: Layer, log: Log | None = None) -> Layer:
    """Return the layer in the form that is to be differentiated; its outputs are the same.

    Each softmax within a definition, and the arguments of activations that take a sum or a
    selection to compute, become nodes of their own: gradients need them.

    Parameters
    ----------
    layer : Layer
        As it was written.
    log : list, optional
        Gets what was applied.
    """
    around = Around.of(layer)
    # Rules look through definitions in the form that those have by now.
    known = dict(around.nodes)
    around = replace(around, nodes=known)
    taken = {*layer.names, *(size.name for size in layer.sizes)}
    nodes: list[Node] = []
    for node in layer.nodes:
        body, applied = exactly(node.body), list[Application]()
        for rows in BEFORE:
            rules = Rules(rows, around)
            body = rules(body)
            applied += rules.applied
        made = [*_parted(replace(node, body=body), taken)]
        nodes += made
        known |= {each.name: each for each in made}
        if log is not None:
            log += [(node, each) for each in applied]
    return replace(layer, nodes=tuple(nodes)).with_outputs(layer.outputs)


def stabilise(
    layer: Layer, log: Log | None = None, definitions: Collection[str] | None = None
) -> Layer:
    """Return the layer with every definition rewritten; its values are the same.

    What the layer declares is used, too: a sum of labels is 1.

    Parameters
    ----------
    layer : Layer
        Definitions, gradients or tangents.
    log : list, optional
        Gets what was applied.
    definitions : collection of str, optional
        The nodes that are what was written; the others are derivatives. Without it, all are.
    """
    written = Around.of(layer)
    nodes = []
    for node in layer.nodes:
        derived = definitions is not None and node.name not in definitions
        around = replace(written, derived=derived)
        first, always, last = (Rules(rows, around) for rows in _PASSES)
        body = node.body
        for fact in layer.facts:
            body = rewrite(body, fact.left, fact.right)
        zero = Rules((AT_ZERO,) if derived else (), around)
        body = zero(last(always(first(body))))
        safe = shifted(body)
        nodes.append(replace(node, body=safe))
        if log is not None:
            shifts = () if safe == body else (Application(SHIFT, body, safe),)
            log += [
                (node, each)
                for each in (*first.applied, *always.applied, *last.applied, *zero.applied, *shifts)
            ]
    return replace(layer, nodes=tuple(nodes)).with_outputs(layer.outputs)


def safe(expression: sp.Expr, layer: Layer) -> sp.Expr:
    """Return an expression in the tensors of a layer as a program would compute it."""
    around = Around.of(layer)
    return shifted(reduce(lambda e, rows: Rules(rows, around)(e), _PASSES, expression))


def _parted(node: Node, taken: set[str]) -> Iterator[Node]:
    """Yield nodes for each softmax within a definition, and for logits that are products."""
    made: dict[sp.Expr, Node] = {}

    def entry(
        kind: str,
        key: sp.Expr,
        value: sp.Expr,
        j: Index,
        at: sp.Expr,
        size: sp.Expr,
        scope: dict[Index, sp.Expr],
    ) -> sp.Expr:
        """Return the entry at a position of the node that holds a value for every ``j``."""
        if key not in made:
            free = tuple(index for index in scope if index in symbols(value) - {j})
            k = next(i for i in map(Index, string.ascii_lowercase[10:]) if i not in free)
            shape = (*(scope[index] for index in free), size)
            tensor = Tensor(_fresh(f"{node.name}_{kind}", taken), shape, Role.NODE)
            made[key] = Node(tensor, (*free, k), substitute(value, {j: k}), node.span)
        *_, k = made[key].indices
        return substitute(made[key].entry, {k: at})

    def part(expression: sp.Expr, scope: dict[Index, sp.Expr], closed: bool = False) -> sp.Expr:
        if not expression.args or isinstance(expression, (Entry, IndexArgmax)):
            return expression
        if isinstance(expression, Reduction):
            body, index = expression.open()
            new = part(body, {**scope, index: expression.size}, closed)
            return expression if new == body else expression.func(new, index, expression.size)
        logits = log_sum(expression)
        if logits is not None and _has_product(logits[0]) and not (closed and _computed(logits[0])):
            logit, j, size = logits
            value = entry("in", expression, logit, j, j, size, scope)
            return sp.log(IndexSum(sp.exp(value), j, size))
        for (logit, j, total, at), power in powers(expression):
            # A name has its value everywhere: what a selection guards may not be read there.
            if not _within(at, scope, logit, j, total.size) or (closed and _computed(logit)):
                continue
            share = entry("weight", total, sp.exp(logit) / total, j, at, total.size, scope)
            factor = sp.exp(substitute(logit, {j: at})) / total
            return part(over(expression, factor**power) * share**power, scope, closed)
        branches = isinstance(expression, Select)
        arguments = tuple(
            part(argument, scope, closed or (branches and place > 0))
            for place, argument in enumerate(expression.args)
        )
        return expression if arguments == expression.args else expression.func(*arguments)

    found = quotient(node.body)
    whole = found is not None and node.sizes.get(found[3]) == found[2].size
    body = node.body if whole else part(node.body, dict(node.sizes))
    for each in made.values():
        yield from _named(each, taken)
    yield from _named(replace(node, body=body), taken)


def _within(
    at: sp.Expr, scope: dict[Index, sp.Expr], logit: sp.Expr, j: Index, size: sp.Expr
) -> bool:
    """Tell whether a position is certainly one of those that a logit is summed over.

    Of all exponentials ``exp(x_k)`` over the sum of only some of them, no softmax holds all.
    """
    if at in scope:
        return bool((size - scope[at]).is_nonnegative)
    # What is read there anyhow has no other positions.
    plain = logit.replace(lambda e: isinstance(e, Select), lambda _: sp.S.Zero)
    reads = (zip(e.indices, e.shape, strict=True) for e in plain.atoms(Entry))
    return any(index == j and axis == size for read in reads for index, axis in read)


def _computed(logit: sp.Expr) -> bool:
    """Tell whether something is read at a place that is more than an index."""
    return any(not isinstance(at, Index) for entry in logit.atoms(Entry) for at in entry.indices)


def _has_product(logit: sp.Expr) -> bool:
    """Tell whether a logit is a product, or has one among its terms.

    A compiler may subtract without rounding the product first, while the greatest logit has been
    rounded: of large logits it would not be the greatest any more. What is stored is rounded.
    """
    if isinstance(logit, (sp.Add, grouped)):
        return any(_has_product(part) for part in logit.args)
    if isinstance(logit, Select):
        return any(_has_product(part) for part in logit.args[1:])
    _, value = logit.as_coeff_Mul()
    return logit not in (value, -value) or isinstance(value, (sp.Mul, sp.Pow))


def _fresh(name: str, taken: set[str]) -> str:
    """Return the name, or the first of its kind that is not taken; it is taken from then on."""
    chosen = free_name((name,), taken)
    taken.add(chosen)
    return chosen


def _named(node: Node, taken: set[str]) -> Iterator[Node]:
    """Yield the node, before it one for its argument if that holds a sum, or logits to round."""
    body, argument, rounded = node.body, sp.S.Zero, False
    softmax = quotient(body)
    if isinstance(body, (sigmoid, sp.tanh)):
        argument = body.args[0]
    elif softmax is not None and softmax[3] in node.indices:
        logit, j, total, k = softmax
        argument = substitute(logit, {j: k}) if node.sizes[k] == total.size else argument
        rounded = _has_product(argument)
    if not rounded and not argument.has(Reduction, sp.S.NegativeInfinity):
        yield node
        return
    name = _fresh(f"{node.name}_in", taken)
    inner = Node(Tensor(name, node.tensor.shape, Role.NODE), node.indices, argument, node.span)
    yield inner
    if softmax is None:
        yield replace(node, body=body.func(inner.entry))
    else:
        _, j, total, k = softmax
        below = total.func(sp.exp(substitute(inner.entry, {k: j})), j, total.size)
        yield replace(node, body=sp.exp(inner.entry) / below)
