"""How many digits generated code keeps, with torch and JAX beside it.

``python -m tests.bench.accuracy`` measures all of them as ``derive verify --accuracy`` does: the
same inputs, the same reference, the same units. A framework takes part as if it were a generated
module. It has functions of its own where it is known for them (``log_softmax``, ``layer_norm``),
and differentiates by itself.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.emit.generate import generated
from derive.emit.write import write_file
from derive.program.suite import suite
from derive.verify.accuracy import accuracy
from derive.verify.call import imported
from derive.verify.load import build
from tests.bench.cases import CASES, PRECISIONS, definition
from tests.bench.peers import functional, missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.verify.accuracy import Accuracy, Measured

__all__ = ["main", "measured", "table"]

_TARGETS = ("numpy", "c")
#: Who is beside generated code, if it is installed: the function that gives it, and what it needs.
BESIDE = {"torch": (functional.torch, "torch_eager"), "jax": (functional.jax, "jax_jit")}


def measured(name: str, beside: Sequence[str]) -> Accuracy:
    """Measure one layer.

    Parameters
    ----------
    name : str
        The layer.
    beside : sequence of str
        The frameworks.
    """
    made = suite(definition(name))
    with tempfile.TemporaryDirectory(prefix="derive-bench-") as place:
        folder = Path(place)
        for path, text in generated([made], _TARGETS).items():
            write_file(folder / path, text)
        build(folder / "c" / f"{name}.c", folder / "c" / "_build")
        modules: dict[str, Any] = {
            target: imported(folder / target / f"{name}.py") for target in _TARGETS
        }
        for framework in beside:
            modules[framework] = functional.module(made, BESIDE[framework][0]())
        return accuracy(made, modules, progress=lambda line: print(line, file=sys.stderr))


def _cell(found: Measured | None) -> str:
    if found is None:
        return "-"
    return f"{found.ulps:.2g}" + (f" ({found.spurious}!)" if found.spurious else "")


def table(reports: Sequence[Accuracy]) -> str:
    """Return a line for each result: the worst error of everybody, and what is allowed.

    In brackets: how many entries are NaN, infinite or 0 although the true value is not.
    """
    targets = list(dict.fromkeys(m.target for report in reports for m in report.measured))
    heads = [f"{target} {precision}" for precision in PRECISIONS for target in targets]
    lines = [["layer", "function", "result", *heads, "allowed"]]
    for report in reports:
        by_key: dict[tuple[str, str], dict[str, Measured]] = {}
        for each in report.measured:
            own = by_key.setdefault((each.function, each.result), {})
            own[f"{each.target} {each.precision}"] = each
        for (function, result), found in by_key.items():
            limit = next(iter(found.values())).limit
            cells = [_cell(found.get(head)) for head in heads]
            lines.append([report.layer, function, result, *cells, f"{limit:.1f}"])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def summary(reports: Sequence[Accuracy]) -> str:
    """Return, for each of those measured, how many results meet the goal."""
    counts: dict[str, list[bool]] = {}
    for report in reports:
        for each in report.measured:
            counts.setdefault(f"{each.target} {each.precision}", []).append(not each.missed)
    return "\n".join(f"{name}: {sum(met)} of {len(met)} met" for name, met in counts.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write; return 1 if generated code misses its goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy", description=__doc__)
    parser.add_argument("layers", nargs="*", choices=[*CASES, []], metavar="LAYER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    given = parser.parse_args(arguments)
    beside = []
    for framework, (_, needs) in BESIDE.items():
        if missing(needs):
            print(f"{framework} is left out: it is not installed", file=sys.stderr)
        else:
            beside.append(framework)
    names = list(given.layers or CASES)
    context = multiprocessing.get_context("spawn")  # frameworks have threads of their own
    with ProcessPoolExecutor(min(len(names), os.cpu_count() or 1), context) as pool:
        reports = list(pool.map(measured, names, [beside] * len(names)))
    print("the worst error in units of the last place; in brackets: spurious NaN, infinity or 0")
    print(table(reports))
    print(summary(reports))
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        found: list[Mapping[str, Any]] = [asdict(report) for report in reports]
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    ours = [m for report in reports for m in report.missed if m.target not in BESIDE]
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
