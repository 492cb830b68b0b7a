"""The polynomials of the elementary functions of generated C: minimax, found by Remez exchange.

``python -m tests.elementary.coefficients`` writes ``derive/emit/c_coefficients.py``; a test holds
that what is there is what comes out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import mpmath as mp
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = Path(__file__).parents[2] / "derive" / "emit" / "c_coefficients.py"

#: The digits of all computation here, and the points at which an error is looked at.
DIGITS = 50
POINTS = 600


def remez(
    function: Callable[[mp.mpf], mp.mpf],
    weight: Callable[[mp.mpf], mp.mpf],
    low: mp.mpf,
    high: mp.mpf,
    count: int,
) -> tuple[list[mp.mpf], mp.mpf]:
    """Return the coefficients, constant first, that minimize ``max |weight (function - p)|``."""
    middle, half = (low + high) / 2, (high - low) / 2
    grid = [middle - half * mp.cos(mp.pi * k / POINTS) for k in range(POINTS + 1)]
    values = [(x, function(x), weight(x)) for x in grid]
    chosen = [round(k * POINTS / count) for k in range(count + 1)]
    for _ in range(30):
        rows = mp.matrix(count + 1, count + 1)
        right = mp.matrix(count + 1, 1)
        for row, place in enumerate(chosen):
            x, value, scale = values[place]
            for power in range(count):
                rows[row, power] = scale * x**power
            rows[row, count] = (-1) ** row
            right[row] = scale * value
        found = mp.lu_solve(rows, right)
        coefficients = [found[power] for power in range(count)]
        errors = [scale * (value - mp.polyval(coefficients[::-1], x)) for x, value, scale in values]
        peaks = _peaks(errors, count + 1)
        if len(peaks) < count + 1 or peaks == chosen:
            break
        chosen = peaks
    return coefficients, max(map(abs, errors))


def _peaks(errors: list[mp.mpf], count: int) -> list[int]:
    """Return where the error is greatest between changes of its sign, the ``count`` greatest."""
    runs: list[int] = []
    for place, error in enumerate(errors):
        if error == 0:
            continue
        if runs and (error > 0) == (errors[runs[-1]] > 0):
            if abs(error) > abs(errors[runs[-1]]):
                runs[-1] = place
        else:
            runs.append(place)
    while len(runs) > count:
        runs.pop(0 if abs(errors[runs[0]]) < abs(errors[runs[-1]]) else -1)
    return runs


def expm1_tail(r: mp.mpf) -> mp.mpf:
    """Return ``(exp r - 1 - r) / r²``."""
    if abs(r) < mp.mpf(10) ** -16:
        return mp.mpf(1) / 2 + r / 6
    return (mp.expm1(r) - r) / r**2


def log_tail(z: mp.mpf) -> mp.mpf:
    """Return ``(log((1 + s) / (1 - s)) / s - 2) / z`` with ``z = s²``."""
    if z < mp.mpf(10) ** -16:
        return mp.mpf(2) / 3 + 2 * z / 5
    s = mp.sqrt(z)
    return (mp.log((1 + s) / (1 - s)) / s - 2) / z


def erf_near(z: mp.mpf) -> mp.mpf:
    """Return ``erf(x) / x - 1`` with ``z = x²``."""
    if z < mp.mpf(10) ** -16:
        return 2 / mp.sqrt(mp.pi) * (1 - z / 3) - 1
    x = mp.sqrt(z)
    return mp.erf(x) / x - 1


def erfc_far(t: mp.mpf) -> mp.mpf:
    """Return ``(x + 3/4) exp(x²) erfc(x)`` with ``t = (x - 3) / (x + 3)``."""
    x = 3 * (1 + t) / (1 - t)
    return (x + mp.mpf(3) / 4) * mp.exp(x**2) * mp.erfc(x)


def rounded(
    function: Callable[[mp.mpf], mp.mpf],
    weight: Callable[[mp.mpf], mp.mpf],
    low: mp.mpf,
    high: mp.mpf,
    count: int,
    real: type[np.floating],
) -> tuple[list[str], mp.mpf, str]:
    """Return the coefficients as the type can hold them, and their greatest weighted error.

    And what rounding took from the first.
    """
    found = remez(function, weight, low, high, count)[0]
    held = [real(float(c)) for c in found]
    exact = [mp.mpf(float(c)) for c in held][::-1]
    grid = [low + (high - low) * k / 2000 for k in range(2001)]
    worst = max(abs(weight(x) * (function(x) - mp.polyval(exact, x))) for x in grid)
    return [str(c) for c in held], worst, str(real(float(found[0] - exact[-1])))


def near(x: mp.mpf) -> mp.mpf:
    """Return how much an error weighs: the polynomials are multiplied by their argument."""
    return abs(x) + mp.mpf("0.002")


def even(x: mp.mpf) -> mp.mpf:
    """Return the weight of errors that count the same everywhere."""
    return mp.mpf(1)


def text() -> str:
    """Return the module of coefficients."""
    with mp.workdps(DIGITS):
        half = mp.log(2) / 2 * mp.mpf("1.0001")
        most = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.0001")
        parts = [
            '"""Minimax polynomials, lowest degree first; see tests/elementary/coefficients.py."""',
            "",
            '__all__ = ["ERF", "ERFC", "ERFC_LOST", "EXPM1", "LOG"]',
        ]
        cases = (
            (
                "EXPM1",
                "(exp(r) - 1 - r) / r², |r| <= log(2) / 2",
                expm1_tail,
                near,
                -half,
                {"f64": half, "f32": half},
            ),
            (
                "LOG",
                "(log((1 + s) / (1 - s)) / s - 2) / s², in s²",
                log_tail,
                near,
                mp.mpf(0),
                {"f64": most, "f32": most},
            ),
            (
                "ERF",
                "erf(x) / x - 1, |x| <= 1, in x²",
                erf_near,
                even,
                mp.mpf(0),
                {"f64": mp.mpf(1), "f32": mp.mpf(1)},
            ),
            (
                "ERFC",
                "(x + 3/4) exp(x²) erfc(x), 15/32 <= x <= 28 (f32: 11), in (x - 3) / (x + 3)",
                erfc_far,
                even,
                mp.mpf(-27) / 37,
                {"f64": mp.mpf(25) / 31, "f32": mp.mpf(4) / 7},
            ),
        )
        counts = {
            **{"EXPM1": {"f64": 10, "f32": 5}, "LOG": {"f64": 7, "f32": 4}},
            **{"ERF": {"f64": 14, "f32": 8}, "ERFC": {"f64": 22, "f32": 10}},
        }
        for name, meaning, function, weight, low, highs in cases:
            parts += ["", f"#: {meaning}."]
            notes, rows, lost = [], [], []
            for bits, real in (("f64", np.float64), ("f32", np.float32)):
                found, error, rest = rounded(
                    function, weight, low, highs[bits], counts[name][bits], real
                )
                size = mp.log(error, 2)
                notes.append(f"{bits} 2**{float(size):.1f}")
                rows.append(f'    "{bits}": (')
                rows += [f'        "{c}",' for c in found]
                rows.append("    ),")
                lost.append(f'"{bits}": "{rest}"')
            times = " times the argument" if weight is near else ""
            parts.append(f"#: Greatest error{times}: {', '.join(notes)}.")
            parts += [f"{name} = {{", *rows, "}"]
            if name == "ERFC":
                parts += ["#: What rounding took from the first of them."]
                parts += [f"{name}_LOST = {{{', '.join(lost)}}}"]
        return "\n".join(parts) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
