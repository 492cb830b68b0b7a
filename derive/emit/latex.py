"""The derivations of a layer as a LaTeX document: generated like code, and kept fresh like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.explain.document import document
from derive.explain.explained import page_of
from derive.explain.explanation import explanation
from derive.render import template_text

if TYPE_CHECKING:
    from derive.emit.target import Described
    from derive.layer.model import Layer
    from derive.program.suite import Suite

__all__ = ["NAME", "explained", "files", "templates"]

NAME = "latex"

_TEMPLATES = ("latex/document.tex.jinja", "latex/blocks.tex.jinja")


def templates() -> str:
    """Return the text of all templates of the target, for the header's hash."""
    return "".join(map(template_text, _TEMPLATES))


def files(suite: Suite, described: Described, header: tuple[str, ...]) -> dict[str, str]:
    """Return the document of a layer: name → text.

    Parameters
    ----------
    suite : Suite
        The layer; its programs are not asked for.
    described : Described
        Not asked for either: a document has its formulas in its own way.
    header : tuple of str
        What the file says of its making.
    """
    return explained(suite.layer, header)


def explained(layer: Layer, header: tuple[str, ...]) -> dict[str, str]:
    """Return the document of a layer, which needs no programs: name → text."""
    return {f"{layer.name}.tex": document(page_of(explanation(layer), pictures=True), header)}
