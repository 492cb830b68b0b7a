"""Compile a generated C file to a shared library.

A build is named by the file it comes from; in it lies a key, the hash of all that it was made of,
and nothing is compiled while the key stays the same. It is written whole or not at all: whatever
ends a build, and whoever builds at the same time, no library has another's key.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FLAGS",
    "Build",
    "Compiler",
    "blas_flags",
    "build",
    "compile_flags",
    "digest",
    "find_compiler",
    "library_name",
]

#: How every C file is compiled: as the standard says, for any machine. To look for vectors outside
#: loops costs a sixth of the time, and finds nothing: they are written.
FLAGS = (
    *("-std=c11", "-O2", "-ftree-vectorize", "-fno-tree-slp-vectorize", "-ffp-contract=fast"),
    *("-fno-math-errno", "-fno-trapping-math", "-shared"),
)
#: gcc sets what does not wait for one another side by side only if it is asked to, and minds the
#: registers only if it is asked to as well.
_GCC = ("-fschedule-insns", "-fsched-pressure")
#: For this machine: what to ask of the compiler, the most first; it may know less.
_NATIVE = (("-march=native", "-mprefer-vector-width=512"), ("-march=native",), ())
#: With threads, or without where the compiler has none.
_THREADS = (("-fopenmp",), ())
_TIMEOUT = 300  # seconds
#: What tells the key of a library.
_KEY = 'extern const char derive_key[];\nconst char derive_key[] = "{}";\n'
#: The CBLAS functions that generated code calls.
_CBLAS = ("cblas_dgemm", "cblas_sgemm")


@dataclass(frozen=True, slots=True)
class Compiler:
    """A C compiler.

    Parameters
    ----------
    command : tuple of str
        What to run.
    version : str
        The first line of what it says of itself.
    """

    command: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Build:
    """A shared library.

    Parameters
    ----------
    library : Path
        The file.
    compiler : str
        The first line of the compiler's version.
    flags : tuple of str
        What it was compiled with.
    fresh : bool
        Whether it was compiled just now; else the one that was there is up to date.
    """

    library: Path
    compiler: str
    flags: tuple[str, ...]
    fresh: bool


def find_compiler() -> Compiler:
    """Return the C compiler: ``$CC``, else cc, gcc or clang, else the one of the ziglang wheel.

    Raises
    ------
    DeriveError
        If there is none, or ``$CC`` does not run.
    """
    chosen = os.environ.get("CC", "").strip()
    if chosen:
        complaint = f"$CC is {chosen!r}, but that does not run"
        try:
            command = tuple(shlex.split(chosen))
        except ValueError as error:
            raise DeriveError(complaint, hint=str(error).lower()) from error
        if len(command) > 1 and shutil.which(command[0]) is None:
            raise DeriveError(
                complaint,
                hint=f"there is no {command[0]}; a path with spaces needs quotes of its own, as in "
                f"CC={shlex.quote(shlex.quote(chosen))}",
            )
        return _compiler(command, complaint)
    for name in ("cc", "gcc", "clang"):
        path = shutil.which(name)
        if path:
            return _compiler((path,), f"{path} does not run")
    if importlib.util.find_spec("ziglang") is not None:
        command = (sys.executable, "-m", "ziglang", "cc")
        return _compiler(command, "the compiler of the ziglang wheel does not run")
    raise DeriveError(
        'no C compiler found: install gcc or clang, set CC, or `pip install "derive[cc]"`'
    )


@cache
def _compiler(command: tuple[str, ...], complaint: str) -> Compiler:
    try:
        result = _run((*command, "--version"))
    except OSError as error:
        raise DeriveError(complaint, hint=str(error)) from error
    if result.returncode != 0:
        raise DeriveError(complaint, hint=_first_lines(result.stderr, 3))
    return Compiler(command, (result.stdout.splitlines() or [""])[0])


def library_name(stem: str) -> str:
    """Return the file name of the shared library of ``stem.c`` on this system."""
    return stem + {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")


def blas_flags() -> tuple[str, ...]:
    """Return what compiles and links against the scipy-openblas32 wheel; nothing without it."""
    if importlib.util.find_spec("scipy_openblas32") is None:
        return ()
    wheel = importlib.import_module("scipy_openblas32")
    include, folder = wheel.get_include_dir(), wheel.get_lib_dir()
    return (
        "-DDERIVE_CBLAS",
        # The wheel's symbols carry a prefix, so that they meet no other BLAS of the process.
        *(f"-D{name}=scipy_{name}" for name in _CBLAS),
        "-DDERIVE_CBLAS_THREADS=scipy_openblas_set_num_threads",
        f"-I{include}",
        f"-L{folder}",
        f"-l{wheel.get_library()}",
        f"-Wl,-rpath,{folder}",
    )


def digest(source: Path) -> str:
    """Return what tells a C file, with what is compiled beside it, from all others.

    Raises
    ------
    DeriveError
        If it cannot be read.
    """
    bound = source.with_name(f"{source.stem}_python.c")
    try:
        made_of = source.read_bytes() + source.with_suffix(".h").read_bytes()
        made_of += bound.read_bytes() if bound.is_file() else b""
    except OSError as error:
        raise DeriveError(f"cannot read {error.filename}: {error.strerror}") from error
    return hashlib.sha256(made_of).hexdigest()


def build(
    source: Path, folder: Path, *, blas: bool = True, sizes: Mapping[str, int] | None = None
) -> Build:
    """Compile a C file, unless that has been done.

    Parameters
    ----------
    source : Path
        ``name.c``, with ``name.h`` beside it.
    folder : Path
        Where the library goes; made if it is not there.
    blas : bool
        Whether matrix products may call CBLAS, if the scipy-openblas32 wheel is installed.
    sizes : mapping of str to int, optional
        For each size of the layer, the only value that it may have, or 0 if any will do.

    Raises
    ------
    DeriveError
        If there is no compiler, it refuses the file, or the folder cannot be written.
    """
    compiler = find_compiler()
    bound = source.with_name(f"{source.stem}_python.c")
    extra = (*(blas_flags() if blas else ()), *_size_flags(sizes or {}))
    library = folder / library_name(source.stem)
    ours = digest(source)
    headers = python_flags() if bound.is_file() else ()
    how = (
        *compiler.command,
        compiler.version,
        *compile_flags(compiler),
        *_NATIVE[0],
        *_THREADS[0],
        *extra,
        *headers,
    )
    known = [f"{name}={size}" for name, size in (sizes or {}).items() if size]
    key = " ".join((ours, hashlib.sha256(repr(how).encode()).hexdigest(), *known))
    if _has_key(library, key):
        return Build(
            library,
            compiler.version,
            (*compile_flags(compiler), *_NATIVE[0], *_THREADS[0], *extra),
            False,
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with_python = ((str(bound), *headers),) if headers else ()
        flags = _compile(source, library, compiler, key, extra, (*with_python, ()))
    except OSError as error:
        raise DeriveError(f"cannot write {folder}: {error.strerror}") from error
    return Build(library, compiler.version, flags, True)


def _size_flags(sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Return what fixes sizes of a generated file; nothing if none is fixed."""
    if not any(sizes.values()):
        return ()
    fixed = (f"-DDERIVE_SIZE_{name}={size}" for name, size in sizes.items())
    return ("-DDERIVE_SPECIALIZED", *fixed)


