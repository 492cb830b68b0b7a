r"""Claims made in several cases: ``$…$ for $i < j$ and for $i > j$`` has to hold in each.

Where the words do not tell whether a claim is made in some cases only, what is right there and
wrong elsewhere is not judged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes.suppositions import under
from derive.notes.verdicts import (
    AGREES,
    ILL_FORMED,
    LAYOUT,
    NOT_A_CLAIM,
    PROVED,
    UNREADABLE,
    WRONG,
    Problem,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derive.notes.claims import Chain
    from derive.notes.suppositions import Cases
    from derive.notes.verdicts import Verdict

__all__ = ["in_each_case"]

#: From the best to the worst.
_ORDER = (NOT_A_CLAIM, PROVED, AGREES, LAYOUT, UNREADABLE, ILL_FORMED, WRONG)


def in_each_case(chain: Chain, judge: Callable[[Chain], list[Verdict]]) -> list[Verdict]:
    """Return the verdicts on a chain: of each claim the worst in any of its cases.

    Parameters
    ----------
    chain : Chain
        Perhaps with several cases in each of which it is claimed.
    judge : callable
        Returns the verdicts in one of them.
    """
    if chain.formula.perhaps:
        return _perhaps(chain, judge)
    cases = chain.formula.either
    if not cases:
        return judge(chain)
    formulas = [replace(chain.formula, under=case, either=()) for case in cases]
    found = [judge(replace(chain, formula=formula)) for formula in formulas]
    if len({len(verdicts) for verdicts in found}) > 1:
        # In some of them it is not even read.
        return max(found, key=lambda verdicts: max(map(_place, verdicts)))
    return [max(verdicts, key=_place) for verdicts in zip(*found, strict=True)]


def _perhaps(chain: Chain, judge: Callable[[Chain], list[Verdict]]) -> list[Verdict]:
    """Return the verdicts on a chain that may be claimed in some cases only."""
    formula = replace(chain.formula, perhaps=())
    found = in_each_case(replace(chain, formula=formula), judge)
    if all(_place(verdict) <= _place_of(LAYOUT) for verdict in found):
        return found
    cases = chain.formula.perhaps
    each = [judge(replace(chain, formula=under(formula, (case,)))) for case in cases]
    if any(len(there) != len(found) for there in each):
        return found
    return [_or_doubtful(one, cases, there) for one, *there in zip(found, *each, strict=True)]


def _or_doubtful(one: Verdict, cases: Cases, there: Sequence[Verdict]) -> Verdict:
    """Return a verdict, or the one on what is right in some of the cases that may be meant."""
    right = [case for case, two in zip(cases, there, strict=True) if _is_better(two, one)]
    return _doubtful(one, tuple(right)) if right else one


def _is_better(one: Verdict, two: Verdict) -> bool:
    return _place(one) <= _place_of(LAYOUT) < _place(two)


def _doubtful(verdict: Verdict, cases: Cases) -> Verdict:
    """Return the verdict on what is right in some cases, if it is claimed there only."""
    where = " or ".join(", ".join(" ".join(text.split()) for text in case) for case in cases)
    message = f"right for {where}; whether only that is meant here is not clear"
    problem = Problem("unreadable", verdict.start, verdict.end, "", "", message)
    note = "say again for what it holds, or that it holds in general"
    return replace(
        verdict, verdict=UNREADABLE, problems=(problem,), repairs=(), witness=None, note=note
    )


def _place(verdict: Verdict) -> int:
    return _place_of(verdict.verdict)


def _place_of(word: str) -> int:
    return _ORDER.index(word)
