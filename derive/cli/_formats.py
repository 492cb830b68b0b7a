"""The formats of a page, and the endings of files that stand for them."""

from __future__ import annotations

__all__ = ["FORMATS"]

FORMATS = {
    "terminal": (".txt",),
    "latex": (".tex",),
    "pdf": (".pdf",),
    "html": (".html", ".htm"),
    "json": (".json",),
    "markdown": (".md", ".markdown"),
}
