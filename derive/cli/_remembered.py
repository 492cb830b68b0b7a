"""What a command made before, where it would make the very same again.

An answer is kept in a folder of the user's, under the digest of all that it depends on: derive's
own files and templates, the packages that it stands on, Python, the layers' files, and the
options. What cannot be known is not kept: a layer file is a program, and counts only where it
plainly says all that it depends on. Nothing here is written beside what is generated.

``DERIVE_CACHE`` names the folder; set to nothing, nothing is kept. Where the folder cannot be
written, everything is made anew.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from derive.cli._layers import NOTES
from derive.errors import DeriveError
from derive.layers import shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["remembered"]

Answer = TypeVar("Answer")

PACKAGE = Path(__file__).resolve().parents[1]
#: The packages that generated text can depend on, and two that SymPy computes with if it can.
_PACKAGES = ("sympy", "mpmath", "numpy", "jinja2", "markupsafe", "lark", "pyyaml", "babel")
_OPTIONAL = ("gmpy2", "python_flint")
#: All that a layer file may name and still be known: neither files, nor time, nor chance.
_BUILTINS = frozenset(
    {
        *("abs", "bool", "dict", "enumerate", "filter", "float", "int", "len", "list", "map"),
        *("max", "min", "pow", "range", "reversed", "round", "sorted", "str", "sum", "tuple"),
        "zip",
    }
)
_OTHER_BUILTINS = frozenset(dir(builtins)) - _BUILTINS
_MODULES = frozenset({"__future__", "math", "typing"})
#: How many answers are kept.
_MOST = 32
#: What depends on the run: sets of names have another order in each.
_UNSURE = (ast.Set, ast.SetComp, ast.Global, ast.Nonlocal, ast.AsyncFunctionDef, ast.Await)


def remembered(
    question: Sequence[object], layers: Sequence[str], make: Callable[[], Answer]
) -> Answer:
    """Return the answer that was made before, or make it and remember it.

    Parameters
    ----------
    question : sequence
        What is asked: the command and its options, as text can tell them.
    layers : sequence of str
        The layers that are asked about, as the user named them; all shipped ones if none is.
    make : callable
        Makes the answer: what JSON holds.
    """
    folder = _folder()
    key = _key(question, layers) if folder is not None else None
    if folder is None or key is None:
        return make()
    place = folder / "remembered" / f"{_digest([repr(question), *layers])[:32]}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(place.read_text(encoding="utf-8"))
        text = json.dumps(kept["answer"])
        if kept["key"] == key and kept["digest"] == _digest([text]):
            known: Answer = kept["answer"]
            return known
    answer = make()
    # Whatever was changed meanwhile is not what the answer was made from.
    if _key(question, layers) == key:
        text = json.dumps(answer)
        _keep(place, f'{{"key": "{key}", "digest": "{_digest([text])}", "answer": {text}}}\n')
    return answer


def _keep(place: Path, text: str) -> None:
    """Write what is to be kept, and let go of what has been longest in the folder."""
    from derive.emit.write import write_file

    with suppress(DeriveError, OSError):
        write_file(place, text)
        kept = sorted(place.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for old in kept[:-_MOST]:
            old.unlink(missing_ok=True)


def _folder() -> Path | None:
    """Return the folder of what is kept, or None if nothing is to be kept."""
    wished = os.environ.get("DERIVE_CACHE")
    if wished is not None:
        return Path(wished) if wished.strip() else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "derive"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "derive"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "derive"


def _key(question: Sequence[object], layers: Sequence[str]) -> str | None:
    """Return the digest of all that the answer depends on, or None if that cannot be known."""
    try:
        parts: list[str | bytes] = [repr(question), sys.version, *_versions()]
        for name in layers or shipped():
            parts += [name, *_layer(name)]
        return _digest([*parts, *_own()])
    except (OSError, _UnknownError):
        return None


class _UnknownError(Exception):
    """What something depends on cannot be known."""


def _digest(parts: Sequence[str | bytes]) -> str:
    """Return the digest of texts in order, each with its length."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        whole.update(b"%d:" % len(data))
        whole.update(data)
    return whole.hexdigest()


def _own() -> Iterator[str | bytes]:
    """Yield derive's own files, templates too: where they are, and what is in them."""
    from derive.render import folder as templates

    for root in dict.fromkeys((PACKAGE, templates())):
        for here, inside, names in os.walk(root):
            inside[:] = sorted(name for name in inside if name != "__pycache__")
            for name in sorted(names):
                file = os.path.join(here, name)  # noqa: PTH118 (hundreds of files)
                yield file
                with open(file, "rb") as stream:  # noqa: PTH123
                    yield stream.read()


def _versions() -> Iterator[str]:
    """Yield where packages are installed, in which versions, as their folders' names tell."""
    missing = set(_PACKAGES)
    for place in sys.path:
        with suppress(OSError):
            for entry in sorted(os.listdir(place or ".")):  # noqa: PTH208 (importing is slower)
                name, dash, rest = entry.lower().partition("-")
                if dash and rest.endswith((".dist-info", ".egg-info")):
                    missing.discard(name)
                    if name in (*_PACKAGES, *_OPTIONAL):
                        yield f"{place}/{entry}"
    if missing:
        raise _UnknownError(", ".join(sorted(missing)))


def _layer(name: str) -> Iterator[str | bytes]:
    """Yield what a layer depends on besides derive's own files.

    Raises
    ------
    _UnknownError
        If there is more than its file tells.
    """
    path = Path(name)
    if path.suffix.lower() in NOTES:
        yield path.read_bytes()
    elif path.suffix == ".py":
        source = path.read_bytes()
        _check(source)
        yield source
    elif name in shipped():
        _check(shipped()[name].read_bytes())
    else:
        raise _UnknownError(name)


def _check(source: bytes) -> None:
    """Refuse the file of a layer that may depend on more than its text."""
    import derive

    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise _UnknownError(str(error)) from error
    own: set[str] = set()
    read: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, _UNSURE):
            raise _UnknownError(type(node).__name__)
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            known = derive.__all__ if node.module == "derive" and not node.level else ()
            if node.module not in _MODULES and not names <= set(known):
                raise _UnknownError(f"from {node.module}")
            own |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            if not {alias.name for alias in node.names} <= _MODULES:
                raise _UnknownError("import")
            own |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            own.add(node.name)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            raise _UnknownError(node.attr)
        elif isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else own).add(node.id)
    unknown = (read - own - _BUILTINS) | (own & _OTHER_BUILTINS)
    if unknown:
        raise _UnknownError(", ".join(sorted(unknown)))
