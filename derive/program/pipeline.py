"""The passes, in their order.

layer → lower → opposite → scale → contract → arrange → (fuse, per target)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.program.arrange import arrange
from derive.program.contract import contract
from derive.program.lower import lower
from derive.program.opposite import opposite
from derive.program.scale import scale

if TYPE_CHECKING:
    from derive.layer.model import Layer
    from derive.program.ir import Program

__all__ = ["compiled"]


def compiled(layer: Layer, name: str) -> Program:
    """Return the program of a layer's outputs, with its matrix products found."""
    return arrange(contract(scale(opposite(lower(layer, name)))))
