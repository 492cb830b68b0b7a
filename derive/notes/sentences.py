r"""What the words around a formula suppose: ``for $i \neq j$ we get $…$``, ``$…$ if $x > 0$``.

A condition before a claim restricts what the rest of its sentence claims; one right behind a claim
restricts that claim alone. A sentence that only supposes may be carried on by the next one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from derive.notes import wording
from derive.notes.suppositions import (
    EVERYWHERE,
    Cases,
    alternatives,
    both,
    claims_something,
    joined,
    negated,
    restricts,
    sets_value,
    under,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from derive.notes.source import Formula

__all__ = ["with_suppositions"]

#: As much text before a formula tells what introduces it, and as many suppositions are kept.
_FAR = 400
_MANY = 8
_DOT = r"(?<!w\.r\.t)(?<!i\.e)(?<!e\.g)(?<!d\.\sh)(?<!т\.\sе)(?<!\\)"
#: Where a paragraph ends, or an entry of a list or of a table.
_BREAK = re.compile(
    r"\n[ \t\r]*\n|\n[ \t]*(?:[-*#]+|\d+[.)])\s|\n[ \t]*\|"
    r"|\\(?:item|par|(?:sub)*section|paragraph)(?![A-Za-z])|\\\\"
)
_STOP = re.compile(_DOT + r"(?:\.(?=[\s*_]|\Z)|;|[。；])")
_STOPS = re.compile(r"[.;。；][\s}]*(?:\\end\{[^}]*\}\s*)*\Z")
#: What ends a clause behind ``otherwise``.
_CLOSED = re.compile(r"\s*(?:[.,;:)。，；]|\n|\$\$|\\(?:end|\[|\]))")
_HEADED = re.compile(r"[\s*_)]*[:：|&]")
_FULL_STOP = re.compile(r"[\s*_]*[.;。；]")
#: What points back to a claim, and does not conclude from it.
_POINTS = re.compile(r"\s*(?:this|das|cela|esto|isto|questo|to|это|זה)(?!\w)", re.IGNORECASE)
_ENDED = re.compile(r"[\s*_)]*(?:[.:：]|\Z)")
_SHUT = re.compile(r"\s*[),–—]")
_BRACKET = re.compile(r"\s*\(\s*\Z")


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """Something supposed, at one place of the text.

    Parameters
    ----------
    word : str
        What introduces it, empty where it stands behind a formula.
    cases : Cases
        What is supposed.
    base : tuple of _Entry
        What is supposed besides.
    target : int or None
        The number of the formula that it stands behind.
    """

    word: str
    cases: Cases
    base: tuple[_Entry, ...] = ()
    target: int | None = None


@dataclass(frozen=True, slots=True)
class _State:
    r"""What is known at some place of a text.

    Parameters
    ----------
    active : tuple of _Entry
        What the rest of the sentence is said under.
    said : tuple of _Entry
        What has been supposed in it: otherwise is where none of that holds.
    begun : int
        Where the sentence begins.
    claimed : bool
        Whether it has claimed something.
    asks : bool
        Whether what is supposed is a request of its own: ``Let $i \neq j$.``
    open : _Entry or None
        The condition that the last formula is.
    used : int
        How much of the text behind the last formula belongs to that.
    """

    active: tuple[_Entry, ...] = ()
    said: tuple[_Entry, ...] = ()
    begun: int = 0
    claimed: bool = False
    asks: bool = False
    open: _Entry | None = None
    used: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """A formula in its text.

    Parameters
    ----------
    formula : Formula
        As written.
    lead : str
        What stands right before it, from the formula before it or the sentence's beginning on.
    sentence : str
        What its sentence begins with.
    after : str
        What stands behind it, as far as the next formula.
    """

    formula: Formula
    lead: str
    sentence: str
    after: str


def with_suppositions(
    found: Sequence[tuple[Formula, int, int]], text: str, names: Collection[str] = ()
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
    """
    result: list[Formula] = []
    state = _State()
    last = 0
    for number, (formula, start, end) in enumerate(found):
        stop = found[number + 1][1] if number + 1 < len(found) else len(text)
        between = text[last + state.used : start]
        state, lead = _at_next(state, between, start, result, formula)
        # The note's end is one of a line.
        after = text[end:stop] + ("" if stop < len(text) else "\n")
        sentence = text[state.begun : min(start, state.begun + _FAR)]
        place = _Place(formula, lead[-_FAR:], sentence, after)
        state = _with_words(state, lead)
        state = _read(state, place, result, names)
        last = end
    return tuple(result)


