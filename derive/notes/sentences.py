r"""What the words around a formula suppose: ``for $i \neq j$ we get $…$``, ``$…$ if $x > 0$``.

A condition before a claim restricts what the rest of its sentence claims; one right behind a claim
restricts that claim alone. A sentence that only supposes may be carried on by the next one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.notes import wording
from derive.notes.following import STOP, at_next
from derive.notes.passages import breaks
from derive.notes.said import Entry, State, freed, is_about, limited, otherwise, supposed
from derive.notes.standing import HOLDS, RELATES, entry_for, one_more, stand
from derive.notes.suppositions import (
    EVERYWHERE,
    alternatives,
    both,
    claims_something,
    is_own,
    perhaps,
    plain,
    ranging,
    restricts,
    says_range,
    sets_value,
    under,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from derive.notes.source import Formula

__all__ = ["followed"]

#: As much text before a formula tells what introduces it, and as many suppositions are kept.
_FAR = 400
_MANY = 8
#: What ends a clause behind ``otherwise``.
_CLOSED = re.compile(r"\s*(?:[.,;:)。，；]|\n|\$\$|\\(?:end|\[|\]))")
#: What may stand between a claim and ``otherwise``, if that belongs to it.
_BLANK = re.compile(r"[ \t,(]*(?:\n[ \t]*(?=[^\WA-Z]))?")
_HEADED = re.compile(r"[\s*_)]*[:：|&]")
_FULL_STOP = re.compile(r"[\s*_]*[.;。；]")
_ENDED = re.compile(r"[\s*_)]*(?:[.:：]|\Z)")
#: A comma, or a colon, of its own behind a condition.
_OWN = re.compile(r"\s*\)?\s*[,，:：]")
_SHUT = re.compile(r"\s*[),–—]")
_BRACKET = re.compile(r"\s*\(\s*\Z")


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
    leads : bool
        Whether the next formula is a claim, in the same sentence.
    """

    formula: Formula
    lead: str
    sentence: str
    after: str
    leads: bool = False


def followed(
    found: Sequence[tuple[Formula, int, int]],
    text: str,
    names: Collection[str] = (),
    state: State = State(),  # noqa: B008 (it is frozen)
    before: Sequence[Formula] = (),
    last: int = 0,
) -> tuple[tuple[Formula, ...], list[State]]:
    """Return formulas, each with what its sentence supposes, and what is known before and behind.

    Parameters
    ----------
    found, text, names, state, before, last
        As in :mod:`derive.notes.interjected`; what is known before, its last formula, its end.
    """
    result, states = [*before], [state]
    for number, (formula, start, end) in enumerate(found):
        stop = found[number + 1][1] if number + 1 < len(found) else len(text)
        state, lead = at_next(state, text, last + state.used, start, result, formula)
        # The note's end is one of a line.
        after = text[end:stop] + ("" if stop < len(text) else "\n")
        sentence = text[state.begun : min(start, state.begun + _FAR)]
        following = found[number + 1][0] if number + 1 < len(found) else None
        leads = following is not None and _claims(following) and not _ends(after, following)
        place = _Place(formula, lead[-_FAR:], sentence, after, leads)
        state = _read(state, place, result, names)
        states.append(state)
        last = end
    return tuple(result[len(before) :]), states


def _claims(formula: Formula) -> bool:
    return claims_something(formula) and not restricts(formula)


def _ends(after: str, following: Formula) -> bool:
    """Tell whether a sentence ends in the words before the next formula."""
    if STOP.search(after):
        return True
    inside = after.rstrip() if following.display else after
    return any(one.kind != "line" for one in breaks(inside, 0, len(inside)))


