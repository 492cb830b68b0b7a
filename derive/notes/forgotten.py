r"""What is forgotten as a whole: the sum over the samples, ``\lambda W`` of a penalty."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.meaning import mean
from derive.notes.moving import transposing
from derive.notes.names import spell, spellings
from derive.notes.tree import Node, Scripted, Term
from derive.notes.values import Misfit
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import sympy as sp

    from derive.notes.differentials import Differentials

__all__ = ["forgotten"]


def forgotten(
    side: Node,
    truth: Node,
    text: str,
    letters: dict[str, sp.Expr],
    differentials: Differentials,
    defined: Iterable[Node],
) -> Iterator[tuple[Edit, ...]]:
    """Yield edits that put in a sum over the samples, or a summand of a gradient.

    Parameters
    ----------
    side, truth : Node
        What is wrong, and what is right.
    text : str
        The formula's text.
    letters : mapping
        The letters with their sizes.
    differentials : Differentials
        Of the note's world.
    defined : iterable of Node
        The definitions.
    """
    yield from _summed(side, truth, text, letters, differentials)
    if isinstance(truth, tree.Derivative) and len(truth.wrt) == 1 and truth.order is None:
        yield from _summands(side, truth.wrt[0], differentials, defined)


def _summed(
    side: Node, truth: Node, text: str, letters: dict[str, sp.Expr], differentials: Differentials
) -> Iterator[tuple[Edit, ...]]:
    """Sum a matrix over its rows or columns where a vector is wanted."""
    scope = differentials.numeric(0, letters)
    with contextlib.suppress(Misfit, LookupError, ValueError, ArithmeticError):
        right, wrong = mean(truth, scope), mean(side, scope)
        if not right.is_vector or wrong.rows is None or wrong.columns is None:
            return
        (turned,) = transposing(side, text).edits
        plain = turned.text.removesuffix(r"^\top")
        size = right.rows if right.rows is not None else right.columns
        after = [(rf"{turned.text} \mathbf 1", wrong.columns), (rf"{plain} \mathbf 1", wrong.rows)]
        before = [(rf"\mathbf 1^\top {plain}", wrong.columns)]
        row = right.rows is None or (scope.rows and right.thin)
        for pattern, left in before if row else after:
            if left == size:
                yield (Edit(side.start, side.end, pattern, "sum"),)


def _summands(
    side: Node, wrt: Node, differentials: Differentials, defined: Iterable[Node]
) -> Iterator[tuple[Edit, ...]]:
    r"""Add what a quadratic term of a definition gives: ``\lambda W``."""
    world = differentials.world
    symbol = wrt.base if isinstance(wrt, Scripted) else wrt
    if not isinstance(symbol, tree.Name):
        # By a function of a symbol it gives something else.
        return
    own = spellings(symbol)
    for term in (part for line in defined for part in tree.walk(line) if isinstance(part, Term)):
        names = spellings(term)
        if not own <= names:
            continue
        scalars = [n for n in sorted(names) if n in world.tensors and not world.tensors[n].shape]
        sizes = sorted(names & world.sizes.keys())
        for one in (*scalars, ""):
            above = (one, f"2 {one}") if one else ("", "2")
            below = ("2", *sizes)
            quotients = [rf"\frac{{{top or '1'}}}{{{size}}}" for top in above for size in below]
            for factor in (*above, *quotients):
                new = f" {term.sign or '+'} {factor} {spell(wrt)}".replace("  ", " ")
                yield (Edit(side.end, side.end, new, "term"),)
