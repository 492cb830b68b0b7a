r"""Conditions as text: what can be one, what holds where one does not, several at once.

What is supposed is a list of cases, in each of which some conditions hold together. What is said of
all of them has to hold in each.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from derive.notes.source import Formula

__all__ = [
    "COMPARISON",
    "EVERYWHERE",
    "OPPOSITE",
    "Cases",
    "alternatives",
    "both",
    "claims_something",
    "contradict",
    "is_own",
    "joined",
    "left_side",
    "negated",
    "perhaps",
    "plain",
    "ranging",
    "restricts",
    "says_range",
    "sets_value",
    "under",
]

#: Cases; in each of them all of its conditions hold.
Cases: TypeAlias = tuple[tuple[str, ...], ...]
EVERYWHERE: Cases = ((),)
#: Of more cases none is told apart: what is said of them is to hold everywhere.
_MOST = 8

_ORDER = r"\\(?:neq|ne|leqslant|leq|le|geqslant|geq|ge|lt|gt)(?![A-Za-z])|[<>≠≤≥]"
#: Signs that are struck out, and what they say.
_STRUCK = {
    r"(?:\\not\s*=)": r"\neq ",
    r"(?:\\not\s*(?:<|\\lt(?![A-Za-z]))|\\nless(?![A-Za-z]))": r"\ge ",
    r"(?:\\not\s*(?:>|\\gt(?![A-Za-z]))|\\ngtr(?![A-Za-z]))": r"\le ",
    r"(?:\\not\s*(?:≤|\\leq?(?![A-Za-z]))|\\nleq(?![A-Za-z]))": "> ",
    r"(?:\\not\s*(?:≥|\\geq?(?![A-Za-z]))|\\ngeq(?![A-Za-z]))": "< ",
}
_RESTRICTS = re.compile(_ORDER + r"|\A\s*[A-Za-z]\s*=\s*[A-Za-z]\s*\Z")
_SIDE = r"\s*[A-Za-z\d](?:_\w|_\{\w+\})?\s*"
#: A comparison of two indices, or of numbers, and nothing else.
COMPARISON = re.compile(rf"{_SIDE}(?:{_ORDER}|=){_SIDE}")
_INDICES = re.compile(r"\A\s*([A-Za-z])\s*=\s*([A-Za-z])\s*\Z")
#: One value for one symbol: ``b = 0``, ``\mu = \bar x``.
_LETTER = r"(?:\\(?:bar|hat|tilde|vec|mathbf|bm|boldsymbol)\b\s*\{?\s*)?(?:\\[A-Za-z]+|\w)\}?"
_NAME = _LETTER + r"(?:_\w|_\{[^{}]*\})?(?:\^\*)?"
_SETS = re.compile(rf"\A\s*{_NAME}\s*=\s*(?:{_NAME}|-?\s*[\d.]+)\s*\Z")
_NUMBER = re.compile(rf"\A\s*{_NAME}\s*=\s*-?\s*(?:[\d.]+|\\mathbf\s*\{{?\s*[01]\s*\}}?)\s*\Z")
#: What can say nothing new of a symbol: a matrix equal to its own transpose, a norm's value.
_MARK = r"\s*(?:\^\s*\{?\s*(?:\\top|\\intercal|T|\\mathsf\s*\{?T\}?)\s*\}?)?\s*"
_OWN = re.compile(
    rf"\A\s*({_NAME}){_MARK}=\s*-?\s*\1{_MARK}\Z"
    rf"|\A\s*\\(?:\||lVert|Vert|left\s*\\(?:\||Vert|lVert))[^=<>]*=\s*[\d.]+\s*\Z"
)
_SYMBOLS = re.compile(rf"\A\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*(\\in(?![A-Za-z]).*)?\Z", re.DOTALL)
#: To where an index runs: ``i = 1, \dots, n``.
_RUNS = re.compile(
    r"\A\s*([A-Za-z])(?:\s*,\s*[A-Za-z])*\s*=\s*-?\w+\s*,(?:\s*\w+\s*,)*\s*(?:\\[lc]?dots|\.{3})\s*,[^=]*\Z"
)
_CLAIMS = re.compile(r"\\(?:partial|nabla|sum|int|mathrm\{d\})")
#: Signs, and what holds where they do not.
_SIGN = re.compile(_ORDER + "|=")
OPPOSITE = {
    **dict.fromkeys((r"\neq", r"\ne", "≠"), "="),
    **dict.fromkeys((r"\leq", r"\le", r"\leqslant", "≤"), ">"),
    **dict.fromkeys((r"\geq", r"\ge", r"\geqslant", "≥"), "<"),
    **{"=": r"\neq", "<": r"\ge", r"\lt": r"\ge", ">": r"\le", r"\gt": r"\le"},
}
#: Which of less, equal and greater a sign allows; and so with the sides exchanged.
_ALLOWS = {r"\neq": "<>", "=": "=", "<": "<", ">": ">", r"\ge": "=>", r"\le": "<="}
_EXCHANGED = str.maketrans("<>", "><")
_DIGITS = re.compile(r"-?\d+(?:\.\d+)?")


def claims_something(formula: Formula) -> bool:
    """Tell whether a formula says that something is equal, or how it compares."""
    return bool(_SIGN.search(formula.latex))


def restricts(formula: Formula) -> bool:
    """Tell whether a formula in the text can be a condition of what is claimed beside it."""
    if formula.display or _CLAIMS.search(formula.latex):
        return False
    text = plain(formula.latex)
    return bool(_RESTRICTS.search(text) or _SETS.search(text) or _OWN.search(text))


def plain(text: str) -> str:
    r"""Return a condition without signs that are struck out: ``\not=`` is ``\neq``."""
    for struck, sign in _STRUCK.items():
        text = sign.join(re.split(struck, text)) if "\\n" in text else text
    return text


def is_own(formula: Formula) -> bool:
    """Tell whether an equation sets a symbol equal to its own transpose, or a norm."""
    return _OWN.search(formula.latex) is not None


def says_range(formula: Formula, names: Collection[str]) -> bool:
    """Tell whether a formula in the text only says to where an index runs."""
    match = None if formula.display else _RUNS.match(formula.latex)
    return match is not None and match[1] not in names


def sets_value(formula: Formula, names: Collection[str]) -> bool:
    """Tell whether a condition can be nothing else: an order, equal indices, a symbol's number.

    Parameters
    ----------
    formula : Formula
        That restricts.
    names : collection of str
        What the note declares: that two of these are equal may be a claim.
    """
    signs = _SIGN.findall(plain(formula.latex))
    if "=" not in signs or _NUMBER.search(formula.latex):
        return True
    indices = _INDICES.search(formula.latex)
    return indices is not None and not {*indices.groups()} <= set(names)


def negated(cases: Cases) -> Cases | None:
    """Return where none of some cases holds, None where a condition is no single comparison."""
    found: Cases = EVERYWHERE
    for case in cases:
        wholes = [_opposite(text) for text in case]
        if None in wholes or not case:
            return None
        found = both(found, tuple((text,) for text in wholes if text is not None))
    return found


def both(one: Cases, two: Cases) -> Cases:
    """Return where two suppositions hold; a condition of the second overrules its contrary."""
    if len(one) * len(two) > _MOST:
        return EVERYWHERE
    return tuple(
        dict.fromkeys(
            (*(a for a in first if not any(contradict(a, b) for b in second)), *second)
            for first, second in product(one, two)
        )
    )


def under(formula: Formula, cases: Cases) -> Formula:
    """Return a formula that is claimed in each of some cases."""
    if len(cases) == 1:
        return replace(formula, under=cases[0], either=())
    return replace(formula, under=(), either=cases)


def ranging(formula: Formula) -> tuple[tuple[str, ...], bool]:
    r"""Return the symbols that a formula lists, and whether it says in which set they are."""
    found = _SYMBOLS.match(formula.latex)
    if found is None or formula.display:
        return (), False
    return tuple(name.strip() for name in found[1].split(",")), found[2] is not None


def perhaps(formula: Formula, cases: Cases) -> Formula:
    """Return a formula of which it is not clear whether it is claimed in some cases only."""
    return replace(formula, perhaps=cases if cases != EVERYWHERE else ())


def _opposite(text: str) -> str | None:
    signs = _SIGN.findall(text)
    if len(signs) != 1:
        return None
    return text.replace(signs[0], f" {OPPOSITE[signs[0]]} ")


def contradict(one: str, two: str) -> bool:
    """Tell whether two comparisons of the same two sides cannot both hold."""
    first, second = _compared(one), _compared(two)
    if first is None or second is None:
        return False
    (a, allowed, b), (c, other, d) = first, second
    if (a, b) == (d, c):
        (c, d), other = (d, c), other.translate(_EXCHANGED)
    if (a, b) == (c, d):
        return not set(allowed) & set(other)
    numbers = all(map(_DIGITS.fullmatch, (b, d)))
    return a == c and allowed == other == "=" and numbers and float(b) != float(d)


def left_side(text: str) -> str:
    """Return what a comparison is about: its first side, all of what is no single one."""
    found = _compared(text)
    return text if found is None else found[0]


def _compared(text: str) -> tuple[str, str, str] | None:
    signs = _SIGN.findall(text)
    if len(signs) != 1:
        return None
    left, right = ("".join(part.split()) for part in text.split(signs[0]))
    return left, _ALLOWS[OPPOSITE[OPPOSITE[signs[0]]]], right


def joined(cases: Cases, text: str) -> Cases:
    """Return cases of which the last one has one more condition, its contrary a case of its own."""
    kept = tuple(one for one in cases[-1] if not contradict(one, text))
    return (*(cases if kept != cases[-1] else cases[:-1]), (*kept, text))


def alternatives(parts: Iterable[Cases]) -> Cases:
    """Return the cases of several suppositions of which any may hold."""
    found = tuple(dict.fromkeys(case for part in parts for case in part))
    return found if len(found) <= _MOST else EVERYWHERE
