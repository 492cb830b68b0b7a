"""Generated modules under test: made, imported and called like a user's."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.emit.generate import generated
from derive.layer.run import run
from derive.layer.sample import sample, sample_sizes
from derive.program.suite import suite

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from derive.layer.model import Layer

__all__ = ["Case", "case", "call", "expected", "imported", "written"]


def written(layer: Layer, folder: Path, name: str) -> Path:
    """Write the target's package of one layer and return its folder."""
    for path, text in generated([layer], [name]).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder / name


def imported(path: Path) -> ModuleType:
    name = f"generated_under_test_{abs(hash(str(path)))}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


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
    s = case.suite
    cast = lambda a: a if a.dtype.kind == "i" else a.astype(dtype)  # noqa: E731
    given = [cast(case.arrays[t.name]) for t in s.layer.tensors]
    from derive.emit.api import functions

    api = {f.name: f for f in functions(s)}[kind]
    keywords = {
        p.split(":")[0]: None for p in api.parameters[api.parameters.index("*") + 1 :]
    }
    extra: dict[str, Any] = {}
    by_name = {size.name: size for size in case.sizes}
    for name in keywords:
        if name in by_name:
            extra[name] = case.sizes[by_name[name]]
        elif name in case.arrays:
            extra[name] = cast(case.arrays[name])
    source = case.many if kind == "vjp_many" else case.arrays
    lead = [
        cast(source[n])
        for n in s.cotangents
        if kind in ("backward", "forward_backward", "vjp_many") and n not in extra
    ]
    result = getattr(module, kind)(*lead, *given, **extra)
    names = case.layers[kind].outputs
    if kind == "forward":
        names = s.layer.outputs
    values = result if isinstance(result, tuple) else (result,)
    assert len(values) == len(names)
    return dict(zip(names, values, strict=True))


