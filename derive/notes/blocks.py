r"""Reading what encloses: braces, brackets, environments, and commands with arguments."""

from __future__ import annotations

from derive.notes import symbols
from derive.notes.braces import UNSEEN
from derive.notes.cursor import Scope, Tok
from derive.notes.lexer import Lexeme, Unreadable
from derive.notes.operators import Operators
from derive.notes.suppositions import COMPARISON

_MATES = {"(": ")]", "[": "])"}
_BRACKETS = {r"\{": r"\}", r"\langle": r"\rangle", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}
_BRACKETS |= {"|": "|", r"\|": r"\|", r"\llbracket": r"\rrbracket"}


def _closes(opening: str, closing: str) -> bool:
    """Tell whether two brackets are a pair; half-open intervals are."""
    return closing in _MATES[opening] if opening in _MATES else _BRACKETS[opening] == closing


class Blocks(Operators):
    """The part of the tokenizer that knows what encloses."""

    # -- braces ---------------------------------------------------------------------------------

    def do_lbrace(self, lexeme: Lexeme, value: str) -> None:
        """Read an opening brace: of an argument, of a font switch, or for spacing only."""
        here = self.at - 1
        closing = self.pairs[here]
        switch = symbols.lookup(self.peek()) if self.peek() else None
        if switch is not None and switch[0] == "SWITCH":
            self.switched(here, closing, switch[1])
            return
        only = symbols.lookup(self.peek()) if closing == self.at + 1 else None
        if not self.need and only is not None and only[0] in ("REL", "OP", "SIGN"):
            self.run(closing)
            self.at = closing + 1
            return
        self.open_brace(lexeme, here)

    def open_brace(self, lexeme: Lexeme, here: int) -> None:
        """Emit an opening brace and enter its scope."""
        script = self.last() if self.last() in ("SUB", "SUP") else ""
        note = self.last() == "BRACED"
        value = "{" if self.need or here in self.injected else UNSEEN
        saved = max(0, self.need - 1)
        # What arranges or colours these braces belongs to them.
        start = self.skipped[1] if self.skipped[0] == here else lexeme.start
        self.out.append(Tok("LBRACE", value, start, lexeme.end))
        self.need = 0
        self.push(Scope("brace", "{", lexeme.start, saved, script, note))
        if here in self.injected:
            type_, value = self.injected.pop(here)
            self.out.append(Tok(type_, value, lexeme.start, lexeme.start))

    def switched(self, here: int, closing: int, font: str) -> None:
        r"""Read ``{\bf x}`` as ``\mathbf{x}`` and ``{\rm tr}`` as ``\mathrm{tr}``."""
        lexeme = self.lexemes[here]
        word = self.latex[self.lexemes[self.at].end : self.lexemes[closing].start].strip()
        if font in ("mathrm", "mathsf", "mathit") and word.isalpha() and word.isascii():
            self.named(word, font, lexeme.start, self.lexemes[closing].end)
            self.at = closing + 1
            return
        self.put("FONT", font, lexeme.start, lexeme.start, 1)
        self.open_brace(lexeme, here)

    def do_rbrace(self, lexeme: Lexeme, value: str) -> None:
        """Read a closing brace."""
        scope = self.scopes.pop() if self.scopes else None
        if scope is None or scope.text != "{":
            opening = scope.text if scope else ""
            raise Unreadable(f"{opening} is not closed before this }}", lexeme.start, lexeme.end)
        if scope.kind == "bars":
            self.put_free("CLOSE", self.bars.pop(), lexeme)
        elif scope.kind != "substack":
            self.put_free("RBRACE", "}", lexeme)
        self.need = scope.need
        if scope.note:
            self.note(lexeme)

    def note(self, lexeme: Lexeme) -> None:
        r"""Read what is written under ``\underbrace{..}``, if anything is."""
        start, text, end = lexeme.end, "", lexeme.end
        if self.peek() in ("_", "^"):
            self.at += 1
            first, last, end = self.argument()
            text = self.inner(first, last)
        self.out.append(Tok("NOTE", text, start, end))

    # -- brackets ---------------------------------------------------------------------------------

    def do_open(self, lexeme: Lexeme, value: str) -> None:
        """Read an opening bracket, or that of a root's order."""
        if value == "[" and self.last() == "SQRT" and self.need:
            self.put_free("OPTOPEN", "[", lexeme)
            self.push(Scope("option", "[", lexeme.start, self.need))
            self.need = 0
            return
        if self.aside(value, lexeme.start):
            return
        self.put("OPEN", value, lexeme.start, lexeme.end)
        self.push(Scope("bracket", value, lexeme.start, self.need))
        self.need = 0

    def aside(self, value: str, start: int) -> bool:
        r"""Enter brackets that hold a condition, ``(\text{for } i \neq j)``; tell if they do."""
        inside = self.scopes[-1].kind if self.scopes else "lines"
        kind = (symbols.lookup(self.peek()) or ("",))[0] if self.peek() else ""
        if self.need or kind != "TEXT" or inside not in ("lines", "matrix"):
            return False
        begin = self.at
        self.at += 1
        first, last, _ = self.argument()
        content = self.inner(first, last)
        found = self.condition(content.split("$")[0])
        self.at = begin
        if found:
            self.push(Scope("aside", value, start))
        return bool(found)

    def do_close(self, lexeme: Lexeme, value: str) -> None:
        """Read a closing bracket."""
        scope = self.scopes[-1] if self.scopes else None
        if scope is not None and scope.kind == "option" and value == "]":
            self.put_free("OPTCLOSE", "]", lexeme)
        elif scope is not None and scope.kind == "bracket" and _closes(scope.text, value):
            self.put_free("CLOSE", value, lexeme)
        elif scope is not None and scope.kind == "aside" and _closes(scope.text, value):
            self.put_free("SEP", "quad", lexeme)
        elif value in ("|", r"\|"):
            # It is drawn like any other bar.
            self.put_free("BAR", value, lexeme)
            return
        elif scope is None:
            raise Unreadable(f"this {value} closes nothing", lexeme.start, lexeme.end)
        else:
            raise Unreadable(
                f"{scope.text} is not closed before this {value}", lexeme.start, lexeme.end
            )
        self.scopes.pop()
        self.need = scope.need

    def delimiter(self, lexeme: Lexeme) -> tuple[str, int]:
        r"""Read the bracket after ``\left``, ``\right`` or a size."""
        text = self.peek()
        kind, value = symbols.lookup(text) or ("", "")
        if kind not in ("OPEN", "CLOSE", "BAR") and text not in (".", "<", ">"):
            raise Unreadable(
                f"{lexeme.text} lacks its bracket", lexeme.start, lexeme.end, "write . for none"
            )
        self.at += 1
        value = {"<": r"\langle", ">": r"\rangle"}.get(text, value)
        return value, self.lexemes[self.at - 1].end

    def do_left(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\left(``."""
        here = self.at - 1
        value, end = self.delimiter(lexeme)
        if here in self.fences.broken or here in self.fences.cases:
            return
        if self.aside(value, lexeme.start):
            return
        self.out.append(Tok("OPEN", value, lexeme.start, end))
        self.push(Scope("left", value, lexeme.start, max(0, self.need - 1)))
        self.need = 0

    def do_right(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\right)``."""
        here = self.at - 1
        value, end = self.delimiter(lexeme)
        if here in self.fences.cases:
            self.out[-1] = self.out[-1]._replace(end=end)
            return
        if here in self.fences.broken:
            return
        if not self.scopes or self.scopes[-1].kind not in ("left", "aside"):
            raise Unreadable(r"this \right closes no \left", lexeme.start, end)
        scope = self.scopes.pop()
        self.need = scope.need
        closing = ("SEP", "quad") if scope.kind == "aside" else ("CLOSE", value)
        self.out.append(Tok(*closing, lexeme.start, end))

    def do_middle(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\middle|``."""
        value, end = self.delimiter(lexeme)
        self.out.append(Tok("SEP", value, lexeme.start, end))

    def do_lsize(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\bigl``: it tells an opening bar from a closing one."""
        if (symbols.lookup(self.peek()) or ("",))[0] == "BAR":
            value, end = self.delimiter(lexeme)
            self.out.append(Tok("OPEN", value, lexeme.start, end))
            self.push(Scope("bracket", value, lexeme.start))

    def do_rsize(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\bigr``."""
        scope = self.scopes[-1] if self.scopes else None
        bar = (symbols.lookup(self.peek()) or ("",))[0] == "BAR"
        if bar and scope is not None and scope.text in ("|", r"\|"):
            self.at += 1
            self.do_close(self.lexemes[self.at - 1], scope.text)

    def do_bars(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\norm{..}`` and ``\abs{..}``."""
        if self.peek() != "{":
            raise Unreadable(f"{lexeme.text} lacks its braces", lexeme.start, lexeme.end)
        self.at += 1
        self.out.append(Tok("OPEN", value, lexeme.start, self.lexemes[self.at - 1].end))
        self.push(Scope("bars", "{", lexeme.start, max(0, self.need - 1)))
        self.bars.append(value)
        self.need = 0

    # -- environments -----------------------------------------------------------------------------

    def environment(self, lexeme: Lexeme) -> tuple[str, int]:
        r"""Read the name after ``\begin`` or ``\end``."""
        if self.peek() != "{":
            raise Unreadable(f"{lexeme.text} lacks its name", lexeme.start, lexeme.end)
        first, last, end = self.argument()
        return self.inner(first, last).strip().removesuffix("*"), end

    def do_begin(self, lexeme: Lexeme, value: str) -> None:
        """Enter an environment."""
        name, end = self.environment(lexeme)
        if name not in symbols.LINES | symbols.MATRICES | symbols.CASES:
            raise Unreadable(f"cannot read the environment {name}", lexeme.start, end)
        if self.peek() == "[" and self.peek(2) == "]" and self.peek(1) in ("t", "b", "c"):
            self.at += 3
        if name in symbols.WITH_ARGUMENT:
            self.argument()
        kind = "broken" if name in symbols.BROKEN else "lines"
        if name not in symbols.LINES:
            kind = "matrix"
            cases = self.out_of_cases(lexeme)
            # The brackets of cases belong to them, though they say nothing more.
            start = self.lexemes[cases].start if cases is not None else lexeme.start
            self.put("BEGIN", name if cases is None else "cases", start, end)
        self.push(Scope(kind, name, lexeme.start, self.need))
        self.need = 0

    def out_of_cases(self, lexeme: Lexeme) -> int | None:
        r"""Return which overlooked ``\left\{`` stands right before an array, if one does."""
        return next(
            (
                left
                for left in self.fences.cases
                if self.lexemes[left].text == r"\left"
                and self.lexemes[left + 2].start == lexeme.start
            ),
            None,
        )

    def do_end(self, lexeme: Lexeme, value: str) -> None:
        """Leave an environment."""
        name, end = self.environment(lexeme)
        scope = self.scopes[-1] if self.scopes else None
        if scope is None or scope.text != name or scope.kind not in ("lines", "broken", "matrix"):
            raise Unreadable(f"this \\end{{{name}}} ends nothing", lexeme.start, end)
        self.scopes.pop()
        if scope.kind == "matrix":
            self.out.append(Tok("END", name, lexeme.start, end))
        self.need = scope.need

    def do_amp(self, lexeme: Lexeme, value: str) -> None:
        """Read ``&``: it parts cells in a matrix, and aligns anywhere else."""
        if self.scopes and self.scopes[-1].kind == "matrix":
            self.put_free("CELL", "&", lexeme)

    def do_newline(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\\``: a row, a line, a comma in limits, or nothing inside brackets."""
        scope = self.scopes[-1].kind if self.scopes else "lines"
        if scope == "matrix":
            self.put_free("ROW", "newline", lexeme)
        elif scope == "substack":
            self.put_free("SEP", ",", lexeme)
        elif scope in ("lines", "brace"):
            self.put_free("SEP", "newline", lexeme)

    def do_substack(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\substack{..}``: several limits."""
        if self.peek() != "{":
            raise Unreadable(r"\substack lacks its braces", lexeme.start, lexeme.end)
        self.at += 1
        self.push(Scope("substack", "{", lexeme.start, self.need))
        self.need = 0

    # -- commands with arguments ----------------------------------------------------------------

    def do_sqrt(self, lexeme: Lexeme, value: str) -> None:
        """Read a root."""
        self.put("SQRT", "", lexeme.start, lexeme.end, 1)

    def do_pdv(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\pdv{L}{x}`` as ``\frac{\partial L}{\partial x}``."""
        mark = ("PARTIAL" if value == r"\partial" else "NAME", value)
        if self.peek() != "{":
            raise Unreadable(f"cannot read {lexeme.text} without braces", *lexeme[2:])
        second = self.pairs[self.at] + 1
        self.put("FRAC", "", lexeme.start, lexeme.end, 2)
        if second < len(self.lexemes) and self.lexemes[second].text == "{":
            self.injected[second] = mark
        else:
            for type_, text in (("LBRACE", "{"), mark, ("RBRACE", "}")):
                self.out.append(Tok(type_, text, lexeme.start, lexeme.end))
            self.need -= 1
        self.injected[self.at] = mark

    def do_arrow(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\xrightarrow[..]{..}``."""
        if self.peek() == "[":
            while self.at < len(self.lexemes) and self.peek() != "]":
                self.at += 1
            self.at += 1
        _, _, end = self.argument()
        self.out.append(Tok("REL", value, lexeme.start, end))

    def do_intertext(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\intertext{..}``: text on a line of its own."""
        _, _, end = self.argument()
        self.out.append(Tok("SEP", "newline", lexeme.start, end))

    def do_stack(self, lexeme: Lexeme, value: str) -> None:
        r"""Read ``\stackrel{(1)}{=}``, ``\underset{w}{\arg\min}`` or ``\overset{..}{X}``."""
        first, last, _ = self.argument()
        begin = self.at
        low, high, end = self.argument()
        found = symbols.lookup(self.lexemes[low].text) if low < high else None
        kind, text = found or ("", "")
        if kind == "REL" and high == low + 1:
            if text == "=" and self.inner(first, last).strip() == "!":
                # What is to be, as in a condition for an optimum.
                text = r"\stackrel{!}{=}"
            elif text == "=" and COMPARISON.fullmatch(self.inner(first, last)):
                what = "a condition above a sign"
                raise Unreadable(what, lexeme.start, end, "write it behind the formula")
            self.out.append(Tok("REL", text, lexeme.start, end))
            return
        word = self.inner(low, high)
        if kind in ("BIG", "ARG") or any(f"{{{name}}}" in word for name in symbols.BIG_WORDS):
            self.at = low
            self.run(high)
            script = ("SUB", "_") if value == "underset" else ("SUP", "^")
            self.out.append(Tok(*script, lexeme.start, lexeme.end))
            self.out.append(Tok("LBRACE", "{", lexeme.end, lexeme.end))
            self.push(Scope("brace", "{", lexeme.start, self.need, script[0]))
            self.need = 0
            self.at = first
            self.run(last)
            self.need = self.scopes.pop().need
            self.out.append(Tok("RBRACE", "}", lexeme.end, lexeme.end))
            self.at = max(self.at, high + 1 if self.lexemes[high - 1].end < end else high)
            return
        note = self.inner(first, last)
        self.put("WRAP", f"{value} {note}", lexeme.start, lexeme.end, 1)
        self.at = begin

    def finish(self) -> None:
        """Complain about what is still open at the end."""
        if self.scopes:
            scope = self.scopes[-1]
            name = rf"\begin{{{scope.text}}}" if scope.kind in ("lines", "matrix") else scope.text
            raise Unreadable(f"this {name} is never closed", scope.start, scope.start + 1)
