"""How long derive itself takes: to generate, to find that nothing changed, to compile, to import.

Part of ``make bench``; alone, ``python -m tests.bench.own`` prints a table and, with
``--json FILE``, writes the figures. Time is the processor's, of every process that takes part, so
that others at work count little; the least of several runs is shown. Cold means that nothing is
remembered from before; Python's own compiled files are there, as they are after an installation.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from derive.verify.load import build

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Figure", "rows"]

ROOT = Path(__file__).parents[2]
_IMPORT = """
import sys, time, numpy
start = time.process_time()
import generated.numpy.{name}
print(time.process_time() - start)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was done, how long it took, and how long it should take at most; in seconds."""

    what: str
    seconds: float
    goal: float


def rows(times: int = 3) -> list[Figure]:
    """Return all figures, each the least of so many runs."""
    # What an installation does, and an editable one leaves to the first run.
    compileall.compile_dir(ROOT / "derive", quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        return [*_commands(room, times), *_compilations(room, times), *_imports(times)]


def _commands(room: Path, times: int) -> list[Figure]:
    cache = room / "cache"

    def derive(*arguments: str) -> None:
        environment = {**os.environ, "DERIVE_CACHE": str(cache)}
        command = [sys.executable, "-m", "derive", *arguments]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    def generate() -> None:
        derive("generate", "quantizer", "--out", str(room / "out"))

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    return [
        Figure("derive generate quantizer, cold", _least(generate, times, forget), 1.5),
        Figure("derive generate quantizer, unchanged", _least(generate, times), 0.4),
        Figure("derive --help", _least(lambda: derive("--help"), times), 0.4),
    ]


def _compilations(room: Path, times: int) -> list[Figure]:
    found = []
    for header in sorted((ROOT / "generated" / "c").glob("*.h")):
        functions = re.findall(r"^void \w+_f(?:32|64)\($", header.read_text(encoding="utf-8"), re.M)
        source, folder = header.with_suffix(".c"), room / "build"

        def forget(folder: Path = folder) -> None:
            shutil.rmtree(folder, ignore_errors=True)

        seconds = _least(lambda s=source, f=folder: build(s, f), times, forget)
        title = f"C compiler, {source.stem}, for each of {len(functions)} functions"
        found.append(Figure(title, seconds / len(functions), 0.5))
    return found


def _imports(times: int) -> list[Figure]:
    found = []
    for module in sorted((ROOT / "generated" / "numpy").glob("[a-z]*.py")):
        command = [sys.executable, "-c", _IMPORT.format(name=module.stem)]
        compileall.compile_file(module, quiet=1)
        seconds = min(
            float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
            for _ in range(2 * times)
        )
        found.append(Figure(f"import generated.numpy.{module.stem}, after NumPy", seconds, 0.005))
    return found


def _least(run: Callable[[], object], times: int, before: Callable[[], object] = bool) -> float:
    """Return the least time of the processor, with that of the processes that it started."""
    found = []
    for _ in range(times):
        before()
        start = os.times()
        run()
        end = os.times()
        found.append(sum(end[:4]) - sum(start[:4]))
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--times", type=int, default=3, help="how often each is run")
    arguments = parser.parse_args()
    found = rows(arguments.times)
    width = max(len(each.what) for each in found)
    for each in found:
        mark = "" if each.seconds <= each.goal else "   missed"
        print(
            f"  {each.what:{width}}  {1e3 * each.seconds:8.1f} ms  ≤ {1e3 * each.goal:g} ms{mark}"
        )
    if arguments.json:
        text = json.dumps([asdict(each) for each in found], indent=2)
        arguments.json.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
