"""Is a matrix form equal to its index form? Found out with random numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from derive.explain.algebra import Tree, value
from derive.index.evaluate import evaluate
from derive.index.terms import Entry, Size

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sympy as sp

    from derive.layer.model import Node

__all__ = ["is_equal"]

_TOLERANCE = 1e-9


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
    expressions = [body, *(extra.body for extra in where)]
    entries = {entry for expression in expressions for entry in expression.atoms(Entry)}
    letters = {
        size for expression in [*expressions, *node.tensor.shape] for size in expression.atoms(Size)
    }
    ordered = sorted(letters, key=str)
    for chosen in (range(2, 2 + len(ordered)), [1] * len(ordered)):
        sizes = dict(zip(ordered, chosen, strict=True))
        arrays = {}
        for entry in sorted(entries, key=str):
            shape = tuple(int(size.xreplace(sizes)) for size in entry.shape)
            # Within (0, 1), so that logarithms and roots of x and 1 - x exist.
            arrays[entry.tensor] = random.uniform(0.1, 0.9, shape)
        for extra in where:
            shape = tuple(int(size.xreplace(sizes)) for size in extra.tensor.shape)
            arrays[extra.name] = evaluate(extra.body, extra.indices, arrays, sizes, shape)
        extent = tuple(int(size.xreplace(sizes)) for size in node.tensor.shape)
        expected = evaluate(body, node.indices, arrays, sizes, extent)
        try:
            # Where a form has no value, as at 0/0, it is not the same.
            with np.errstate(all="ignore"):
                got = value(tree, arrays, sizes)
        except ValueError:
            return False
        if got.shape != expected.shape or not np.allclose(got, expected, _TOLERANCE, _TOLERANCE):
            return False
    return True
