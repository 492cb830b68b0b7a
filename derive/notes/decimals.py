r"""Decimal commas: ``0{,}5`` is the number 0.5, and ``0,5`` may be one number or two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derive.notes.lexer import Lexeme, Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.cursor import Tok

__all__ = ["COMMA", "decimal", "refuse_plain_commas"]

#: A comma without the space of a list.
COMMA = "{,}"
#: Groups of three digits, of which English writes 12345678 as 12,345,678.
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:\{,\}\d{3})+\Z")
_ENTER = frozenset({"OPEN", "LBRACE", "BEGIN", "OPTOPEN"})
_LEAVE = frozenset({"CLOSE", "RBRACE", "END", "OPTCLOSE"})
#: Before the factors of a term.
_BEFORE_FACTOR = frozenset({"SIGN", "OP", "UNARY"})


def decimal(lexeme: Lexeme) -> str:
    r"""Return a number as Python writes it.

    >>> decimal(Lexeme("number", "0{,}25", 0, 6)), decimal(Lexeme("number", "1{,}234{,}567", 0, 13))
    ('0.25', '1234567')

    Raises
    ------
    Unreadable
        Where it may be two numbers: 1{,}234 is 1.234 in some languages, 1234 in others.
    """
    text = lexeme.text
    commas = text.count(COMMA)
    if not commas:
        return text
    grouped = _GROUPED.match(text) is not None
    if grouped == (commas == 1):
        raise Unreadable(
            f"{text.replace(COMMA, ',')} may be a decimal number, or have its digits in groups",
            lexeme.start,
            lexeme.end,
            f"write {text.replace(COMMA, '.', 1).replace(COMMA, '')} or {text.replace(COMMA, '')}",
        )
    return text.replace(COMMA, "" if grouped else ".")


def refuse_plain_commas(tokens: Sequence[Tok]) -> None:
    """Refuse ``= 0,5 w``: read as a list, it would be ``= 0`` and something else.

    A letter alone may take several values, as in ``k = 0,1``.

    Raises
    ------
    Unreadable
        At the first such number.
    """
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.type in _ENTER) - (token.type in _LEAVE)
        if depth == 0 and token.type == "NUMBER" and _parted(tokens, place):
            after = tokens[place + 2]
            raise Unreadable(
                f"{token.value},{after.value} may be one number, or two", token.start, after.end,
                f"write {token.value}{COMMA}{after.value} or {token.value}.{after.value} for one "
                "number, and a space after the comma for two",
            )  # fmt: skip


def _parted(tokens: Sequence[Tok], place: int) -> bool:
    """Tell whether a number looks like the first half of one with a comma."""
    run = tokens[place : place + 3]
    if [token.type for token in run] != ["NUMBER", "SEP", "NUMBER"] or run[1].value != ",":
        return False
    first, comma, second = run
    if not (first.value.isdigit() and second.value.isdigit()):
        return False
    if (first.end, comma.end) != (comma.start, second.start):
        # There is a space as in lists.
        return False
    later = tokens[place + 3 : place + 4]
    if later and later[0].type == "SEP" and later[0].value == ",":
        return False
    before = tokens[place - 1].type if place else ""
    if before == "REL":
        alone = place >= 2 and tokens[place - 2].type == "NAME"
        alone = alone and (place == 2 or tokens[place - 3].type == "SEP")
        return not alone or (second.value[0] == "0" and len(second.value) > 1)
    return before in _BEFORE_FACTOR
