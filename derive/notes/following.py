r"""What is still supposed from one formula to the next one, over sentences, lists and sections.

A sentence that only supposes may be carried on by the next one. A condition that introduces a list
or a table holds in all its entries, and one that is a heading in all of its section, until the text
takes it back. Where it is not clear whether the text does, that is noted.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import wording
from derive.notes.passages import BOLD, Break, breaks
from derive.notes.said import Entry, Frame, State, otherwise
from derive.notes.standing import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.source import Formula

__all__ = ["STOP", "at_next"]

_DOT = (
    r"(?<!w\.r\.t)(?<!i\.e)(?<!e\.g)(?<!d\.\sh)(?<!d\.h)(?<!z\.\sB)(?<!z\.B)(?<!т\.\sе)(?<!т\.е)"
    r"(?<!\Wtj)(?<!\Wtzn)(?<!\Wnp)(?<!\Wcf)(?<!\Wz)(?<!\Wbzw)(?<!p\.\sej)(?<!\\)"
    r"(?<![oO]\.g)(?<!d\.\sA)(?<!d\.A)"
)
STOP = re.compile(_DOT + r"(?:\.(?=[\s*_]|\Z)|;|[。；])")
_STOPS = re.compile(r"[.;。；][\s}]*(?:\\end\{[^}]*\}\s*)*\Z")
#: What points back to a claim, and does not conclude from it.
_POINTS = re.compile(r"\s*(?:this|das|cela|esto|isto|questo|to|это|זה)(?!\w)", re.IGNORECASE)
#: How a line begins that goes on with no sentence.
_ANEW = re.compile(r"(?:\*\*|__)?[A-ZА-ЯŁŚŻ]")
#: How a paragraph begins that goes on with the display before it.
_GOES_ON = re.compile(r"[^\W\d_A-ZА-ЯŁŚŻ]")
_WORDS = re.compile(r"\w{2}")


def at_next(
    state: State, text: str, begin: int, start: int, result: Sequence[Formula], formula: Formula
) -> tuple[State, str]:
    """Return what is known before the next formula, and what leads to it in its sentence.

    Parameters
    ----------
    state : State
        What is known behind the formula before it.
    text : str
        All of the note.
    begin, start : int
        Where the words between the two begin, and where the next formula does.
    result : sequence of Formula
        All before it.
    formula : Formula
        The next one.
    """
    own = bool(result and _STOPS.search(result[-1].latex))
    pending = 0
    state = replace(state, used=0)
    if not result:
        state = _sentence(state, begin)
    lead, at = "", begin
    last: Break | None = None
    for one in (*breaks(text, begin, start), None):
        words = text[at : one.start if one is not None else start]
        if one is not None:
            state = _headed(state, words)
            if _is_none(
                state, one, text[begin : one.start], text[one.end : start], result, formula
            ):
                continue
        lead = STOP.split(words)[-1]
        stops = pending + (len(STOP.findall(words)) or int(own))
        end = at + len(words)
        if one is not None and one.kind == "paragraph" and stops and not _WORDS.search(lead):
            # The full stop before a blank line: the sentence behind that tells whether it goes on.
            if last is not None:
                state = _parted(state, last, "", 0, end)
            own, pending, last, at = False, stops, one, one.end
            continue
        said = state.said
        state = _over(state, last, words, lead, stops, end)
        if one is not None and one.kind == "item" and not _WORDS.search(lead):
            # The full stop before an entry: that may be about what holds otherwise.
            state = replace(state, said=state.said or said)
        own, pending, at = False, 0, one.end if one is not None else start
        if one is not None and one.kind in ("item", "open"):
            state = _listed(state, one, lead)
        last = one
    return state, lead


def _with_words(state: State, lead: str) -> State:
    """Return what is known after words: they may take back, or turn round, what is supposed."""
    if wording.OTHERWISE.search(lead):
        return replace(state, active=otherwise(state), open=None)
    if wording.ALWAYS.search(lead):
        frames = tuple(replace(frame, sure=False) for frame in state.frames)
        return replace(state, active=(), perhaps=(), frames=frames, open=None)
    if state.claims and wording.CONTRAST.search(lead):
        # Which other case the words mean is not read.
        active = tuple(e if e in state.framed else opened(e) for e in state.active)
        return replace(state, active=active, open=None)
    return state


def _is_none(
    state: State,
    one: Break,
    before: str,
    after: str,
    result: Sequence[Formula],
    formula: Formula,
) -> bool:
    """Tell whether a text goes on where it seems to part."""
    if one.kind == "line":
        inside = any(f.kind == "list" and f.depth >= one.depth for f in state.frames)
        return not (inside and _ANEW.match(after))
    if one.kind != "paragraph" or state.heading is not None:
        return False
    words = STOP.split(before)[-1].strip()
    if formula.display and not after.strip() and (words or (state.open and not state.claims)):
        # A blank line before a display does not end the sentence that leads to it.
        return True
    if not result or not result[-1].display or _STOPS.search(result[-1].latex) or before.strip():
        return False
    return bool(_GOES_ON.match(after) or (formula.display and not after.strip()))


def _over(state: State, last: Break | None, words: str, lead: str, stops: int, end: int) -> State:
    """Return what is known behind words that follow a formula, or a break."""
    if last is not None:
        state = _parted(state, last, lead, stops, end - len(lead))
    elif stops:
        following = _sentence(state, end - len(lead))
        following = _carried(state, following, lead, stops)
        parted = ";" in words or _opposes(lead)
        state = replace(following, said=state.said) if parted else following
    return _with_words(state, lead)


def _sentence(state: State, begun: int) -> State:
    """Return what is known where a sentence begins."""
    frame = state.frames[-1] if state.frames else None
    sure = frame is None or frame.sure
    return State(
        active=state.framed if sure else (),
        perhaps=() if sure else state.framed,
        frames=state.frames,
        heading=state.heading,
        several=state.several,
        begun=begun,
        cases=state.cases + (state.claims > 0 and state.own),
        told=state.told,
    )


def _carried(
    state: State, following: State, lead: str, stops: int, *, paragraph: bool = False
) -> State:
    """Return a sentence with what it goes on with of what the one before it supposes."""
    if stops > 1 or not state.own or wording.ALWAYS.match(lead):
        return following
    then = wording.THEN.match(lead) is not None
    hence = wording.HENCE.match(lead) is not None and not _POINTS.match(lead)
    if paragraph:
        goes_on = hence and not then
    elif state.claims:
        goes_on = hence and (state.asks or not then)
    else:
        goes_on = state.asks or hence or then
    # ``If $…$, $…$. If moreover $…$, $…$``
    goes_on = goes_on or (not paragraph and wording.FURTHER.match(lead) is not None)
    if not goes_on:
        return following
    if state.claims and state.cases and not state.asks:
        # It may be a conclusion from more than the last one of several cases.
        return replace(following, perhaps=state.active)
    return replace(following, active=state.active, said=state.said, asks=state.asks)


def _opposes(lead: str) -> bool:
    """Tell whether a sentence begins with what holds otherwise."""
    match = wording.OTHERWISE.search(lead)
    return match is not None and not re.search(r"\w{3}", lead[: match.start()])


def _headed(state: State, words: str) -> State:
    """Return what is known where a heading ends: what it supposes holds in all of its section."""
    if state.heading is None:
        return state
    if state.own and not state.claims and not _WORDS.search(words):
        frame = Frame("section", state.heading, state.active, state.said, several=state.several)
        frames = (*state.frames, frame)
        return replace(state, frames=frames, heading=None, told=False)
    return replace(state, heading=None)


def _parted(state: State, one: Break, lead: str, stops: int, begun: int) -> State:
    """Return what is known behind a break, where a sentence begins."""
    frames, gone = _kept(state.frames, one)
    inside = replace(state, frames=frames)
    said = state.said
    if one.kind != "open" and gone:
        said = gone[0].said
    if one.kind == "paragraph":
        inside = replace(inside, frames=_after_claims(frames, state, lead))
    following = replace(_sentence(inside, begun), cases=0)
    if one.kind == "heading":
        several = any(f.kind == "section" and f.depth == one.depth for f in gone)
        following = replace(following, heading=one.depth, several=several)
    elif one.kind == "paragraph" and not gone:
        following = _carried(state, following, lead, stops, paragraph=True)
    return replace(following, said=said) if _opposes(lead) else following


def _kept(frames: tuple[Frame, ...], one: Break) -> tuple[tuple[Frame, ...], tuple[Frame, ...]]:
    """Return the sections and lists that go on behind a break, and those that have ended."""
    count = len(frames)
    if one.kind == "close":
        while count and frames[count - 1].kind == "list":
            count -= 1
        count -= bool(count and frames[count - 1].kind == "environment")
        return frames[:count], frames[count:]
    while count:
        kind, depth = frames[count - 1].kind, frames[count - 1].depth
        ends = {
            "line": kind == "list" and depth >= one.depth,
            "paragraph": kind == "list" and depth >= one.depth,
            "rule": kind == "list" or (kind == "section" and depth == BOLD),
            "heading": kind != "section" or depth >= one.depth,
            "item": kind == "list" and depth > one.depth,
        }
        if not ends.get(one.kind, False):
            break
        count -= 1
    return frames[:count], frames[count:]


def _after_claims(frames: tuple[Frame, ...], state: State, lead: str) -> tuple[Frame, ...]:
    """Return sections where a paragraph begins: it may be about more than their heading says."""
    if not frames or frames[-1].kind != "section" or not state.told:
        return frames
    *outer, last = frames
    ends = last.several and (wording.HENCE.match(lead) or wording.TOGETHER.search(lead))
    if last.depth == BOLD or ends:
        return (*outer, replace(last, sure=False))
    return frames


def _listed(state: State, one: Break, lead: str) -> State:
    """Return what is known where an entry begins: what introduces a list holds in all of it."""
    frames, _ = _kept(state.frames, one)
    last = frames[-1] if frames else None
    same = last is not None and last.kind == "list" and last.depth == one.depth
    if one.kind == "item" and last is not None and (same or last.kind == "environment"):
        return state
    introduces = not state.claims or lead.rstrip().endswith((":", "："))
    introduces = introduces and state.own
    active: tuple[Entry, ...] = state.active if introduces else state.framed
    kind = "list" if one.kind == "item" else "environment"
    frame = Frame(kind, one.depth, active, state.said, sure=introduces or last is None or last.sure)
    return replace(state, frames=(*state.frames[: len(frames)], frame))
