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


def rounded(
    function: Callable[[mp.mpf], mp.mpf],
    weight: Callable[[mp.mpf], mp.mpf],
    low: mp.mpf,
    high: mp.mpf,
    count: int,
    real: type[np.floating],
) -> tuple[list[str], mp.mpf]:
    """Return the coefficients as the type can hold them, and their greatest weighted error."""
    held = [real(float(c)) for c in remez(function, weight, low, high, count)[0]]
    exact = [mp.mpf(float(c)) for c in held][::-1]
    grid = [low + (high - low) * k / 2000 for k in range(2001)]
    return [str(c) for c in held], max(
        abs(weight(x) * (function(x) - mp.polyval(exact, x))) for x in grid
    )


def near(x: mp.mpf) -> mp.mpf:
    """Return how much an error weighs: the polynomials are multiplied by their argument."""
    return abs(x) + mp.mpf("0.002")


def text() -> str:
    """Return the module of coefficients."""
    with mp.workdps(DIGITS):
        half = mp.log(2) / 2 * mp.mpf("1.0001")
        most = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.0001")
        parts = [
            '"""Minimax polynomials, lowest degree first; see tests/elementary/coefficients.py."""',
            "",
            '__all__ = ["EXPM1", "LOG"]',
        ]
        cases = (
            ("EXPM1", "(exp(r) - 1 - r) / r², |r| <= log(2) / 2", expm1_tail, near, -half, half),
            (
                "LOG",
                "(log((1 + s) / (1 - s)) / s - 2) / s², in s²",
                log_tail,
                near,
                mp.mpf(0),
                most,
            ),
        )
        counts = {"EXPM1": {"f64": 10, "f32": 5}, "LOG": {"f64": 7, "f32": 4}}
        for name, meaning, function, weight, low, high in cases:
            parts += ["", f"#: {meaning}."]
            notes, rows = [], []
            for bits, real in (("f64", np.float64), ("f32", np.float32)):
                found, error = rounded(function, weight, low, high, counts[name][bits], real)
                size = mp.log(error, 2)
                notes.append(f"{bits} 2**{float(size):.1f}")
                rows.append(f'    "{bits}": (')
                rows += [f'        "{c}",' for c in found]
                rows.append("    ),")
            parts.append(f"#: Greatest error times the argument: {', '.join(notes)}.")
            parts += [f"{name} = {{", *rows, "}"]
        return "\n".join(parts) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
