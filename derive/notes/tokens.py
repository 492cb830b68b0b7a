r"""From lexemes to the tokens of the grammar, with what LaTeX's layout commands mean.

The grammar (``grammar.lark``) sees operands, operators, brackets and separators only. What
depends on where one stands in the text is decided here: whether ``&`` parts cells, whether
``\cdot`` is an operator or an empty place, which word is a function and which a condition.
"""

from __future__ import annotations

import re
import unicodedata

from derive.notes import symbols
from derive.notes.blocks import Blocks
from derive.notes.braces import transparent
from derive.notes.cursor import Tok, Vocabulary, unknown
from derive.notes.decimals import COMMA, decimal, refuse_plain_commas
from derive.notes.layout import arrange
from derive.notes.lexer import Lexeme, Unreadable

_DIGITS = re.compile(r"[⁰¹²³⁴-⁹₀-₉]+|.")

#: How many arguments a command takes.
_TAKES = {"ACCENT": 1, "WRAP": 1, "BRACED": 1, "FRAC": 2}
#: What prose mentions by itself: "⊙ multiplies entry by entry".
_ALONE = frozenset({"OP", "REL", "SIGN", "BIG", "NABLA"})


class Tokenizer(Blocks):
    """Reads one formula's lexemes; :func:`tokenize` is its only use."""

    def step(self, lexeme: Lexeme) -> None:
        """Read one lexeme and whatever belongs to it."""
        if lexeme.kind == "letter":
            self.letter(lexeme)
        elif lexeme.kind == "number":
            self.number(lexeme)
        elif lexeme.kind == "primes":
            count = sum({"″": 2, "‴": 3}.get(sign, 1) for sign in lexeme.text)
            if self.last() == "SUP":
                self.out.pop()
                self.need = max(0, self.need - 1)
            self.put_free("PRIMES", "'" * count, lexeme)
        elif lexeme.kind in ("raised", "lowered"):
            self.shifted(lexeme)
        elif lexeme.kind == "kern":
            self.kern(lexeme)
        elif lexeme.kind == "newline":
            self.do_newline(lexeme, "")
        else:
            found = symbols.lookup(lexeme.text)
            if found is None:
                raise unknown(lexeme)
            kind, value = found
            reader = getattr(self, f"do_{kind.lower()}", None)
            if reader is None:
                self.plain(kind, lexeme, value)
            else:
                reader(lexeme, value)

    def shifted(self, lexeme: Lexeme) -> None:
        """Read Unicode's own raised and lowered signs: ``x²``, ``Wᵀ``, ``bᵢ``."""
        script = "SUP" if lexeme.kind == "raised" else "SUB"
        self.out.append(Tok(script, "", lexeme.start, lexeme.start))
        self.out.append(Tok("LBRACE", "{", lexeme.start, lexeme.start))
        place = lexeme.start
        for group in _DIGITS.findall(lexeme.text):
            text = unicodedata.normalize("NFKC", group).replace("−", "-")
            kind = "NUMBER" if text.isdigit() else "SIGN" if text in "+-" else "NAME"
            if (kind, script, text) == ("NAME", "SUP", "T"):
                kind, text = "MARK", r"\top"
            self.out.append(Tok(kind, text, place, place + len(group)))
            place += len(group)
        self.out.append(Tok("RBRACE", "}", lexeme.end, lexeme.end))

    def plain(self, kind: str, lexeme: Lexeme, value: str) -> None:
        """Emit a sign as it is."""
        self.put(kind, value, lexeme.start, lexeme.end, _TAKES.get(kind, 0))

    def number(self, lexeme: Lexeme) -> None:
        """Emit a number; without braces, only its first digit is an argument."""
        if COMMA in lexeme.text and self.script() == "SUB":
            self.indices(lexeme)
        elif self.need and len(lexeme.text) > 1:
            rest = lexeme.start + 1
            if lexeme.text.startswith(COMMA, 1):
                raise Unreadable(
                    "only the first digit of this number is an argument",
                    lexeme.start, lexeme.end, f"write {{{lexeme.text}}}",
                )  # fmt: skip
            self.put("NUMBER", lexeme.text[0], lexeme.start, rest)
            self.at -= 1
            kind = "number" if lexeme.text[1:] != "." else "sign"
            self.lexemes[self.at] = Lexeme(kind, lexeme.text[1:], rest, lexeme.end)
        else:
            self.put("NUMBER", decimal(lexeme), lexeme.start, lexeme.end)

    def indices(self, lexeme: Lexeme) -> None:
        r"""Emit the numbers that a comma without its space parts below: ``W_{1{,}2}``."""
        place = lexeme.start
        for number, text in enumerate(lexeme.text.split(COMMA)):
            if number:
                self.out.append(Tok("SEP", ",", place, place + len(COMMA)))
                place += len(COMMA)
            self.put("NUMBER", text, place, place + len(text))
            place += len(text)


def tokenize(latex: str, words: Vocabulary) -> tuple[list[Tok], list[Tok]]:
    """Return the tokens of a formula for the grammar, and its remarks.

    Raises
    ------
    Unreadable
        At the first thing that means nothing here.
    """
    reader = Tokenizer(latex, words)
    reader.run(len(reader.lexemes))
    reader.finish()
    tokens, remarks = arrange(transparent(reader.out))
    refuse_plain_commas(tokens)
    if len(tokens) == 1 and tokens[0].type in _ALONE:
        tokens = [tokens[0]._replace(type="MARK")]
    return tokens, remarks
