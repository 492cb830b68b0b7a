"""Sizes of which one is large, for the code that runs over many values at once."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.index.limits import TooLarge
from derive.layer.sample import readable
from derive.verify.draw import Draw, all_nodes
from derive.verify.floats import PRECISIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from derive.index.arrays import Array
    from derive.index.terms import Size
    from derive.layer.model import Layer
    from derive.program.suite import Suite
    from derive.verify.call import Caller
    from derive.verify.finding import Finding

__all__ = ["Long"]


#: A large number of values: more than two groups of vectors in any precision, and some more.
_LONG = 141


class Long(Draw):
    """A choice of sizes of which one is large, and what the derived formulas are there.

    Parameters
    ----------
    suite : Suite
        The layer and its programs.
    size : Size
        The large one.
    seed : int
        Of the random numbers.
    """

    judge = "formulas"

    def __init__(self, suite: Suite, size: Size, seed: int = 0) -> None:
        self.long = size
        super().__init__(suite, 0, seed)

    @classmethod
    def each(cls, suite: Suite, seed: int = 0) -> Iterator[Long]:
        """Yield one for each size that can be large where others are small.

        Where even the formulas are too much to compute, there is none.
        """
        every = all_nodes(suite)
        small = _small(every)
        for size in every.sizes:
            if size.name != suite.many and readable(every, {**small, size: _LONG}):
                with contextlib.suppress(TooLarge):
                    yield cls(suite, size, seed)

    def _drawn(self, every: Layer, generator: np.random.Generator, ones: bool) -> dict[Size, int]:
        if self.long.name == self.suite.batch:
            self.lead = (_LONG,)
        sizes = super()._drawn(every, generator, ones)
        long = {**sizes, self.long: _LONG}
        return long if readable(every, long) else {**_small(every), self.long: _LONG}

    def _expected(self, value: dict[str, Array]) -> dict[str, dict[str, Array]]:
        return self.formulas(np.float64)

    def findings(self, callers: Mapping[str, Caller]) -> list[Finding]:
        """Return how every result of every function compares, by target."""
        found = []
        for target, caller in callers.items():
            with caller.small_blocks():
                for label, dtype in PRECISIONS.items():
                    for kind in self.expected:
                        if self._holds(kind, dtype):
                            found += self.against_reference(target, caller, label, dtype, kind)
        return found

    def _holds(self, kind: str, dtype: Any) -> bool:
        """Tell whether a precision holds the results, and what is on the way to them."""
        most = float(np.finfo(dtype).max) ** 0.5
        return all(np.all(np.abs(value) < most) for value in self.expected[kind].values())


def _small(layer: Layer) -> dict[Size, int]:
    """Return one small number for all sizes, if there is one at which all is there."""
    each = ({size: number for size in layer.sizes} for number in range(2, _LONG))
    return next((sizes for sizes in each if readable(layer, sizes)), {s: 2 for s in layer.sizes})
