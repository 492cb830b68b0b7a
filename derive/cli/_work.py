"""What the commands that make and judge files share: which layers, where, and the steps."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.errors import DeriveError, DeriveErrors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType

    from derive.layer.model import Layer
    from derive.program.suite import Suite
    from derive.verify.runner import Report

__all__ = [
    "Work",
    "build",
    "judged",
    "layers_argument",
    "load_each",
    "loaded",
    "modules_of",
    "out_option",
    "possible",
    "progress",
    "raise_all",
    "stabilise_option",
    "target_option",
    "worked_out",
    "worked_out_each",
]


@dataclass(frozen=True, slots=True)
class Work:
    """A layer with its programs, and how long it took to derive them, in seconds."""

    suite: Suite
    seconds: float

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.suite.layer.name


def layers_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``[LAYER…]``: names of shipped layers or paths; none means all shipped ones."""
    return click.argument("layers", nargs=-1, metavar="[LAYER]...")(command)


def out_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--out DIR``, the folder of the generated files."""
    return click.option(
        "--out",
        type=click.Path(file_okay=False),
        default="generated",
        show_default=True,
        metavar="DIR",
        callback=_folder,
        help="The folder of the generated files.",
    )(command)


def _folder(_: click.Context, __: click.Parameter, value: str) -> Path:
    if not value:
        raise DeriveError("--out: no folder is named")
    return Path(value)


def _targets(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    from derive.emit.target import TARGETS, check

    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if not names:
        raise DeriveError(f"--target: no target given; there are {', '.join(TARGETS)}")
    for name in names:
        check(name)
    return names


def target_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--target numpy,c``."""
    return click.option(
        "--target",
        "targets",
        default="numpy,c",
        show_default=True,
        callback=_targets,
        help="The targets, separated by commas.",
    )(command)


def loaded(names: Sequence[str]) -> list[Layer]:
    """Return the layers of these names, or all shipped ones; all complaints at once."""
    found, refused = load_each(names)
    raise_all(refused)
    return list(found.values())


def load_each(names: Sequence[str]) -> tuple[dict[str, Layer], list[DeriveError]]:
    """Return the layers of these names, or all shipped ones, and why there are no others.

    Raises
    ------
    DeriveError
        If two of them have one name.
    """
    from derive.cli._layers import load
    from derive.layer.find import shipped

    found: dict[str, Layer] = {}
    refused: list[DeriveError] = []
    for name in dict.fromkeys(names or shipped()):
        try:
            found[name] = load(name)
        except DeriveError as error:
            refused.append(error)
    every = [layer.name for layer in found.values()]
    twice = sorted(name for name in set(every) if every.count(name) > 1)
    if twice:
        raise_all([*refused, DeriveError(f"two layers have the name {twice[0]}")])
    return found, refused


def raise_all(errors: Sequence[DeriveError]) -> None:
    """Raise what has gone wrong, if anything has: all of it at once.

    Raises
    ------
    DeriveError
        One, or several together.
    """
    each = [e for error in errors for e in getattr(error, "errors", (error,))]
    if each:
        raise DeriveErrors(tuple(each)) if len(each) > 1 else each[0]


def worked_out_each(
    names: Sequence[str],
    tell: Callable[[str], None],
    refused: list[DeriveError],
    *,
    stable: bool = True,
) -> list[Work]:
    """Derive the programs of every layer of these names that is not refused; add why others are.

    Raises
    ------
    DeriveError
        If all are refused.
    """
    found, complaints = load_each(names)
    refused += complaints
    works = []
    for layer in found.values():
        try:
            works += worked_out([layer], tell, stable=stable)
        except DeriveError as error:
            refused.append(error)
    if not works:
        raise_all(refused)
    return works


