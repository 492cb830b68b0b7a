r"""The words of a text without its markup, and passages in it that stand apart from what is around.

A sentence in brackets of its own and a footnote suppose nothing of what goes on behind them.
Commands that only lay words out, ``\begin{lemma}``, ``\noindent``, ``\emph``, are no words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from derive.notes.sentences import followed
from derive.notes.suppositions import restricts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from derive.notes.source import Formula

__all__ = ["with_suppositions"]

#: What stands for a formula where only words are looked at.
_FORMULA = "\ufffc"
_LIST = r"itemize|enumerate|description"
_MARKUP = re.compile(
    rf"\\begin\s*\{{(?!(?:{_LIST})\*?\}})[a-zA-Z]+\*?\}}(?:\[[^\[\]\n]*\])?"
    rf"|\\end\s*\{{(?!(?:{_LIST})\*?\}})[a-zA-Z]+\*?\}}"
    r"|\\(?:label|index|hspace\*?|vspace\*?)\s*\{[^{}\n]*\}"
    r"|\\(?:noindent|indent|(?:small|med|big)skip|newpage|clearpage|centering|bfseries|itshape|bf|it|em"
    r"|qed|hfill|smallskip|quad|qquad)(?![A-Za-z])"
)
_EMPHASIS = re.compile(r"\\(?:text(?:bf|it|sl|sc|rm|sf|up)|emph|underline)\s*\{([^{}]*)\}")
_NOTE = re.compile(r"\\footnote(?:text)?\s*(?:\[[^\[\]\n]*\])?\s*(?=\{)")
#: Where a sentence in brackets begins: behind the end of another one.
_OPENING = re.compile(
    r"(?:\A|[.!?:;)\ufffc][*_]*\s+|\n[ \t\r]*\n\s*|\n\s*)(?=\((?:[^\Wa-z\d_]|\ufffc))"
)
_PAIRS = {"(": ")", "{": "}"}
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_FAR = 4000


def with_suppositions(
    found: Sequence[tuple[Formula, int, int]],
    text: str,
    names: Collection[str] = (),
    begin: int = 0,
) -> tuple[Formula, ...]:
    """Return a note's formulas, each with what its sentence supposes.

    Parameters
    ----------
    found : sequence of (Formula, int, int)
        In order, with the offsets where they begin and end, delimiters included.
    text : str
        All of the note.
    names : collection of str
        What the note declares.
    begin : int
        Where its body begins.
    """
    text = _unmarked(text, [(start, end) for _, start, end in found])
    apart = _interjections(text, found)
    begins = [begin for _, begin, _ in found]
    inside = [range(bisect_left(begins, one), bisect_left(begins, end)) for one, end, _ in apart]
    within = {number for numbers in inside for number in numbers}
    outside = [number for number in range(len(found)) if number not in within]
    outer = _blanked(text, [(start, end) for start, end, _ in apart])
    formulas, states = followed([found[number] for number in outside], outer, names, last=begin)
    result = dict(zip(outside, formulas, strict=True))
    for (start, end, inner), numbers in zip(apart, inside, strict=True):
        count = bisect_left(outside, numbers[0])
        before = formulas[count - 1 : count] if count else ()
        last = found[outside[count - 1]][2] if count else begin
        stop = "." if text[inner] == "{" else " "
        own = f"{outer[:start]}{stop:{inner + 1 - start}}{text[inner + 1 : end - 1]}"
        several = [found[number] for number in numbers]
        formulas_inside, _ = followed(several, own, names, states[count], before, last)
        result.update(zip(numbers, formulas_inside, strict=True))
    return tuple(result[number] for number in range(len(found)))


def _unmarked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text in which blanks stand for commands that only lay it out, of the same length."""
    if "\\" not in text:
        return text
    words = _words(text, spans)
    marks = [match.span() for match in _MARKUP.finditer(words)]
    for match in _EMPHASIS.finditer(words):
        marks += [(match.start(), match.start(1)), (match.end(1), match.end())]
    return _blanked(text, marks)


def _blanked(text: str, places: Sequence[tuple[int, int]]) -> str:
    """Return a text with blanks at some places."""
    parts, at = [], 0
    for start, end in sorted(places):
        parts += [text[at:start], " " * (end - max(at, start))]
        at = max(at, end)
    return "".join(parts) + text[at:]


def _interjections(
    text: str, found: Sequence[tuple[Formula, int, int]]
) -> list[tuple[int, int, int]]:
    """Return where passages stand that are apart from what is around them, and their brackets.

    A condition alone in a footnote may be that of the claim before it.
    """
    words = _words(text, [(start, end) for _, start, end in found])
    result: list[tuple[int, int, int]] = []
    begins = [begin for _, begin, _ in found]
    for start, end, inner in _candidates(words):
        own = found[bisect_left(begins, start) : bisect_left(begins, end)]
        if not own or (result and start < result[-1][1]):
            continue
        formula, _, last = own[-1]
        behind = words[last:end]
        ends = re.search(r"[.!?。]\W*\Z", behind) or formula.latex.rstrip().endswith(".")
        bare = all(restricts(one) for one, _, _ in own) and not re.search(r"\w", behind)
        if (ends or words[inner] == "{") and not bare:
            result.append((start, end, inner))
    return result


def _words(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text without its formulas, of the same length."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], _FORMULA * (end - start)]
        at = end
    return "".join(parts) + text[at:]


def _candidates(words: str) -> Iterator[tuple[int, int, int]]:
    """Yield where brackets stand that may hold a sentence, with what leads to them."""
    opened = [(match.end(), match.end()) for match in _OPENING.finditer(words)]
    opened += [match.span() for match in _NOTE.finditer(words)]
    for start, bracket in sorted(opened):
        end = _closed(words, bracket)
        if end is not None and not _BLANK_LINE.search(words, start, end):
            yield start, end, bracket


def _closed(words: str, begin: int) -> int | None:
    """Return where the bracket ends that begins at a place, None where it is far, or nowhere."""
    opening, depth = words[begin], 0
    closing = _PAIRS[opening]
    for match in re.compile(rf"[{re.escape(opening + closing)}]").finditer(
        words, begin, begin + _FAR
    ):
        depth += 1 if match.group() == opening else -1
        if not depth:
            return match.end()
    return None
