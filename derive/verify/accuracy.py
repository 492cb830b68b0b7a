"""How many digits generated functions keep, and whether they invent NaN, infinity or 0.

Every entry of every result is compared with a reference that has settled, in units of the last
place of its magnitude (:mod:`derive.verify.settled`): of a function of one number its value, of a
sum the sum of the magnitudes of its terms. It may be off by ``2 √d`` of them, where ``d`` is the
number of roundings on the longest path from the inputs to the result in the definition as written
(:mod:`derive.verify.roundings`): 2 for a function of one number, up to 4 for products and short
sums, ``2 √n`` for a sum of n terms. Rounding errors are taken to be as often up as down, hence the
root. (N. J. Higham and T. Mary, A new approach to probabilistic rounding error analysis, SIAM J.
Sci. Comput. 41, 2019.)

What underflows on the way may be multiplied later, by two inputs say: nothing is asked of a result
below the least normal number times the square of the largest input. Nor is anything asked where
the definition has no value, as long as it has one at ordinary numbers.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from derive.gradient.forward import forward
from derive.gradient.reverse import reverse
from derive.layer.run import NoValueError
from derive.layer.sample import sample, sample_sizes
from derive.program.logistic_rules import smooth
from derive.verify.call import Caller
from derive.verify.floats import PRECISIONS, singles
from derive.verify.inputs import cases
from derive.verify.roundings import roundings
from derive.verify.settled import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from derive.index.arrays import Array
    from derive.index.terms import Size
    from derive.program.suite import Suite
    from derive.verify.inputs import Case
    from derive.verify.settled import Settled

__all__ = ["Accuracy", "Measured", "accuracy"]


@dataclass(frozen=True, slots=True)
class Measured:
    """The worst that one result of one function does.

    Parameters
    ----------
    function, result : str
        Which.
    target, precision : str
        ``numpy`` or ``c``; ``f64`` or ``f32``.
    ulps, limit : float
        The worst error of a finite entry, and what is allowed.
    case : str
        The inputs at which it is as bad.
    spurious : int
        How many entries are NaN, infinite or 0 although the true value is not.
    spurious_case : str
        Inputs at which that happens.
    """

    function: str
    result: str
    target: str
    precision: str
    ulps: float
    limit: float
    case: str
    spurious: int = 0
    spurious_case: str = ""

    @property
    def missed(self) -> bool:
        """Tell whether the goal is missed."""
        return self.spurious > 0 or not self.ulps <= self.limit

    def __str__(self) -> str:
        """Return one line for a complaint."""
        title = f"{self.target} {self.precision} {self.function} {self.result}"
        if self.spurious:
            return f"{title}: {self.spurious} spurious NaN, infinity or 0 ({self.spurious_case})"
        return f"{title}: {self.ulps:.3g} ulp, allowed {self.limit:.2g} ({self.case})"


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What was measured of a layer: its name, all measurements, and how long it took."""

    layer: str
    measured: tuple[Measured, ...]
    seconds: float

    @property
    def missed(self) -> tuple[Measured, ...]:
        """The results that miss the goal, the worst first."""
        missed = [m for m in self.measured if m.missed]
        return tuple(sorted(missed, key=lambda m: (-m.spurious, -m.ulps / m.limit)))


def accuracy(
    suite: Suite,
    modules: Mapping[str, ModuleType],
    *,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Accuracy:
    """Measure the generated modules of a layer.

    Parameters
    ----------
    suite : Suite
        The layer and its programs.
    modules : mapping of str to module
        By target.
    seed : int
        Of the random numbers.
    progress : callable
        Told what is being done.
    """
    start = time.perf_counter()
    generator = np.random.default_rng(seed)
    callers = {target: Caller(module, suite) for target, module in modules.items()}
    layer = suite.layer
    sizes = sample_sizes(layer, generator, ones=False)
    written = smooth(layer)
    judged = {"forward": layer, "backward": reverse(written), "jvp": forward(written)}
    limits = {
        (kind, name): 2 * math.sqrt(count)
        for kind, each in judged.items()
        for name, count in roundings(each, sizes).items()
    }
    worst: dict[tuple[str, ...], Measured] = {}
    for case in cases(layer, sizes, generator):
        progress(f"{layer.name}: {case.title}")
        for kind, each in judged.items():
            arrays = {**sample(each, sizes, generator), **case.arrays}
            if "f32" in case.precisions:
                arrays = singles(arrays)
            try:
                reference = settled(each, arrays, sizes)
            except NoValueError:
                # At the angle between equal vectors, say, there is nothing to compare with.
                if case.ordinary:
                    raise
                continue
            for found in _measured(kind, callers, arrays, sizes, reference, case, limits):
                key = (kind, found.result, found.target, found.precision)
                worst[key] = _joined(worst[key], found) if key in worst else found
    return Accuracy(layer.name, tuple(worst.values()), time.perf_counter() - start)


def _measured(
    kind: str,
    callers: Mapping[str, Caller],
    arrays: Mapping[str, Array],
    sizes: Mapping[Size, int],
    reference: Mapping[str, Settled],
    case: Case,
    limits: Mapping[tuple[str, str], float],
) -> Iterator[Measured]:
    largest = max([1.0, *(float(np.abs(a).max(initial=0)) for a in arrays.values())])
    for target, caller in callers.items():
        for precision in case.precisions:
            dtype = PRECISIONS[precision]
            with np.errstate(all="ignore"):
                got = caller(kind, arrays, sizes, dtype)
            for name, value in got.items():
                ulps, spurious = _compare(value, reference[name], dtype, largest)
                yield Measured(
                    *(kind, name, target, precision, ulps, limits[kind, name], case.title),
                    *(spurious, case.title if spurious else ""),
                )


def _compare(got: Array, reference: Settled, dtype: Any, largest: float) -> tuple[float, int]:
    """Return the worst error of the finite entries in ULP, and the number of spurious ones."""
    info = np.finfo(dtype)
    greatest, tiny, eps = (mpmath.mpf(float(x)) for x in (info.max, info.tiny, info.eps))
    worst, spurious, least = mpmath.mpf(0), 0, tiny * largest**2
    for where in np.ndindex(reference.values.shape):
        value = reference.values[where]
        if not mpmath.isfinite(value) or abs(value) > greatest:
            continue
        if not np.isfinite(got[where]) or (got[where] == 0 and abs(value) >= least):
            spurious += 1
            continue
        known = (reference.magnitudes[where], tiny * reference.slopes[where], abs(value), least)
        scale = max(each for each in known if mpmath.isfinite(each))
        worst = max(worst, abs(mpmath.mpf(float(got[where])) - value) / (eps * scale))
    return float(worst), spurious


def _joined(first: Measured, second: Measured) -> Measured:
    """Return the worse of two measurements of one result, with what is spurious in both."""
    worse = first if first.ulps >= second.ulps else second
    return Measured(
        *(worse.function, worse.result, worse.target, worse.precision),
        *(worse.ulps, worse.limit, worse.case),
        first.spurious + second.spurious,
        first.spurious_case or second.spurious_case,
    )
