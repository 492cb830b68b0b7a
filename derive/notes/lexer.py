"""Cut LaTeX into lexemes that cover it without a gap, and pair its braces."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Brackets, braces and environments inside one another, and nodes on one path of a tree.
NESTING_LIMIT = 150


class Unreadable(Exception):
    """Something in a formula's text cannot be read; :mod:`derive.notes.parse` adds the file."""

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint


class Lexeme(NamedTuple):
    """A stretch of LaTeX; ``kind`` is the name of the pattern below that it matches."""

    kind: str
    text: str
    start: int
    end: int


# Zero-width signs and direction marks print nothing. Overrides that reorder what is shown
# (U+202A and so on) are not among them: a reader must be told of these.
_LENGTH = r"\s*-?\d*[.,]?\d+\s*(?:pt|em|ex|mm|cm|in|mu|pc|sp|\\[A-Za-z]+)\s*"
#: A space of a given width, as TeX itself has it, with how far it may stretch and shrink.
_KERN = rf"\\(?:m?kern|[mhv]skip)(?:{_LENGTH}(?:(?:plus|minus){_LENGTH})*|\s*\{{{_LENGTH}\}})"
_WIDTH = re.compile(r"(-?\d*[.,]?\d+)\s*(pt|em|ex|mm|cm|in|mu|pc|sp|\\[A-Za-z]+)")
#: Units of length, in em of a font of ten points.
_UNITS = {
    "pt": 0.1, "em": 1.0, "ex": 0.43, "mm": 0.2845, "cm": 2.845, "in": 7.227, "mu": 1 / 18,
    "pc": 1.2, "sp": 0.0,
}  # fmt: skip
_LEXEME = re.compile(
    rf"""
      (?P<space>[\s~\u200b-\u200f\ufeff\u00ad]+)
    | (?P<comment>%[^\r\n]*)
    | (?P<newline>\\\\\*?(?:[ \t]*\[{_LENGTH}\])?)
    | (?P<kern>{_KERN})
    | (?P<command>\\(?:(?:operatorname|hspace|vspace|tag)\*|[A-Za-z]+|.))
    | (?P<number>\d+(?:\.\d+|(?:\{{,\}}\d+)+)?(?:[eE][+-]\d+)?|\.\d+)
    | (?P<raised>[⁰¹²³⁴-⁹⁺⁻ⁿⁱᵀ]+)
    | (?P<lowered>[₀-₉₊₋ᵢⱼₖₗₘₙₜₓ]+)
    | (?P<primes>['’′]+|[″‴])
    | (?P<sign>:=|=:|<=|>=|!=|==|->|<-|\.\.\.|[^A-Za-z])
    | (?P<letter>[A-Za-z])
    """,
    re.VERBOSE | re.DOTALL,
)


def scan(latex: str, scientific: bool = True) -> tuple[Lexeme, ...]:
    r"""Cut LaTeX into lexemes; put together again, they are the text.

    ``scientific`` says whether ``1e-5`` is one number (not where ``e`` is a symbol).

    >>> [lexeme.text for lexeme in scan(r"\hat y_{ij} = 2.5x'")]
    ['\\hat', ' ', 'y', '_', '{', 'i', 'j', '}', ' ', '=', ' ', '2.5', 'x', "'"]
    """
    found = []
    for match in _LEXEME.finditer(latex):
        kind = match.lastgroup
        if kind is None:  # pragma: no cover - every alternative is named
            continue
        text = match.group()
        if kind == "number" and not scientific and "e" in text.lower():
            found.extend(_apart(text, match.start()))
        else:
            found.append(Lexeme(kind, text, match.start(), match.end()))
    return tuple(found)


def _apart(text: str, start: int) -> list[Lexeme]:
    """Cut ``1e-5`` into a number, a letter, a sign and a number."""
    mark = text.lower().index("e")
    cuts = (("number", 0, mark), ("letter", mark, mark + 1), ("sign", mark + 1, mark + 2))
    parts = (*cuts, ("number", mark + 2, len(text)))
    return [Lexeme(kind, text[a:b], start + a, start + b) for kind, a, b in parts]


def is_wide(text: str) -> bool:
    r"""Tell whether a space of a width in words is as wide as ``\quad``: it may part formulas.

    >>> is_wide(r"\hskip 2pt"), is_wide("1.5em"), is_wide(r"0.2\textwidth")
    (False, True, True)
    """
    found = _WIDTH.search(text)
    if found is None:
        return True
    return float(found.group(1).replace(",", ".")) * _UNITS.get(found.group(2), 30.0) >= 1


def significant(lexemes: tuple[Lexeme, ...]) -> list[Lexeme]:
    """Return the lexemes that are not blank or commented out."""
    return [lexeme for lexeme in lexemes if lexeme.kind not in ("space", "comment")]


def pair_braces(lexemes: list[Lexeme]) -> dict[int, int]:
    """Return for each opening brace's index the index of the closing one."""
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    for index, lexeme in enumerate(lexemes):
        if lexeme.text == "{":
            waiting.append(index)
            if len(waiting) > NESTING_LIMIT:
                raise Unreadable(
                    f"braces are nested more than {NESTING_LIMIT} deep", lexeme.start, lexeme.end
                )
        elif lexeme.text == "}":
            if not waiting:
                raise Unreadable("this } closes nothing", lexeme.start, lexeme.end)
            pairs[waiting.pop()] = index
    if waiting:
        lexeme = lexemes[waiting[-1]]
        raise Unreadable("this { is never closed", lexeme.start, lexeme.end)
    return pairs
