"""What the candidates for a repair are compared with, on numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.notes import tree
from derive.notes.meaning import mean
from derive.notes.values import Misfit, Value, paired, transposed

if TYPE_CHECKING:
    from derive.notes.scope import Scope
    from derive.notes.tree import Node

__all__ = ["Goal"]

Array = np.ndarray[Any, np.dtype[Any]]

#: What can go wrong while a candidate is evaluated: it is no candidate then.
_FAILURES = (Misfit, ValueError, LookupError, ArithmeticError, TypeError, np.linalg.LinAlgError)
_REMEMBERED = (
    tree.Scripted, tree.Derivative, tree.Group, tree.Fraction, tree.BigOperator, tree.FunctionCall,
    tree.Add, tree.Product,
)  # fmt: skip
_TOLERANCE = 1e-7
_ROUNDING = 1e-12
#: How many entries of an array tell it from others.
_ENTRIES = 12


class _Overlay(dict[int, Any]):
    """Remembered values: what is new is kept apart from what is shared."""

    def __init__(self, base: dict[int, Any]) -> None:
        super().__init__()
        self.base = base

    def get(self, key: int, default: Any = None) -> Any:
        found = super().get(key)
        return self.base.get(key, default) if found is None else found


class Goal:
    """The values that a side is to have.

    Parameters
    ----------
    target : Value
        The right values.
    scope : Scope
        In which candidates are read.
    """

    def __init__(self, target: Value, scope: Scope) -> None:
        self.target = target
        self.scope = scope
        self.memo: dict[int, Any] = scope.memo if scope.memo is not None else {}
        self.data = np.asarray(target.data, float)
        self.finite = np.isfinite(self.data)
        self.scale = float(np.max(np.abs(self.data[self.finite]), initial=1e-12))
        self._last: tuple[Node, Value | None] | None = None

    def remember(self, side: Node) -> dict[int, Any]:
        """Return remembered values that include those of a side's parts."""
        memo = _Overlay(self.memo)
        if self._value(side, memo) is None:
            # What stands behind the part that has no meaning is remembered as well.
            for part in reversed(list(tree.walk(side))):
                if isinstance(part, _REMEMBERED):
                    self._value(part, memo)
        return memo

    def start(self, side: Node) -> None:
        """Remember the values of the parts of the side that is to be repaired."""
        self.memo = self.remember(side)

    def _value(self, side: Node, memo: dict[int, Any]) -> Value | None:
        try:
            return mean(side, replace(self.scope, memo=memo))
        except _FAILURES:
            return None

    def reached(self, side: Node, base: dict[int, Any] | None = None) -> bool:
        """Tell whether a side has the right values."""
        value = self._value(side, _Overlay(self.memo if base is None else base))
        self._last = (side, value)
        if value is None:
            return False
        try:
            return self._agrees(value)
        except _FAILURES:
            return False

    def _known(self, side: Node) -> Value | None:
        if self._last is not None and self._last[0] is side:
            return self._last[1]
        return self._value(side, _Overlay(self.memo))

    def print(self, side: Node) -> object:
        """Return what tells a side's values from others', None for a side without a meaning."""
        value = self._known(side)
        if value is None or value.data is None:
            return None
        try:
            data = np.asarray(value.data, float)
        except (TypeError, ValueError):
            return None
        if value.shape != self.target.shape and not value.identity and not value.is_scalar:
            data = np.asarray(data)
            return (value.shape, data.shape, _key(data))
        wide = any(a > b for a, b in zip(data.shape, self.data.shape, strict=False))
        # An index that the target does not have is not bound.
        return None if wide and data.ndim == self.data.ndim else (data.shape, _key(data))

    def _agrees(self, value: Value) -> bool:
        if value.data is None:
            return False
        if value.shape != self.target.shape and not value.identity:
            if value.is_scalar or self.target.is_scalar or not (value.thin or self.target.thin):
                return False
            value = transposed(self.scope.algebra, value)
        both = paired(self.scope.algebra, value, self.target)
        if both is None:
            return False
        left = np.asarray(both[0].data, float)
        right = np.asarray(both[1].data, float)
        if any(a != b and a != 1 for a, b in zip(left.shape, right.shape, strict=False)):
            return False
        known = both[0].known
        gap = np.abs(left - right)
        gap = gap[np.isfinite(right)] if gap.shape == right.shape else gap
        if known is not None:
            gap = np.where(np.asarray(known) != 0, np.abs(left - right), 0.0)
        return bool(gap.size and np.all(gap <= _TOLERANCE * self.scale + _ROUNDING))

    def table(self, factors: list[Node]) -> dict[object, list[int]]:
        """Return the factors' places in a list, by their values."""
        found: dict[object, list[int]] = {}
        for place, factor in enumerate(factors):
            value = self._value(factor, self.memo)
            if value is None or value.data is None or value.identity:
                continue
            if not value.is_scalar and value.shape != self.target.shape:
                continue
            data = self._spread(np.asarray(value.data, float))
            if data is not None:
                for one in (data, -data):
                    found.setdefault(_key(one), []).append(place)
        return found

    def _spread(self, data: Array) -> Array | None:
        try:
            spread = np.broadcast_to(data, np.broadcast_shapes(data.shape, self.data.shape))
        except ValueError:
            return None
        return spread if spread.shape == self.data.shape else None

    def missing(self, side: Node, table: dict[object, list[int]]) -> list[int]:
        """Return the places of factors that a side lacks, or of terms."""
        value = self._known(side)
        if value is None or value.data is None or value.identity:
            return []
        if not value.is_scalar and value.shape != self.target.shape:
            return []
        data = self._spread(np.asarray(value.data, float))
        if data is None:
            return []
        with np.errstate(all="ignore"):
            ratio = table.get(_key(self.data / data), [])
            return [*ratio, *table.get(_key(self.data - data), [])]


def _key(data: Array) -> object:
    """Return some entries, rounded: equal arrays have equal keys but for rounding at an edge."""
    flat = np.asarray(data).ravel()
    step = max(1, flat.size // _ENTRIES)
    with np.errstate(all="ignore"):
        return tuple(float(f"{number:.7g}") for number in flat[::step])
