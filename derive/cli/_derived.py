"""The right form of a claim that is wrong, in LaTeX and in the author's own names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.explain.compose import compose
from derive.explain.counted import counted
from derive.explain.latex import written_latex
from derive.explain.names import Notation
from derive.index.inverses import inverse_name
from derive.index.terms import Size, rename_tensors, substitute
from derive.notes.truth import cotangents, right_form

if TYPE_CHECKING:
    from derive.notes.check import Checked
    from derive.notes.truth import RightForm
    from derive.notes.world import World

__all__ = ["derived_forms"]

#: Characters that no note has: they stand for names while a formula is written.
_PRIVATE, _PRIVATE_MIDDLE, _PRIVATE_END = 0xE000, 0xF000, 0xF8FF
#: A longer right form says less than the repair does.
_LONGEST = 400


def derived_forms(checked: Checked) -> dict[int, str]:
    """Return the right form of every claim that is not fine, by the claims' numbers."""
    world = checked.world
    if world is None:
        return {}
    found = {}
    for verdict in checked.verdicts:
        form = None if verdict.fine else right_form(verdict, world)
        text = "" if form is None else _written(form, world)
        if 0 < len(text) <= _LONGEST:
            found[verdict.id] = text
    return found


def _written(form: RightForm, world: World) -> str:
    """Return ``left = right`` in index form."""
    marks, lengths = _marks(world), _lengths(world)
    losses = {loss: chr(_PRIVATE_END - n) for n, loss in enumerate(world.losses)}
    known = cotangents(world)
    first = next(iter(known.values()), None)
    notation = Notation(
        taken=frozenset(
            {*world.layer.names, *(size.name for size in world.layer.sizes), *lengths.values()}
        ),
        order=tuple(marks.get(name, name) for name in world.layer.names),
        cotangents={name: marks[c.wrt] for name, c in known.items() if c.wrt in marks},
        loss="L" if first is None else losses[first.loss],
        lead=form.lead,
        origin=world.base,
    )
    places = {marks[symbol.name] for symbol in world.tensors.values() if symbol.integer}
    sized = substitute(form.expression, {Size(name): Size(mark) for name, mark in lengths.items()})
    expression = counted(rename_tensors(sized, {**marks, **losses}), world.base, places)
    right = written_latex(compose(expression, notation), world.base)
    left = rf"\left({form.left}\right)_{{{form.axes}}}" if form.axes else form.left
    shown = _respelled(right, world, marks, losses | lengths)
    return f"{left} = {shown}"


def _lengths(world: World) -> dict[str, str]:
    """Return a private character for every size that would be written otherwise."""
    names = [spelling for spelling, size in world.sizes.items() if size == Size(spelling)]
    long = [name for name in names if written_latex(compose(Size(name))) != name]
    return {name: chr(_PRIVATE_MIDDLE + n) for n, name in enumerate(long)}


def _marks(world: World) -> dict[str, str]:
    """Return a private character for every tensor, to stand for the author's spelling of it."""
    names = dict.fromkeys(symbol.name for symbol in world.tensors.values())
    every = (*names, *map(inverse_name, names))
    return {name: chr(_PRIVATE + n) for n, name in enumerate(every)}


def _respelled(latex: str, world: World, marks: dict[str, str], losses: dict[str, str]) -> str:
    """Put the author's spellings in place of their marks."""
    spellings: dict[str, str] = {}
    for spelling, symbol in world.tensors.items():
        spellings.setdefault(marks[symbol.name], spelling)
        spellings.setdefault(marks[inverse_name(symbol.name)], f"({spelling}^{{-1}})")
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
        ends = "\\" in shown and shown[-1].isalpha() and after.isalpha()
        result += shown + (" " if ends else "")
    return result
