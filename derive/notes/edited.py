"""The text of a formula with edits made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.notes.apart import bare
from derive.notes.braces import filled

if TYPE_CHECKING:
    from derive.notes.ranks import Move
    from derive.notes.verdicts import Edit

__all__ = ["applied"]


def applied(text: str, edits: Move) -> str:
    """Return the text with edits made, from the last to the first."""
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        inner = text[edit.start : edit.end]
        text = (
            text[: edit.start]
            + _joined(bare(filled(edit.text, inner)), text, edit)
            + (text[edit.end :])
        )
    return text


def _joined(new: str, text: str, edit: Edit) -> str:
    """Keep a command's name apart from a letter that would follow it."""
    before = text[: edit.start]
    after = text[edit.end : edit.end + 1]
    if new and new[0].isalpha() and _ends_in_command(before):
        new = " " + new
    if after.isalpha() and _ends_in_command(before + new):
        new += " "
    return new


def _ends_in_command(text: str) -> bool:
    stripped = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return stripped.endswith("\\") and stripped != text
