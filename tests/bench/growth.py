"""How time and memory grow with the sizes.

``python -m tests.bench.growth FOLDER TARGET ROW`` is the process in which the memory of one call is
measured: what the peak is above what is there before the call.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.bench.cases import CASES, Problem, Row
from tests.bench.goals import Memory, slope
from tests.bench.measure import measured
from tests.bench.peers.generated_numpy import with_room

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.measure import Worker

__all__ = ["memory", "slopes"]

#: The quantizer, where one size grows and all are large.
_GROWING = {
    "B": tuple((b, 256, 16) for b in (512, 1024, 2048, 4096)),
    "N": tuple((256, n, 16) for n in (512, 1024, 2048, 4096)),
    "M": tuple((1024, 256, m) for m in (8, 16, 32, 64)),
}
#: The process that measures memory.
_PROCESS = (sys.executable, "-m", "tests.bench.growth")
#: By how much the first size of a layer grows.
_FACTOR = 4


def slopes(running: Sequence[Worker], seconds: float) -> dict[str, float]:
    """Return, for generated C and NumPy, the exponents with which the quantizer's time grows.

    Nothing of a candidate that broke at some size.
    """
    found = {}
    for letter, sizes in _GROWING.items():
        times = [measured(running, Row("quantizer", each, "f32", 1), seconds)[0] for each in sizes]
        varying = [each["BNM".index(letter)] for each in sizes]
        for name in ("C", "NumPy"):
            if not all(name in each for each in times):
                continue
            growing = slope(varying, [each[name].seconds for each in times])
            found[f"quantizer, {name}, {letter} = {varying[0]} … {varying[-1]}"] = growing
    return found


def memory(
    layers: Sequence[str], threads: int, folder: Path, tell: Callable[[str], None]
) -> dict[str, tuple[Memory, Memory]]:
    """Return what a call needs beyond its results, at a size and at a multiple, in C and in NumPy.

    The size is the largest that is timed. Nothing where the system does not tell.
    """
    found = {}
    for name, (title, target) in product(layers, (("C", "c"), ("NumPy", "numpy"))):
        first, *rest = CASES[name].sizes[-1]
        pair = []
        for size in (first, _FACTOR * first):
            row = Row(name, (size, *rest), "f32", threads)
            # Large blocks go back to the system at once, where the C library is told so.
            own = {"OMP_NUM_THREADS": str(threads), "MALLOC_MMAP_THRESHOLD_": "65536"}
            result = subprocess.run(
                [*_PROCESS, str(folder), target, json.dumps(asdict(row))],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, **own},
                cwd=Path(__file__).parents[2],
            )
            if result.returncode:
                tell(f"no memory of {row}: {result.stderr.strip().splitlines()[-1]}")
                break
            pair.append(Memory(**json.loads(result.stdout)))
        else:
            found[f"{name}, {title}"] = (pair[0], pair[1])
    return found


def _status(field: str) -> int:
    """Return a figure of this process, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return 1024 * int(line.split()[1])


def main() -> None:
    """Print the memory of one call."""
    folder, target = Path(sys.argv[1]), sys.argv[2]
    given = json.loads(sys.argv[3])
    row = Row(**{**given, "sizes": tuple(given["sizes"])})
    # What a library needs once is not the call's: the smallest size comes first.
    with_room(Problem(replace(row, sizes=CASES[row.layer].sizes[0]), folder), target)()
    problem = Problem(row, folder)
    function = problem.module(target).forward_backward
    given = problem.positional(function)
    room = tuple(np.full(array.shape, 0, array.dtype) for array in problem.reference)
    del problem.reference
    results = sum(array.nbytes for array in room)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # forget the peak so far
    before = _status("VmRSS")
    function(*given, out=room)
    extra = _status("VmHWM") - before
    print(json.dumps({"results": results, "extra": extra}))


if __name__ == "__main__":
    main()
