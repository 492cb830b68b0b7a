"""Inverses of matrices: tensors of their own, which vary with those that they are inverses of."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from derive.index.terms import tensors

if TYPE_CHECKING:
    import sympy as sp

__all__ = ["inverse_name", "inverted", "read"]

_MARK = "^-1"


def inverse_name(tensor: str) -> str:
    """Return the name of the tensor of a tensor's inverses."""
    return f"{tensor}{_MARK}"


def inverted(tensor: str) -> str | None:
    """Return the tensor that a tensor has the inverses of, None if it has none.

    >>> inverted(inverse_name("A")), inverted("A")
    ('A', None)
    """
    return tensor.removesuffix(_MARK) if tensor.endswith(_MARK) else None


@lru_cache(maxsize=1 << 16)
def read(expression: sp.Basic) -> frozenset[str]:
    """Return the names of the tensors on which an expression depends.

    >>> from derive.index.terms import Entry
    >>> sorted(read(Entry(inverse_name("A"), ()) + 1))
    ['A', 'A^-1']
    """
    names = tensors(expression)
    return names.union(whole for whole in map(inverted, names) if whole is not None)
