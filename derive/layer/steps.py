"""The new value of a tensor, as a user writes it: an array of its shape, or a scalar for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.errors import DeriveError
from derive.index.terms import free_indices, fresh, substitute
from derive.layer.foreign import lacking, translated
from derive.layer.model import Update
from derive.layer.operators import Array, number

if TYPE_CHECKING:
    from derive.index.terms import Index
    from derive.layer.model import Tensor

__all__ = ["new_value"]


def new_value(tensor: Tensor, body: Any, indices: tuple[Index, ...]) -> Update:
    """Return the update of a tensor, in these letters.

    Raises
    ------
    DeriveError
        If the value has another shape, no meaning, or indices of its own.
    """
    # Looked at in letters that nobody else has: the user may have written ours.
    places = tuple(fresh() for _ in tensor.shape)
    alike = isinstance(body, Array) and body.shape == tensor.shape
    value = translated(body.at(*places) if alike else number(body))
    for index in sorted(free_indices(value) - {*places}, key=str):
        hint = "write the update without indices: update(w, w - lr * grad(w))"
        raise DeriveError(f"index {index} is not bound", None, hint)
    for function, hint in lacking(value).items():
        raise DeriveError(f"no code is made for the function {function}", None, hint)
    letters = dict(zip(places, indices, strict=True))
    return Update(tensor.name, indices, substitute(value, letters))
