"""How fast the generated functions are: quantizer and perceptron, NumPy and C, side by side.

Run by ``make bench``; it prints a table and, with ``--json FILE``, writes the figures. The
candidates of one row are timed in turns, on one thread; medians are shown, and the ratio to the
limit: a kernel written by hand for this machine, where it has AVX-512 (``limit_quantizer.c``).
"""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import importlib
import json
import shlex
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.verify.load import FLAGS, find_compiler

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


def limit() -> ctypes.CDLL | None:
    """Return the kernels written by hand, if this machine can run them."""
    source = Path(__file__).with_name("limit_quantizer.c")
    known = Path("/proc/cpuinfo")
    if not known.is_file() or "avx512dq" not in known.read_text(encoding="utf-8"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "limit.so"
        flags = (*FLAGS, "-O3", "-fPIC", "-std=gnu11", "-march=native", "-mprefer-vector-width=512")
        command = [*find_compiler().command, *flags, str(source), "-o", str(made)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            print(f"no limit: {shlex.join(command)}\n{result.stderr[:400]}")
            return None
        return ctypes.CDLL(str(made))


def by_limit(
    library: ctypes.CDLL, dZ: Array, X: Array, a: Array, b: Array, c: Array
) -> Callable[[], object]:
    """Return a call of the kernel written by hand, with its pointers prepared."""
    function = getattr(library, f"limit_f{8 * X.itemsize}")
    results = [np.empty_like(x) for x in (X, X, a, b, c)]
    arrays = [dZ, X, a, b, c, *results]
    pointers = [ctypes.c_void_p(x.ctypes.data) for x in arrays]
    sizes = (ctypes.c_size_t(X.size), ctypes.c_size_t(a.size))

    def run() -> object:
        function(*sizes, *pointers)
        return arrays

    return run


def threads(count: int) -> None:
    """Let generated C run on so many threads, where it has any."""
    name = ctypes.util.find_library("gomp")
    if name is not None:
        ctypes.CDLL(name).omp_set_num_threads(count)


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
    library = limit()
    if library is not None:
        found["limit"] = by_limit(library, dZ, X, a, b, c)
    for target in ("numpy", "c"):
        module = importlib.import_module(f"generated.{target}.quantizer")
        found[target] = lambda m=module: m.forward_backward(dZ, X, a, b, c)
        if target == "c":
            room = tuple(module.forward_backward(dZ, X, a, b, c))
            found["c, out="] = lambda m=module, r=room: m.forward_backward(dZ, X, a, b, c, out=r)
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
    threads(1)
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
                least = found.get("limit", 0.0)
                cells = "  ".join(
                    f"{who} {1e6 * t:10.1f} µs" + (f" {t / least:5.2f}×" if least else "")
                    for who, t in found.items()
                )
                print(f"{label}  {cells}")
                rows.append({"layer": name, "sizes": sizes, "dtype": np.dtype(dtype).name, **found})
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
