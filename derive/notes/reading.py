"""All the readings of nodes, registered: import this before a formula is given its meaning."""

from __future__ import annotations

from derive.notes import calls, conditions, indexing, matrices, products, sums, ways

__all__ = ["load_readings"]


def load_readings() -> tuple[str, ...]:
    """Return the modules that give nodes a meaning; importing them registered their rules."""
    modules = (calls, conditions, indexing, matrices, products, sums, ways)
    return tuple(module.__name__ for module in modules)
