"""Generated modules under test: made, imported and called like a user's."""

from __future__ import annotations

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

__all__ = ["Case", "call", "case", "expected", "imported", "written"]


def written(layer: Layer, folder: Path, name: str) -> Path:
    """Write the target's package of one layer and return its folder."""
    for path, text in generated([suite(layer)], [name]).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder / name


class Case:
    """Arguments for every function of a layer, over a batch."""

    def __init__(self, layer: Layer, seed: int, ones: bool) -> None:
        self.suite = suite(layer)
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
        self.many = sample(every, self.sizes, generator)


def case(layer: Layer, seed: int, ones: bool = False) -> Case:
    return Case(layer, seed, ones)


def expected(case: Case, kind: str) -> dict[str, Any]:
    """Return the interpreter's values of a function's results."""
    layer = case.layers[kind]
    arrays = dict(case.arrays)
    if kind == "vjp_many":
        arrays.update({n: case.many[n] for n in case.suite.cotangents})
    if kind == "backward":
        arrays.update(run(case.layers["forward"], arrays, case.sizes))
    found = run(layer, arrays, case.sizes)
    return {name: found[name] for name in layer.outputs}


def call(module: ModuleType, case: Case, kind: str, dtype: Any = np.float64) -> dict[str, Any]:
    """Return the module's values of a function's results."""
    arrays = {**case.arrays, **(case.many if kind == "vjp_many" else {})}
    return Caller(module, case.suite)(kind, arrays, case.sizes, dtype)
