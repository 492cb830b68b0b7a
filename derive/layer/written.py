r"""How an author writes a name that code spells otherwise: ``\sigma^2`` for ``sigma2``."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Script", "Written"]


@dataclass(frozen=True, slots=True)
class Script:
    """A part of a name, in LaTeX and in Unicode text."""

    latex: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    r"""A name in parts.

    Parameters
    ----------
    stem : Script
        What the scripts stand at: ``\hat{y}``.
    below, above : Script
        The scripts, which are part of the name.
    primes : int
        How many primes it has.
    solid : bool
        Whether the stem is one letter or one word: ``\Delta x`` is not, and to be raised to a
        power it needs brackets.
    """

    stem: Script
    below: Script = Script()
    above: Script = Script()
    primes: int = 0
    solid: bool = True

    @property
    def closed(self) -> bool:
        """Tell whether a power or a transpose may stand at it without brackets."""
        return self.solid and not self.above.latex
