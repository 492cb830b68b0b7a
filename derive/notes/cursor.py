r"""Moving through a formula's lexemes and emitting tokens: what all readers of them share."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import NamedTuple

from derive.notes import symbols
from derive.notes.fences import Fences
from derive.notes.lexer import NESTING_LIMIT, Lexeme, Unreadable, pair_braces, scan, significant


class Tok(NamedTuple):
    """A token for the grammar: its type there, a canonical text, and its range."""

    type: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    r"""Words a note declares: they are names even where another reading is more usual.

    ``upright`` holds what stands in ``\text{..}`` or ``\mathrm{..}``, ``plain`` words of bare
    letters. With ``spelling``, a name is being read, so all upright words are names.
    """

    upright: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    spelling: bool = False


@dataclass(slots=True)
class Scope:
    """What the reader is inside of, and what it was about to expect before."""

    kind: str
    text: str
    start: int
    need: int = 0
    script: str = ""
    note: bool = False


class Cursor:
    """A place in a formula's lexemes, and the tokens emitted so far."""

    def __init__(self, latex: str, words: Vocabulary) -> None:
        self.latex = latex
        self.words = words
        self.lexemes = significant(scan(latex, scientific="e" not in words.plain))
        self.pairs = pair_braces(self.lexemes)
        self.fences = Fences(self.lexemes)
        self.out: list[Tok] = []
        self.scopes: list[Scope] = []
        self.bars: list[str] = []
        self.injected: dict[int, tuple[str, str]] = {}
        self.need = 0  # arguments still to come, each a brace group or one sign
        self.at = 0
        self.letters = 0  # where the present run of letters ends
        #: Where what was passed over last ends, by number, and where it starts in the text.
        self.skipped = (-1, -1)

    # -- moving and emitting ------------------------------------------------------------------

    def run(self, stop: int) -> None:
        """Read up to the lexeme number ``stop``."""
        while self.at < stop:
            lexeme = self.lexemes[self.at]
            self.at += 1
            self.step(lexeme)

    def put(self, type_: str, value: str, start: int, end: int, takes: int = 0) -> None:
        """Emit a token; ``takes`` is how many arguments it wants."""
        self.out.append(Tok(type_, value, start, end))
        self.need = max(0, self.need - 1) + takes

    def put_free(self, type_: str, value: str, lexeme: Lexeme) -> None:
        """Emit a token that is nobody's argument."""
        self.out.append(Tok(type_, value, lexeme.start, lexeme.end))

    def last(self) -> str:
        """Return the type of the token before, empty at the start."""
        return self.out[-1].type if self.out else ""

    def peek(self, ahead: int = 0) -> str:
        """Return the text of a lexeme to come, empty at the end."""
        place = self.at + ahead
        return self.lexemes[place].text if place < len(self.lexemes) else ""

    def push(self, scope: Scope) -> None:
        """Enter brackets, braces or an environment."""
        if len(self.scopes) >= NESTING_LIMIT:
            raise Unreadable(
                f"brackets are nested more than {NESTING_LIMIT} deep", scope.start, scope.start + 1
            )
        if not scope.script and self.scopes:
            scope.script = self.scopes[-1].script
        self.scopes.append(scope)

    def script(self) -> str:
        """Return SUB or SUP inside a script, else nothing."""
        if self.last() in ("SUB", "SUP"):
            return self.last()
        return self.scopes[-1].script if self.scopes else ""

    def skip(self, lexeme: Lexeme, *, argument: bool = False) -> None:
        """Pass over a command that only arranges, with its argument."""
        first = self.skipped[1] if self.skipped[0] == self.at - 1 else lexeme.start
        if argument:
            self.argument()
        self.skipped = (self.at, first)

    def argument(self) -> tuple[int, int, int]:
        """Skip one argument; return its inner lexeme range and the offset where it ends."""
        if self.at >= len(self.lexemes):
            lexeme = self.lexemes[-1]
            raise Unreadable(f"{lexeme.text} lacks its argument", lexeme.start, lexeme.end)
        first = self.at
        if self.peek() == "{":
            closing = self.pairs[first]
            self.at = closing + 1
            return first + 1, closing, self.lexemes[closing].end
        self.at += 1
        return first, first + 1, self.lexemes[first].end

    def inner(self, first: int, last: int) -> str:
        """Return the source text of a lexeme range that stands in braces or is one sign."""
        if first >= last:
            return ""
        if first and self.lexemes[first - 1].text == "{":
            return self.latex[self.lexemes[first - 1].end : self.lexemes[last].start]
        return self.latex[self.lexemes[first].start : self.lexemes[last - 1].end]

    def step(self, lexeme: Lexeme) -> None:
        """Read one lexeme and whatever belongs to it."""
        raise NotImplementedError


def unknown(lexeme: Lexeme) -> Unreadable:
    """Complain about a command or character that means nothing here."""
    if lexeme.text.startswith("\\") and lexeme.text[1:].isalpha():
        near = difflib.get_close_matches(lexeme.text[1:], symbols.COMMANDS, 1, 0.75)
        hint = f"did you mean \\{near[0]}?" if near else ""
        return Unreadable(
            f"cannot read {lexeme.text}: unknown command", lexeme.start, lexeme.end, hint
        )
    shown = lexeme.text if lexeme.text.isprintable() else f"U+{ord(lexeme.text[-1]):04X}"
    return Unreadable(f"cannot read {shown}: unknown sign", lexeme.start, lexeme.end)
