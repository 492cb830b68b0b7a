"""Where the user wrote what is being looked at."""

from __future__ import annotations

import linecache
import sys

from derive.errors import Span

__all__ = ["caller"]


def caller() -> Span:
    """Return the line of the nearest caller outside of the package's front end."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _ours(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, line).rstrip("\n")
    start = len(text) - len(text.lstrip())
    return Span(file, line, start + 1, max(len(text), start + 1) + 1, text)


def _ours(module: str) -> bool:
    return module.startswith(("derive.layer.", "derive.index.", "dataclasses"))
