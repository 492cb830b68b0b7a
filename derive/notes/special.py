r"""Claims that are made for special values only: ``\text{if } b = 0``, ``at $\mu = \bar x$``.

What holds for all values holds for these. Where a claim does not, its symbols get the values that
it supposes; conditions of other kinds are looked for among the values that are drawn. A condition
that cannot be met leaves a claim unjudged.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.layer.model import Role
from derive.notes import tree
from derive.notes.compare import Sides, compare
from derive.notes.conditions import COMPARISONS
from derive.notes.meaning import letter_of
from derive.notes.mend import proof
from derive.notes.names import spellings
from derive.notes.points import at_points
from derive.notes.quantifiers import for_all, quantified
from derive.notes.values import Misfit
from derive.notes.verdicts import AGREES, ILL_FORMED, PROVED, UNREADABLE, WRONG, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.claims import Chain
    from derive.notes.compare import Outcome
    from derive.notes.sides import Claim, Reader
    from derive.notes.verdicts import Verdict

__all__ = ["at_special_values", "restricted", "supposed", "written"]

#: What introduces values that a claim is made for.
_WORDS = ("if", "for", "where", "on", "at")


def at_special_values(
    claim: Claim, verdict: Verdict, supposed: tuple[tree.Relation, ...], reader: Reader
) -> Verdict:
    """Return the verdict on a claim, for the values that it is made for.

    Parameters
    ----------
    claim : Claim
        With all that restricts it but these values.
    verdict : Verdict
        What was found of it for all values.
    supposed : tuple of Relation
        What it supposes of these.
    reader : Reader
        Of the note's formulas.
    """
    if verdict.verdict not in (WRONG, ILL_FORMED):
        return verdict
    try:
        outcome, sides = _compared(claim, supposed, reader)
    except Misfit as misfit:
        if verdict.verdict != WRONG:
            return verdict
        node = claim.sides[claim.blamed]
        found = Problem("unreadable", node.start, node.end, "", "", misfit.message)
        return replace(
            verdict, verdict=UNREADABLE, problems=(found,), repairs=(), witness=None, note=""
        )
    # Such an index is any for which what is supposed holds.
    bound = [problem.kind for problem in verdict.problems] == ["unbound-index"]
    if outcome is None or (outcome.kind == "differ" and verdict.verdict != WRONG and not bound):
        return verdict
    if outcome.kind == "differ":
        if bound:
            node = claim.sides[claim.blamed]
            found = Problem("value", node.start, node.end, "", "", "the two sides differ")
            verdict = replace(verdict, verdict=WRONG, problems=(found,), repairs=(), note="")
        verdict = replace(verdict, witness=outcome.witness)
        right = reader.read([sides.left], sides.conditions)[0][0].value
        if verdict.truth is None or right is None:
            return verdict
        return replace(verdict, truth=replace(verdict.truth, expression=right.data))
    read, every = reader.read([sides.left, sides.right], sides.conditions)
    made = proof(reader, read[0], read[1], outcome, every, sides.conditions)
    return replace(
        verdict,
        verdict=PROVED if made.proved else AGREES,
        problems=(),
        repairs=(),
        witness=None,
        facts=made.facts,
        note="",
    )


def restricted(claim: Claim, supposed: tuple[tree.Relation, ...], reader: Reader) -> Claim:
    """Return a claim that is made only where what it supposes holds."""
    points = tuple(item for item in supposed if _is_point(item, reader))
    others = tuple(item for item in supposed if item not in points)
    return replace(claim, conditions=(*claim.conditions, *others), points=points)


def written(chain: Chain) -> tuple[str, ...]:
    """Return the text of what a chain supposes, in it and in the words around it."""
    own = (
        chain.formula.latex[item.start : item.end]
        for condition in chain.statement.conditions
        if condition.word in _WORDS
        for item in condition.items
    )
    return (*chain.formula.under, *own)


def _compared(
    claim: Claim, supposed: tuple[tree.Relation, ...], reader: Reader
) -> tuple[Outcome | None, Sides]:
    """Return how the sides compare where all is as supposed, None where they cannot.

    Raises
    ------
    Misfit
        If what is supposed cannot be met.
    """
    claim = restricted(claim, supposed, reader)
    points, conditions = claim.points, claim.conditions
    for item in supposed:
        if item in points:
            continue
        values = [side.value for side in reader.read(reader.settled(item.sides), ())[0]]
        if item.relations[0].text == "=" and not all(v is None or v.is_scalar for v in values):
            raise Misfit("unreadable", "no values are drawn at which the condition holds")
    both = (claim.sides[claim.root], claim.sides[claim.blamed])
    sides = [at_points(side, points, reader.differentials) for side in both]
    read, every = reader.read(sides, conditions)
    for side in read:
        if side.misfit is not None:
            raise side.misfit
    pair = Sides(sides[0], sides[1], conditions, every)
    others = (item for item in supposed if item not in points)
    told = quantified(claim.chain).union(*map(_entries, others))
    if read[1].letters - read[0].letters - told:
        return None, pair
    try:
        outcome = compare(pair, reader.differentials)
    except ValueError as error:
        raise Misfit("unreadable", "a condition that cannot be used") from error
    if outcome.unvalued:
        raise Misfit("unreadable", "a side has no value where the condition holds")
    return outcome, pair


def _entries(item: tree.Relation) -> frozenset[str]:
    """Return the indices that a condition on values is about: c in ``y_c = 1``."""
    return frozenset(
        letter
        for part in tree.walk(item)
        if isinstance(part, tree.Scripted)
        for index in tree.indices(part)
        if (letter := letter_of(index)) is not None
    )


def _is_point(item: tree.Relation, reader: Reader) -> bool:
    """Tell whether a symbol that is given is set equal to a value that is not its own."""
    if len(item.sides) != 2 or item.relations[0].text != "=":
        return False
    left = item.sides[0]
    symbol = reader.world.tensors.get(left.spelling) if isinstance(left, tree.Name) else None
    given = {tensor.name for tensor in reader.world.given if tensor.role is not Role.INDEX}
    if symbol is None or symbol.name not in given:
        return False
    read = {
        reader.world.tensors[n].name for n in spellings(item.sides[1]) if n in reader.world.tensors
    }
    return symbol.name not in read.union(*map(reader.world.above, read))


def supposed(claim: Claim, reader: Reader) -> Iterator[tree.Relation]:
    """Yield what a claim supposes beside its conditions, and what concerns it."""
    chain = claim.chain
    items = [
        item
        for condition in chain.statement.conditions
        # In ``i = 1, 2, \dots`` no index has one value.
        if condition.word in _WORDS and not any(isinstance(p, tree.Dots) for p in condition.items)
        for item in condition.items
    ]
    for text in chain.formula.under:
        with contextlib.suppress(DeriveError):
            items += [statement.body for statement in reader.line(text).statements]
    about = _concerns(chain, reader)
    relations = [item for item in items if isinstance(item, tree.Relation)]
    # Of another index something may be known by these values.
    others = about.union(*(_entries(r) for r in relations if r.relations[0].text == "="))
    for item in relations:
        if {item, for_all(item, chain.sides, reader.world)} & {*claim.conditions}:
            continue
        signs = {sign.text for sign in item.relations}
        names = spellings(item)
        if not signs <= COMPARISONS.keys() or names.isdisjoint(about):
            continue
        if not _holds(item, reader) if signs == {"="} else names <= others:
            yield item


def _concerns(chain: Chain, reader: Reader) -> set[str]:
    """Return the names of a chain, and of all that its symbols depend on."""
    world = reader.world
    own = spellings(*chain.sides)
    symbols = {world.tensors[name].name for name in own if name in world.tensors}
    symbols = symbols.union(*map(world.above, symbols))
    below = {name for name, symbol in world.tensors.items() if symbol.name in symbols}
    return own | below | set(world.sizes)


def _holds(item: tree.Relation, reader: Reader) -> bool:
    """Tell whether an equation holds always, such as a definition that is written once more."""
    sides = reader.settled(item.sides)
    read, every = reader.read(sides, ())
    if len(sides) != 2 or any(side.value is None for side in read):
        return False
    try:
        return compare(Sides(sides[0], sides[1], (), every), reader.differentials).kind == "equal"
    except (Misfit, ValueError):
        return False
