"""What a target is, and the targets there are.

A target is a module of this package with a ``NAME``, a function ``files`` from a layer's
programs to texts by file name, and a function ``templates`` that tells what those depend on.
"""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.program.suite import Suite

__all__ = ["DOCUMENTS", "TARGETS", "Described", "Equations", "Target", "check", "target"]

#: The targets, in the order in which they are generated.
TARGETS = ("numpy", "c")
#: What is generated to be read, not to be run: a target in all else.
DOCUMENTS = ("latex",)


@dataclass(frozen=True, slots=True)
class Equations:
    """The equations of one function.

    Parameters
    ----------
    batched : tuple of str
        What its kernel computes, over the batch, in order.
    single : tuple of (str, str)
        The same for one sample: what is defined, and the equation.
    between : tuple of str
        Those of ``single`` that are neither results nor part of the definition.
    """

    batched: tuple[str, ...]
    single: tuple[tuple[str, str], ...]
    between: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A layer's formulas as text.

    Parameters
    ----------
    definition : tuple of str
        The layer's own equations, in lines.
    equations : mapping of str to Equations
        By function.
    """

    definition: tuple[str, ...]
    equations: Mapping[str, Equations]

    def formulas(self, function: str) -> tuple[str, ...]:
        """Return the equations that a function computes, in lines."""
        from derive.emit.docs import wrapped  # who asks only for names does not wait for it

        return tuple(line for text in self.equations[function].batched for line in wrapped(text))

    def formula(self, name: str, function: str) -> str:
        """Return the equation of one result of a function, for one sample."""
        return dict(self.equations[function].single).get(name, name)

    def between(self, function: str) -> tuple[str, ...]:
        """Return the equations of what a function computes on the way."""
        return self.equations[function].between


class Target(Protocol):
    """A module that turns programs into files."""

    NAME: str

    def templates(self) -> str:
        """Return the text of everything but the layer that the files depend on."""

    def files(self, suite: Suite, described: Described, header: tuple[str, ...]) -> dict[str, str]:
        """Return the files of a layer: name → text."""


def target(name: str) -> Target:
    """Return the target of this name.

    Raises
    ------
    DeriveError
        If there is none.
    """
    check(name)
    return cast("Target", importlib.import_module(f"derive.emit.{name}"))


def check(name: str) -> None:
    """Refuse a name that is no target's.

    Raises
    ------
    DeriveError
        If there is none of this name.
    """
    known = (*TARGETS, *DOCUMENTS)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"targets are: {', '.join(known)}"
        raise DeriveError(f"unknown target {name!r}", hint=hint)