def _read(state: State, place: _Place, result: list[Formula], names: Collection[str]) -> State:
    """Append a formula with what is supposed of it; return what is known behind it."""
    formula = place.formula
    if says_range(formula, names) or (state.open is not None and RELATES.match(place.lead)):
        result.append(replace(formula, supposed=True))
        return state
    opening = wording.INTRODUCERS.search(place.lead)
    any_one = None if formula.display else wording.ANY.search(place.lead)
    every = any_one is not None
    other = state.open is not None and _goes_on(place, names)
    supposing = every and claims_something(formula)
    if not supposing and not (restricts(formula) and (other or _introduces(state, place, names))):
        state = _for_every(state, place, result)
        denied = wording.DENIED.search(place.lead) is not None
        return _claimed(state, place, replace(formula, supposed=every or denied), result)
    bracket = _bracket(place) if opening is None and any_one is None else None
    behind = _behind(state, place, result)
    result.append(replace(formula, supposed=True))
    word, at = _introduction(opening, any_one, place.lead)
    if bracket is not None:
        word, at = "noun", bracket.start()
        if _is_excepted(place, at):
            word = "except"
    word = word if behind is None else behind["word"].lower()
    held = stand(word, place.after, place.lead[:at])
    if wording.NOT_BEFORE.search(place.lead[:at]) or (
        held == HOLDS and wording.NEITHER.match(place.after)
    ):
        return replace(state, open=None)
    if other and state.open is not None:
        return _joined(
            state, one_more(state.open, plain(formula.latex), place.lead, place.after), result
        )
    read = replace(formula, latex=plain(formula.latex))
    new = entry_for(read, held, denied=wording.UNLESS.match(word) is not None)
    if new is None:
        return replace(state, open=None)
    cases = new.cases
    if state.claims and wording.TOO.fullmatch(place.lead) and not result[-2].supposed:
        # One more case of what was claimed.
        _restrict(
            Entry("", alternatives((supposed(state.active), cases)), (), len(result) - 2), result
        )
        return replace(state, open=None)
    alone = opening is None and _BRACKET.fullmatch(place.lead)
    placed = bracket is not None or wording.PLACED.fullmatch(word) is not None
    if behind is not None or alone or (placed and _is_said_of_claim(place, result)):
        return _attached(state, new, result)
    return _begun(state, place, word, new)


def _introduction(
    opening: re.Match[str] | None, any_one: re.Match[str] | None, lead: str
) -> tuple[str, int]:
    """Return the words that introduce a condition, and where they begin."""
    if opening is not None:
        group = opening.lastgroup or ""
        return opening[group].lower(), opening.start(group)
    if any_one is not None:
        return any_one.group().strip().lower(), any_one.start()
    return "", len(lead)


def _bracket(place: _Place) -> re.Match[str] | None:
    """Return how a bracket behind a noun begins that holds a condition and no more."""
    shut = place.after.lstrip().startswith((")", "）"))
    joined_by = wording.AND.fullmatch(place.after) or wording.OR.fullmatch(place.after)
    if not (shut or (joined_by and place.after.strip())) or _BRACKET.fullmatch(place.lead):
        return None
    found = wording.BRACKETED.search(place.lead)
    return found if found is not None and re.search(r"\w", place.lead[: found.start()]) else None


def _is_excepted(place: _Place, at: int) -> bool:
    """Tell whether the contrary of what is in a bracket is supposed."""
    before, equal = place.lead[:at], "=" in place.formula.latex
    return bool(wording.EXCEPT.search(before) or (equal and wording.AWAY.search(before)))


def _is_said_of_claim(place: _Place, result: Sequence[Formula]) -> bool:
    """Tell whether words restrict the claim before them: ``$…$ inside ($r > 0$)``."""
    if len(result) < 2 or result[-2].supposed or not claims_something(result[-2]):
        return False
    if _is_anew(place):
        return False
    return not (wording.PARTED.match(place.lead) and place.leads)


def _is_anew(place: _Place) -> bool:
    """Tell whether a sentence begins with what leads to a formula."""
    return place.sentence.strip() == place.lead.strip()


