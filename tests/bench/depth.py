"""Print how long it takes to derive the gradients of a chain of dense + tanh layers.

Run as ``python tests/bench/depth.py`` from the root of the repository; the time for each layer
of the chain should not grow with the chain's depth.
"""

from __future__ import annotations

import time

from derive import Definition, tanh
from derive.gradient.reverse import reverse
from derive.layer.model import Layer

DEPTHS = (1, 4, 16, 64, 256)


def chain(depth: int) -> Layer:
    """Return a chain of layers ``h = tanh(W h + b)``."""
    layer = Definition("chain", f"{depth} dense layers with tanh.")
    N = layer.sizes("N")
    h = layer.input("x", N)
    for level in range(depth):
        # Names of its own for every chain: nothing that was derived before may be used again.
        own = f"{level}_of_{depth}"
        W, b = layer.param(f"W{own}", N, N), layer.param(f"b{own}", N)
        r = layer.node(f"r{own}", W @ h + b)
        last = level == depth - 1
        h = (layer.output if last else layer.node)(f"h{own}", tanh(r))
    return layer.build()


def seconds(depth: int) -> tuple[float, float]:
    """Return how long the definition and the derivation of a chain take."""
    start = time.perf_counter()
    layer = chain(depth)
    defined = time.perf_counter()
    gradient = reverse(layer)
    derived = time.perf_counter()
    assert len(gradient.outputs) == 2 * depth + 1
    return defined - start, derived - defined


def main() -> None:
    """Print the table."""
    seconds(2)  # what SymPy does on its first use is not the chain's
    print("depth   define [ms]   derive [ms]   derive per layer [ms]")
    for depth in DEPTHS:
        defined, derived = (1e3 * t for t in seconds(depth))
        print(f"{depth:5d} {defined:13.1f} {derived:13.1f} {derived / depth:23.2f}")


if __name__ == "__main__":
    main()
