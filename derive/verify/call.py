"""Import generated modules, and call their functions with arrays by name."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.emit.api import functions
from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import ModuleType

    from derive.index.terms import Size
    from derive.program.suite import Suite

__all__ = ["call", "imported"]

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


def call(
    module: ModuleType,
    suite: Suite,
    kind: str,
    arrays: Mapping[str, Array],
    sizes: Mapping[Size, int],
    dtype: Any,
    **keywords: Any,
) -> dict[str, Array]:
    """Return what a generated function returns, by the names of its results.

    Parameters
    ----------
    module : module
        A generated module.
    suite : Suite
        The layer it was generated from.
    kind : str
        The function.
    arrays : mapping of str to array
        By name: what the layer is given, the cotangents, tangents and rates; more may be there.
    sizes : mapping of Size to int
        For sizes that the function takes as arguments.
    dtype : dtype
        What real arrays are cast to.
    keywords
        Passed on (``saved``, ``out``).
    """
    function = next(f for f in functions(suite) if f.name == kind)
    star = function.parameters.index("*")
    optional = [parameter.split(":")[0] for parameter in function.parameters[star + 1 :]]
    known = {size.name: number for size, number in sizes.items()}

    def cast(array: Array) -> Array:
        return array if array.dtype.kind == "i" else array.astype(dtype)

    for name in optional:
        if name in keywords:
            continue
        if name in known:
            keywords[name] = known[name]
        elif name in arrays:
            keywords[name] = cast(np.asarray(arrays[name]))
    leading = [name for name in suite.cotangents if name not in optional]
    given = [tensor.name for tensor in suite.layer.tensors]
    if kind in ("forward", "jvp", "sgd_step"):
        leading = []
    positional = [cast(np.asarray(arrays[name])) for name in (*leading, *given)]
    result = getattr(module, kind)(*positional, **keywords)
    if kind == "forward" and keywords.get("save"):
        result = result[0]
    names = suite.layer.outputs if kind == "forward" else dict(suite.layers)[kind].outputs
    values = result if isinstance(result, tuple) else (result,)
    return dict(zip(names, values, strict=True))
