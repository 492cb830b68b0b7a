"""How fast the generated functions are: quantizer and perceptron, NumPy and C, side by side.

Run by ``make bench``; it prints a table and, with ``--json FILE``, writes the figures. The
candidates of one row are timed in turns, and medians are shown.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray[Any, np.dtype[Any]]

QUANTIZER = ((1, 8, 4), (64, 32, 8), (1024, 256, 16), (4096, 1024, 16))
PERCEPTRON = ((1, 2, 2, 2), (1, 784, 128, 10), (64, 784, 128, 10), (1024, 784, 512, 10))


def by_hand(dZ: Array, X: Array, a: Array, b: Array, c: Array) -> tuple[Array, ...]:
    """Return the quantizer's value and gradients, as a specialist writes them in NumPy."""
    x, g = X.reshape(-1), dZ.reshape(-1)
    z, dx = np.empty_like(x), np.empty_like(x)
    da, s, dc = (np.zeros_like(a) for _ in range(3))
    rows = max(1, min(len(x), (1 << 20) // (x.itemsize * len(a))))
    u, t, q = (np.empty((rows, len(a)), x.dtype) for _ in range(3))
    ac = a * c
    for low in range(0, len(x), rows):
        xs, gs = x[low : low + rows], g[low : low + rows]
        n = len(xs)
        un, tn, qn = u[:n], t[:n], q[:n]
        np.subtract(xs[:, None], b, out=un)
        np.multiply(un, c, out=tn)
        np.tanh(tn, out=tn)
        np.matmul(tn, a, out=z[low : low + rows])
        np.multiply(tn, tn, out=qn)
        np.subtract(1.0, qn, out=qn)
        np.multiply(gs, qn @ ac, out=dx[low : low + rows])
        da += gs @ tn
        s += gs @ qn
        np.multiply(qn, un, out=qn)
        dc += gs @ qn
    return z.reshape(X.shape), dx.reshape(X.shape), da, -ac * s, a * dc


def medians(candidates: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Return the median time of each, in seconds, taken in turns."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline or len(next(iter(times.values()))) < 3:
        for name, run in candidates.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def quantizer(sizes: tuple[int, int, int], dtype: type, seconds: float) -> dict[str, float]:
    B, N, M = sizes
    generator = np.random.default_rng(0)
    X, dZ = generator.normal(size=(2, B, N)).astype(dtype)
    a, b, c = generator.normal(size=(3, M)).astype(dtype)
    found: dict[str, Callable[[], object]] = {"by hand": lambda: by_hand(dZ, X, a, b, c)}
    for target in ("numpy", "c"):
        module = importlib.import_module(f"generated.{target}.quantizer")
        found[target] = lambda m=module: m.forward_backward(dZ, X, a, b, c)
    return medians(found, seconds)


def perceptron(sizes: tuple[int, int, int, int], dtype: type, seconds: float) -> dict[str, float]:
    B, D, H, K = sizes
    generator = np.random.default_rng(0)
    x = generator.normal(size=(B, D)).astype(dtype)
    W, w = generator.normal(size=(H, D)).astype(dtype) / 28, np.zeros(H, dtype)
    V, v = generator.normal(size=(K, H)).astype(dtype) / 11, np.zeros(K, dtype)
    y = np.eye(K, dtype=dtype)[generator.integers(0, K, B)]
    found: dict[str, Callable[[], object]] = {}
    for target in ("numpy", "c"):
        module = importlib.import_module(f"generated.{target}.softmax_mlp")
        found[target] = lambda m=module: m.forward_backward(x, W, w, V, v, y)

    def products() -> None:
        s = x @ W.T
        t = s @ V.T
        ds = t @ V
        for left, right in ((t.T, s), (ds.T, x), (ds, W)):
            np.matmul(left, right)

    found["products alone"] = products
    return medians(found, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each row")
    arguments = parser.parse_args()
    rows = []
    for name, cases, run in (
        ("quantizer (B, N, M)", QUANTIZER, quantizer),
        ("softmax_mlp (B, D, H, K)", PERCEPTRON, perceptron),
    ):
        print(f"{name}: forward and backward in one pass, median")
        for sizes in cases:
            for dtype in (np.float32, np.float64):
                found = run(sizes, dtype, arguments.seconds)
                label = f"  {'x'.join(map(str, sizes)):>16} {np.dtype(dtype).name}"
                cells = "  ".join(f"{who} {1e6 * t:12.1f} µs" for who, t in found.items())
                print(f"{label}  {cells}")
                rows.append({"layer": name, "sizes": sizes, "dtype": np.dtype(dtype).name, **found})
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
