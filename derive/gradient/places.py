"""Where the sums of a line stand, and with them the letters that its indices have on paper.

An index gets its letter from its place: l for the outermost sum, m within it. When a δ takes a
sum away, or two sums change places, the indices that are left would change their letters in
the same line; so they keep them, and a derivation renames them in a line of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.index.terms import IndexSum, Reduction, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import sympy as sp

    from derive.index.local import Term
    from derive.index.terms import Index

__all__ = ["Places", "lettered", "moved", "places"]

#: How many binders stand outside of the sum over an index, wherever there is one.
Places = dict["Index", set[int]]


def places(
    terms: Sequence[Term],
    closed: Callable[[Iterable[Term]], sp.Expr],
    outer: Sequence[Index] = (),
) -> Places:
    """Return the places of the indices that some terms sum over.

    Parameters
    ----------
    terms : sequence of Term
        What the line says.
    closed : function
        How its sums are nested.
    outer : sequence of Index
        Further sums, around all terms.
    """
    indices = dict.fromkeys(index for term in terms for index, _ in term.bound)
    # A size of its own tells which sum is which: in an expression a bound index has no name.
    sizes = {index: Size(f"size {number}") for number, index in enumerate(indices)}
    index_of: Mapping[sp.Expr, Index] = {size: index for index, size in sizes.items()}
    found: Places = {index: {place} for place, index in enumerate(outer)}

    def walk(node: sp.Basic, depth: int) -> None:
        if isinstance(node, IndexSum) and node.size in index_of:
            found.setdefault(index_of[node.size], set()).add(depth)
        inside = depth + isinstance(node, Reduction)
        for argument in node.args:
            walk(argument, inside)

    marked = [replace(t, bound=tuple((i, sizes[i]) for i, _ in t.bound)) for t in terms]
    walk(closed(marked), len(outer))
    return found


def lettered(here: Places, letters: Sequence[int]) -> Places:
    """Return the places whose letters the indices have, if the sums have these letters.

    >>> from derive.index.terms import Index
    >>> lettered({Index("l"): {0}, Index("m"): {1}}, (1,))
    {l: {1}, m: {2}}
    """
    beyond = max(letters, default=-1) + 1 - len(letters)
    return {
        index: {letters[place] if place < len(letters) else place + beyond for place in own}
        for index, own in here.items()
    }


def moved(before: Places, after: Places) -> tuple[int, ...]:
    """Return from which places the indices have come, by their places; nothing if none moved.

    >>> from derive.index.terms import Index
    >>> l, m = Index("l"), Index("m")
    >>> moved({l: {0}, m: {1}}, {m: {0}}), moved({l: {0}, m: {1}}, {l: {0}})
    ((1,), ())
    """
    origins: dict[int, set[int]] = {}
    for index, here in after.items():
        for place in here:
            origins.setdefault(place, set()).update(before.get(index, {place}))
    result = tuple(sum(origins.get(place, {place})) for place in range(len(origins)))
    clear = all(len(origin) == 1 for origin in origins.values())
    distinct = len(set(result)) == len(result)
    return result if clear and distinct and result != tuple(range(len(result))) else ()
