"""Templates to text; nothing else in the package imports Jinja."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2
    from _typeshed import DataclassInstance

__all__ = ["environment", "folder", "render", "template_text"]


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
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


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
