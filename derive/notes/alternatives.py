r"""Claims made in several cases: ``$…$ for $i < j$ and for $i > j$`` has to hold in each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes.verdicts import (
    AGREES,
    ILL_FORMED,
    LAYOUT,
    NOT_A_CLAIM,
    PROVED,
    UNREADABLE,
    WRONG,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from derive.notes.claims import Chain
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
    cases = chain.formula.either
    if not cases:
        return judge(chain)
    formulas = [replace(chain.formula, under=case, either=()) for case in cases]
    found = [judge(replace(chain, formula=formula)) for formula in formulas]
    if len({len(verdicts) for verdicts in found}) > 1:
        # In some of them it is not even read.
        return max(found, key=lambda verdicts: max(map(_place, verdicts)))
    return [max(verdicts, key=_place) for verdicts in zip(*found, strict=True)]


def _place(verdict: Verdict) -> int:
    return _ORDER.index(verdict.verdict)
