r"""Reading words: plain ones, and those in ``\text``, ``\mathrm``, ``\operatorname``."""

from __future__ import annotations

import re
from itertools import pairwise

from derive.notes import symbols, wording
from derive.notes.cursor import Cursor, Tok
from derive.notes.lexer import Lexeme, Unreadable
from derive.notes.standing import denies

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ -][A-Za-z0-9]+)*\Z")
_SPACING = re.compile(r"\\[,;:!> ]|[~{}]|\s+")
_LONGEST = 12
#: Words that say which of its values a symbol has: ``w^{new}``, ``w_{old}``.
_STEPS = frozenset({"new", "old", "next", "prev", "previous", "cur", "current", "updated"})
_PLAIN_CONDITIONS = frozenset({"if", "for", "where", "when", "otherwise", "and", "with"})


class Words(Cursor):
    """The part of the tokenizer that knows words."""

    def letter(self, lexeme: Lexeme) -> None:
        """Emit a letter, or a whole word that is a function or a condition."""
        if not self.need:
            stop = self.letters_end()
            if 1 < stop - self.at + 1 <= _LONGEST:
                word = self.latex[lexeme.start : self.lexemes[stop - 1].end]
                if word not in self.words.plain and self.word(word, lexeme, stop):
                    return
        self.put("NAME", lexeme.text, lexeme.start, lexeme.end)

    def letters_end(self) -> int:
        """Return the place after the letters that stand together here; each run is cut once."""
        if self.letters <= self.at:
            self.letters = self.at
            while self.letters < len(self.lexemes) and (
                self.lexemes[self.letters].kind == "letter"
                and self.lexemes[self.letters].start == self.lexemes[self.letters - 1].end
            ):
                self.letters += 1
        return self.letters

    def word(self, word: str, lexeme: Lexeme, stop: int) -> bool:
        """Emit a plain word if it is one; tell whether it was."""
        after = self.lexemes[stop].text if stop < len(self.lexemes) else ""
        end = self.lexemes[stop - 1].end
        bracket = after in ("(", "[", r"\left", r"\{", r"\big", r"\bigl", r"\Big", r"\Bigl")
        if word in symbols.BIG_WORDS and (bracket or after == "_"):
            self.out.append(Tok("BIG", symbols.BIG_WORDS[word], lexeme.start, end))
        elif word in ("sum", "prod") and after == "_":
            self.out.append(Tok("BIG", word, lexeme.start, end))
        elif word in symbols.FUNCTIONS and bracket:
            self.out.append(Tok("FUNC", word, lexeme.start, end))
        elif word in _PLAIN_CONDITIONS and not self.script() and self.alone(lexeme.start, end):
            value = symbols.CONDITION_WORDS.get(word, "and")
            self.out.append(Tok("SEP", value, lexeme.start, end))
        elif word in _STEPS and self.script() and self.last() in ("LBRACE", "OPEN"):
            if after not in ("}", ")"):
                return False
            self.put("NAME", f"\\mathrm{{{word}}}", lexeme.start, end)
        else:
            return False
        self.at = stop
        return True

    def alone(self, start: int, end: int) -> bool:
        """Tell whether a word has blanks, punctuation or nothing on both sides."""
        before, after = self.latex[start - 1 : start], self.latex[end : end + 1]
        return (not before or before in " \t\r\n,;&}~") and (not after or after in " \t\r\n\\$~")

    def do_wordfont(self, lexeme: Lexeme, font: str) -> None:
        r"""Read ``\mathrm{..}`` and its relatives: a word, or a font over symbols."""
        begin = self.at
        first, last, end = self.argument()
        content = _SPACING.sub(" ", self.inner(first, last)).strip()
        operator = lexeme.text.startswith(r"\operatorname")
        joined = content.replace(" ", "") if operator else content
        if _WORD.match(joined) or (joined.isdigit() and len(joined) == 1):
            self.named(joined, font, lexeme.start, end, operator)
            return
        if operator:
            raise Unreadable(f"cannot read {lexeme.text}{{{content}}}", lexeme.start, end)
        self.at = begin
        self.put("FONT", font, lexeme.start, lexeme.end, 1)

    def named(self, word: str, font: str, start: int, end: int, operator: bool = False) -> None:
        """Emit a word as what it is: a declared name, a function, an operator, a new name."""
        spelling = f"\\{font}{{{word}}}"
        if self.words.spelling or word in self.words.upright:
            self.put("NAME", spelling, start, end)
        elif word in ("T", "t", "top") and self.script() == "SUP":
            self.put("MARK", r"\top", start, end)
        elif word in symbols.BIG_WORDS and not self.script():
            self.put("BIG", symbols.BIG_WORDS[word], start, end)
        elif operator or (word in symbols.FUNCTIONS and not self.script()):
            self.put("FUNC", word, start, end)
        else:
            self.put("NAME", spelling, start, end)

    def do_text(self, lexeme: Lexeme, font: str) -> None:
        r"""Read ``\text{..}``: a name, a condition, a remark; mathematics inside ``$``."""
        first, last, end = self.argument()
        after = self.at
        dollars = [k for k in range(first, last) if self.lexemes[k].text == "$"]
        if not dollars:
            self.words_in_text(self.inner(first, last), lexeme.start, end)
            return
        edges = [first - 1, *dollars, last]
        if len(dollars) % 2:
            raise Unreadable("this $ is never closed", *self.lexemes[dollars[-1]][2:])
        for number, (left, right) in enumerate(pairwise(edges)):
            start, stop = self.lexemes[left].end, self.lexemes[right].start
            if number % 2:
                self.at = left + 1
                self.run(right)
            else:
                self.at = right
                self.words_in_text(self.latex[start:stop], start, stop)
        self.at = after

    def words_in_text(self, content: str, start: int, end: int) -> None:
        """Emit what a piece of text says."""
        text = " ".join(_SPACING.sub(" ", content).split())
        bare = text.strip(" ,.;:()")
        head = bare.split(" ")[0].lower()
        word = self.condition(content)
        if self.words.spelling or text in self.words.upright or (self.script() and bare):
            self.named(text, "mathrm", start, end)
        elif text in (",", ";", ".", ":"):
            self.out.append(Tok("SEP", text, start, end))
        elif not bare:
            return
        elif word:
            self.out.append(Tok("SEP", word, start, end))
        elif text.rstrip(" .").lower() in ("s.t", "s.t."):
            self.out.append(Tok("SEP", "such that", start, end))
        elif head in symbols.CONJUNCTIONS:
            self.out.append(Tok("SEP", "and", start, end))
        elif self.is_name(content, text):
            self.named(text, "mathrm", start, end)
        elif denies(bare):
            what = f"what is denied by: {bare}"
            raise Unreadable(what, start, end, "write the contrary of it in signs")
        else:
            self.out.append(Tok("SEP", "text", start, end))

    def condition(self, content: str) -> str:
        """Return what the tree calls the words that introduce a condition, nothing for others."""
        text = " ".join(_SPACING.sub(" ", content).split())
        bare = text.strip(" ,.;:()")
        head = bare.split(" ")[0].lower()
        free = content != text or not self.operand_here()
        if wording.NOT_ALL.fullmatch(bare):
            return "for some"
        if wording.EVEN.fullmatch(bare):
            return "even for"
        if wording.OTHERWISE.fullmatch(bare):
            return "otherwise"
        if free and (wording.UNLESS.fullmatch(bare) or wording.NOT.fullmatch(bare)):
            return "unless"
        if head in symbols.CONDITION_WORDS:
            return symbols.CONDITION_WORDS[head]
        return "if" if free and wording.INTRODUCED.fullmatch(bare) else ""

    def is_name(self, content: str, text: str) -> bool:
        """Tell whether a text is a name: one word without blanks, or where an operand must be."""
        single = bool(_WORD.match(text)) and content == text and " " not in text
        return single or text in symbols.FUNCTIONS or self.operand_here()

    def operand_here(self) -> bool:
        """Tell whether something must stand here that an operator applies to."""
        if self.need or self.last() in ("REL", "OP", "SIGN", "FUNC", "BIG", "PARTIAL", "NABLA"):
            return True
        after = symbols.lookup(self.peek()) if self.peek() else None
        kind = after[0] if after else ""
        return kind in ("SUB", "SUP", "OP") or (kind == "REL" and not self.out)

    def do_switch(self, lexeme: Lexeme, font: str) -> None:
        r"""Pass over ``\bf``; :meth:`do_lbrace` has seen it."""
        if self.last() != "LBRACE":
            raise Unreadable(
                f"cannot read {lexeme.text} here", lexeme.start, lexeme.end, r"write {\bf x}"
            )

    def do_font(self, lexeme: Lexeme, font: str) -> None:
        r"""Read ``\mathbf`` and its relatives; a function's name stays a function."""
        if self.peek() == "{":
            word = self.inner(self.at + 1, self.pairs[self.at]).strip()
            if len(word) > 1 and word in symbols.FUNCTIONS:
                _, _, end = self.argument()
                self.put("FUNC", word, lexeme.start, end)
                return
        self.put("FONT", font, lexeme.start, lexeme.end, 1)
