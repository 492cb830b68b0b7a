"""Which of a layer's generated files can be judged: those of the layer as it is, and compiled."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from derive.layer.model import Layer

__all__ = ["ready", "refuse_stale"]


def ready(
    layer: Layer, called: str, targets: Sequence[str], out: Path
) -> tuple[tuple[str, ...], list[DeriveError]]:
    """Return the targets whose module can be judged, and why others cannot.

    A target that was not generated is none of these others: it is generated for the occasion.

    Parameters
    ----------
    layer : Layer
        The layer.
    called : str
        What the user calls it: its name, or the path of its file.
    targets : sequence of str
        The targets.
    out : Path
        The folder of the generated files.

    Raises
    ------
    DeriveError
        If none can be judged: one, or several together.
    """
    from derive.cli._work import raise_all

    found, refused = [], list[DeriveError]()
    for target in targets:
        path = out / target / f"{layer.name}.py"
        try:
            if path.exists():
                refuse_stale(layer, called, path, out)
            if path.exists() and target == "c":
                _refuse_uncompiled(path.with_suffix(".c"), called, out)
        except DeriveError as error:
            refused.append(error)
        else:
            found.append(target)
    if not found:
        raise_all(refused)
    return tuple(found), refused


def refuse_stale(layer: Layer, called: str, path: Path, out: Path) -> None:
    """Refuse a generated file of what the layer was before it was changed.

    Raises
    ------
    DeriveError
        Saying how to bring it up to date.
    """
    from derive.emit.generate import definition_of, made_from

    try:
        made = made_from(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return  # whoever reads it next says what is wrong
    if made and made != definition_of(layer):
        raise DeriveError(
            f"{path} is stale: {layer.name} has changed since it was generated",
            hint=f"run {_command('generate', called, out)}",
        )


def _refuse_uncompiled(source: Path, called: str, out: Path) -> None:
    """Refuse a C file of which there is no library, or only one of another version of it.

    Raises
    ------
    DeriveError
        Saying how to compile it.
    """
    from derive.verify.load import digest, library_name

    library = source.parent / "_build" / library_name(source.stem)
    try:
        compiled = library.read_bytes()
    except OSError:
        compiled = b""
    if not compiled or digest(source).encode() not in compiled:
        what = "was compiled from another version of it" if compiled else "has not been compiled"
        raise DeriveError(f"{source} {what}", hint=f"run {_command('build', called, out)}")


def _command(verb: str, called: str, out: Path) -> str:
    return shlex.join(["derive", verb, called, "--out", str(out)])