def stabilise_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--no-stabilise``."""
    return click.option(
        "--stabilise/--no-stabilise",
        "stable",
        default=True,
        help="Compute in the form that keeps digits, or just as the formulas are written.",
    )(command)


def worked_out(
    layers: Sequence[Layer], tell: Callable[[str], None], *, stable: bool = True
) -> list[Work]:
    """Derive the programs of every layer."""
    from derive.program.suite import suite

    found = []
    for layer in layers:
        tell(f"deriving {layer.name}")
        start = time.perf_counter()
        programs = suite(layer, stable=stable)
        found.append(Work(programs, time.perf_counter() - start))
    return found


def build(
    names: Sequence[str],
    out: Path,
    tell: Callable[[str], None],
    sizes: Mapping[str, Mapping[str, int]] | None = None,
) -> list[tuple[str, bool]]:
    """Compile the C of these layers, as many at once as there are processors.

    Return each name, and whether there was anything to do.

    Parameters
    ----------
    names : sequence of str
        The layers.
    out : Path
        The folder of the generated files.
    tell : callable
        Is told what is being done.
    sizes : mapping, optional
        For a layer, what its sizes are known to be, see :func:`derive.verify.load.build`.

    Raises
    ------
    DeriveError
        If there is no compiler, or no C file of a layer, or one that was changed.
    """
    from concurrent.futures import ThreadPoolExecutor

    from derive.verify.load import build as compile_one
    from derive.verify.load import digest

    sources = {name: out / "c" / f"{name}.c" for name in names}
    for source in sources.values():
        if not source.exists():
            raise DeriveError(
                f"there is no {source}", hint=f"run derive generate for it first, with --out {out}"
            )
        module = source.with_suffix(".py")
        if module.exists() and digest(source).encode() not in module.read_bytes():
            # The module would load no library of another C file than its own.
            raise DeriveError(
                f"{source}, or a file beside it, is not as derive generated it with {module.name}",
                hint=f"run derive generate for it, with --out {out}: what was changed is lost",
            )

    def compiled(name: str) -> tuple[str, bool]:
        known = (sizes or {}).get(name)
        return name, compile_one(sources[name], out / "c" / "_build", sizes=known).fresh

    tell(f"compiling {', '.join(names)}")
    # A thread each is enough: the work is the compiler's.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(compiled, names))


def possible(targets: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the targets that can be used here, and why the others cannot.

    Without a C compiler the other targets stand.

    Raises
    ------
    DeriveError
        If a target is not there to be run.
    """
    from derive.emit.target import TARGETS
    from derive.verify.load import find_compiler

    for name in targets:
        if name not in TARGETS:
            raise DeriveError(
                f"--target: {name} is a document, not code that can be run",
                hint=f"there are {', '.join(TARGETS)}",
            )
    if "c" not in targets:
        return tuple(targets), ""
    try:
        find_compiler()
    except DeriveError as error:
        return tuple(target for target in targets if target != "c"), str(error)
    return tuple(targets), ""


@contextmanager
def modules_of(
    work: Work, targets: Sequence[str], out: Path, tell: Callable[[str], None]
) -> Iterator[dict[str, ModuleType]]:
    """Import the generated modules of a layer, as they are on disk, by their target.

    A target that was not generated there is generated in a temporary folder.
    """
    modules: dict[str, ModuleType] = {}
    missing = []
    for target in targets:
        path = out / target / f"{work.name}.py"
        if path.exists():
            modules[target] = _module(path)
            _refuse_fixed_sizes(modules[target], work.name, out)
        else:
            missing.append(target)
    # What is loaded from the folder stays in memory.
    with tempfile.TemporaryDirectory(prefix="derive-", ignore_cleanup_errors=True) as folder:
        for path in _generated(work, missing, Path(folder), tell):
            modules[path.parent.name] = _module(path)
        yield {target: modules[target] for target in targets}


def _refuse_fixed_sizes(module: ModuleType, name: str, out: Path) -> None:
    """Refuse a library that was compiled for some sizes alone: the judges draw others.

    Raises
    ------
    DeriveError
        Saying what to do.
    """
    known = getattr(module, "_KNOWN", {})
    if known:
        sizes = ", ".join(f"{size} = {value}" for size, value in known.items())
        raise DeriveError(
            f"{name}.c was compiled for {sizes} alone, and is verified at other sizes",
            hint=f"run derive build for it without --specialize, with --out {out}",
        )


def judged(work: Work, targets: Sequence[str], out: Path, tell: Callable[[str], None]) -> Report:
    """Verify the generated modules of a layer."""
    from derive.verify.runner import verify

    with modules_of(work, targets, out, tell) as modules:
        return verify(work.suite, modules, progress=tell)


def _module(path: Path) -> ModuleType:
    from derive.verify.call import imported

    return imported(path)


def _generated(
    work: Work, targets: Sequence[str], folder: Path, tell: Callable[[str], None]
) -> list[Path]:
    """Write the modules of these targets, ready to be imported."""
    from derive.emit.generate import produce
    from derive.emit.write import write_file

    for path, text in produce(work.suite, targets).items():
        write_file(folder / path, text)
    if "c" in targets:
        build([work.name], folder, tell)
    return [folder / target / f"{work.name}.py" for target in targets]


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show on standard error what is being done, if somebody looks at it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("") as status:
        yield status.update