def compile_flags(compiler: Compiler) -> tuple[str, ...]:
    """Return how a compiler is asked to compile, for any machine."""
    own = () if "clang" in compiler.version else _GCC
    return (*FLAGS, *own) if sys.platform == "win32" else (*FLAGS, *own, "-fPIC")


def python_flags() -> tuple[str, ...]:
    """Return what compiles an extension of this Python over NumPy; nothing without the headers."""
    import numpy as np  # a fifth of a second, which most builds find everything without

    folders = (sysconfig.get_path("include"), np.get_include())
    wanted = ("Python.h", "numpy/arrayobject.h")
    there = all((Path(f) / header).is_file() for f, header in zip(folders, wanted, strict=True))
    if not there or sys.platform == "win32":
        return ()
    # Python's own functions are found when the library is loaded.
    late = ("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()
    return (*(f"-I{folder}" for folder in folders), *late)


def _compile(
    source: Path,
    library: Path,
    compiler: Compiler,
    key: str,
    extra: tuple[str, ...],
    bindings: tuple[tuple[str, ...], ...],
) -> tuple[str, ...]:
    """Compile for this machine, or for any where the compiler cannot; return the flags.

    The same holds of the binding to Python: it is left out where it does not compile.
    """
    with tempfile.TemporaryDirectory(dir=library.parent, prefix=f".{source.stem}-") as room:
        made, key_file = Path(room) / library.name, Path(room) / "key.c"
        key_file.write_text(_KEY.format(key), encoding="utf-8")
        for native, binding, threads in itertools.product(_NATIVE, bindings, _THREADS):
            flags = (*compile_flags(compiler), *native, *threads)
            output = ("-o", str(made), str(source), str(key_file), *binding)
            command = [*compiler.command, *flags, *output, *extra, "-lm"]
            result = _run(tuple(command))
            if result.returncode == 0:
                if not made.is_file():
                    raise DeriveError(
                        f"the C compiler wrote no library of {source.name}, and says nothing of it",
                        hint=shlex.join(command),
                    )
                made.replace(library)
                return (*flags, *extra)
            # Not only its syntax: zig, asked for that, misses what it did not write.
            plain = ("-c", "-o", str(made.with_suffix(".o")), str(source), *extra)
            if _run((*compiler.command, *compile_flags(compiler), *plain)).returncode != 0:
                # No other flags will do: the file is wrong.
                break
    raise DeriveError(
        f"the C compiler refuses {source.name}:\n{_first_lines(result.stderr, 20)}",
        hint=shlex.join(command),
    )


def _run(command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            # A compiler may speak in the bytes of a file, or of another locale.
            errors="replace",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DeriveError(f"{command[0]} did not finish within {_TIMEOUT} seconds") from error


def _has_key(library: Path, key: str) -> bool:
    """Tell whether a library is there, and is of just this key."""
    try:
        return f"{key}\0".encode() in library.read_bytes()
    except OSError:
        return False


def _first_lines(text: str, count: int) -> str:
    return "\n".join(text.strip().splitlines()[:count])
