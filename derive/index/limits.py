"""How large arrays may get, and how much work may be done before one gives up.

What people ask for is small, what would take gigabytes is named. Work is counted in steps, not in
seconds: a search or a proof ends at the same place on every machine, however busy it is.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Budget", "Timeout", "TooLarge", "within_limit"]

#: Numbers that one array may have: 128 MiB of them.
_MOST = 1 << 24


#: Steps that take about a second on a common machine.
_STEPS_PER_SECOND = 5_000


class Timeout(Exception):
    """There was not enough work, or space, allowed to come to an end."""


@dataclass(slots=True)
class Budget:
    """The steps that may still be taken, shared by all who take some.

    Parameters
    ----------
    steps : int
        How many there are.

    Examples
    --------
    >>> budget = Budget.of_seconds(0.001)
    >>> budget.spend(4)
    >>> budget.steps
    1
    """

    steps: int

    @classmethod
    def of_seconds(cls, seconds: float) -> Budget:
        """Return the steps for about so many seconds: the same number everywhere."""
        return cls(round(seconds * _STEPS_PER_SECOND))

    @property
    def spent(self) -> bool:
        """Tell whether nothing is left."""
        return self.steps <= 0

    def spend(self, steps: int = 1) -> None:
        """Take some steps.

        Raises
        ------
        Timeout
            If there were not as many left.
        """
        self.steps -= steps
        if self.steps < 0:
            raise Timeout

    @contextmanager
    def part(self, seconds: float) -> Iterator[Budget]:
        """Lend about so many seconds, if there are as many; what is not spent comes back.

        Examples
        --------
        >>> budget = Budget(300)
        >>> with budget.part(0.02) as part:
        ...     part.spend(30)
        >>> budget.steps
        270
        """
        lent = min(self.steps, Budget.of_seconds(seconds).steps)
        part = Budget(lent)
        try:
            yield part
        finally:
            self.steps -= lent - part.steps


class TooLarge(ValueError):
    """An expression has more values than there should be in memory."""


def within_limit(*shapes: tuple[int, ...]) -> None:
    """Raise :class:`TooLarge` if arrays of these shapes, broadcast together, are too large."""
    if math.prod(map(math.prod, shapes)) <= _MOST:
        # As many at most, which is quicker to tell.
        return
    count = math.prod(np.broadcast_shapes(*shapes))
    if count > _MOST:
        raise TooLarge(f"this needs {count:.1e} numbers at a time; {_MOST:.1e} are the most")
