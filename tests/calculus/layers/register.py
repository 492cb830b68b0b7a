"""Where each layer of the tests is known by its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from derive import Definition
from derive.layer.model import Layer
from derive.layers import binary_mlp, quantizer, softmax_mlp, softmax_mlp_rows

LAYERS: dict[str, Callable[[], Layer]] = {
    module.layer.build().name: cache(module.layer.build)
    for module in (quantizer, softmax_mlp_rows, binary_mlp, softmax_mlp)
}


def layer(define: Callable[[Definition], None]) -> Callable[[], Layer]:
    """Register a definition under its function's name."""

    def build() -> Layer:
        definition = Definition(define.__name__, (define.__doc__ or "").strip())
        define(definition)
        return definition.build()

    built = cache(build)
    LAYERS[define.__name__] = built
    return built
