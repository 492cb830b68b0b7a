"""Places in a source text, and the one exception that a user may see.

Every bad input ends in a :class:`DeriveError`: one message, and, where the input has a
place (a line of a layer file, a symbol in a note), the place shown with a caret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: How a command ends: all is well, a check failed, what it was given is wrong.
FINE, FAILED, BAD_INPUT = 0, 1, 2
#: A line longer than this is cut around the caret when it is shown.
_WIDTH = 100


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line of a source text.

    Parameters
    ----------
    file : str
        The name of the file as the user gave it (``<stdin>``, ``<string>`` where there is none).
    line, column : int
        First character, both counted from 1.
    end : int
        Column just after the last character, on the same line; at least ``column + 1``.
    text : str
        The whole source line, without its line break.
    """

    file: str
    line: int
    column: int = 1
    end: int = 2
    text: str = ""

    def __str__(self) -> str:
        """Return ``file:line:column``."""
        return f"{self.file}:{self.line}:{self.column}"


class DeriveError(Exception):
    """Something is wrong with what the user gave.

    Parameters
    ----------
    message : str
        One sentence: what is wrong, in the user's own names.
    span : Span, optional
        Where.
    hint : str, optional
        What to do about it.
    """

    def __init__(self, message: str, span: Span | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint

    def __str__(self) -> str:
        """Return the message with its place, caret and hint, over as many lines as needed."""
        return render(self)


class DeriveErrors(DeriveError):
    """Several mistakes, found together; each keeps its own place."""

    def __init__(self, errors: tuple[DeriveError, ...]) -> None:
        super().__init__("; ".join(error.message for error in errors), errors[0].span)
        self.errors = errors

    def __str__(self) -> str:
        """Return all messages, a paragraph each."""
        return "\n".join(render(error) for error in self.errors)


def error_json(error: DeriveError) -> dict[str, Any]:
    """Return an error for JSON: of several, the place of the first, and what is said of all.

    >>> error_json(DeriveError("unknown symbol q", Span("n.md", 3, 5)))["line"]
    3
    """
    return {
        "line": None if error.span is None else error.span.line,
        "column": None if error.span is None else error.span.column,
        "message": error.message,
        "hint": error.hint,
    }


def render(error: DeriveError) -> str:
    """Return the text of one error: place, message, source line, caret, hint.

    >>> print(render(DeriveError("unknown symbol q", Span("n.md", 3, 5, 6, "a = q + 1"))))
    n.md:3:5: unknown symbol q
        a = q + 1
            ^
    """
    lines = [f"{error.span}: {error.message}" if error.span else error.message]
    if error.span and error.span.text:
        shown, start = window(error.span)
        lines.append(f"    {shown}")
        width = max(1, min(error.span.end - error.span.column, len(shown) - start))
        lines.append(f"    {' ' * start}{'^' * width}")
    if error.hint:
        lines.append(f"  hint: {error.hint}")
    return "\n".join(lines)


def window(span: Span) -> tuple[str, int]:
    """Cut a long source line around its span; return it with the span's offset in it."""
    text = "".join(" " if ord(character) < 32 else character for character in span.text)
    start = span.column - 1
    if len(text) <= _WIDTH:
        return text, start
    left = max(0, start - _WIDTH // 3)
    right = min(len(text), left + _WIDTH)
    head = "…" if left else ""
    return head + text[left:right] + ("…" if right < len(text) else ""), start - left + len(head)
