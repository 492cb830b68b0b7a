"""Generated modules under test: made, imported and called like a user's."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.emit.generate import generated
from derive.layer.run import run
from derive.layer.sample import sample, sample_sizes
from derive.program.suite import suite
from derive.verify.call import Caller, imported

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from derive.layer.model import Layer

__all__ = [
    "Case",
    "call",
    "case",
    "expected",
    "imported",
    "programs",
    "source_of",
    "written",
]

#: The programs of a layer, derived once for all tests of a process.
programs = cache(suite)


def written(layer: Layer, folder: Path, name: str) -> Path:
    """Write the target's package of one layer and return its folder."""
    for path, text in generated([programs(layer)], [name]).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder / name


def source_of(library: Path) -> str:
    """Return the hash of the files that a library was made of."""
    found = re.search(rb"([0-9a-f]{64}) [0-9a-f]{64}[ \0]", library.read_bytes())
    assert found
    return found[1].decode()


class Case:
    """Arguments for every function of a layer, over a batch."""

    def __init__(self, layer: Layer, seed: int, ones: bool) -> None:
        self.suite = programs(layer)
        generator = np.random.default_rng(seed)
        self.layers = dict(self.suite.layers)
        every = self.layers["vjp_many"]
        self.sizes = sample_sizes(every, generator, ones)
        # The samplers of the layers differ in what they are given: draw all from one.
        self.arrays: dict[str, Any] = {}
        for kind in ("forward", "jvp", "backward", "sgd_step"):
            if kind in self.layers:
                for name, value in sample(self.layers[kind], self.sizes, generator).items():
                    self.arrays.setdefault(name, value)
        many = sample(every, self.sizes, generator)
        #: The cotangents of ``vjp_many``; what the layer is given is the same for all.
        self.many = {name: many[name] for name in self.suite.cotangents}


def case(layer: Layer, seed: int, ones: bool = False) -> Case:
    return Case(layer, seed, ones)


def expected(case: Case, kind: str) -> dict[str, Any]:
    """Return the interpreter's values of a function's results."""
    layer = case.layers[kind]
    arrays = {**case.arrays, **(case.many if kind == "vjp_many" else {})}
    if kind == "backward":
        arrays.update(run(case.layers["forward"], arrays, case.sizes))
    found = run(layer, arrays, case.sizes)
    return {name: found[name] for name in layer.outputs}


def call(module: ModuleType, case: Case, kind: str, dtype: Any = np.float64) -> dict[str, Any]:
    """Return the module's values of a function's results."""
    arrays = {**case.arrays, **(case.many if kind == "vjp_many" else {})}
    return Caller(module, case.suite)(kind, arrays, case.sizes, dtype)
