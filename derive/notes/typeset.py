r"""LaTeX as one line of Unicode text, for a reader at a terminal.

Nothing depends on it: what cannot be set is shown as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from derive.notes.decimals import COMMA
from derive.notes.lexer import NESTING_LIMIT, Lexeme, scan, significant
from derive.notes.symbols import lookup

__all__ = ["typeset"]

_ACCENTS = {
    "hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307",
    "ddot": "\u0308", "check": "\u030c", "breve": "\u0306", "acute": "\u0301",
    "grave": "\u0300", "mathring": "\u030a", "underline": "\u0332",
}  # fmt: skip
_LETTERS = """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa
lambda mu nu xi omicron pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega
Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega digamma ell hbar infty emptyset
varnothing imath jmath aleph beth wp eth mho"""
_GREEK = dict(
    zip(
        _LETTERS.split(),
        "αβγδϵεζηθϑικϰλμνξοπϖρϱσςτυϕφχψωΓΔΘΛΞΠΣΥΦΨΩϝℓℏ∞∅∅ıȷℵℶ℘ð℧",
        strict=True,
    )
)
_BLACKBOARD = {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ", "E": "𝔼", "1": "𝟙"}
_SIGNS = {
    r"\cdot": "·", r"\times": "×", r"\circ": "∘", r"\odot": "⊙", r"\otimes": "⊗",
    r"\oplus": "⊕", r"\ast": "∗", "*": "∗", r"\star": "⋆", r"\div": "÷", r"\oslash": "⊘",
    r"\setminus": "∖", "/": "/", "@": "@", "+": "+", "-": "−", r"\pm": "±", r"\mp": "∓",
    r"\neg": "¬", r"\approx": "≈", r"\equiv": "≡", r"\propto": "∝", r"\sim": "∼",
    r"\leftarrow": "←", r"\to": "→", r"\in": "∈", r"\notin": "∉", r"\le": "≤", r"\ge": "≥",
    r"\neq": "≠", r"\ll": "≪", r"\gg": "≫", "=": "=", "<": "<", ">": ">", ":=": "≔",
    r"\bullet": "•", r"\simeq": "≃", r"\subset": "⊂", r"\subseteq": "⊆",
}  # fmt: skip
_BOLD = {ord("A") + k: 0x1D400 + k for k in range(26)}
_BOLD |= {ord("a") + k: 0x1D41A + k for k in range(26)}
_BOLD |= {ord("0") + k: 0x1D7CE + k for k in range(10)}
_BIG = {"sum": "Σ", "prod": "∏", "int": "∫", "bigcup": "⋃", "bigcap": "⋂"}
_DOTS = {"dots": "…", "cdots": "⋯", "vdots": "⋮", "ddots": "⋱", "iddots": "⋰"}
_MARKS = {r"\top": "ᵀ", r"\dagger": "†", r"\ddagger": "‡", r"\bot": "⊥"}
_BRACKETS = {
    r"\{": "{", r"\}": "}", r"\langle": "⟨", r"\rangle": "⟩", r"\lfloor": "⌊",
    r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉", r"\|": "‖", r"\llbracket": "⟦",
    r"\rrbracket": "⟧",
}  # fmt: skip
_RAISED = str.maketrans("0123456789+-−T′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ᵀ′")


class _Piece(NamedTuple):
    """Some text, and what it is: ``atom``, ``word``, ``sign``, ``open``, ``close``, ``comma``."""

    text: str
    kind: str


class _Unset(Exception):
    """The text is not well formed enough to be set."""


def typeset(latex: str) -> str:
    r"""Return LaTeX as one line of text; blanks put right, and nothing else, where that fails.

    >>> typeset(r"\frac{\partial L}{\partial b_i} = -\sum_{l=1}^N a_i \tanh^2[c_i(X_l - b_i)]")
    '∂L/∂b_i = −Σ_{l=1}^N a_i tanh²[c_i(X_l − b_i)]'
    >>> typeset(r"\hat y - W^{(1)\top} x \frac{1}{n+1}")
    'ŷ − W^{(1)ᵀ} x 1/(n + 1)'
    >>> typeset(r"a } b")
    'a } b'
    >>> typeset(r"\partial^{} Z = \begin{cases} 1, & x > 0, \\ -1, & x < 0\end{cases}")
    '∂Z = [1, x > 0; −1, x < 0]'
    """
    try:
        reader = _Reader(significant(scan(latex)))
        pieces = reader.row(0)
        if reader.here is not None:
            raise _Unset
    except _Unset:
        return " ".join(latex.split())
    return unicodedata.normalize("NFC", _joined(pieces))


def _joined(pieces: list[_Piece]) -> str:
    """Put pieces together with the blanks that a reader expects."""
    result = last = ""
    before = "open"
    for text, kind in pieces:
        if not text:
            continue
        if kind == before == "comma" and {text, last} <= {",", ";"}:
            # A comma at the end of a cell or a row, which another sign stands for.
            result = result[: -len(last)] + (";" if ";" in (text, last) else text)
            last = result[-1]
            continue
        unary = kind == "sign" and text in "+−±∓¬" and before in ("open", "sign", "comma")
        if unary:
            result += (" " if before in ("sign", "comma") else "") + text
            before, last = "unary", text
            continue
        if _apart(before, kind, last, text):
            result += " "
        result += text
        before, last = kind, text
    return result.strip()


def _apart(before: str, kind: str, last: str, text: str) -> bool:
    """Tell whether a blank stands between two pieces."""
    if before in ("open", "unary") or kind in ("close", "comma") or "/" in (last, text):
        return False
    if kind in ("sign", "word") or before in ("sign", "comma"):
        return True
    if kind == "open":
        # Σ (…) and 1/n (…), but tanh(…) and a_j(…).
        return last[:1] in ("Σ", "∏") or ("/" in last and text in "([{")
    # a_j c_j and 1/n x, but Wx.
    if before == "word" or "/" in text:
        return True
    return (before == "close" and last != "ᵀ") or any(sign in last for sign in "_^/")


class _Reader:
    """Reads lexemes from left to right."""

    def __init__(self, lexemes: list[Lexeme]) -> None:
        self.lexemes = lexemes
        self.place = 0
        #: How many matrices or cases are open: there & parts cells.
        self.cells = 0

    @property
    def here(self) -> Lexeme | None:
        return self.lexemes[self.place] if self.place < len(self.lexemes) else None

    def take(self) -> Lexeme:
        """Return the next lexeme.

        Raises
        ------
        _Unset
            If there is none.
        """
        lexeme = self.here
        if lexeme is None:
            raise _Unset
        self.place += 1
        return lexeme

    def row(self, depth: int) -> list[_Piece]:
        """Return what stands up to the end or a closing brace."""
        if depth > NESTING_LIMIT:
            raise _Unset
        pieces: list[_Piece] = []
        while (lexeme := self.here) is not None and lexeme.text != "}":
            if lexeme.text in ("_", "^") or lexeme.kind in ("primes", "raised", "lowered"):
                self.script(pieces, depth)
            else:
                pieces += self.item(depth)
        return pieces

    def argument(self, depth: int) -> str:
        """Return a braced argument, or a single item."""
        return _joined(self.argument_pieces(depth))

    def argument_pieces(self, depth: int) -> list[_Piece]:
        """Return a braced argument, or a single item, in pieces."""
        lexeme = self.here
        if lexeme is not None and lexeme.text == "{":
            self.take()
            pieces = self.row(depth + 1)
            self.take()
            return pieces
        if lexeme is not None and lexeme.kind == "number" and len(lexeme.text) > 1:
            # \frac12 is 1 over 2.
            digit, rest = lexeme.text[0], lexeme.text[1:]
            self.lexemes[self.place] = Lexeme("number", rest, lexeme.start + 1, lexeme.end)
            return [_Piece(digit, "atom")]
        return self.item(depth + 1)

    def raw(self) -> str:
        """Return the text of a braced argument as it was written."""
        lexeme = self.take()
        if lexeme.text != "{":
            return lexeme.text
        text, depth = "", 1
        while True:
            lexeme = self.take()
            depth += (lexeme.text == "{") - (lexeme.text == "}")
            if not depth:
                return text
            text += lexeme.text

    def script(self, pieces: list[_Piece], depth: int) -> None:
        """Put a sub- or superscript on what stands before it."""
        lexeme = self.take()
        last = pieces.pop() if pieces else _Piece("", "atom")
        if lexeme.kind == "primes":
            text = "′" * len(lexeme.text)
        elif lexeme.kind in ("raised", "lowered"):
            text = lexeme.text
        else:
            inside = self.argument(depth)
            if not inside:
                pieces.append(last)
                return
            small = re.fullmatch(r"[-−+]?\d+(/\d+)?|T|ᵀ|′+", inside)
            if lexeme.text == "^" and small and last.text[:1] not in ("Σ", "∏"):
                text = inside.translate(_RAISED)
            else:
                inside = re.sub(r" ([-+−=]) ", r"\1", inside)
                text = lexeme.text + (inside if len(inside) == 1 else f"{{{inside}}}")
        kind = "word" if last.kind == "word" else ("close" if last.kind == "close" else "atom")
        pieces.append(_Piece(last.text + text, kind))

    def item(self, depth: int) -> list[_Piece]:
        """Return what one lexeme, with its arguments, stands for."""
        lexeme = self.take()
        text = lexeme.text
        if depth > NESTING_LIMIT:
            raise _Unset
        if text == "{":
            pieces = self.row(depth + 1)
            self.take()
            return pieces
        if text == "&":
            return [_Piece(",", "comma")] if self.cells else []
        if lexeme.kind == "kern":
            return []
        if lexeme.kind == "newline":
            # Outside of a matrix a line only goes on below.
            return [_Piece(";", "comma")] if self.cells else []
        if lexeme.kind in ("letter", "number"):
            return [_Piece(text.replace(COMMA, ","), "atom")]
        found = lookup(text)
        if found is None:
            return [_Piece(text, "word" if lexeme.kind == "command" else "atom")]
        return self.known(text, *found, depth)

    def known(self, text: str, kind: str, value: str, depth: int) -> list[_Piece]:
        """Return what a known command or sign stands for."""
        if kind in ("OP", "REL", "SIGN", "ARROW"):
            return [_Piece(_SIGNS.get(value, text), "sign")]
        if kind in ("OPEN", "CLOSE"):
            return [_Piece(_BRACKETS.get(value, value), kind.lower())]
        if kind in ("LEFT", "LSIZE", "RIGHT", "RSIZE", "MIDDLE"):
            bracket = self.take().text
            found = lookup(bracket)
            shown = (
                "" if bracket == "." else _BRACKETS.get(found[1], found[1]) if found else bracket
            )
            return [_Piece(shown, "close" if kind.startswith("R") else "open")]
        if kind == "FRAC":
            return [_Piece(self.fraction(depth), "atom")]
        if kind in ("NAME", "PARTIAL", "NABLA"):
            sign = {"PARTIAL": "∂", "NABLA": "∇"}.get(kind)
            return [_Piece(sign or _GREEK.get(value[1:], value), "open" if sign else "atom")]
        if kind in ("FUNC", "BIG"):
            return [_Piece(_BIG.get(value, value), "word")]
        if kind == "SQRT":
            return [_Piece(f"√{_closed(self.argument(depth))}", "atom")]
        if kind == "ACCENT":
            inside = self.argument(depth)
            accent = _ACCENTS[value]
            return [_Piece(inside[:1] + accent + inside[1:], "atom")]
        return self.wrapped(text, kind, value, depth)

    def fraction(self, depth: int) -> str:
        """Return a quotient on one line."""
        above = self.argument(depth)
        pieces = self.argument_pieces(depth)
        below = _joined(pieces)
        # 1/(Nx), but ∂L/∂x and dL/dx.
        several = len(pieces) > 1 and pieces[0].text[:1] not in ("∂", "d")
        called = len(pieces) > 1 and (pieces[0].kind, pieces[1].kind) == ("word", "open")
        if several and not called and not _is_closed(below):
            return f"{_closed(above)}/({below})"
        return f"{_closed(above)}/{_closed(below, below=True)}"

    def wrapped(self, text: str, kind: str, value: str, depth: int) -> list[_Piece]:
        """Return what a command with an argument, or one that only arranges, stands for."""
        if kind == "FONT" and value == "mathbb":
            inside = self.argument(depth)
            return [_Piece(_BLACKBOARD.get(inside, inside), "atom")]
        if kind == "FONT" and value in ("mathbf", "boldsymbol"):
            return [_Piece(self.argument(depth).translate(_BOLD), "atom")]
        if kind in ("WRAP", "FONT"):
            return self.argument_pieces(depth)
        if kind in ("WORDFONT", "TEXT"):
            word = self.raw()
            return [_Piece(word, "atom" if len(word) < 2 else "word")]
        if kind == "STACK":
            # A remark above or below: \stackrel{(1)}{=}.
            self.raw()
            return self.argument_pieces(depth)
        if kind in ("IGNORE1", "HSPACE"):
            self.raw()
            return []
        if kind in ("BEGIN", "END"):
            name = self.raw()
            if "matrix" in name or name.startswith(("cases", "array")):
                if name == "array" and kind == "BEGIN" and self.here and self.here.text == "{":
                    # How its columns are set.
                    self.raw()
                self.cells += 1 if kind == "BEGIN" else -1
                return [_Piece(*(("[", "open") if kind == "BEGIN" else ("]", "close")))]
            return []
        if kind == "MARK":
            return [_Piece(_MARKS[value], "close")]
        if kind == "DOTS":
            return [_Piece(_DOTS.get(value, "…"), "atom")]
        if kind == "BAR":
            return [_Piece("‖" if value == r"\|" else "|", "atom")]
        if kind in ("SEP", "COLON"):
            return [_Piece({"implies": "⇒", "and": "∧"}.get(value, value), "comma")]
        if kind == "EQNO":
            self.place = len(self.lexemes)
        if kind in ("IGNORE", "SOFT", "SWITCH", "EQNO"):
            return []
        if kind == "WORD":
            return [_Piece({"forall": "∀"}.get(value, value), "word")]
        return [_Piece(text, "word")]


def _is_closed(text: str) -> bool:
    """Tell whether a text is one pair of brackets, perhaps with a raised sign."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            return character in ")]}" and place >= len(text) - 2
    return False


def _closed(text: str, *, below: bool = False) -> str:
    """Return a text that may stand in a quotient; in brackets if it has signs or blanks in it."""
    inner, outer = text, ""
    while inner != outer:
        outer, inner = inner, re.sub(r"\{[^{}]*\}|\([^()]*\)|\[[^\[\]]*\]", "", inner)
    loose = re.search(r"[+−=·×∘⊙⊗∗Σ∏]", inner) is not None
    if below:
        loose = loose or " " in inner or "/" in inner
    return f"({text})" if loose else text
