"""Formulas in one line for a message, with a letter for each index that is summed over."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import sympy as sp

from derive.index.terms import Delta, Entry, Index, Reduction

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["in_letters", "letters_in"]

_LETTERS = "ijklmnpqrst"


def in_letters(side: sp.Expr) -> str:
    """Return a side of an equation as text, with a letter for the index of every sum.

    >>> from derive.index.terms import Entry, IndexSum, Size
    >>> N, i = Size("N"), Index("i")
    >>> in_letters(2 * IndexSum(Entry("y", (N,), i), i, N))
    '2*Σ_i y[i]'
    """
    named: dict[sp.Basic, sp.Symbol] = {}
    for part in sp.preorder_traversal(side):
        if isinstance(part, Reduction) and not any(outer.has(part) for outer in named):
            taken = {index.name for index in part.atoms(Index)}
            body, index = part.open(Index(next(n for n in _LETTERS if n not in taken)))
            inner = in_letters(body)
            named[part] = sp.Symbol(
                f"{part.symbol}_{index} {f'({inner})' if body.is_Add else inner}"
            )
    return str(side.xreplace(named))


def letters_in(entry: Entry | Delta, line: str = "") -> dict[Index, Index]:
    """Return letters for the indices of sums in an entry: the user's own, where a line has them.

    A sum forgets the letter that it was written with, and equal sums are equal.

    >>> from derive.index.terms import Size, fresh
    >>> i, N, K = Index("i"), Size("N"), Size("K")
    >>> entry = Entry("x", (N, K), fresh(), i)
    >>> letters_in(entry, "y[i] = sum_over(q, x[q, i])").values()
    dict_values([q])
    >>> letters_in(entry, "y[i] = total(x)").values()
    dict_values([j])
    """
    marks = sorted((i for i in entry.atoms(Index) if not i.name[0].isalpha()), key=str)
    taken = {symbol.name for symbol in entry.free_symbols}
    found: dict[Index, Index] = {}
    for written in _subscripts(entry, line):
        for position, names in zip(entry.indices, written, strict=True):
            here = [mark for mark in marks if position.has(mark)]
            own = [name for name in names if name not in taken]
            if len(here) == len(own) == 1:
                found.setdefault(here[0], Index(own[0]))
    taken |= {index.name for index in found.values()}
    free = (letter for letter in _LETTERS if letter not in taken)
    return {mark: found.get(mark) or Index(next(free)) for mark in marks}


def _subscripts(entry: Entry | Delta, line: str) -> Iterator[list[list[str]]]:
    """Yield the letters of sums in each subscript of a tensor, where a line of Python reads it."""
    try:
        tree = ast.parse(line.strip())
    except SyntaxError:  # a part of something longer
        return
    first = (call.args[0] for call in ast.walk(tree) if isinstance(call, ast.Call) and call.args)
    bound = {name.id for name in first if isinstance(name, ast.Name)}
    for part in ast.walk(tree):
        if not (isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name)):
            continue
        subscripts = part.slice.elts if isinstance(part.slice, ast.Tuple) else [part.slice]
        same = isinstance(entry, Entry) and part.value.id == entry.tensor
        if same and len(subscripts) == len(entry.indices):
            yield [
                [n.id for n in ast.walk(one) if isinstance(n, ast.Name) and n.id in bound]
                for one in subscripts
            ]
