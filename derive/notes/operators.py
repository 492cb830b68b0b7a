r"""Reading operators, relations, separators and scripts."""

from __future__ import annotations

from derive.notes import symbols
from derive.notes.cursor import Tok
from derive.notes.layout import EMPTY_PLACES
from derive.notes.lexer import Lexeme, Unreadable, is_wide
from derive.notes.words import Words

_BEFORE_PLACE = frozenset({"OPEN", "LBRACE", "SEP", "BEGIN", "CELL", "ROW"})


class Operators(Words):
    """The part of the tokenizer that knows what stands between operands."""

    def empty_place(self) -> bool:
        r"""Tell whether an operator here has no operands, as in ``W_{i\cdot}`` or ``f(\cdot)``."""
        if self.need:
            return True
        closed = self.peek() in ("}", ")", "]", ",", r"\}", r"\right")
        opened = self.last() in _BEFORE_PLACE
        if self.script():
            return closed or opened
        # Whether a bar opens is seen when bars are paired.
        return closed and (opened or self.last() == "BAR")

    def do_op(self, lexeme: Lexeme, value: str) -> None:
        """Emit an operator, or the mark of an empty place."""
        if value in EMPTY_PLACES and self.empty_place():
            self.put("MARK", value, lexeme.start, lexeme.end)
        else:
            self.put_free("OP", value, lexeme)

    def do_sign(self, lexeme: Lexeme, value: str) -> None:
        """Emit a sign, or a mark as in ``x^+``."""
        if self.need or (self.script() and self.last() == "LBRACE" and self.peek() == "}"):
            self.put("MARK", value, lexeme.start, lexeme.end)
        else:
            self.put_free("SIGN", value, lexeme)

    def do_colon(self, lexeme: Lexeme, value: str) -> None:
        """Emit a colon: a whole range of an index, or a separator."""
        place = self.script() or (self.scopes and self.scopes[-1].kind == "bracket")
        closed = self.peek() in ("}", ")", "]", ",") or self.last() in _BEFORE_PLACE
        if self.need or (place and closed):
            self.put("MARK", ":", lexeme.start, lexeme.end)
        else:
            self.put_free("SEP", ":", lexeme)

    def do_rel(self, lexeme: Lexeme, value: str) -> None:
        """Emit a relation."""
        if value == "=" and self.last() == "SIGN" and self.touching(lexeme):
            sign = self.out.pop()  # an update in the manner of programs: W -= ...
            self.out.append(Tok("REL", f"{sign.value}=", sign.start, lexeme.end))
            return
        self.put_free("REL", value, lexeme)

    def touching(self, lexeme: Lexeme) -> bool:
        r"""Tell whether a plus or minus stands right before, as in ``+=`` and ``\mathrel{+}=``."""
        sign = self.out[-1]
        between = self.latex[sign.end : lexeme.start]
        return sign.value in ("+", "-") and between in ("", "}")

    def do_not(self, lexeme: Lexeme, value: str) -> None:
        r"""Join ``\not`` with the relation after it."""
        found = symbols.lookup(self.peek()) if self.peek() else None
        if found is None or found[0] != "REL":
            raise Unreadable(r"cannot read \not without a relation", lexeme.start, lexeme.end)
        value = {"=": r"\neq", r"\in": r"\notin"}.get(found[1], rf"\not{found[1]}")
        self.out.append(Tok("REL", value, lexeme.start, self.lexemes[self.at].end))
        self.at += 1

    def do_sep(self, lexeme: Lexeme, value: str) -> None:
        """Emit a separator; a point between letters is none."""
        if value == "." and self.latex[lexeme.end : lexeme.end + 1].isalnum():
            raise Unreadable("cannot read this point", lexeme.start, lexeme.end)
        self.put_free("SEP", value, lexeme)

    def do_word(self, lexeme: Lexeme, value: str) -> None:
        r"""Emit ``\forall``."""
        self.put_free("SEP", value, lexeme)

    def do_soft(self, lexeme: Lexeme, value: str) -> None:
        """Emit a wide space: it may separate."""
        self.put_free("SEP", value, lexeme)

    def do_hspace(self, lexeme: Lexeme, value: str) -> None:
        """Read a space of given width: one as wide as a letter may separate."""
        first, last, _ = self.argument()
        if is_wide(self.inner(first, last)):
            self.put_free("SEP", value, lexeme)

    def kern(self, lexeme: Lexeme) -> None:
        r"""Read ``\kern.2em``."""
        if is_wide(lexeme.text):
            self.put_free("SEP", "quad", lexeme)

    def do_arg(self, lexeme: Lexeme, value: str) -> None:
        r"""Join ``\arg\max``."""
        after = self.peek().removeprefix("\\")
        if after in ("max", "min") and self.lexemes[self.at].kind == "command":
            self.put("BIG", f"arg{after}", lexeme.start, self.lexemes[self.at].end)
            self.at += 1
        else:
            self.put("FUNC", "arg", lexeme.start, lexeme.end)

    def do_func(self, lexeme: Lexeme, value: str) -> None:
        """Emit a function, or the name declared instead."""
        if value in self.words.upright or self.words.spelling:
            self.put("NAME", f"\\mathrm{{{value}}}", lexeme.start, lexeme.end)
        else:
            self.put("FUNC", value, lexeme.start, lexeme.end)

    def do_prime(self, lexeme: Lexeme, value: str) -> None:
        r"""Emit ``\prime``."""
        self.put("MARK", "'", lexeme.start, lexeme.end)

    def do_sub(self, lexeme: Lexeme, value: str) -> None:
        """Emit ``_``."""
        self.put_free("SUB", "_", lexeme)
        self.need += 1

    def do_sup(self, lexeme: Lexeme, value: str) -> None:
        """Emit ``^``."""
        self.put_free("SUP", "^", lexeme)
        self.need += 1

    def do_eqno(self, lexeme: Lexeme, value: str) -> None:
        r"""Pass over the number of a display, which is all that is left of it."""
        if self.scopes:
            raise Unreadable(f"{lexeme.text} inside of brackets", lexeme.start, lexeme.end)
        self.at = len(self.lexemes)

    def do_ignore(self, lexeme: Lexeme, value: str) -> None:
        """Pass over what only arranges."""
        self.skip(lexeme)

    def do_ignore1(self, lexeme: Lexeme, value: str) -> None:
        r"""Pass over a command with its argument: ``\tag{1}``, ``\color{red}``."""
        self.skip(lexeme, argument=True)