def _at_next(
    state: _State, between: str, start: int, result: Sequence[Formula], formula: Formula
) -> tuple[_State, str]:
    """Return what is known before the next formula, and what leads to it in its sentence."""
    words = _STOP.split(between)[-1]
    if formula.display and words.strip():
        # A blank line before a display does not end the sentence that leads to it.
        between = between.rstrip()
    breaks = [*_BREAK.finditer(between)]
    rest = between[breaks[-1].end() :] if breaks else between
    lead = _STOP.split(rest)[-1]
    stops = len(_STOP.findall(between)) or bool(result and _STOPS.search(result[-1].latex))
    if result and not breaks and not stops:
        return replace(state, used=0), lead
    begun = start - len(lead)
    paragraph = any(not match.group().strip() for match in breaks)
    sentence = _State(begun=begun)
    if _carries(state, lead, int(stops), bool(breaks)):
        sentence = replace(sentence, active=state.active, said=state.said, asks=state.asks)
    parted = ";" in between or _opposes(lead)
    return (replace(sentence, said=state.said) if parted and not paragraph else sentence), lead


def _carries(state: _State, lead: str, stops: int, breaks: bool) -> bool:
    """Tell whether a sentence goes on with what the one before it supposes."""
    if breaks or stops != 1 or not state.active or wording.ALWAYS.match(lead):
        return False
    if state.claimed:
        hence = wording.HENCE.match(lead) and not _POINTS.match(lead)
        return state.asks and bool(hence)
    return state.asks or bool(wording.THEN.match(lead) or wording.HENCE.match(lead))


def _opposes(lead: str) -> bool:
    """Tell whether a sentence begins with what holds otherwise."""
    match = wording.OTHERWISE.search(lead)
    return match is not None and not re.search(r"\w{3}", lead[: match.start()])


def _with_words(state: _State, lead: str) -> _State:
    """Return what is known after words: they may take back, or turn round, what is supposed."""
    if wording.OTHERWISE.search(lead):
        return replace(state, active=_otherwise(state), open=None)
    if wording.ALWAYS.search(lead):
        return replace(state, active=(), open=None)
    return state


def _otherwise(state: _State) -> tuple[_Entry, ...]:
    """Return what is supposed where nothing of the last kind that was said holds."""
    said = state.said or state.active[-1:]
    if not said:
        return state.active
    last = said[-1]
    alike = [e for e in said if e.word == last.word and (e.target is None) == (last.target is None)]
    found: Cases | None = EVERYWHERE
    for entry in alike:
        other = negated(entry.cases)
        found = None if found is None or other is None else both(found, other)
    base = tuple(entry for entry in last.base if entry not in alike)
    return base if found is None else (*base, _Entry("otherwise", found))


def _supposed(active: Sequence[_Entry]) -> Cases:
    return reduce(both, (entry.cases for entry in active), EVERYWHERE)


def _read(state: _State, place: _Place, result: list[Formula], names: Collection[str]) -> _State:
    """Append a formula with what is supposed of it; return what is known behind it."""
    formula = place.formula
    opening = wording.INTRODUCERS.search(place.lead)
    any_one = None if formula.display else wording.ANY.search(place.lead)
    every = any_one is not None
    other = state.open is not None and _goes_on(place, names)
    supposing = every and claims_something(formula)
    if not supposing and not (restricts(formula) and (other or _introduces(state, place, names))):
        return _claimed(state, place, replace(formula, supposed=every), result)
    behind = _behind(state, place, result)
    result.append(replace(formula, supposed=True))
    word, at = _introduction(opening, any_one, place.lead)
    if wording.NOT_BEFORE.search(place.lead[:at]) or wording.NEITHER.match(place.after):
        return replace(state, open=None)
    word = word if behind is None else behind["word"].lower()
    cases: Cases | None = ((formula.latex,),)
    if wording.UNLESS.match(word):
        cases = negated(((formula.latex,),)) if restricts(formula) else None
        if cases is None:
            return replace(state, open=None)
    assert cases is not None
    if other and state.open is not None:
        return _joined(state, state.open, cases, place.lead, result)
    if state.claimed and wording.TOO.fullmatch(place.lead) and not result[-2].supposed:
        # One more case of what was claimed.
        _restrict(
            _Entry("", alternatives((_supposed(state.active), cases)), (), len(result) - 2), result
        )
        return replace(state, open=None)
    if behind is not None or (opening is None and _BRACKET.fullmatch(place.lead)):
        return _attached(state, cases, result)
    return _begun(state, place, word, cases)


def _introduction(
    opening: re.Match[str] | None, any_one: re.Match[str] | None, lead: str
) -> tuple[str, int]:
    """Return the words that introduce a condition, and where they begin."""
    if opening is not None:
        group = "word" if opening["word"] else "clause"
        return opening[group].lower(), opening.start(group)
    if any_one is not None:
        return any_one.group().strip().lower(), any_one.start()
    return "", len(lead)


