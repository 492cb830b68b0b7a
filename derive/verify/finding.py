"""What a comparison of one result of one function found, and what it may be off by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from derive.verify.precision import Worst

__all__ = ["Finding", "tolerance"]


@dataclass(frozen=True, slots=True)
class Finding:
    """How one result of one function compares.

    Parameters
    ----------
    function, result : str
        Which.
    target, precision : str
        ``numpy`` or ``c``; ``f64`` or ``f32``.
    judge : str
        ``reference``, ``differences``, ``complex step`` or ``formulas``.
    worst : Worst
        Its worst entry.
    limit : float
        The relative error that is allowed.
    """

    function: str
    result: str
    target: str
    precision: str
    judge: str
    worst: Worst
    limit: float

    @property
    def wrong(self) -> bool:
        """Tell whether the error is beyond what rounding explains."""
        return not self.worst.relative <= self.limit

    def __str__(self) -> str:
        """Return one line for a report."""
        return f"{self.target} {self.precision} {self.function} ({self.judge}): {self.worst}"


def tolerance(judge: str, dtype: Any) -> float:
    """Return the relative error that rounding may cause at the sizes used here."""
    if judge == "differences":
        return 1e-6
    return 1e4 * float(np.finfo(dtype).eps)
