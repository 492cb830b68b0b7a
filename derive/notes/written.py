"""How a note writes its names, for those who print its layer."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from derive.layer.written import Script, Written
from derive.notes.names import spell
from derive.notes.parse import name_tree
from derive.notes.tree import Accented, FunctionCall, Name, Scripted
from derive.notes.typeset import typeset

if TYPE_CHECKING:
    from derive.layer.model import Node as Definition

__all__ = ["spelt", "written"]


@lru_cache(maxsize=4096)
def written(spelling: str) -> Written:
    r"""Return the parts of a declared name.

    >>> written(r"\sigma^2").above
    Script(latex='2', text='2')
    >>> written("x'").primes, written(r"W_{\text{out}}").below.text
    (1, 'out')
    """
    node = name_tree(spelling)
    base, below, above, primes = node, Script(), Script(), 0
    if isinstance(node, Scripted):
        base, primes = node.base, node.primes
        below, above = (_script(",".join(map(spell, part))) for part in (node.sub, node.sup))
    solid = isinstance(base, (Name, Accented, FunctionCall))
    return Written(_script(spell(base)), below, above, primes, solid)


def spelt(node: Definition, spelling: str, doc: str = "") -> Definition:
    """Return a definition whose left side knows how the note writes it, and what it says of it."""
    return replace(node, tensor=replace(node.tensor, written=written(spelling), doc=doc))


def _script(latex: str) -> Script:
    # What stands small stands close together.
    return Script(latex, re.sub(r" ?([-+−=]) ?", r"\1", typeset(latex)))
