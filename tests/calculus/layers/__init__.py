"""Layers that the calculus must be able to differentiate, each in a few lines.

``LAYERS`` maps a name to a function that builds the layer; other tests run over all of them.
"""

from tests.calculus.layers import (
    functions,
    graphs,
    networks,
    removable,
    subscripts,
    tails,
    terms,
    weights,
)
from tests.calculus.layers.register import LAYERS

__all__ = [
    "LAYERS",
    "functions",
    "graphs",
    "networks",
    "removable",
    "subscripts",
    "tails",
    "terms",
    "weights",
]
