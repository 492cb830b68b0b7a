"""Verify generated functions: every output of every function, against three judges.

* the definition at fifty digits, its derivatives by differences at that precision;
* central differences, extrapolated, of the generated ``forward`` itself;
* a complex step through the definition, where the layer has no kinks.

None of them uses a derived formula. Shapes are random, with 1s among them, with and without a
batch; inputs are numbers that float32 holds, so that one reference judges both precisions. Code for
long axes, which none of these can afford, is judged by the formulas that it was made of, which they
have judged at small sizes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.verify.call import Caller
from derive.verify.draw import Draw
from derive.verify.long import Long
from derive.verify.precision import Worst, worst_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from derive.program.suite import Suite
    from derive.verify.finding import Finding

__all__ = ["Report", "verify"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of a layer.

    Parameters
    ----------
    layer : str
        Its name.
    findings : tuple of Finding
        All comparisons.
    seconds : float
        How long it took.
    """

    layer: str
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The comparisons that failed."""
        return tuple(finding for finding in self.findings if finding.wrong)

    def worst(self, judge: str, target: str = "", precision: str = "") -> Worst | None:
        """Return the worst entry that a judge found, of one target and precision if given."""
        return worst_of(
            finding.worst
            for finding in self.findings
            if finding.judge == judge
            and target in ("", finding.target)
            and precision in ("", finding.precision)
        )


def verify(
    suite: Suite,
    modules: Mapping[str, ModuleType],
    *,
    draws: int = 3,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Judge the generated modules of a layer.

    Parameters
    ----------
    suite : Suite
        The layer and its programs.
    modules : mapping of str to module
        By target.
    draws : int
        How many draws of shapes and values.
    seed : int
        Of the random numbers.
    progress : callable
        Told what is being done.
    """
    start = time.perf_counter()
    findings: list[Finding] = []
    callers = {target: Caller(module, suite) for target, module in modules.items()}
    for number in range(draws):
        progress(f"{suite.layer.name}: shapes {number + 1} of {draws}")
        findings += Draw(suite, number, seed).findings(callers)
    for draw in Long.each(suite, seed):
        progress(f"{suite.layer.name}: many values of {draw.long}")
        findings += draw.findings(callers)
    return Report(suite.layer.name, tuple(findings), time.perf_counter() - start)
