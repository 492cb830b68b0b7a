r"""Whether a condition in words is said to hold: ``if $r > 0$ fails, …``, ``$r > 0$ nicht gilt``.

What denies it makes it its contrary. Where the words of its clause are not understood, it is not
clear what is supposed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import wording
from derive.notes.said import Entry
from derive.notes.suppositions import (
    EVERYWHERE,
    alternatives,
    contradict,
    joined,
    left_side,
    negated,
    restricts,
)

if TYPE_CHECKING:
    from derive.notes.source import Formula
    from derive.notes.suppositions import Cases

__all__ = ["HOLDS", "RELATES", "denies", "entry_for", "one_more", "opened", "stand"]

HOLDS, FAILS, OPEN = "holds", "fails", "open"
_FLAGS = re.IGNORECASE
_TRUE = (
    r"true|holds?|holding|satisfied|fulfilled|met|(?:the|our)\s+case|valid|given|so|right|correct"
    r"|apply|applies|in\s+force"
)
_FALSE = r"false|wrong|untrue|violated|incorrect|invalid|impossible|broken|negated"
_OUT = r"excluded|ruled\s+out"
_BE = r"(?:is|are|be|was|were|being)"
_NEVER = r"(?:not|no\s+longer|never|nowhere)"
#: Predicates that deny their subject, by language: the first ones are English.
_DENIES = (
    rf"(?:(?:does|do|did|{_BE})(?:\s+{_NEVER}|n['’]t)\s+(?:{_TRUE})|(?:no\s+longer|never)\s+(?:{_TRUE})"
    rf"|fails?(?:\s+to\s+hold)?|failed|{_BE}\s+(?:{_FALSE}|{_OUT})|violated)",
    r"nicht(?:\s+(?:gilt|gelten|zutrifft|stimmt|(?:erfüllt|wahr|richtig|gegeben|der\s+Fall|gültig)"
    r"(?:\s+(?:ist|sind|wäre))?))?",
    r"(?:verletzt|falsch|ausgeschlossen|unwahr|ungültig)(?:\s+(?:ist|sind))?",
    r"n['’](?:est|a)\s+(?:pas|plus|jamais)\s+(?:vraie?|vérifiée?|satisfaite?|remplie?|valable|lieu|le\s+cas)",
    r"ne\s+(?:tient|vaut)\s+(?:pas|plus)|est\s+(?:faux|fausse|violée?|exclue?)",
    r"no\s+(?:se\s+(?:cumple|satisface|verifica|da)|vale|es\s+(?:cierto|verdad|verdadero|válid[oa]))",
    r"falla|es\s+fals[oa]|não\s+(?:se\s+verifica|vale|é\s+(?:verdade|verdadeir[oa]|satisfeit[oa]|válid[oa]))",
    r"falha|é\s+fals[oa]|non\s+(?:vale|si\s+verifica|è\s+(?:ver[oa]|soddisfatt[oa]|verificat[oa]))",
    r"è\s+fals[oa]|nie\s+(?:zachodzi|obowiązuje|jest\s+(?:spełnion\w+|prawd\w+))|jest\s+fałsz\w+",
    r"не\s+(?:выполн\w+|верно|справедлив\w+|имеет\s+места)|нарушен\w*|неверно|ложно",
    r"(?:לא|אינו|איננו|אינה)\s+(?:מתקיי?(?:ם|מת)|נכון|נכונה|תקף)|שגוי|不成立",
)
_CLAUSE_ENDS = (
    r"(?=\s*[\s*_]*(?:[,.:;)\]|}，。；：、]|(?:then|so|dann|alors|entonces|to|то|אז)(?!\w)))"
)
_DENIED = re.compile(rf"\s*(?:{'|'.join(_DENIES)})(?!\w){_CLAUSE_ENDS}", _FLAGS)
_DENIED_TWICE = re.compile(
    rf"\s*(?:{_BE}(?:\s+not|n['’]t)\s+(?:{_FALSE})|(?:does|do)(?:\s+not|n['’]t)\s+fail)(?!\w){_CLAUSE_ENDS}",
    _FLAGS,
)
#: The words of a condition's clause behind its formula, where these end it.
_CLAUSE = re.compile(
    r"(?P<words>[^,.:;()\[\]\n|{}，。；：、\\]*(?:\n(?!\s*\n)[^,.:;()\[\]\n|{}，。；：、\\]*)?)[,.;:，。；：]"
)
_NEGATION = re.compile(
    r"(?<!\w)(?:not|no|never|cannot|without|un(?:less|true)|nicht|nie|kein\w*|ohne|pas|jamais|sans|no|nunca"
    r"|sin|não|sem|non|senza|nie|bez|не|нет|без|לא|אינו|איננו|ללא)(?!\w)|n['’]t(?!\w)|不",
    _FLAGS,
)
#: A verb between two conditions: what is supposed is neither of them.
RELATES = re.compile(
    r"\s*(?:implies|forces|means|entails|yields|follows\s+from|is\s+equivalent\s+to|excludes|contradicts"
    r"|impliziert|bedeutet|implique|entraîne|implica|oznacza|implikuje|pociąga|влечёт|влечет|גורר)\s*\Z",
    _FLAGS,
)
#: What begins a further clause, which may deny something else.
_FURTHER = re.compile(
    r"\s*(?:and|with|so|hence|because|which|while|und|et|y|e|i|oraz|и)(?!\w)(?!\s+(?:not|does|is)(?!\w))",
    _FLAGS,
)
#: A clause of its own before a condition: ``All is easy if $r > 0$, but …``.
_REMARK = re.compile(r"[\s*_]*\w+\s+\w+")
_OR = re.compile(r"[\s,]*(?:or|oder|ou|o|lub|или|או)(?!\w)", _FLAGS)
_OR_BOTH = re.compile(
    r"[\s,]*(?:or\s+both|oder\s+beide\w*|ou\s+les\s+deux|o\s+ambos|o\s+entrambi|lub\s+obie?|или\s+оба)(?!\w)",
    _FLAGS,
)
#: English words that begin a clause of which the rest is to be understood: *if*, *since*.
_ENGLISH = re.compile(
    r"(?:if|when|whenever|once|since|because|supposing|assuming|provided|given|suppose|assume"
    r"|(?:as|so)\s+(?:long|soon)\s+as)(?!\w)(?!\s+not)",
    _FLAGS,
)
_NO_FOR = re.compile(
    r"(?:for|at|with|für|bei|pour|para|per|dla|przy|для|при|עבור|let|sei|soit)(?!\w)", _FLAGS
)
#: What may follow such a formula in its clause and takes nothing back.
_PLAIN = re.compile(
    rf"\s*(?:\Z|(?:always|also|indeed|in\s+fact|still|now|actually|even|only|then|again)\s*)*(?:\Z|(?:{_TRUE}|occurs|happens|does(?!\s+not|n)|remains|stays"
    rf"|{_BE}\s+(?:(?:always|also|indeed|still|now)\s+)?(?:{_TRUE}|assumed|supposed|known|fixed|imposed|required|enforced|guaranteed"
    r"|constant|finite|positive|small|large|chosen|used|a|an|the|our|in|at|for)"
    r"|during|along|across|until|through|lies?|belongs?|says|tells|corresponds|represents|denotes|describes"
    r"|leads|makes|dominates|exceeds|matters|counts"
    r"|in|on|at|for|with|by|of|from|to|under|over|inside|within|throughout|everywhere|near|around|as|because|since|if|when"
    r"|while|where|which|that|and|or|but|so|hence|thus|therefore|we|one|you|it|its|this|these|there|the|a|an|our|all|both"
    r"|each|every|any|simultaneously|only|strictly|almost|respectively|say|entrywise|elementwise"
    r"|componentwise|initially|here|already|too|instead|first|next)(?!\w))",
    _FLAGS,
)


def denies(words: str) -> bool:
    """Tell whether words in a formula say that what stands before them does not hold."""
    return _DENIED.match(f"{words}.") is not None


def stand(word: str, after: str, before: str = "") -> str:
    """Return whether a condition is said to hold, to fail, or something that is not understood.

    Parameters
    ----------
    word : str
        What introduces it.
    after : str
        What stands behind its formula, as far as the next one.
    before : str
        What stands before the word, in its sentence.
    """
    if wording.ASIDE.search(before) or (_REMARK.match(before) and wording.BUT.match(after)):
        return OPEN
    if _DENIED.match(after):
        return FAILS
    case = wording.CASE.fullmatch(word) is not None
    if case or _NO_FOR.match(word) or _DENIED_TWICE.match(after) or _OR.match(after):
        return HOLDS
    if RELATES.match(after):
        return OPEN
    clause = _CLAUSE.match(after)
    words = clause["words"] if clause is not None else after
    if not words.strip():
        return HOLDS
    if clause is None:
        # ``If $i = j$ we have not $…$``: a clause of its own may begin.
        return HOLDS
    if _NEGATION.search(words) and not _FURTHER.match(words):
        return OPEN
    return OPEN if _ENGLISH.match(word) and not _PLAIN.match(words) else HOLDS


def entry_for(formula: Formula, held: str, *, denied: bool) -> Entry | None:
    """Return what a condition supposes, None where that is no comparison and is denied.

    Parameters
    ----------
    formula : Formula
        The condition in signs.
    held : str
        What :func:`stand` says of it.
    denied : bool
        Whether what introduces it denies it: *unless*.
    """
    cases: Cases | None = ((formula.latex,),)
    denied = denied != (held == FAILS)
    if denied:
        cases = negated(((formula.latex,),)) if restricts(formula) else None
    if cases is None:
        return None
    entry = Entry("", cases, denied=denied)
    return opened(entry) if held == OPEN else entry


def one_more(one: Entry, text: str, lead: str, after: str) -> Entry:
    """Return what is supposed where one more condition is joined to another one.

    Parameters
    ----------
    one : Entry
        What is supposed before it.
    text : str
        The condition in signs.
    lead, after : str
        What stands between the two, and behind it.
    """
    # Not both of two conditions: one of them fails.
    cases = negated(one.cases) if one.denied else one.cases
    if cases is None:
        return replace(one, sure=False)
    if wording.OR.fullmatch(lead) or _OR_BOTH.match(after) or _is_list(cases, text):
        cases = alternatives((cases, ((text,),)))
    else:
        cases = joined(cases, text)
    if one.denied:
        cases = negated(cases) or EVERYWHERE
    entry = replace(one, cases=cases)
    return entry if stand(one.word, after) == HOLDS and one.sure else opened(entry)


def _is_list(cases: Cases, text: str) -> bool:
    """Tell whether a condition is one more of several cases: ``$r > 0$, $r < 0$ and $r = 2$``."""
    if any(contradict(known, text) for case in cases for known in case):
        return True
    sides = {left_side(known) for case in cases for known in case}
    return len(cases) > 1 and sides == {left_side(text)}


def opened(entry: Entry) -> Entry:
    """Return what may be supposed, or else its contrary: which of them is meant is not clear."""
    contrary = negated(entry.cases)
    cases = entry.cases if contrary is None else alternatives((entry.cases, contrary))
    return replace(entry, cases=cases, sure=False)
