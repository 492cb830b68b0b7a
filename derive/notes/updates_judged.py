"""The verdict on an update: whether the step goes down.

The step and the gradient are read like any other formula, and their product is looked at for many
values: where it has one sign in all of them, the step goes down, or up. A number that is how far a
step goes, and of which a note says nothing more, is taken for a positive one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.layer.model import Role
from derive.notes import tree
from derive.notes.brackets import bare
from derive.notes.claims import bare_name, open_symbols
from derive.notes.compare import Sides, compare
from derive.notes.edited import applied
from derive.notes.meaning import constant, mean
from derive.notes.places import COLUMN, ROW, OutOfRange
from derive.notes.prove import prove
from derive.notes.settle import rebuilt
from derive.notes.updates import ascends, direction, is_rate, is_update, step_of, steps
from derive.notes.values import Misfit, paired, shape_text
from derive.notes.verdicts import (
    AGREES,
    ILL_FORMED,
    LAYOUT,
    NOT_A_CLAIM,
    PROVED,
    UNREADABLE,
    WRONG,
    Edit,
    Problem,
    Repair,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.claims import Chain
    from derive.notes.scope import Scope
    from derive.notes.sides import Reader, Side
    from derive.notes.tree import Node
    from derive.notes.world import World

__all__ = ["judged"]

#: Choices of sizes, and draws of values for each.
_SEEDS, _DRAWS = (0, 1, 2, 3), 8
#: What numbers of which nothing is known may be: small ones, and large ones.
_RATES = (0.0137, 2.71)
#: A product of two vectors that is less, next to their lengths, is 0 but for rounding.
_ROUNDING = 1e-9
#: A step that is so many times as long as the gradient is one by an inverse that there is not.
_NO_INVERSE = 1e9
#: How capitals and bold letters are spelled: what has one is no number.
_NO_NUMBER = re.compile(r"[A-Z]|bf|bold|bm")
_TRIED = "goes down at random points"
_AS_ROW = "true with a vector as a row: a column does not conform here"
_UNKNOWN = "whether this step goes down depends on values of which nothing is known"


def judged(reader: Reader, chain: Chain, number: int) -> Verdict:
    """Check ``W ← W - γ ∂L/∂W``: a step against the gradient.

    Parameters
    ----------
    reader : Reader
        Of the note's formulas.
    chain : Chain
        The update.
    number : int
        Of the verdict.
    """
    base = Verdict(number, chain.formula, chain.statement.start, chain.statement.end, NOT_A_CLAIM)
    left, side = reader.settled(chain.sides[:2])
    if not is_update(side, reader.world):
        return _written_out(reader, chain, base, left, side)
    found = step_of(side, reader.world)
    assert found is not None
    symbol, term = found
    rates = _rates(term.body, reader.world)
    step = _with_numbers(term, rates, _RATES[0])
    readings = [
        f"took {chain.formula.latex[rate.start : rate.end]}, which is not declared, "
        "as a positive number"
        for rate in rates
        if bare_name(rate) not in reader.world.tensors
    ]
    base = replace(base, readings=tuple(dict.fromkeys(readings)))
    total = tree.Add(
        side.start, side.end, (tree.Term(symbol.start, symbol.end, "", symbol), _signed(step))
    )
    (own, whole), _ = reader.read([symbol, total], ())
    problem = _misfit(own, whole, symbol, term, reader)
    rows = False
    vector = own.value is not None and own.value.is_vector
    if problem is not None and vector and not (reader.world.rows or reader.world.told):
        (_, other), _ = reader.read([symbol, total], (), rows=True)
        again = _misfit(own, other, symbol, term, reader)
        rows = again is None or again.kind == "layout"
        problem = again if rows and reader.world.layout == "any" else problem
        if rows and problem is not None:
            problem = replace(problem, kind="layout", message=_AS_ROW)
    if problem is not None and problem.kind != "layout":
        verdict = UNREADABLE if problem.kind == "unreadable" else ILL_FORMED
        found_text = base.formula.latex[problem.start : problem.end]
        return replace(base, verdict=verdict, problems=(replace(problem, found=found_text),))
    along = direction(term.body, symbol)
    axes = (ROW, COLUMN, *own.letters)
    sign = None if along is None else _sign(reader, term, along, rates, axes, rows=rows)
    if sign is None:
        return replace(base, note=_UNKNOWN)
    if sign < 0:
        if problem is not None:
            return replace(base, verdict=LAYOUT, problems=(problem,))
        sure = _is_sure(term.body, along, reader)
        return replace(base, verdict=PROVED) if sure else replace(base, verdict=AGREES, note=_TRIED)
    if ascends(chain.formula.origin.source.text):
        return base
    return _uphill(base, term, proved=_is_sure(term.body, along, reader))


def _written_out(reader: Reader, chain: Chain, base: Verdict, left: Node, side: Node) -> Verdict:
    """Check a step whose gradient is written out; it claims nothing where it is another."""
    for step in steps(left, side, reader.world):
        for sign in ("", "-"):
            term = tree.Term(step.written.start, step.written.end, sign, step.written)
            written = tree.Add(term.start, term.end, (term,))
            read, every = reader.read([step.gradient, written], ())
            one, two = (part.value for part in read)
            if one is None or two is None:
                continue
            both = Sides(step.gradient, written, (), every)
            try:
                outcome = compare(both, reader.differentials)
            except (Misfit, ValueError):
                continue
            if outcome.kind != "equal" or outcome.unvalued:
                continue
            found = prove(one, two, reader.differentials, every)
            if found.refuted:
                continue
            far = _sign_of_rates(reader, step.rates)
            if far is None:
                return replace(base, note=_UNKNOWN)
            against = (step.term.sign == "-") != (sign == "-")
            if against != (far < 0):
                return replace(base, verdict=PROVED if found.proved else AGREES)
            if ascends(chain.formula.origin.source.text):
                return base
            return _uphill(base, step.term, proved=found.proved)
    return base


def _uphill(base: Verdict, term: tree.Term, *, proved: bool) -> Verdict:
    """Return the verdict on a step with the wrong sign."""
    start, end = term.sign_range
    sign = "+" if term.sign == "-" else "-"
    edit = Edit(start, end, sign, "sign")
    text = applied(base.formula.latex, (edit,))
    message = "a step along the gradient makes the loss greater"
    problem = Problem("value", start, max(end, start + 1), term.sign or "+", sign, message)
    repair = Repair((edit,), text, proved)
    return replace(base, verdict=WRONG, problems=(problem,), repairs=(repair,))


def _misfit(
    own: Side, whole: Side, symbol: Node, term: tree.Term, reader: Reader
) -> Problem | None:
    """Return why a step is none of the symbol: something in it means nothing, or its shape."""
    place = (term.body.start, term.body.end)
    misfit = own.misfit or whole.misfit
    if misfit is not None:
        start, end = (misfit.start, misfit.end) if misfit.start >= 0 else place
        return Problem(misfit.kind, start, end, "", "", misfit.message)
    along = direction(term.body, symbol)
    by = [part for part in tree.walk(along) if isinstance(part, tree.Derivative)] if along else []
    letters = {
        part.spelling
        for derivative in by
        for target in derivative.wrt
        if isinstance(target, tree.Scripted)
        for mark in target.sub
        for part in tree.walk(mark)
        if isinstance(part, tree.Name)
    }
    unbound = sorted((whole.letters - own.letters) & letters)
    if unbound:
        return Problem("unbound-index", *place, "", "", f"index {unbound[0]} is not bound")
    assert own.value is not None and whole.value is not None
    if own.value.shape == whole.value.shape:
        return None
    if own.value.shape != whole.value.shape[::-1]:
        one, two = shape_text(own.value), shape_text(whole.value)
        message = f"what is moved has shape {one}, and would have {two} after it"
        return Problem("shape", *place, "", "", message)
    if reader.world.layout != "gradient":
        return None
    return Problem("layout", *place, "", "", "true in the other layout: the transpose of this")


def _rates(node: Node, world: World) -> list[Node]:
    """Return the names among the factors of a step that can be positive numbers."""
    node = bare(node)
    if isinstance(node, tree.Product):
        return [rate for factor in node.factors for rate in _rates(factor, world)]
    if isinstance(node, tree.Fraction):
        return [*_rates(node.numerator, world), *_rates(node.denominator, world)]
    if isinstance(node, tree.Add):
        # A sum of several has no sign of its own.
        return _rates(node.terms[0].body, world) if len(node.terms) == 1 else []
    if isinstance(node, tree.Root):
        return _rates(node.body, world)
    if isinstance(node, tree.BigOperator):
        return _rates(node.body, world)
    if isinstance(node, tree.Scripted) and node.sup and not any(map(tree.transposes, node.sup)):
        return _rates(node.base, world)
    return [node] if _is_free(node, world) else []


def _is_free(node: Node, world: World) -> bool:
    """Tell whether a name is a number of which a note says nothing, not even by its letter."""
    name = bare_name(node)
    if name is None or not is_rate(node, world) or name in world.sizes:
        return False
    symbol = world.tensors.get(name)
    if symbol is None:
        return not _NO_NUMBER.search(name)
    if name in open_symbols(world):
        return True
    layer = world.layer
    facts = {domain.tensor for domain in layer.domains} | world.bounds.keys()
    facts |= {condition.tensor for condition in world.conditions}
    given = {tensor.name for tensor in layer.tensors if tensor.role is Role.CONSTANT}
    return symbol.name in given - facts


def _with_numbers(term: tree.Term, rates: Sequence[Node], first: float) -> tree.Term:
    """Return a step with a number for each rate; gradients stay."""
    different = [rate for n, rate in enumerate(rates) if rate not in rates[:n]]
    texts = [f"{first * (1 + n / 7):.6f}" for n in range(len(different))]

    def put(part: Node) -> Node:
        if isinstance(part, tree.Derivative):
            return part
        if part in different:
            return tree.Number(part.start, part.end, texts[different.index(part)])
        found = rebuilt(part, put)
        return _apart(found) if isinstance(found, tree.Product) else found

    return replace(term, body=put(term.body))


def _apart(product: tree.Product) -> tree.Product:
    """Return a product whose first factor, a number, is times the rest: that may be a chain."""
    first, *rest = product.factors
    if not isinstance(first, tree.Number) or len(rest) < 2 or product.operators[0].text == "/":
        return product
    start, end = rest[0].start, rest[-1].end
    inner = _apart(tree.Product(start, end, tuple(rest), product.operators[1:]))
    group = tree.Group(start, end, "(", ")", (inner,))
    return replace(product, factors=(first, group), operators=product.operators[:1])


def _signed(term: tree.Term) -> tree.Term:
    """Return a term that may stand after another."""
    return term if term.sign else replace(term, sign="+")


def _sign(
    reader: Reader,
    term: tree.Term,
    along: Node,
    rates: Sequence[Node],
    axes: Sequence[str] = (),
    *,
    rows: bool = False,
) -> int | None:
    """Return the sign of a step's product with a gradient; None if it has not one alone."""
    signs: set[int] = set()
    for first in _RATES:
        step = tree.Add(term.start, term.end, (_with_numbers(term, rates, first),))
        _, every = reader.read([along, step], (), rows=rows)
        for seed in _SEEDS:
            scope = reader.differentials.numeric(seed, every, _DRAWS)
            scope = replace(scope, rows=True, only=True) if rows else scope
            signs |= _signs(along, step, scope, axes)
            if len(signs) > 1:
                return None
    return signs.pop() if signs else None