def _for_every(state: State, place: _Place, result: list[Formula]) -> State:
    """Return what is still supposed behind symbols, which may be anything: ``for any $y$``."""
    names, told = ranging(place.formula)
    found = (wording.DOMAIN if told else wording.EVERY).search(place.lead) if names else None
    if found is None or not (state.active or state.perhaps):
        return state
    words = place.lead[: found.start()].strip(" \n,")
    if state.open is not None and not words:
        # ``if $w_j > 0$ for all $j$``
        return state
    direct = not place.lead[: found.start()].strip() and not _is_anew(place)
    if direct and state.claims and not (wording.WE.match(place.after) or place.after[:1] == ":"):
        if state.claims > 1 and is_about(state.active, names) and result[-1].under:
            last = result[-1]
            result[-1] = perhaps(under(last, EVERYWHERE), (last.under,))
        return state
    if state.claims:
        active, maybe = freed(state.active, names), freed(state.perhaps, names)
        return replace(state, active=active, perhaps=maybe)
    if not is_about(state.active, names):
        return state
    return replace(state, active=freed(state.active, names), perhaps=state.active)


def _goes_on(place: _Place, names: Collection[str]) -> bool:
    """Tell whether one condition follows another."""
    if place.lead.strip(" \n,，"):
        return any(p.fullmatch(place.lead) for p in (wording.AND, wording.OR, wording.ALSO))
    # With nothing but a comma between, an equation that ends the sentence is the claim.
    ends = "=" in place.formula.latex and _FULL_STOP.match(place.after)
    return sets_value(place.formula, names) and not ends


def _introduces(state: State, place: _Place, names: Collection[str]) -> bool:
    """Tell whether the words around a formula make it a condition."""
    opening = wording.INTRODUCERS.search(place.lead)
    if opening is not None and opening["word"]:
        return True
    if not sets_value(place.formula, names):
        asks = opening is not None and wording.LET.fullmatch(opening["clause"] or "")
        return bool(asks and is_own(place.formula))
    lead, after = place.lead, place.after
    if opening is not None and opening["verb"]:
        # ``Wenn …, ist $b = 0$, …`` claims.
        claims = state.active and re.fullmatch(r",\s*\w+\s*", opening.group())
        return wording.SO.match(after) is not None and not claims
    weak = opening.lastgroup if opening is not None else ""
    if weak in wording.WEAK and not _has_claim(state, place, weak):
        return False
    if opening is not None or wording.POSTPOSITION.match(after):
        return True
    if wording.BEHIND.fullmatch(lead) and place.sentence.strip() != lead.strip():
        return True
    if _BRACKET.fullmatch(lead) and after.lstrip().startswith(")") and place.sentence != lead:
        return True
    if _bracket(place) is not None:
        return True
    apposed = wording.APPOSED.search(lead)
    if not state.claims and apposed and _SHUT.match(after):
        away = "=" not in place.formula.latex and wording.AWAY.search(lead[: apposed.start()])
        return bool(away or wording.OPENING.match(place.sentence))
    return wording.LABEL.fullmatch(place.sentence) is not None and bool(_HEADED.match(after))


def _has_claim(state: State, place: _Place, group: str) -> bool:
    """Tell whether there is a claim beside what may be a condition: before it, or behind it."""
    behind = place.sentence != place.lead and wording.BEHIND.fullmatch(place.lead)
    if behind and (state.claims or group == "within"):
        return state.claims > 0
    after = place.after.rstrip()
    return not (STOP.search(after) or any(breaks(after, 0, len(after))))


def _behind(state: State, place: _Place, result: Sequence[Formula]) -> re.Match[str] | None:
    """Return how a condition belongs to what stands right before it, None where it does not."""
    if (
        not state.claims
        or not result
        or result[-1].supposed
        or wording.THEN.match(place.after.lstrip(" ,"))
    ):
        return None
    found = wording.BEHIND.fullmatch(place.lead)
    return None if found is not None and _leads_on(state, place, found["word"]) else found


