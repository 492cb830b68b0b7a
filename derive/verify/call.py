"""Import generated modules, and call their functions with arrays by name."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.machinery
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.emit.api import arguments
from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import CodeType, ModuleType

    from derive.index.arrays import Array
    from derive.index.terms import Size
    from derive.program.suite import Suite

__all__ = ["Caller", "imported"]


#: What a generated module of NumPy calls the bytes of a block and the numbers of a chunk; as many
#: as are enough for some rows.
_FEW = {"_BLOCK": 2048, "_CHUNK": 256}
#: As many numbers of scratch memory for a block of generated C.
_FEW_NUMBERS = 512


class _Fresh(importlib.machinery.SourceFileLoader):
    """Imports the text as it is now: cached byte code may be of one as long and as old."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def imported(path: Path) -> ModuleType:
    """Return a generated module, freshly imported from its file.

    Raises
    ------
    DeriveError
        If there is no such file, or it cannot be imported, whatever the reason.
    """
    name = f"_derive_{path.parent.name}_{path.stem}"
    if not path.exists():
        raise DeriveError(f"there is no generated module {path}")
    loader = _Fresh(name, str(path))
    spec = importlib.machinery.ModuleSpec(name, loader, origin=str(path))
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except SyntaxError as error:
        raise DeriveError(f"{path} cannot be imported: {error.msg}, line {error.lineno}") from error
    except Exception as error:
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

        Raises
        ------
        DeriveError
            If the function is missing, raises anything, or returns something else.
        """
        result = self._call(kind, arrays, sizes, dtype, keywords)
        values = result if isinstance(result, tuple) else (result,)
        names = self._results[kind]
        if len(values) != len(names) or not all(isinstance(v, np.ndarray) for v in values):
            raise DeriveError(f"{self.name(kind)} does not return {', '.join(names)}")
        return dict(zip(names, values, strict=True))

    @contextlib.contextmanager
    def small_blocks(self) -> Iterator[None]:
        """Let loops over blocks of rows have several, and a last one that is smaller."""
        settings = _settings(self._module, self._suite.layer.name)
        usual = [getattr(holder, name) for holder, name, _ in settings]
        for holder, name, few in settings:
            setattr(holder, name, few)
        try:
            yield
        finally:
            for (holder, name, _), value in zip(settings, usual, strict=True):
                setattr(holder, name, value)

    def name(self, kind: str) -> str:
        """Return what a complaint calls a function."""
        return f"{self._suite.layer.name}.{kind} of {self._module.__file__}"

    def saved(
        self, arrays: Mapping[str, Array], sizes: Mapping[Size, int], dtype: Any
    ) -> tuple[Array, ...]:
        """Return what ``forward`` saves.

        Parameters
        ----------
        arrays, sizes, dtype
            As for a call.

        Raises
        ------
        DeriveError
            If the function is missing, raises anything, or saves nothing.
        """
        result = self._call("forward", arrays, sizes, dtype, {"save": True})
        if not (isinstance(result, tuple) and isinstance(result[-1], tuple)):
            raise DeriveError(f"{self.name('forward')} does not return what it saves")
        return result[-1]

    def _call(
        self,
        kind: str,
        arrays: Mapping[str, Array],
        sizes: Mapping[Size, int],
        dtype: Any,
        keywords: Mapping[str, Any],
    ) -> Any:
        """Return whatever a function returns, given also the keywords that nobody has chosen."""
        takes = self._arguments[kind]
        numbers = {size.name: number for size, number in sizes.items()}
        chosen = {
            name: numbers[label] if label in takes.extra else _cast(arrays[label], dtype)
            for label, name in takes.keywords.items()
            if label in takes.extra or label in arrays
        }
        positional = [_cast(arrays[formal.label], dtype) for formal in takes.arrays]
        try:
            return getattr(self._module, kind)(*positional, **{**chosen, **keywords})
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise DeriveError(f"{self.name(kind)} raises {what}") from error


def _settings(module: ModuleType, layer: str) -> list[tuple[Any, str, int]]:
    """Return where a module keeps how large a block is, under which name, and what is small."""
    found: list[tuple[Any, str, int]] = [
        (module, name, few) for name, few in _FEW.items() if hasattr(module, name)
    ]
    if found:
        return found
    library = getattr(module, "_LIBRARY", None)
    if not isinstance(library, ctypes.CDLL):
        return []
    with contextlib.suppress(ValueError):
        return [(ctypes.c_size_t.in_dll(library, f"{layer}_block"), "value", _FEW_NUMBERS)]
    return []


def _cast(array: Array, dtype: Any) -> Array:
    """Return the array in a dtype; subscripts stay integers."""
    array = np.asarray(array)
    return array if array.dtype.kind == "i" else array.astype(dtype)