def _signs(along: Node, step: Node, scope: Scope, axes: Sequence[str]) -> set[int]:
    """Return the signs of the products of a step and a gradient where they are not 0."""
    try:
        pair = paired(scope.algebra, mean(along, scope), mean(step, scope))
    except (OutOfRange, Misfit, ValueError):
        return set()
    if pair is None:
        return set()
    numbers: Any = scope.algebra
    one, two = np.broadcast_arrays(*(np.asarray(side.data, float) for side in pair))
    along_axes = sorted(numbers.axis[name] for name in axes if name in numbers.axis)
    summed = tuple(axis for axis in along_axes if axis < one.ndim)
    with np.errstate(all="ignore"):
        product = (one * two).sum(summed)
        lengths = [np.sqrt((side * side).sum(summed)) for side in (one, two)]
        known = np.isfinite(product) & (lengths[1] < _NO_INVERSE * lengths[0])
        known &= np.abs(product) > _ROUNDING * lengths[0] * lengths[1]
    return {int(sign) for sign in np.unique(np.sign(product[known]))}


def _sign_of_rates(reader: Reader, rates: Sequence[Node]) -> int | None:
    """Return the sign of the product of how far a step goes."""
    sign = 1
    for rate in rates:
        place = (rate.start, rate.end)
        names = _rates(rate, reader.world)
        found = _sign(reader, tree.Term(*place, "", rate), tree.Number(*place, "1"), names)
        if found is None:
            return None
        sign *= found
    return sign


def _is_sure(node: Node, along: Node | None, reader: Reader) -> bool:
    """Tell whether a step is a gradient times numbers whose signs are plain."""
    node = bare(node)
    if node == along:
        return True
    if isinstance(node, tree.Product):
        return all(_is_sure(factor, along, reader) for factor in node.factors)
    if isinstance(node, tree.Fraction):
        return all(_is_sure(n, along, reader) for n in (node.numerator, node.denominator))
    if isinstance(node, tree.Add) and len(node.terms) == 1:
        return _is_sure(node.terms[0].body, along, reader)
    if isinstance(node, (tree.Name, tree.Scripted)) and is_rate(node, reader.world):
        return True
    return constant(node, reader.differentials.symbolic()) is not None
