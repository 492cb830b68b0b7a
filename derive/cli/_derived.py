"""The right form of a claim that is wrong: what derive derives for its left side, in LaTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derive.explain.compose import compose
from derive.explain.latex import written_latex
from derive.explain.names import Notation
from derive.index.terms import Entry, Index, free_indices, rename_tensors, substitute
from derive.notes.algebra import COLUMN, ROW

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes.check import Checked
    from derive.notes.verdicts import Verdict
    from derive.notes.world import World

__all__ = ["derived_forms"]

#: Letters for the rows and columns of a matrix claim.
_LETTERS = "ijklmnpqrstuv"
#: Characters that no note has: they stand for names while a formula is written.
_PRIVATE, _PRIVATE_END = 0xE000, 0xF8FF
#: A longer right form says less than the repair does.
_LONGEST = 400


def derived_forms(checked: Checked) -> dict[int, str]:
    """Return the right form of every claim that is not fine, by the claims' numbers.

    A claim whose left side has no simple form (a concrete matrix, a shifted index) has none.
    """
    world = checked.world
    if world is None:
        return {}
    found = {}
    for verdict in checked.verdicts:
        text = None if verdict.fine else _derived(verdict, world)
        if text is not None and len(text) <= _LONGEST:
            found[verdict.id] = text
    return found


def _derived(verdict: Verdict, world: World) -> str | None:
    """Return ``left = right`` in index form."""
    truth = verdict.truth
    if truth is None or truth.expression is None:
        return None
    if any(truth.start <= problem.start < truth.end for problem in verdict.problems):
        # An update rule: what is right is not what stands there.
        return None
    left = verdict.formula.latex[truth.start : truth.end].strip()
    cotangents = _cotangents(world)
    expression = _expanded(truth.expression, world, set(cotangents))
    if expression == truth.expression or not _plain(expression):
        return None
    expression, axes = _lettered(expression, left)
    marks = _marks(world)
    losses = {loss: chr(_PRIVATE_END - n) for n, loss in enumerate(world.losses)}
    notation = Notation(
        taken=frozenset({*world.layer.names, *(size.name for size in world.layer.sizes)}),
        order=tuple(marks.get(name, name) for name in world.layer.names),
        cotangents={name: marks[wrt] for name, (_, wrt, _) in cotangents.items() if wrt in marks},
        loss=next((losses[loss] for loss, _, _ in cotangents.values()), "L"),
        lead=next((lead for _, _, lead in cotangents.values()), 0),
        origin=world.base,
    )
    right = written_latex(compose(rename_tensors(expression, marks), notation), world.base)
    if axes:
        left = rf"\left({left}\right)_{{{axes}}}"
    return f"{left} = {_respelled(right, world, marks, losses)}"


def _marks(world: World) -> dict[str, str]:
    """Return a private character for every tensor, to stand for the author's spelling of it."""
    names = dict.fromkeys(symbol.name for symbol in world.tensors.values())
    return {name: chr(_PRIVATE + n) for n, name in enumerate(names)}


def _respelled(latex: str, world: World, marks: dict[str, str], losses: dict[str, str]) -> str:
    """Put the author's spellings in place of their marks."""
    spellings: dict[str, str] = {}
    for spelling, symbol in world.tensors.items():
        spellings.setdefault(marks[symbol.name], spelling)
    spellings.update((mark, loss) for loss, mark in losses.items())
    result = ""
    for place, character in enumerate(latex):
        if character not in spellings:
            result += character
            continue
        spelling = spellings[character]
        # A name with scripts of its own is kept apart from those that it gets here.
        shown = f"{{{spelling}}}" if set("_^'") & set(spelling) else spelling
        after = latex[place + 1 : place + 2]
        after = spellings.get(after, after)[:1]
        result += shown + (" " if "\\" in shown and shown[-1].isalpha() and after.isalpha() else "")
    return result


def _cotangents(world: World) -> dict[str, tuple[str, str, int]]:
    """Return the cotangents of the note's losses: name → (loss, tensor, axes of the loss)."""
    found: dict[str, tuple[str, str, int]] = {}
    names = {node.name for node in world.nodes} | {tensor.name for tensor in world.given}
    for loss, (shape, _) in world.losses.items():
        for name in names:
            match = re.fullmatch(rf"d{re.escape(loss)}/d(\S+?)( via d(\S+))?", name)
            wrt = match and (match.group(3) or match.group(1))
            if wrt and wrt in world.layer.names:
                found[name] = (loss, wrt, len(shape))
    return found


def _expanded(expression: sp.Expr, world: World, cotangents: set[str]) -> sp.Expr:
    """Put definitions in for derivatives and for the note's names, up to the next cotangents."""
    own = {node.name for node in world.layer.nodes}
    nodes = {node.name: node for node in world.nodes if node.name not in own}
    for level in range(4):
        swap = {
            entry: substitute(
                nodes[entry.tensor].body,
                dict(zip(nodes[entry.tensor].indices, entry.indices, strict=True)),
            )
            for entry in expression.atoms(Entry)
            if entry.tensor in nodes
            and (entry.tensor not in cotangents or (expression == entry and level < 3))
        }
        if not swap:
            break
        expression = expression.xreplace(swap)
    return expression


def _plain(expression: sp.Expr) -> bool:
    """Tell whether every index stands alone: nothing depends on what indices count from."""
    return all(
        isinstance(index, Index) for entry in expression.atoms(Entry) for index in entry.indices
    )


def _lettered(expression: sp.Expr, left: str) -> tuple[sp.Expr, str]:
    """Give rows and columns letters that the formula does not have; return these."""
    free = {index.name for index in free_indices(expression)}
    spare = [letter for letter in _LETTERS if letter not in free and f"_{letter}" not in left]
    swap = {}
    for axis in (ROW, COLUMN):
        if axis in free:
            swap[Index(axis)] = Index(spare.pop(0))
    return substitute(expression, swap), "".join(index.name for index in swap.values())