def _goes_on(place: _Place, names: Collection[str]) -> bool:
    """Tell whether one condition follows another."""
    if place.lead.strip(" \n,，"):
        return any(p.fullmatch(place.lead) for p in (wording.AND, wording.OR, wording.ALSO))
    # With nothing but a comma between, an equation that ends the sentence is the claim.
    ends = "=" in place.formula.latex and _FULL_STOP.match(place.after)
    return sets_value(place.formula, names) and not ends


def _introduces(state: _State, place: _Place, names: Collection[str]) -> bool:
    """Tell whether the words around a formula make it a condition."""
    opening = wording.INTRODUCERS.search(place.lead)
    if opening is not None and opening["word"]:
        return True
    if not sets_value(place.formula, names):
        return False
    lead, after = place.lead, place.after
    if opening is not None or wording.POSTPOSITION.match(after):
        return True
    if wording.BEHIND.fullmatch(lead) and place.sentence.strip() != lead.strip():
        return True
    if _BRACKET.fullmatch(lead) and after.lstrip().startswith(")") and place.sentence != lead:
        return True
    if not state.claimed and wording.APPOSED.search(lead) and _SHUT.match(after):
        return wording.OPENING.match(place.sentence) is not None
    return wording.LABEL.fullmatch(place.sentence) is not None and bool(_HEADED.match(after))


def _behind(state: _State, place: _Place, result: Sequence[Formula]) -> re.Match[str] | None:
    """Return how a condition belongs to what stands right before it, None where it does not."""
    if (
        not state.claimed
        or not result
        or result[-1].supposed
        or wording.THEN.match(place.after.lstrip(" ,"))
    ):
        return None
    return wording.BEHIND.fullmatch(place.lead)


def _begun(state: _State, place: _Place, word: str, cases: Cases) -> _State:
    """Return what is known behind a condition that what follows is said under."""
    kind = word.split()[0] if word else ""
    asks = wording.LET.match(word) is not None
    if wording.CASE.match(word) or not word:
        kind = "case"
        asks = bool(_ENDED.match(place.after))
    # ``For $x > 0$ we have $…$, and for $x < 0$ it is $…$``: no longer the first.
    again = not asks or kind == "case"
    replaced = again and not wording.BESIDES.search(place.lead)
    base = tuple(e for e in state.active if not replaced or e.word != kind)
    entry = _Entry(kind, cases, base)
    return replace(
        state,
        active=(*base, entry)[-_MANY:],
        said=(*state.said, entry)[-_MANY:],
        asks=state.asks or asks,
        open=entry,
    )


def _attached(state: _State, cases: Cases, result: list[Formula]) -> _State:
    """Return what is known behind a condition that restricts the formula before it alone."""
    target = len(result) - 2
    entry = _Entry("", cases, state.active, target)
    _restrict(entry, result)
    return replace(state, said=(*state.said, entry)[-_MANY:], open=entry)


def _joined(state: _State, one: _Entry, cases: Cases, lead: str, result: list[Formula]) -> _State:
    """Return what is known behind a condition that follows another one."""
    if wording.OR.fullmatch(lead):
        entry = replace(one, cases=alternatives((one.cases, cases)))
    else:
        entry = replace(one, cases=reduce(joined, cases[0], one.cases))
    _restrict(entry, result)
    active = tuple(entry if e is one else e for e in state.active)
    said = tuple(entry if e is one else e for e in state.said)
    return replace(state, active=active, said=said, open=entry)


def _restrict(entry: _Entry, result: list[Formula]) -> None:
    """Restrict the formula that a condition stands behind, if it is one that claims."""
    if entry.target is not None and claims_something(result[entry.target]):
        cases = both(_supposed(entry.base), entry.cases)
        result[entry.target] = under(result[entry.target], cases)


def _claimed(state: _State, place: _Place, formula: Formula, result: list[Formula]) -> _State:
    """Append a formula that is no condition, with what it is claimed under."""
    active = state.active
    used = 0
    otherwise = re.match(r"[\s,(]*", place.after)
    said = wording.OTHERWISE.match(place.after, otherwise.end() if otherwise else 0)
    if said is not None and _CLOSED.match(place.after, said.end()):
        used = said.end()
        active = _otherwise(state)
    if active and not formula.supposed:
        formula = under(formula, _supposed(active))
    result.append(formula)
    claims = claims_something(formula) and not formula.supposed
    return replace(state, claimed=state.claimed or claims, open=None, used=used)
