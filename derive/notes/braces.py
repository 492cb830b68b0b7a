r"""Braces that nobody sees: ``c - {t - z}`` is printed as ``c - t - z``, and read so.

Braces around an argument are another matter, and so are those that a script hangs on, as in
``{x y}^2``. What stands in all others belongs to the row around them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derive.notes.layout import after_scripts
from derive.notes.lexer import Unreadable, pair_braces, scan
from derive.notes.symbols import lookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.cursor import Tok

__all__ = ["UNSEEN", "balanced", "filled", "transparent"]

#: The text of a brace that is no argument's.
UNSEEN = ""
_SCRIPTS = frozenset({"SUB", "SUP", "PRIMES"})
_HEADS = frozenset({"FUNC", "BIG", "NABLA"})
_ENTER = frozenset({"OPEN", "LBRACE", "BEGIN", "OPTOPEN"})
_LEAVE = frozenset({"CLOSE", "RBRACE", "END", "OPTCLOSE"})
#: Before a sign that is no operator between two terms.
_BEFORE_SIGN = frozenset({"LBRACE", "SEP", "REL", "OP", "SIGN"})
#: A command with its arguments, right before braces.
_BEFORE = re.compile(r"(\\[A-Za-z]+)\s*(?:\{[^{}]*\}\s*)*\Z")


def transparent(tokens: Sequence[Tok]) -> list[Tok]:
    """Return the tokens without braces that nobody sees.

    Raises
    ------
    Unreadable
        Where a function or a sum has a sum in such braces for its argument.
    """
    heads = {
        after_scripts(tokens, place + 1): token
        for place, token in enumerate(tokens)
        if token.type in _HEADS and not (place and tokens[place - 1].type in ("SUB", "SUP"))
    }
    left: set[int] = set()
    waiting: list[int] = []
    for place, token in enumerate(tokens):
        if token.type == "LBRACE":
            waiting.append(place)
        elif token.type == "RBRACE" and waiting:
            first = waiting.pop()
            if tokens[first].value == UNSEEN and not _grouping(tokens, first, place, heads):
                left |= {first, place}
    return [token for place, token in enumerate(tokens) if place not in left]


def _grouping(tokens: Sequence[Tok], first: int, last: int, heads: dict[int, Tok]) -> bool:
    """Tell whether braces hold together what is in them."""
    if last + 1 < len(tokens) and tokens[last + 1].type in _SCRIPTS:
        return True
    inner = _level(tokens, first, last)
    values = {tokens[place].value for place in inner if tokens[place].type == "SEP"}
    if "over" in values:
        return True
    head = heads.get(first)
    if head is None:
        return False
    signs = [place for place in inner if tokens[place].type == "SIGN"]
    if not values and any(tokens[place - 1].type not in _BEFORE_SIGN for place in signs):
        raise Unreadable(
            f"these braces print nothing: how far {head.value} reaches is not clear",
            tokens[first].start, tokens[last].end, "write parentheses",
        )  # fmt: skip
    # What is printed may be read as an argument, and is meant to be one.
    return True


def _level(tokens: Sequence[Tok], first: int, last: int) -> list[int]:
    """Return the places of the tokens between two braces that stand in no others."""
    found, depth = [], 0
    for place in range(first + 1, last):
        depth -= tokens[place].type in _LEAVE
        if not depth:
            found.append(place)
        depth += tokens[place].type in _ENTER
    return found


def balanced(latex: str, start: int, end: int) -> tuple[int, int]:
    r"""Return a stretch of a formula that can be read, made so long that its braces are closed.

    What colours or arranges braces goes with them.

    >>> balanced(r"c - \textcolor{red}{t - z}", 0, 24)
    (0, 26)
    >>> balanced(r"\textcolor{red}{t - z} c", 16, 24)
    (0, 24)
    """
    lexemes = list(scan(latex))
    places = [(lexemes[a].start, lexemes[b].end) for a, b in pair_braces(lexemes).items()]
    for first, last in sorted(places, key=lambda place: place[1] - place[0]):
        if start <= first < end < last:
            end = last
        elif first < start < last <= end:
            before = _BEFORE.search(latex[:first])
            arranges = before and (lookup(before.group(1)) or ("",))[0] in ("IGNORE", "IGNORE1")
            start = before.start() if before and arranges else first
    return start, end


def filled(new: str, old: str) -> str:
    """Return what is written in the place of a text; braces stay of which it has only one.

    >>> filled("", "- {t"), filled("({})", "t"), filled("0", "t} - {z")
    ('{', '(t)', '}0{')
    """
    if "{}" in new:
        return new.replace("{}", old)
    opened = closed = 0
    for lexeme in scan(old):
        if lexeme.text == "{":
            opened += 1
        elif lexeme.text == "}":
            opened, closed = (opened - 1, closed) if opened else (opened, closed + 1)
    return "}" * closed + new + "{" * opened
