"""What a wrong claim speaks of, and what its repair changes in it: for those who explain it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

import sympy as sp

from derive.gradient.parting import OPEN, Feature, signature
from derive.notes import tree
from derive.notes.differentials import Differentials
from derive.notes.sides import Reader
from derive.notes.truth import named_derivative

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from derive.notes.check import Checked
    from derive.notes.tree import Node
    from derive.notes.verdicts import Edit, Repair, Verdict
    from derive.notes.world import World

__all__ = ["Subject", "counted", "subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """The derivative that a claim is about.

    Parameters
    ----------
    of, wrt : str
        What is differentiated, an unspecified loss too, and by what: names of tensors.
    ends : tuple of str
        The tensors that the loss depends on; empty if it is none.
    letters : tuple of str
        The letters of its indices, those of what is differentiated first; empty for an axis that
        the note does not name.
    """

    of: str
    wrt: str
    ends: tuple[str, ...]
    letters: tuple[str, ...]


def subject(verdict: Verdict, world: World) -> Subject | None:
    """Return what a claim is about; None if that is no derivative of one quantity by another."""
    truth = verdict.truth
    if truth is None or truth.expression is None:
        return None
    found = named_derivative(truth.expression, world)
    if found is None:
        return None
    of, wrt, entry = found
    if wrt not in world.layer.names:
        return None
    ends = world.losses[of][1] if of in world.losses else ()
    if not ends and of not in {node.name for node in world.layer.nodes}:
        return None
    text = verdict.formula.latex[truth.start : truth.end]
    letters = tuple(str(index) if str(index) in text else "" for index in entry.indices)
    return Subject(of, wrt, tuple(ends), letters)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What the names of a formula stand for; ``letters`` are those of what it is about."""

    world: World
    about: Subject
    letters: Collection[str]


def counted(
    verdict: Verdict, checked: Checked, about: Subject, letters: Collection[str]
) -> tuple[Counter[Feature], Counter[Feature]] | None:
    """Return the features of a claim with its first repair made, and as it stands.

    Parameters
    ----------
    verdict : Verdict
        On a claim that has a repair.
    checked : Checked
        The note.
    about : Subject
        What the claim is about.
    letters : collection of str
        The letters of the derivation that are not summed over.

    Returns
    -------
    pair of Counter, or None
        None where the repair changes what the claim is about.
    """
    world, header = checked.world, checked.note.header
    assert world is not None
    assert header is not None
    repair, truth = verdict.repairs[0], verdict.truth
    if truth is not None and any(truth.start <= e.start < truth.end for e in repair.edits):
        return None
    reader = Reader(Differentials(world), header)
    wrong = list(_sides(reader.line(verdict.formula.latex)))
    right = list(_sides(reader.line(repair.latex)))
    if len(wrong) != len(right):
        return None
    places = _changed(wrong, repair.edits)
    setting = _Setting(world, about, letters)
    first, second = (
        Counter(f for place in places for f in _found(sides[place], (), setting))
        for sides in (right, wrong)
    )
    return first, second


def _sides(line: Node) -> Iterator[Node]:
    """Yield the sides of all relations of a formula, and what stands alone."""
    assert isinstance(line, tree.Line)
    for statement in line.statements:
        body = statement.body
        yield from body.sides if isinstance(body, tree.Relation) else (body,)


def _changed(sides: Sequence[Node], edits: Iterable[Edit]) -> list[int]:
    """Return the numbers of the sides that are changed."""
    return sorted(
        {
            max(
                (n for n, side in enumerate(sides) if side.start <= edit.start <= side.end),
                key=lambda n: sides[n].start,
                default=0,
            )
            for edit in edits
        }
    )


def is_layout(repair: Repair) -> bool:
    """Tell whether a repair changes only how vectors and matrices lie and are multiplied."""
    return all(edit.kind in ("transpose", "operator", "order") for edit in repair.edits)


@singledispatch
def _found(node: Node, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    """Yield the features of a part of a formula that stands in these functions."""
    for part in tree.children(node):
        yield from _found(part, inside, known)


@_found.register(tree.Name)
def _(node: tree.Name, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    symbol = known.world.tensors.get(node.spelling)
    if symbol is not None:
        yield Feature("tensor", symbol.name, inside)


@_found.register(tree.Scripted)
def _(node: tree.Scripted, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    yield from _found(node.base, inside, known)
    name = node.base.spelling if isinstance(node.base, tree.Name) else ""
    symbol = known.world.tensors.get(name)
    if symbol is not None:
        for axis, index in enumerate(tree.indices(node)):
            letter = index.spelling if isinstance(index, tree.Name) else ""
            place = (axis, letter if letter in known.letters else "")
            yield Feature("index", symbol.name, inside, place)
    if len(node.sup) == 1 and isinstance(node.sup[0], tree.Number):
        yield Feature("power", node.sup[0].text, inside)


@_found.register(tree.Derivative)
def _(node: tree.Derivative, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    of, wrt = _symbol(node.of, known), [_symbol(by, known) for by in node.wrt]
    if not of or len(wrt) != 1 or wrt[0] not in known.world.shapes:
        if node.of is not None:
            yield from _found(node.of, (*inside, OPEN), known)
        return
    name = wrt[0] if of == known.about.of else f"{of}/{wrt[0]}"
    yield Feature("derivative", name, inside)
    for feature in _found(node.wrt[0], inside, known):
        if feature.kind == "index":
            yield feature


def _symbol(node: Node | None, known: _Setting) -> str:
    """Return the name of a tensor or of a loss, with indices or without; empty for all else."""
    name = node.base if isinstance(node, tree.Scripted) else node
    if not isinstance(name, tree.Name):
        return ""
    symbol = known.world.tensors.get(name.spelling)
    return name.spelling if symbol is None else symbol.name


@_found.register(tree.FunctionCall)
def _(node: tree.FunctionCall, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    name = node.name.removeprefix("\\")
    yield Feature("function", name, inside)
    if len(node.sup) == 1 and isinstance(node.sup[0], tree.Number):
        yield Feature("power", node.sup[0].text, inside)
    if node.argument is not None:
        yield from _found(node.argument, (*inside, name), known)


@_found.register(tree.Product)
def _(node: tree.Product, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    around = inside
    for factor in node.factors:
        if isinstance(factor, tree.Group) and around is not inside:
            yield from _found(factor, around, known)
            around = inside
            continue
        called = _function(factor, known)
        yield from (Feature("function", name, inside) for name in called)
        around = (*inside, *called) if called else inside
        if not called:
            yield from _found(factor, inside, known)


def _function(node: Node, known: _Setting) -> tuple[str, ...]:
    """Return the functions that a name of the note stands for, outermost first."""
    name = node.base if isinstance(node, tree.Scripted) and not node.sub else node
    if not isinstance(name, tree.Name) or name.spelling not in known.world.functions:
        return ()
    body = known.world.functions[name.spelling]
    return tuple(type(part).__name__ for part in [body] if isinstance(part, sp.Function))


@_found.register(tree.BigOperator)
def _(node: tree.BigOperator, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    if node.operator.removeprefix("\\") == "sum":
        size = node.upper[0] if len(node.upper) == 1 else None
        spelling = getattr(size, "spelling", getattr(size, "text", ""))
        yield Feature("sum", str(known.world.sizes.get(spelling, "")), inside)
    yield from _found(node.body, inside, known)


@_found.register(tree.Term)
def _(node: tree.Term, inside: tuple[str, ...], known: _Setting) -> Iterator[Feature]:
    own = list(_found(node.body, inside, known))
    if node.sign == "-":
        yield Feature("minus", signature(own), inside)
    yield from own
