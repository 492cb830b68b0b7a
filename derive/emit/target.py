"""What a target is, and the targets there are.

A target is a module of this package with a ``NAME``, a function ``files`` from a layer's
programs to texts by file name, and a function ``templates`` that tells what those depend on.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.program.suite import Suite

__all__ = ["TARGETS", "Described", "Target", "target"]

#: The targets, in the order in which they are generated.
TARGETS = ("numpy", "c")


@dataclass(frozen=True, slots=True)
class Described:
    """A layer's formulas as text.

    Parameters
    ----------
    definition : tuple of str
        The layer's own equations.
    equations : mapping
        From the name of a function to its equations, (name, text) each.
    """

    definition: tuple[str, ...]
    equations: Mapping[str, tuple[tuple[str, str], ...]]

    def formulas(self, function: str) -> tuple[str, ...]:
        """Return the equations that a function computes, in order."""
        return tuple(text for _, text in self.equations.get(function, ()))

    def formula(self, name: str) -> str:
        """Return the equation of a tensor."""
        for equations in self.equations.values():
            for other, text in equations:
                if other == name:
                    return text
        return name


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
    if name not in TARGETS:
        raise DeriveError(f"unknown target {name!r}", hint=f"targets are: {', '.join(TARGETS)}")
    return cast(Target, importlib.import_module(f"derive.emit.{name}"))