def _leads_on(state: State, place: _Place, word: str) -> bool:
    """Tell whether a condition is that of the next claim: ``…, for $r < 0$ we have $…$``."""
    if not place.leads or not wording.LEADING.fullmatch(word):
        return False
    if wording.WE.match(place.after):
        return True
    parted = place.lead.lstrip()[:1] in (",", "，")
    shut = _OWN.match(place.after)
    if not parted or shut is None or wording.PARTED.match(place.after, shut.end()):
        return False
    # It is said as the one before it was.
    return any(e.target is None and e not in state.framed for e in state.active)


def _begun(state: State, place: _Place, word: str, new: Entry) -> State:
    """Return what is known behind a condition that what follows is said under."""
    kind = re.split(r"[\s,]", word)[0]
    asks = wording.LET.match(word) is not None
    if wording.CASE.match(word) or word in ("", "noun"):
        kind = word if word == "noun" else "case"
        asks = bool(_ENDED.match(place.after))
    # ``For $x > 0$ we have $…$, and for $x < 0$ it is $…$``: no longer the first.
    again = not asks or kind in ("case", "noun")
    replaced = again and not wording.BESIDES.search(place.lead)
    base = tuple(e for e in state.active if not replaced or e.word != kind)
    entry = replace(new, word=kind, base=base, claims=state.claims)
    return replace(
        state,
        active=(*base, entry)[-_MANY:],
        said=(*state.said, entry)[-_MANY:],
        asks=state.asks or asks,
        open=entry,
    )


def _attached(state: State, new: Entry, result: list[Formula]) -> State:
    """Return what is known behind a condition that restricts the formula before it alone."""
    entry = replace(new, base=state.active, target=len(result) - 2)
    _restrict(entry, result)
    return replace(state, said=(*state.said, entry)[-_MANY:], open=entry)


def _joined(state: State, entry: Entry, result: list[Formula]) -> State:
    """Return what is known behind a condition that is joined to another one."""
    _restrict(entry, result)
    active = tuple(entry if e is state.open else e for e in state.active)
    said = tuple(entry if e is state.open else e for e in state.said)
    return replace(state, active=active, said=said, open=entry)


def _restrict(entry: Entry, result: list[Formula]) -> None:
    """Restrict the formula that a condition stands behind, if it is one that claims."""
    if entry.target is not None and claims_something(result[entry.target]):
        one = result[entry.target]
        one = perhaps(one, both(one.perhaps, entry.cases)) if one.perhaps else one
        result[entry.target] = limited(one, (*entry.base, entry))


def _otherwise_behind(place: _Place, active: Sequence[Entry]) -> re.Match[str] | None:
    """Return the word that says that a formula is claimed otherwise, None where none does."""
    blank = _BLANK.match(place.after)
    begin = blank.end() if blank else 0
    said = wording.OTHERWISE.match(place.after, begin)
    closed = said and _CLOSED.match(place.after, said.end())
    if said is None or closed is None:
        return None
    # Between commas it is about what follows: ``If $i = j$, $…$, otherwise, $…$``.
    parted = "," in place.after[:begin] and closed.group().strip() in (",", ":")
    given = any(entry.word != "otherwise" and entry.target is None for entry in active)
    return None if parted and given else said


def _claimed(state: State, place: _Place, formula: Formula, result: list[Formula]) -> State:
    """Append a formula that is no condition, with what it is claimed under."""
    active = state.active
    used = 0
    said = _otherwise_behind(place, active)
    if said is not None:
        used = said.end()
        active = otherwise(state)
    maybe = state.perhaps
    if not wording.CONNECTS.fullmatch(place.lead):
        # ``examples ($y = 1$) have $…$ and others have $…$``: whether they are of that kind, too.
        others = tuple(e for e in active if e.word == "noun" and e.claims < state.claims)
        active, maybe = tuple(e for e in active if e not in others), (*maybe, *others)
    if not formula.supposed:
        formula = limited(formula, active, maybe)
    result.append(formula)
    claims = claims_something(formula) and not formula.supposed
    told = state.told or claims
    return replace(state, claims=state.claims + claims, told=told, open=None, used=used)
