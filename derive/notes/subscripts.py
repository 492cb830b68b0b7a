"""What stands as an index: a letter, a number, a size, an affine expression, an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from derive.notes import tree
from derive.notes.meaning import constant, letter_of
from derive.notes.places import At
from derive.notes.tree import Add, Group, Name, Node, Number, Product, Scripted
from derive.notes.values import Misfit

if TYPE_CHECKING:
    from derive.notes.scope import Scope

__all__ = ["place"]


def place(node: Node, scope: Scope) -> At:
    """Return an index: a letter, a number, an affine expression, an entry of integers.

    Raises
    ------
    Misfit
        If it is none of these, or an entry with too many or too few indices.
    """
    if isinstance(node, Group) and len(node.items) == 1:
        return place(node.items[0], scope)
    if isinstance(node, Number):
        return At(offset=int(node.text) - scope.base)
    if isinstance(node, Scripted) and isinstance(node.base, Name):
        tensor = scope.tensors.get(node.base.spelling)
        if tensor is not None and tensor.integer:
            inner = tuple(place(part, scope) for part in tree.indices(node))
            if len(inner) != len(tensor.shape):
                given = f"{len(inner)} indices on a symbol with {len(tensor.shape)} axes"
                raise Misfit("rank", given, node.start, node.end)
            for at, size in zip(inner, tensor.shape, strict=True):
                if at.letter:
                    scope.letters.stands(at.letter, size, node.start, node.end)
            return At(data=(tensor.name, inner))
    letter = letter_of(node)
    if letter is not None:
        tensor = scope.tensors.get(letter)
        if tensor is not None and tensor.integer and not tensor.shape:
            return At(data=(tensor.name, ()))
        if tensor is not None or letter in scope.functions:
            raise Misfit(
                "undefined-symbol",
                f"{letter} stands as an index, but is no index",
                node.start,
                node.end,
            )
        if letter in scope.sizes and letter not in scope.bound:
            return _counted(scope.sizes[letter], -scope.base)
        return At(letter)
    affine = _affine(node, scope)
    if affine is not None:
        return affine
    raise Misfit(
        "unreadable",
        "an index that is no letter, number or affine expression",
        node.start,
        node.end,
    )


def _affine(node: Node, scope: Scope) -> At | None:
    """Return ``s i + t j + n`` as an index."""
    terms = node.terms if isinstance(node, Add) else None
    if terms is None:
        if isinstance(node, Product) and not any(
            o.text not in ("", r"\cdot") for o in node.operators
        ):
            numbers = [constant(f, scope) for f in node.factors]
            letters = [
                letter_of(f) for f, n in zip(node.factors, numbers, strict=True) if n is None
            ]
            scale = sp.Mul(*(n for n in numbers if n is not None))
            if len(letters) == 1 and letters[0] is not None and scale.is_Integer and scale > 0:
                # s·i counts from the base: shift to positions from 0.
                return At(letters[0], int(scale) * scope.base - scope.base, None, int(scale))
        return None
    # What is counted from the base, as a position from 0.
    data: tuple[str, tuple[At, ...]] | None = None
    scales: dict[str, int] = {}
    offset, counted = -scope.base, sp.S.Zero
    for term in terms:
        sign = -1 if term.sign == "-" else 1
        value = constant(term.body, scope)
        if value is not None and value.is_Integer:
            offset += sign * int(value)
            continue
        inner = place(term.body, scope)
        counted += sign * inner.size
        if inner.data is not None:
            if data is not None or sign < 0:
                return None
            data = inner.data
        for letter, scale in inner.letters:
            scales[letter] = scales.get(letter, 0) + sign * scale
        offset += sign * (inner.offset + scope.base)
    places = [(letter, scale) for letter, scale in scales.items() if scale]
    if data is not None:
        return None if places or counted else At(offset=offset, data=data)
    if not places:
        return _counted(counted, offset)
    return At(places[0][0], offset, None, places[0][1], tuple(places[1:]), counted)


def _counted(size: sp.Expr, offset: int) -> At:
    """Return the place that so many after the start are, and some more."""
    number, rest = size.as_coeff_Add()
    if not number.is_Integer:
        number, rest = sp.S.Zero, size
    return At(offset=offset + int(number), size=rest)
