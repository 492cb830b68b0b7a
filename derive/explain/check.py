"""Is a matrix form equal to its index form? Found out with random numbers."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from derive.explain.algebra import Tree, value
from derive.index.evaluate import evaluate
from derive.index.terms import Entry, Reduction, Size

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import sympy as sp

    from derive.layer.model import Node

__all__ = ["is_equal"]

_TOLERANCE = 1e-9
#: From how many times as many numbers as there are sizes they are drawn, and how often.
_SPREAD, _TRIES = 4, 1000


def is_equal(tree: Tree, body: sp.Expr, node: Node, where: Sequence[Node]) -> bool:
    """Tell whether a tree has the value of an expression, at two choices of sizes.

    Parameters
    ----------
    tree : Tree
        The matrix form.
    body : sympy expression
        The index form.
    node : Node
        The equation: its indices are the axes of the result.
    where : sequence of Node
        The definitions of the names that the tree uses besides the tensors.
    """
    random = np.random.default_rng(20)
    bodies = [body, *(extra.body for extra in where)]
    entries = sorted({e for each in bodies for e in each.atoms(Entry)}, key=str)
    shapes = [node.tensor.shape, *(n.tensor.shape for n in where), *(e.shape for e in entries)]
    extents = {size for shape in shapes for size in shape}
    extents |= {part.size for each in bodies for part in each.atoms(Reduction)}
    letters = {size for part in (*bodies, *extents) for size in part.atoms(Size)}
    choices = list(_sizes(sorted(letters, key=str), extents))
    return bool(choices) and all(
        _agrees(tree, body, node, where, entries, sizes, random) for sizes in choices
    )


def _sizes(letters: Sequence[Size], extents: Collection[sp.Expr]) -> Iterator[dict[Size, int]]:
    """Yield different numbers for all sizes, and 1 for each, where these leave no axis empty."""
    random = np.random.default_rng(1)
    count = len(letters)
    several = chain(
        [range(2, 2 + count)],
        # Of A - 2 B values there are some only where A is large.
        (random.permutation(_SPREAD * count)[:count] + 2 for _ in range(_TRIES)),
    )
    for choices in (several, [(1,) * count]):
        every = (dict(zip(letters, map(int, choice), strict=True)) for choice in choices)
        fitting = (s for s in every if all(int(size.xreplace(s)) > 0 for size in extents))
        yield from islice(fitting, 1)


def _agrees(
    tree: Tree,
    body: sp.Expr,
    node: Node,
    where: Sequence[Node],
    entries: Sequence[Entry],
    sizes: Mapping[sp.Symbol, int],
    random: np.random.Generator,
) -> bool:
    """Tell whether a tree has the value of an expression at random entries, at some sizes."""

    def shape(symbolic: Sequence[sp.Expr]) -> tuple[int, ...]:
        return tuple(int(size.xreplace(sizes)) for size in symbolic)

    # Within (0, 1), so that logarithms and roots of x and 1 - x exist.
    arrays = {entry.tensor: random.uniform(0.1, 0.9, shape(entry.shape)) for entry in entries}
    for extra in where:
        arrays[extra.name] = evaluate(
            extra.body, extra.indices, arrays, sizes, shape(extra.tensor.shape)
        )
    expected = evaluate(body, node.indices, arrays, sizes, shape(node.tensor.shape))
    try:
        # Where a form has no value, as at 0/0, it is not the same.
        with np.errstate(all="ignore"):
            got = value(tree, arrays, sizes)
    except ValueError:
        return False
    return got.shape == expected.shape and np.allclose(got, expected, _TOLERANCE, _TOLERANCE)
