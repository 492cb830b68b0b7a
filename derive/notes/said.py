"""What is known at some place of a text: what was supposed, and where that holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from derive.notes.suppositions import EVERYWHERE, Cases, both, negated, perhaps, under

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from derive.notes.source import Formula

__all__ = [
    "Entry", "Frame", "State", "freed", "is_about", "limited", "mentions", "otherwise", "supposed",
]  # fmt: skip


_BELOW = re.compile(r"_(?:\{[^{}]*\}|\\?[A-Za-z]+|\w)")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """Something supposed, at one place of the text.

    Parameters
    ----------
    word : str
        What introduces it, empty where it stands behind a formula.
    cases : Cases
        What is supposed.
    base : tuple of Entry
        What is supposed besides.
    target : int or None
        The number of the formula that it stands behind.
    claims : int
        How many claims stand before it in its sentence.
    sure : bool
        Whether it is supposed: if not, it may be that one of its cases is.
    denied : bool
        Whether it is the contrary of what the text has in signs.
    """

    word: str
    cases: Cases
    base: tuple[Entry, ...] = ()
    target: int | None = None
    claims: int = 0
    sure: bool = True
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A list or a section, and what everything in it is said under.

    Parameters
    ----------
    kind : str
        ``list``, ``environment`` or ``section``.
    depth : int
        How far a list is indented; a section's level.
    active : tuple of Entry
        What is supposed in all of it.
    said : tuple of Entry
        What had been supposed when it began: behind it, otherwise is where none of that holds.
    sure : bool
        Whether what follows is still said under that.
    several : bool
        Whether a section of the same level stands before it: what is concluded may be from both.
    """

    kind: str
    depth: int
    active: tuple[Entry, ...] = ()
    said: tuple[Entry, ...] = ()
    sure: bool = True
    several: bool = False


@dataclass(frozen=True, slots=True)
class State:
    r"""What is known at some place of a text.

    Parameters
    ----------
    active : tuple of Entry
        What the rest of the sentence is said under.
    perhaps : tuple of Entry
        What it may be said under: that is not clear.
    said : tuple of Entry
        What has been supposed in it: otherwise is where none of that holds.
    frames : tuple of Frame
        The sections and lists that it stands in, the outermost first.
    heading : int or None
        The level of the heading that is being read.
    several : bool
        Whether a section of the same level ends where that begins.
    begun : int
        Where the sentence begins.
    claims : int
        How many claims are in it.
    cases : int
        How many sentences before it in its paragraph have claimed something for some case.
    told : bool
        Whether something was claimed in its section.
    asks : bool
        Whether what is supposed is a request of its own: ``Let $i \neq j$.``
    open : Entry or None
        The condition that the last formula is.
    used : int
        How much of the text behind the last formula belongs to that.
    """

    active: tuple[Entry, ...] = ()
    perhaps: tuple[Entry, ...] = ()
    said: tuple[Entry, ...] = ()
    frames: tuple[Frame, ...] = ()
    heading: int | None = None
    several: bool = False
    begun: int = 0
    claims: int = 0
    cases: int = 0
    told: bool = False
    asks: bool = False
    open: Entry | None = None
    used: int = 0

    @property
    def framed(self) -> tuple[Entry, ...]:
        """What everything around the sentence is said under."""
        return self.frames[-1].active if self.frames else ()

    @property
    def own(self) -> bool:
        """Whether the sentence supposes more than what is around it."""
        return any(entry not in self.framed for entry in self.active)


def otherwise(state: State) -> tuple[Entry, ...]:
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
    unsure = [entry for entry in alike if not entry.sure]
    if unsure:
        return (*base, replace(unsure[-1], word="otherwise", target=None))
    return base if found is None else (*base, Entry("otherwise", found))


def supposed(active: Sequence[Entry]) -> Cases:
    """Return the cases in which all that is supposed holds."""
    return reduce(both, (entry.cases for entry in active if entry.sure), EVERYWHERE)


def _possible(active: Sequence[Entry]) -> Cases:
    """Return the cases in which all holds that may be supposed."""
    return reduce(both, (entry.cases for entry in active), EVERYWHERE)


def limited(formula: Formula, active: Sequence[Entry], maybe: Sequence[Entry] = ()) -> Formula:
    """Return a formula that is claimed under some conditions, and under others perhaps."""
    formula = under(formula, supposed(active)) if active else formula
    if maybe or not all(entry.sure for entry in active):
        return perhaps(formula, _possible((*active, *maybe)))
    return formula


def is_about(active: Sequence[Entry], names: Collection[str]) -> bool:
    """Tell whether what is supposed compares some symbols themselves, not what has them below."""
    texts = (text for entry in active for case in entry.cases for text in case)
    return any(mentions(_BELOW.sub("", text), names) for text in texts)


def mentions(text: str, names: Collection[str]) -> bool:
    """Tell whether a condition has one of some symbols."""
    return any(re.search(rf"(?<![A-Za-z\\]){re.escape(name)}(?![A-Za-z])", text) for name in names)


def freed(active: Sequence[Entry], names: Collection[str]) -> tuple[Entry, ...]:
    """Return what is still supposed where some symbols may be anything."""
    kept: list[Entry] = []
    for entry in active:
        cases = tuple(
            tuple(text for text in case if not mentions(text, names)) for case in entry.cases
        )
        if cases == entry.cases:
            kept.append(entry)
        elif all(cases):
            kept.append(replace(entry, cases=tuple(dict.fromkeys(cases))))
    return tuple(kept)
