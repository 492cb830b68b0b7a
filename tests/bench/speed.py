"""How fast the generated functions are: beside frameworks, and beside what is written by hand.

``make bench`` runs it. Every row of a table is one layer at one size, in one precision, on one or
two threads: forward and backward pass together, called from Python on NumPy arrays (the frameworks
on arrays of their own). The candidates take turns, each in a process of its own; medians are shown.
A candidate whose results differ from those of generated NumPy has no figure, and is an error.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import math
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.verify.load import blas_flags, find_compiler
from tests.bench.cases import CALL, CASES, PRECISIONS, Row, rows
from tests.bench.growth import memory, slopes
from tests.bench.measure import Failed, made, measured, workers
from tests.bench.peers import FRAMEWORKS, OURS, missing
from tests.bench.report import Figures, text, verdicts, written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.goals import Memory
    from tests.bench.measure import Timing

__all__ = ["figures", "main"]

_PACKAGES = ("numpy", "scipy-openblas32", "torch", "jax", "numba", "pytensor")


def tell(line: str) -> None:
    """Say on standard error what is being done."""
    print(line, file=sys.stderr, flush=True)


def machine(clock: str) -> dict[str, str]:
    """Return what the figures depend on."""
    known = Path("/proc/cpuinfo")
    models = [
        line.partition(":")[2].strip()
        for line in (known.read_text(encoding="utf-8").splitlines() if known.is_file() else [])
        if line.startswith("model name")
    ]
    versions = []
    for package in _PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    processor = f"{len(models)} × {models[0]}" if models else platform.processor()
    times = "of the processor" if clock == "cpu" else "by the clock"
    return {
        "machine": f"{processor}, {platform.system()} {platform.machine()}",
        "compiler": find_compiler().version,
        "BLAS of generated C": "scipy-openblas32" if blas_flags() else "none: own loops",
        "Python": f"{platform.python_version()}, {', '.join(versions)}",
        "time": f"median, {times}; the first column is a time, the others are that many times it",
    }


def taking_part(frameworks: Sequence[str]) -> list[str]:
    """Return the peers that can take part, and say of each other one what it lacks."""
    found = list(OURS)
    for name in frameworks:
        package = missing(name)
        if package:
            tell(f"{FRAMEWORKS[name][0]} is left out: {package} is not installed")
        else:
            found.append(name)
    return found


def figures(
    cases: Sequence[Row],
    peers: Sequence[str],
    folder: Path,
    seconds: float,
    clock: str,
    end: float = math.inf,
) -> Figures:
    """Measure rows, and what else there is to know of their layers.

    No row is begun after ``end``, by ``time.monotonic``; those that are left out are named.
    """
    table: dict[Row, dict[str, Timing]] = {}
    growing: dict[str, float] = {}
    large: dict[str, tuple[Memory, Memory]] = {}
    wrong: list[str] = []
    layers = list(dict.fromkeys(row.layer for row in cases))
    for threads in dict.fromkeys(row.threads for row in cases):
        with workers(peers, threads, folder, clock) as running:
            for row in (row for row in cases if row.threads == threads):
                start = time.monotonic()
                if start > end:
                    wrong.append(f"{row}: left out, there was no time")
                    continue
                table[row], errors = measured(running, row, seconds)
                tell(f"{row}: {time.monotonic() - start:.1f} s")
                for error in errors:
                    tell(f"error: {error}")
                wrong += errors
        with workers(("generated_c", "generated_numpy", "call"), threads, folder, clock) as running:
            if threads == 1:
                call = Row(CALL.layer, CALL.sizes[0], "f64", 1)
                table[call], errors = measured(running[2:], call, seconds)
                wrong += errors
            if threads == 1 and "quantizer" in layers and time.monotonic() < end:
                growing = slopes(running[:2], seconds / 4)
    if sys.platform == "linux":
        large = memory(layers, 1, folder, tell)
    ordered = {row: table[row] for row in (*cases, *table) if row in table}
    return Figures(machine(clock), ordered, growing, large, tuple(wrong))


def _listed(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def parse(value: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in value.split(","))
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is not among {', '.join(known)}")
        return names

    return parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write; return 1 if a candidate is wrong, 2 if nothing can be compiled."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speed", description=__doc__)
    packages = tuple(dict.fromkeys(package for _, package in FRAMEWORKS.values()))
    lists = (
        ("--only", tuple(CASES), tuple(CASES), "these layers alone"),
        ("--peers", packages, packages, "the frameworks of these packages alone"),
        ("--dtype", tuple(PRECISIONS), tuple(PRECISIONS), "these precisions alone"),
        ("--threads", ("1", "2"), ("1", "2"), "these numbers of threads alone"),
    )
    for option, known, default, meaning in lists:
        parser.add_argument(
            option,
            type=_listed(known),
            default=default,
            metavar="A,B",
            help=f"{meaning}: of {', '.join(known)}",
        )
    parser.add_argument("--seconds", type=float, default=1.0, help="for each row, all candidates")
    parser.add_argument("--minutes", type=float, default=12.0, help="no row begins after that")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them, as SVG or PNG")
    parser.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="cpu: the processor's time, for one thread on a machine that is not idle",
    )
    given = parser.parse_args(arguments)
    peers = taking_part(
        [name for name, (_, package) in FRAMEWORKS.items() if package in given.peers]
    )
    end = time.monotonic() + 60 * given.minutes
    cases = rows(given.only, given.dtype, tuple(map(int, given.threads)))
    with tempfile.TemporaryDirectory(prefix="derive-bench-") as folder:
        try:
            made(given.only, Path(folder), tell)
            found = figures(cases, peers, Path(folder), given.seconds, given.clock, end)
        except Failed as error:
            tell(f"error: {error}")
            return 1
        except DeriveError as error:
            tell(f"error: {error}")
            return 2
    print(f"{text(found)}\n\n{verdicts(found)}")
    for path in filter(None, (given.json, given.plot)):
        path.parent.mkdir(parents=True, exist_ok=True)
    if given.json:
        given.json.write_text(written(found), encoding="utf-8")
    if given.plot:
        try:
            from tests.bench.plot import plot
        except ImportError:
            tell("no picture: matplotlib is not installed")
        else:
            plot(found, given.plot)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
