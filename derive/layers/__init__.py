"""The shipped layers, one file each; every module with a ``layer`` in it is found by its name."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped"]


def shipped() -> dict[str, Path]:
    """Return the files of the shipped layers by their names, in alphabetical order.

    >>> sorted(shipped()) == list(shipped())
    True
    >>> "quantizer" in shipped()
    True
    """
    folder = Path(__path__[0])
    return {path.stem: path for path in sorted(folder.glob("*.py")) if path.stem != "__init__"}
