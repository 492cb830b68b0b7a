"""Time candidates in turns: each peer in a process of its own, one of them at work at a time."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.emit.generate import generated
from derive.emit.write import write_file
from derive.program.suite import suite
from derive.verify.load import build
from tests.bench.cases import CALL, Row, definition
from tests.bench.limits import build as build_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Failed", "Timing", "made", "measured", "workers"]

#: In how many turns a candidate gets its share of the time.
_TURNS = 5
#: Fewer samples than that are no median, however slow the call is.
_LEAST = 2
_ROOT = Path(__file__).parents[2]


class Failed(Exception):
    """A candidate computes something else, or its process breaks."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one candidate takes: the median in seconds, of how many samples, in which form."""

    seconds: float
    samples: int
    form: str = ""


class Worker:
    """A peer's process."""

    def __init__(self, name: str, threads: int, folder: Path, clock: str) -> None:
        self.name = name
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        command = [sys.executable, "-m", "tests.bench.worker", name, str(threads), str(folder)]
        self._process = subprocess.Popen(
            [*command, clock],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=_ROOT,
            env=_environment(threads),
        )

    def tell(self, **order: Any) -> None:
        """Give an order."""
        assert self._process.stdin is not None
        try:
            print(json.dumps(order), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise Failed(self._last_words()) from None

    def answer(self) -> dict[str, Any]:
        """Wait for the answer."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Failed(self._last_words())
        found: dict[str, Any] = json.loads(line)
        if "error" in found:
            raise Failed(found["error"])
        return found

    def ask(self, **order: Any) -> dict[str, Any]:
        """Give an order and wait for the answer."""
        self.tell(**order)
        return self.answer()

    def close(self) -> None:
        """End the process, which ends by itself if it listens."""
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._errors.close()

    def _last_words(self) -> str:
        self._process.wait(10)
        self._errors.seek(0)
        return f"{self.name} ended with status {self._process.returncode}:\n" + "".join(
            self._errors.readlines()[-20:]
        )


def _environment(threads: int) -> dict[str, str]:
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM", "TORCHINDUCTOR_COMPILE")
    single = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"} if threads == 1 else {}
    counts = {
        f"{name}_THREADS" if name[0] in "VT" else f"{name}_NUM_THREADS": threads for name in names
    }
    counts["TORCHINDUCTOR_COMPILE_THREADS"] = 1
    texts = {name: str(count) for name, count in counts.items()}
    return {**os.environ, **texts, **single, "JAX_PLATFORMS": "cpu"}


@contextmanager
def workers(
    names: Sequence[str], threads: int, folder: Path, clock: str
) -> Iterator[tuple[Worker, ...]]:
    """Start a process for each peer, and end it."""
    started: list[Worker] = []
    try:
        for name in names:
            started.append(Worker(name, threads, folder, clock))
        yield tuple(started)
    finally:
        for each in started:
            each.close()


def measured(
    running: Sequence[Worker], row: Row, seconds: float
) -> tuple[dict[str, Timing], list[str]]:
    """Return the median times of all candidates of a row, taken in turns, and what went wrong.

    A peer that breaks, or does not compute what generated NumPy does, has no times.
    """
    who: dict[str, Worker] = {}
    forms: dict[str, str] = {}
    once: dict[str, float] = {}
    wrong: list[str] = []
    for worker, prepared in _prepared(running, row, wrong):
        if not prepared["calls"]:
            continue
        try:
            known = worker.ask(do="probe")
        except Failed as error:
            wrong.append(str(error))
            continue
        forms.update(known["forms"])
        once.update(known["seconds"])
        who.update(dict.fromkeys(known["seconds"], worker))
    share = seconds / max(1, len(who))
    # A call that takes longer than its share is not repeated for nothing.
    times = {name: [once[name]] if once[name] > share else [] for name in who}
    spent = {name: sum(found) for name, found in times.items()}
    while waiting := [n for n in times if spent[n] < share or len(times[n]) < _LEAST]:
        for name in (name for name in waiting if name in times):
            start = time.perf_counter()
            try:
                more = who[name].ask(do="time", which=name, seconds=share / _TURNS)["times"]
            except Failed as error:
                wrong.append(str(error))
                times = {each: own for each, own in times.items() if who[each] is not who[name]}
                continue
            times[name] += more
            spent[name] += time.perf_counter() - start
    found = {
        name: Timing(statistics.median(each), len(each), forms[name])
        for name, each in times.items()
    }
    return found, wrong


def _prepared(
    running: Sequence[Worker], row: Row, wrong: list[str]
) -> list[tuple[Worker, dict[str, Any]]]:
    """Let all peers prepare a row at once; return those that can take part."""
    told = []
    for worker in running:
        try:
            worker.tell(do="prepare", row=asdict(row))
            told.append(worker)
        except Failed as error:
            wrong.append(str(error))
    ready = []
    for worker in told:
        try:
            ready.append((worker, worker.answer()))
        except Failed as error:
            wrong.append(str(error))
    return ready


def made(layers: Sequence[str], folder: Path, tell: Callable[[str], None]) -> None:
    """Let derive generate and compile the layers, and compile what is written by hand."""
    for name in (*layers, CALL.layer):
        start = time.perf_counter()
        for path, text in generated([suite(definition(name))], ["numpy", "c"]).items():
            write_file(folder / path, text)
        build(folder / "c" / f"{name}.c", folder / "c" / "_build")
        tell(f"{name}: generated and compiled in {time.perf_counter() - start:.1f} s")
    why = build_limits(folder)
    if why:
        tell(f"nothing written by hand in C: {why}")
