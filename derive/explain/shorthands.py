"""Names for factors that matrix notation cannot say: ``U_ij = tanh(c_j (X_i − b_j))``."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from derive.explain.names import letters
from derive.index.terms import Index, free_indices, substitute
from derive.layer.model import Node, Role, Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sympy as sp

__all__ = ["Shorthands"]

#: Names to give, in the order of preference, and the indices of their definitions.
_NAMES = "UVSTPQRG"
_LETTERS = (Index("i"), Index("j"))


@dataclass(slots=True)
class Shorthands:
    """The names that were given to factors, shared by the equations of one page."""

    taken: frozenset[str] = frozenset()
    sizes: tuple[sp.Expr, ...] = ()
    found: dict[sp.Expr, Node] = field(default_factory=dict)

    def node(
        self,
        expression: sp.Expr,
        sizes: Mapping[Index, sp.Expr],
        more: Mapping[sp.Expr, Node],
    ) -> tuple[Node, tuple[Index, ...]]:
        """Return the definition of a factor, and which of its indices are its axes, in order.

        Parameters
        ----------
        expression : sympy expression
            The factor.
        sizes : mapping
            The sizes of its free indices.
        more : mapping
            Definitions besides those found before.
        """
        found = {**self.found, **more}
        axes = free_indices(expression)
        order = sorted(axes, key=lambda index: (self._place(sizes[index]), str(index)))
        for chosen in itertools.permutations(order):
            body = substitute(expression, dict(zip(chosen, _LETTERS, strict=False)))
            same = found.get(body)
            if same and same.tensor.shape == tuple(sizes[index] for index in chosen):
                return same, chosen
        chosen = tuple(order)
        body = substitute(expression, dict(zip(chosen, _LETTERS, strict=False)))
        used = self.taken | {node.name for node in found.values()}
        shape = tuple(sizes[index] for index in chosen)
        tensor = Tensor(next(letters(_NAMES, used)), shape, Role.NODE)
        return Node(tensor, _LETTERS[: len(chosen)], body), chosen

    def _place(self, size: sp.Expr) -> int:
        return self.sizes.index(size) if size in self.sizes else len(self.sizes)
