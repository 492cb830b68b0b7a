"""Compile what is written by hand in C, as an extension of Python."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import shlex
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.verify.load import blas_flags, compile_flags, find_compiler, python_flags

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["build", "limits"]

_SOURCES = ("limit_quantizer.c", "limit_perceptron.c", "limit_python.c")
_HOW = ("-O3", "-fPIC", "-march=native", "-mprefer-vector-width=512", "-fopenmp", "-std=gnu11")


def _library(folder: Path) -> Path:
    return folder / f"limits{sysconfig.get_config_var('EXT_SUFFIX')}"


def build(folder: Path) -> str:
    """Compile into a folder; return why there is no limit on this machine, or nothing."""
    headers = python_flags()
    if not headers:
        return "no headers of Python or NumPy"
    try:
        compiler = find_compiler()
    except DeriveError as error:
        return str(error)
    sources = [str(Path(__file__).with_name(name)) for name in _SOURCES]
    output = ["-o", str(_library(folder)), *sources, *headers, *blas_flags(), "-lm"]
    command = [*compiler.command, *compile_flags(compiler), *_HOW, *output]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{shlex.join(command)}\n{result.stderr[:800]}" if result.returncode else ""


def limits(folder: Path) -> ModuleType | None:
    """Return the compiled kernels; a kernel that this machine cannot run is not among them."""
    path = _library(folder)
    if not path.is_file():
        return None
    loader = importlib.machinery.ExtensionFileLoader("limits", str(path))
    spec = importlib.util.spec_from_loader("limits", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
