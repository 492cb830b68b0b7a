"""Formulas, and pages of them, with the names that their author gave to tensors."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from derive.explain.tree import Letter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.layer.model import Layer
    from derive.layer.written import Written

__all__ = ["authored"]


def authored(shown: Any, layer: Layer) -> Any:
    """Return a formula, or what is made of formulas, in the spelling of a layer's author.

    Names stand for tensors until here: what is written alike may not be alike.

    Parameters
    ----------
    shown : formula, equation, page, prose, or a tuple of these
        What is to be printed.
    layer : Layer
        Where the names are from.
    """
    known = {
        tensor.name: tensor.written
        for tensor in layer.by_name.values()
        if tensor.written is not None
    }
    return _authored(shown, known) if known else shown


def _authored(shown: Any, known: Mapping[str, Written]) -> Any:
    if isinstance(shown, tuple):
        return tuple(_authored(part, known) for part in shown)
    if not is_dataclass(shown) or isinstance(shown, type):
        return shown
    inside = {field.name: getattr(shown, field.name) for field in fields(shown)}
    changed = {name: _authored(part, known) for name, part in inside.items()}
    if isinstance(shown, Letter):
        changed["own"] = known.get(shown.name)
    return replace(shown, **changed)
