"""The value of any line of a derivation, with many digits, without a symbolic derivative.

A derivative that is not worked out yet is the central difference of the interpreter's values, a
cotangent the central difference of the layer's own definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from derive.gradient.reverse import cotangent_names
from derive.index.evaluate import evaluate
from derive.index.functions import Select
from derive.index.partial import Partial
from derive.index.terms import Entry, Index, Reduction, Size, free_indices, substitute
from derive.layer.model import Layer
from derive.layer.run import exact, run

Arrays = dict[str, np.ndarray]

#: A difference over this step is right to twice as many digits; the working digits are twice that.
STEP_DIGITS = 25
DIGITS = 4 * STEP_DIGITS


@dataclass(frozen=True)
class Numbers:
    """A layer's tensors, its nodes and its cotangents in numbers."""

    layer: Layer
    sizes: Mapping[Size, int]
    arrays: Arrays
    memo: dict[tuple[Any, ...], np.ndarray] = field(default_factory=dict)

    def value(self, expression: sp.Expr, indices: Mapping[Index, sp.Expr]) -> np.ndarray:
        """Return an expression's values over its free indices, given with their sizes."""
        found = dict(self.arrays)
        plain = self._without_partials(expression, dict(indices), (), found)
        shape = tuple(int(sp.sympify(size).xreplace(self.sizes)) for size in indices.values())
        with mpmath.workdps(DIGITS):
            return evaluate(plain, tuple(indices), found, self.sizes, shape)

    def _without_partials(self, expression, ranges, guards, found):
        """Replace each derivative by an entry of the array of its values."""
        if not expression.has(Partial):
            return expression
        if isinstance(expression, Partial):
            return self._differences(expression, ranges, guards, found)
        if isinstance(expression, Reduction):
            body, index = expression.open()
            inside = {**ranges, index: expression.size}
            body = self._without_partials(body, inside, guards, found)
            return expression.func(body, index, expression.size)
        if isinstance(expression, Select):
            condition, *branches = expression.args
            sides = (condition, sp.Not(condition))
            return Select(
                condition,
                *(
                    self._without_partials(branch, ranges, (*guards, side), found)
                    for branch, side in zip(branches, sides, strict=True)
                ),
            )
        return expression.func(
            *(self._without_partials(part, ranges, guards, found) for part in expression.args)
        )

    def _differences(self, partial, ranges, guards, found):
        body, tensor = partial.body, partial.entry.tensor
        if isinstance(body, Entry) and body.tensor != tensor:
            node = self.layer.node(body.tensor)
            body = substitute(node.body, dict(zip(node.indices, body.indices, strict=True)))
        for guard in guards:
            body = Select(guard, body, 0)
        free = sorted(free_indices(body), key=str)
        shape = tuple(int(sp.sympify(ranges[i]).xreplace(self.sizes)) for i in free)
        axes = tuple(Index(f"axis{n}") for n in range(len(free)))
        slopes = self._slopes(
            body.xreplace(dict(zip(free, axes, strict=True))), axes, shape, tensor
        )
        name = f"difference {len(found)}"
        found[name] = slopes
        sizes = (*(ranges[i] for i in free), *partial.entry.shape)
        return Entry(name, sizes, *free, *partial.entry.indices)

    def _slopes(self, body, axes, shape, tensor):
        """Return the differences of a body by every entry of a tensor; lines share them."""
        key = (body, shape, tensor)
        if key in self.memo:
            return self.memo[key]
        step = mpmath.mpf(10) ** -STEP_DIGITS

        def at(where, by):
            moved = self.arrays[tensor].copy()
            moved[where] = moved[where] + by
            return evaluate(body, axes, {**self.arrays, tensor: moved}, self.sizes, shape)

        here = self.arrays[tensor]
        slopes = np.empty((*shape, *here.shape), object)
        with mpmath.workdps(DIGITS):
            for where in np.ndindex(here.shape):
                slopes[(..., *where)] = (at(where, step) - at(where, -step)) / (2 * step)
        self.memo[key] = slopes
        return slopes


def numbers_of(layer: Layer, sizes: Mapping[Size, int], arrays: Arrays, weights: Arrays) -> Numbers:
    """Return the numbers of a layer: of its nodes, and of the loss's derivatives by everything.

    Parameters
    ----------
    layer, sizes, arrays
        The layer, and what it is given.
    weights : mapping of str to array
        The cotangents of the outputs, by their names.
    """
    given, derived = cotangent_names(layer)
    with mpmath.workdps(DIGITS):
        known = exact(layer, arrays)
        known |= run(layer, known, sizes)
        weights = exact(layer, weights)
        cotangents = {given[name]: weights[name] for name in layer.outputs}
        for name, title in derived.items():
            cotangents[title] = _slopes(layer, name, known, weights, sizes)
    return Numbers(layer, sizes, known | cotangents)


def _slopes(layer, name, known, weights, sizes):
    """Return the loss's derivative by a tensor, given or defined, by differences."""
    step = mpmath.mpf(10) ** -STEP_DIGITS
    given = {t.name: t for t in (*layer.tensors, layer.tensor(name))}
    nodes = tuple(node for node in layer.nodes if node.name not in given)
    moved = replace(layer, tensors=tuple(given.values()), nodes=nodes)

    def loss(values):
        every = values | run(moved, values, sizes)
        return sum(np.sum(weights[of] * every[of]) for of in layer.outputs)

    here = known[name]
    result = np.empty(here.shape, object)
    for where in np.ndindex(here.shape):
        up, down = here.copy(), here.copy()
        up[where], down[where] = up[where] + step, down[where] - step
        rise = loss({**known, name: up}) - loss({**known, name: down})
        result[where] = rise / (2 * step)
    return result
