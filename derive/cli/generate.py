"""``derive generate``: write the code of layers."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.cli._output import format_option, print_json
from derive.cli._remembered import remembered
from derive.cli._work import (
    Work,
    layers_argument,
    out_option,
    progress,
    raise_all,
    stabilise_option,
    target_option,
    worked_out_each,
)
from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from derive.emit.write import Changes

__all__ = ["command", "generate", "report"]


class _Partly(Exception):
    """The files of some layers, where others are refused: no answer to remember."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__()
        self.files = files


@click.command()
@layers_argument
@target_option
@out_option
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if anything is stale.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@stabilise_option
@format_option
def command(
    layers: tuple[str, ...],
    targets: tuple[str, ...],
    out: Path,
    check: bool,
    diff: bool,
    stable: bool,
    output: str,
) -> int:
    """Write the forward and backward functions of each LAYER (all shipped ones if none is given).

    A LAYER is a name that `derive list` shows, or the path of a Python file or a note that defines
    one. Files that are up to date are left alone. A LAYER that is refused does not keep the others
    from being written.
    """
    targets = _with_documents(targets, whole=not layers)
    refused: list[DeriveError] = []
    with progress() as tell:

        def make() -> dict[str, str]:
            found = produced(worked_out_each(layers, tell, refused, stable=stable), targets)
            if refused:
                raise _Partly(found)
            return found

        try:
            files = remembered(("generate", targets, stable), layers, make)
        except _Partly as partly:
            files = partly.files
        looks = check or diff
        whole = not layers and not refused
        changes, text = brought(files, targets, out, whole=whole, check=looks)
    if output == "json":
        shown = {"diff": text} if diff else {}
        print_json({"out": str(out), "check": check, "changed": list(changes.paths), **shown})
    else:
        if diff:
            click.echo(text, nl=False)
        report(changes, out, check=looks)
        if not changes:
            click.echo("everything is up to date")
        elif looks:
            names = "".join(f" {name}" for name in layers)
            click.echo(f"run derive generate{names} --out {out} to bring it up to date")
    raise_all(refused)
    return int(check and bool(changes))


def report(changes: Changes, out: Path, *, check: bool = False) -> None:
    """Print a line for each file that differs, or differed."""
    for paths, found, done in (
        (changes.missing, "is missing", "written"),
        (changes.stale, "is stale", "written"),
        (changes.orphaned, "belongs to no layer", "removed"),
    ):
        for path in paths:
            click.echo(f"{out / path} {found if check else done}")


def generate(works: list[Work], targets: tuple[str, ...], out: Path, *, whole: bool) -> Changes:
    """Bring a folder up to date; return the files that were not.

    Parameters
    ----------
    works : list of Work
        The layers.
    targets : tuple of str
        The targets.
    out : Path
        The folder.
    whole : bool
        Whether these are all the layers of the folder: generated files of others are removed.
    """
    targets = _with_documents(targets, whole=whole)
    return brought(produced(works, targets), targets, out, whole=whole)[0]


def _with_documents(targets: tuple[str, ...], *, whole: bool) -> tuple[str, ...]:
    """Return the targets; for the whole folder, with what is in it to be read."""
    from derive.emit.target import DOCUMENTS, TARGETS

    whole = whole and set(TARGETS) <= set(targets)
    return tuple(dict.fromkeys((*targets, *DOCUMENTS))) if whole else targets


def produced(works: list[Work], targets: tuple[str, ...]) -> dict[str, str]:
    """Return the files of layers: path relative to the folder → text."""
    from derive.emit.generate import generated

    return generated([work.suite for work in works], targets)


def brought(
    files: dict[str, str],
    targets: tuple[str, ...],
    out: Path,
    *,
    whole: bool,
    check: bool = False,
) -> tuple[Changes, str]:
    """Write what differs, or only look; return what differed, and the differences as text."""
    from derive.emit.write import compare, differences, update

    changes = compare(files, out, targets, whole=whole)
    text = differences(files, out, changes) if changes else ""
    if changes and not check:
        _refuse_to_hide(files, out)
        update(files, out, changes)
    return changes, text


def _refuse_to_hide(files: Iterable[str], out: Path) -> None:
    """Refuse to write folders that Python would import in the place of installed packages.

    Raises
    ------
    DeriveError
        If Python looks for packages in the very folder: it does so where it is started.
    """
    where = out.resolve()
    if where not in {Path.cwd(), *(Path(entry).resolve() for entry in sys.path)}:
        return
    names = sorted({path.partition("/")[0] for path in files})
    hidden = [name for name in names if name not in sys.builtin_module_names and find_spec(name)]
    if hidden:
        raise DeriveError(
            f"--out {out}: the folder {hidden[0]} in it would hide the package {hidden[0]} from "
            "Python",
            hint="name a folder for the generated files alone, as in --out generated",
        )
