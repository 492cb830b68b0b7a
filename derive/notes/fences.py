r"""Which ``\left`` belongs to which ``\right``, and what an invisible one means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.notes.lexer import Lexeme


@dataclass(slots=True)
class Fences:
    r"""The partners of ``\left`` and ``\right``, and which of them to overlook.

    ``\left( a \right. \\ \left. + b \right)`` is one bracket broken over two lines: its inner
    ``\right.`` and ``\left.`` are in ``broken``. ``\left\{ \begin{array}..`` with an invisible
    right side distinguishes cases: both are in ``cases``.
    """

    lexemes: list[Lexeme]
    broken: set[int] = field(default_factory=set)
    cases: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        waiting: list[list[int]] = [[]]
        open_: list[int] = []
        closed: dict[int, int] = {}
        for index, lexeme in enumerate(self.lexemes):
            if lexeme.text == r"\left":
                open_.append(index)
                waiting.append([])
            elif lexeme.text == r"\right" and open_:
                closed[open_[-1]] = index
                waiting.pop()
                waiting[-1].append(open_.pop())
                self._join(waiting[-1], closed)
        for left, right in closed.items():
            if (
                self._sign(left) == r"\{"
                and self._sign(right) == "."
                and self._text(left + 2) == r"\begin"
                and self._text(left + 4) == "a"
                and "".join(self._text(left + k) for k in range(4, 9)) == "array"
            ):
                self.cases |= {left, right}

    def _text(self, index: int) -> str:
        return self.lexemes[index].text if index < len(self.lexemes) else ""

    def _sign(self, index: int) -> str:
        return self._text(index + 1)

    def _join(self, row: list[int], closed: dict[int, int]) -> None:
        """Join the fence just closed with the broken ones before it in the same brackets."""
        right = closed[row[-1]]
        if self._sign(row[-1]) != "." or self._sign(right) in (".", "|", r"\|", r"\rvert"):
            return
        back = len(row) - 2
        while back >= 0 and self._sign(closed[row[back]]) == ".":
            if self._sign(row[back]) != ".":
                for left, after in zip(row[back:], row[back + 1 :], strict=False):
                    self.broken |= {closed[left], after}
                return
            back -= 1
