"""One peer in a process of its own: ``python -m tests.bench.worker PEER THREADS FOLDER CLOCK``.

Orders come as lines of JSON on standard input, and each is answered by one on standard output:
``prepare`` a row and check the results, ``probe`` how long each call takes and keep the fastest
form of each candidate, ``time`` a candidate for a while.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.cases import Array, Problem, Row
from tests.bench.peers import Calls, candidate, peer
from tests.bench.peers.limit import MOVES, PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.peers import Peer

__all__ = ["Timer", "unequal"]

#: Time enough for a clock, in seconds; shorter calls are timed by the dozen.
_SAMPLE = 1e-4
#: How far two ways to compute the same may be apart, in units of the last place of the largest
#: entry: sums of a million terms, one after the other, are among them.
_APART = 1e4


def unequal(
    found: Sequence[Array], expected: Sequence[Array], names: Sequence[str], dtype: Any
) -> str:
    """Return what is wrong with results, or nothing."""
    if len(found) not in (len(expected), len(names)):
        return f"{len(found)} results instead of {len(expected)}"
    for place, (one, other) in enumerate(zip(found, expected, strict=False)):
        title = names[place] if place < len(names) else f"gradient {place - len(names) + 1}"
        if one.shape != other.shape or one.dtype != other.dtype:
            return f"{title} has shape {one.shape}, {one.dtype} instead of {other.shape}"
        scale = float(np.abs(other).max(initial=0.0))
        apart = float(np.abs(one - other).max(initial=0.0))
        if not apart <= _APART * np.finfo(dtype).eps * scale:
            return f"{title} is off by {apart:.2g}, its largest entry is {scale:.2g}"
    return ""


class Timer:
    """A peer with the calls of one row at a time."""

    def __init__(self, chosen: Peer, folder: Path, clock: Callable[[], float]) -> None:
        self._peer = chosen
        self._folder = folder
        self._clock = clock
        self._calls: Calls = {}
        self._seconds: dict[str, float] = {}

    def prepare(self, row: Row) -> dict[str, Any]:
        """Make the calls of a row; return their names, and what is wrong with their results."""
        self._calls = {}
        gc.collect()
        problem = Problem(row, self._folder)
        calls = self._peer.prepare(problem)
        for name, call in calls.items():
            if name in (MOVES, PRODUCTS):
                continue
            found = self._peer.results(call)
            wrong = unequal(found, problem.reference, problem.outputs, problem.dtype)
            if wrong:
                return {"error": f"{row}: {name}: {wrong}"}
        self._calls = calls
        return {"calls": list(calls)}

    def probe(self) -> dict[str, Any]:
        """Find out how long each call takes; keep the fastest form of each candidate."""
        best: dict[str, tuple[float, str]] = {}
        for name, call in self._calls.items():
            seconds = self._sample(call, 1)
            if seconds < 0.2:
                seconds = min([seconds, *(self._sample(call, 1) for _ in range(3))])
            best[candidate(name)] = min(best.get(candidate(name), (seconds, name)), (seconds, name))
        self._calls = {which: self._calls[name] for which, (_, name) in best.items()}
        self._seconds = {which: seconds for which, (seconds, _) in best.items()}
        forms = {which: name.partition(": ")[2] for which, (_, name) in best.items()}
        return {"seconds": self._seconds, "forms": forms}

    def time(self, which: str, seconds: float) -> dict[str, Any]:
        """Return the times of one call, for so many seconds."""
        call, once = self._calls[which], self._seconds[which]
        count = max(1, int(_SAMPLE / once))
        if once * count < seconds / 3:
            self._sample(call, count)
        found = []
        end = time.perf_counter() + seconds
        while not found or time.perf_counter() < end:
            found.append(self._sample(call, count))
        return {"times": found}

    def _sample(self, call: Callable[[], Any], count: int) -> float:
        turns = itertools.repeat(None, count)
        clock = self._clock
        start = clock()
        for _ in turns:
            call()
        return max((clock() - start) / count, 1e-9)

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to an order."""
        if order["do"] == "prepare":
            given = order["row"]
            return self.prepare(Row(**{**given, "sizes": tuple(given["sizes"])}))
        if order["do"] == "probe":
            return self.probe()
        return self.time(order["which"], order["seconds"])


def main() -> None:
    """Obey the orders on standard input until there are no more."""
    name, threads, folder, clock = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes elsewhere
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-int(threads) :])
    timer = Timer(
        peer(name), Path(folder), {"cpu": time.process_time}.get(clock, time.perf_counter)
    )
    gc.disable()
    for line in sys.stdin:
        try:
            answer = timer.obey(json.loads(line))
        except Exception:
            answer = {"error": f"{name}: {line.strip()}\n{traceback.format_exc()}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
