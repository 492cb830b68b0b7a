"""Import generated modules, and call their functions with arrays by name."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.emit.api import arguments
from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import ModuleType

    from derive.index.terms import Size
    from derive.program.suite import Suite

__all__ = ["Caller", "imported"]

Array = np.ndarray[Any, np.dtype[Any]]


def imported(path: Path) -> ModuleType:
    """Return a generated module, freshly imported from its file.

    Raises
    ------
    DeriveError
        If there is no such file, or it cannot be imported.
    """
    name = f"_derive_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.exists():
        raise DeriveError(f"there is no generated module {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise DeriveError(f"{path} cannot be imported: {error}") from error
    finally:
        del sys.modules[name]
    return module


class Caller:
    """Calls the functions of a generated module with arrays by name.

    Parameters
    ----------
    module : module
        A generated module.
    suite : Suite
        The layer it was generated from.
    """

    def __init__(self, module: ModuleType, suite: Suite) -> None:
        self._module = module
        self._suite = suite
        self._results = {kind: layer.outputs for kind, layer in suite.layers}
        self._results["forward"] = suite.layer.outputs
        self._arguments = {program.name: arguments(program, suite) for program in suite.programs}

    def __call__(
        self,
        kind: str,
        arrays: Mapping[str, Array],
        sizes: Mapping[Size, int],
        dtype: Any,
        **keywords: Any,
    ) -> dict[str, Array]:
        """Return what a function returns, by the names of its results.

        Parameters
        ----------
        kind : str
            The function.
        arrays : mapping of str to array
            By name: what the layer is given, cotangents, tangents and rates; more may be there.
        sizes : mapping of Size to int
            For sizes that the function takes as arguments.
        dtype : dtype
            What real arrays are cast to.
        keywords
            Passed on (``saved``, ``out``).
        """
        takes = self._arguments[kind]
        numbers = {size.name: number for size, number in sizes.items()}

        def cast(name: str) -> Array:
            array = np.asarray(arrays[name])
            return array if array.dtype.kind == "i" else array.astype(dtype)

        for label, name in takes.keywords.items():
            if name in keywords:
                continue
            if label in takes.extra:
                keywords[name] = numbers[label]
            elif label in arrays:
                keywords[name] = cast(label)
        positional = [cast(formal.label) for formal in takes.arrays]
        result = getattr(self._module, kind)(*positional, **keywords)
        if kind == "forward" and keywords.get("save"):
            result = result[0]
        values = result if isinstance(result, tuple) else (result,)
        return dict(zip(self._results[kind], values, strict=True))
