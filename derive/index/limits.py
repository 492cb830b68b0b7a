"""How large arrays may get: what people ask for is small, what would take gigabytes is named."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["TooLarge", "within_limit"]

#: Numbers that one array may have: 128 MiB of them.
_MOST = 1 << 24


class TooLarge(ValueError):
    """An expression has more values than there should be in memory."""


def within_limit(*shapes: tuple[int, ...]) -> None:
    """Raise :class:`TooLarge` if arrays of these shapes, broadcast together, are too large."""
    count = math.prod(np.broadcast_shapes(*shapes))
    if count > _MOST:
        raise TooLarge(f"this needs {count:.1e} numbers at a time; {_MOST:.1e} are the most")
