"""Templates to text; nothing else in the package imports Jinja."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2
    from _typeshed import DataclassInstance

__all__ = ["environment", "folder", "render", "template_text"]

_OPTIONS: dict[str, Any] = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    "autoescape": False,
}
#: Where Python keeps what it compiled of this package, Jinja keeps what it compiled for it.
_COMPILED = Path(__file__).resolve().parent / "__pycache__"


def folder() -> Path:
    """Return the folder of templates: of the installed package, else of the checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


@cache
def environment() -> jinja2.Environment:
    """Return the environment: a name that a context lacks is an error, text is taken as it is."""
    import jinja2  # where nothing is rendered, nobody waits for it

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder()),
        undefined=jinja2.StrictUndefined,
        bytecode_cache=_compiled(),
        **_OPTIONS,
    )


def _compiled() -> jinja2.BytecodeCache | None:
    """Return what keeps compiled templates, each as long as its text is the same."""
    import jinja2

    class Compiled(jinja2.FileSystemBytecodeCache):
        def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
            # Where nothing can be written, nothing is kept.
            with contextlib.suppress(OSError):
                super().dump_bytecode(bucket)

    if sys.dont_write_bytecode or not _COMPILED.is_dir():
        return None
    # Jinja looks at the text of a template, and at Python's version.
    how = hashlib.sha256(repr((jinja2.__version__, _OPTIONS)).encode()).hexdigest()[:12]
    return Compiled(str(_COMPILED), f"template-{how}-%s.cache")


def render(template: str, context: DataclassInstance) -> str:
    """Return the text of a template.

    Parameters
    ----------
    template : str
        Its path below ``templates/``, such as ``c/kernel.c.jinja``.
    context : dataclass
        Its fields are the template's variables.
    """
    values: dict[str, Any] = {field.name: getattr(context, field.name) for field in fields(context)}
    return environment().get_template(template).render(values)


def template_text(name: str) -> str:
    """Return the source of a template, for hashing."""
    return (folder() / name).read_text(encoding="utf-8")
