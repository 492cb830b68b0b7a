"""What a program prints under several hash seeds: the order of sets must not be seen."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["printed_under"]


def printed_under(seeds: Iterable[str], program: str) -> set[str]:
    """Return all that a program prints, one text where the seed makes no difference."""
    return {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in seeds
    }
