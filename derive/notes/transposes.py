r"""Transposes that stand on the wrong factor: ``\delta^\top x`` for ``\delta x^\top``."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from derive.notes.factors import is_scalar
from derive.notes.tree import Mark, Name, Product, Scripted, transposes
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.factors import Variant, Vocabulary
    from derive.notes.tree import Node

__all__ = ["exchanged"]


def exchanged(node: Product, words: Vocabulary) -> Iterator[Variant]:
    """Put a transpose on the factor beside the one that has it."""
    for n, pair in enumerate(pairwise(node.factors)):
        for place, (had, gets) in enumerate((pair, pair[::-1])):
            if not isinstance(had, Scripted) or had.sup_range is None or not _takes(gets, words):
                continue
            if len(had.sup) != 1 or not transposes(had.sup[0]):
                continue
            bare: Node = replace(had, sup=(), sup_range=None)
            if not had.sub and not had.primes:
                bare = had.base
            end = gets.end
            base, sub = (gets.base, gets.sub) if isinstance(gets, Scripted) else (gets, ())
            mark = Mark(end, end, r"\top")
            new = Scripted(gets.start, end, base, sub, (mark,), sup_range=(end, end))
            both = (new, bare) if place else (bare, new)
            edits = (
                Edit(*had.sup_range, "", "transpose"),
                Edit(end, end, words.transpose, "transpose"),
            )
            factors = (*node.factors[:n], *both, *node.factors[n + 2 :])
            yield replace(node, factors=factors), edits


def _takes(node: Node, words: Vocabulary) -> bool:
    """Tell whether a factor may get a transpose: a symbol that has nothing above it."""
    name = node.base if isinstance(node, Scripted) else node
    if not isinstance(name, Name) or "^" in name.spelling or name.spelling in words.functions:
        return False
    bare = not isinstance(node, Scripted) or not (node.sup or node.primes)
    return bare and not is_scalar(node, words)
