r"""A claim as it stands in a note, in pieces: what is to be changed apart from the rest.

A place where something is missing gets a caret, as a proof-reader puts it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.notes.edited import applied
from derive.notes.lexer import scan
from derive.notes.report import repaired
from derive.notes.typeset import typeset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.notes.verdicts import Verdict

__all__ = ["Quotation", "claimed", "corrected"]

#: Characters that no note has; what is between them is to be looked at.
_OPEN, _CLOSE, _CARET = "\ue000", "\ue001", "\ue002"
_SINGLE = re.compile(rf"([_^])\{{({_OPEN}[^{_OPEN}{_CLOSE}]{_CLOSE})\}}")
_PARTS = re.compile(rf"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")

Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """Some mathematics of a note: as LaTeX, and as one line of text.

    Each is in pieces; those to be looked at come with True. Put together, they are the whole.
    """

    latex: Pieces
    text: Pieces


def claimed(verdict: Verdict) -> Quotation:
    """Return a claim as it stands, with what its first repair changes, or else its problems."""
    if verdict.repairs:
        places = [(edit.start, edit.end) for edit in verdict.repairs[0].edits]
    else:
        places = [(problem.start, problem.end) for problem in verdict.problems]
    return _quoted(verdict.formula.latex, verdict.start, verdict.end, places)


def corrected(verdict: Verdict) -> Quotation:
    """Return a claim with its first repair made, and what is new in it."""
    repair = verdict.repairs[0]
    latex = verdict.formula.latex
    places: list[tuple[int, int]] = []
    # From the end on, so that the places of edits further left stay what they are.
    for edit in sorted(repair.edits, key=lambda edit: edit.start, reverse=True):
        longer = applied(latex, (edit,))
        grown = len(longer) - len(latex)
        places = [(start + grown, end + grown) for start, end in places]
        places.append((edit.start, edit.end + grown))
        latex = longer
    if latex != repair.latex:
        whole = repaired(verdict, repair)
        return _quoted(whole, 0, len(whole), ())
    return _quoted(
        latex, verdict.start, verdict.end + len(latex) - len(verdict.formula.latex), places
    )


def _quoted(latex: str, start: int, end: int, places: Iterable[tuple[int, int]]) -> Quotation:
    """Return a part of a formula, with places in the formula's text to be looked at."""
    marked = latex[start:end]
    for first, last in sorted({_narrowed(latex, *place) for place in places}, reverse=True):
        if start <= first and last <= end and _whole(latex[first:last]):
            inner = latex[first:last] or _CARET
            before, after = marked[: first - start], marked[last - start :]
            marked = f"{before}{{{_OPEN}{inner}{_CLOSE}}}{after}"
    marked = _in_line(marked).strip()
    bare = marked.replace(f"{{{_OPEN}", _OPEN).replace(f"{_CLOSE}}}", _CLOSE)
    line = _SINGLE.sub(r"\1\2", typeset(marked))
    # Blanks stand outside of marks, and not before what is raised.
    line = re.sub(rf"{_OPEN}(\s*)(.*?)(\s*){_CLOSE}", rf"\1{_OPEN}\2{_CLOSE}\3", line)
    line = re.sub(r"\s+", " ", line)
    line = re.sub(rf" {_OPEN}(?=[ᵀ′⁰-⁹¹²³])", _OPEN, line)
    line = re.sub(rf"/\((∂?{_OPEN}[^ ()]*{_CLOSE}) ?\)", r"/\1", line)
    return Quotation(
        _pieces(bare.replace(_CARET, r"{}_{\wedge}")), _pieces(line.replace(_CARET, "‸"))
    )


def _narrowed(latex: str, start: int, end: int) -> tuple[int, int]:
    """Return a place without the blanks around it."""
    text = latex[start:end]
    if not text.strip():
        return start, start
    return start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())


def _whole(latex: str) -> bool:
    """Tell whether braces, and brackets that grow, are closed within a text."""
    texts = [lexeme.text for lexeme in scan(latex)]
    depth = 0
    for text in texts:
        depth += (text in ("{", r"\left", r"\begin")) - (text in ("}", r"\right", r"\end"))
        if depth < 0:
            return False
    return depth == 0


def _in_line(latex: str) -> str:
    """Return a text without the signs that arrange lines, outside of matrices."""
    kept, depth = [], 0
    for lexeme in scan(latex):
        depth += (lexeme.text == r"\begin") - (lexeme.text == r"\end")
        if depth <= 0 and (lexeme.text == "&" or lexeme.kind in ("newline", "comment")):
            continue
        kept.append(" " if lexeme.kind == "space" else lexeme.text)
    return "".join(kept)


def _pieces(marked: str) -> Pieces:
    """Cut a text at its marks."""
    parts = _PARTS.split(marked)
    return tuple((part, bool(place % 2)) for place, part in enumerate(parts) if part)
