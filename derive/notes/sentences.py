r"""What the words around a formula suppose: ``for $i \neq j$ we get $…$``, ``$…$ if $x > 0$``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.source import Formula

__all__ = ["with_suppositions"]

#: Words before a formula in the text that make it a supposition, whatever it says.
_SUPPOSING = re.compile(
    r"\b(?:if|unless|when|whenever|suppos(?:e|ing)|assum(?:e|ing))(?:\s+that)?\s*\Z", re.IGNORECASE
)
#: Words before a condition, in the languages in which notes were met.
_WORDS = (
    r"for(?:\s+(?:all|any|each|every))?|(?:(?:evaluated\s+)?at|with|setting|taking)|if|when|whenever|provided(?:\s+that)?|case(?:\s+\d+)?"
    r"|für(?:\s+alle)?|falls|wenn|fall(?:\s+\d+)?|pour(?:\s+tout)?|si|cas(?:\s+\d+)?|para|cuando"
    r"|caso(?:\s+\d+)?|per|se|dla|gdy|jeśli|jeżeli|для|при|если|когда|עבור|אם|כאשר"
)
_SIGNS = "当|若|如果|对于?|當|對於?|のとき"
#: Those after which any equation is supposed, and a claim beside it is made where it holds.
_IF = re.compile(
    r"\b(?:if|when|whenever|suppos(?:e|ing)|assum(?:e|ing))(?:\s+that)?\s*\Z", re.IGNORECASE
)
_BEFORE = re.compile(rf"(?P<word>(?<!\w)(?:{_WORDS})|{_SIGNS})\s*[:(]?\s*\Z", re.IGNORECASE)
#: Words by which a condition comes on top of one that a word like its own introduced.
_BESIDES = re.compile(
    r"(?<!\w)(?:also|besides|moreover|furthermore|in\s+addition|additionally|außerdem|zudem"
    r"|además|de\s+plus|ponadto|кроме\s+того|בנוסף)(?!\w)",
    re.IGNORECASE,
)
#: What stands between a formula and a condition that belongs to it: in lower case, or without case.
_BEHIND = re.compile(rf"[\s,(]*(?:{_WORDS}|{_SIGNS})\s*\Z")
_AND = re.compile(r"[\s,]*(?:and|und|et|y|e|i|oraz|и|וגם|且|and also)?[\s,]*\Z")
_FAR = 40
_END = re.compile(r"[.;。；](?:\s|\Z)|\n[ \t\r]*\n|\n[ \t]*(?:[-*#]|\d+[.)])\s")
_ENDS = re.compile(r"[.;。；][\s}]*(?:\\end\{[^}]*\}\s*)*\Z")
#: What carries a supposition that is a sentence on to the next one.
_THEN = re.compile(
    r"[.;。；]?[ \t]*\n?[ \t]*(?:(?:then|in th(?:is|at) case|dann|in diesem Fall|alors|dans ce cas"
    r"|entonces|en (?:este|ese) caso|então|nes[ts]e caso|allora|in quel caso|wtedy"
    r"|w tym przypadku|тогда|в этом случае|אז|במקרה זה)(?!\w)|则|那么|此时|則|那麼)",
    re.IGNORECASE,
)
_ORDER = r"\\(?:neq|ne|leq|le|geq|ge|lt|gt)(?![A-Za-z])|[<>≠≤≥]"
_RESTRICTS = re.compile(_ORDER + r"|\A\s*[A-Za-z]\s*=\s*[A-Za-z]\s*\Z")
#: One value for one symbol: ``b = 0``, ``\mu = \bar x``.
_LETTER = r"(?:\\(?:bar|hat|tilde|vec|mathbf|bm|boldsymbol)\b\s*\{?\s*)?(?:\\[A-Za-z]+|\w)\}?"
_NAME = _LETTER + r"(?:_\w|_\{[^{}]*\})?(?:\^\*)?"
_SETS = re.compile(rf"\A\s*{_NAME}\s*=\s*(?:{_NAME}|-?\s*[\d.]+)\s*\Z")
_OTHERWISE = re.compile(
    r"(?<!\w)(?:otherwise|else|sonst|ansonsten|sinon|autrement|si\s+no|en\s+otro\s+caso|inaczej"
    r"|w\s+przeciwnym\s+razie|иначе|אחרת)(?!\w)|否则|否則",
    re.IGNORECASE,
)
#: Signs, and what holds where they do not.
_SIGN = re.compile(_ORDER + "|=")
_NOT = {
    **dict.fromkeys((r"\neq", r"\ne", "≠"), "="),
    **dict.fromkeys((r"\leq", r"\le", "≤"), ">"),
    **dict.fromkeys((r"\geq", r"\ge", "≥"), "<"),
    **{"=": r"\neq", "<": r"\ge", r"\lt": r"\ge", ">": r"\le", r"\gt": r"\le"},
}
_CLAIMS = re.compile(r"\\(?:partial|frac|nabla|sum|int|mathrm\{d\})")


def with_suppositions(found: Sequence[tuple[Formula, int, int]], text: str) -> tuple[Formula, ...]:
    """Return a note's formulas, each with what its sentence supposes.

    Parameters
    ----------
    found : sequence of (Formula, int, int)
        In order, with the offsets where they begin and end, delimiters included.
    text : str
        All of the note.
    """
    result: list[Formula] = []
    supposed: list[str] = []
    last = 0
    one_more = False
    word = ""
    for formula, start, end in found:
        between = text[last:start]
        one_more = one_more and bool(_AND.fullmatch(between))
        ended = not result or bool(_END.search(between) or _ENDS.search(result[-1].latex))
        if ended and not (result and result[-1].supposed and _THEN.match(between)):
            supposed.clear()
        if _OTHERWISE.search(between):
            supposed = _negated(supposed)
        before = text[max(0, start - _FAR) : start]
        if not formula.display and _SUPPOSING.search(before):
            formula = replace(formula, supposed=True)
        opening = _BEFORE.search(before)
        introduced = one_more or opening is not None
        one_more = introduced and _is_condition(formula)
        one_more = one_more or (not formula.display and _supposes(formula, before))
        if one_more:
            if not ended and not result[-1].supposed and _BEHIND.fullmatch(between):
                result[-1] = replace(result[-1], under=(*result[-1].under, formula.latex))
            else:
                own = _kind(opening) or word
                if own == word and supposed and not result[-1].supposed:
                    # ``For $x > 0$ we have $…$, and for $x < 0$ it is $…$``: no longer the first.
                    supposed = supposed if _BESIDES.search(between) else []
                supposed.append(formula.latex)
                word = own
            formula = replace(formula, supposed=True)
        elif supposed and not formula.supposed:
            formula = replace(formula, under=tuple(supposed))
        result.append(formula)
        last = end
    return tuple(result)


def _kind(opening: re.Match[str] | None) -> str:
    """Return the word that introduces a condition, without what may follow it: ``for all``."""
    return "" if opening is None else opening["word"].lower().split()[0]


def _negated(supposed: Sequence[str]) -> list[str]:
    """Return what is supposed otherwise; nothing where that is not one comparison."""
    signs = [_SIGN.findall(text) for text in supposed]
    if len(supposed) != 1 or len(signs[0]) != 1:
        return []
    (sign,) = signs[0]
    return [supposed[0].replace(sign, f" {_NOT[sign]} ")]


def _is_condition(formula: Formula) -> bool:
    """Tell whether a formula in the text can be a condition of what is claimed beside it."""
    if formula.display or _CLAIMS.search(formula.latex):
        return False
    return bool(_RESTRICTS.search(formula.latex) or _SETS.search(formula.latex))


def _supposes(formula: Formula, before: str) -> bool:
    """Tell whether words suppose what a formula says, whatever it is."""
    return bool(_IF.search(before) and _SIGN.search(formula.latex))
