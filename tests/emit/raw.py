"""Call compiled functions by their symbols, on arrays of just the right size.

Run as a script (under the sanitizers) it takes a pickle of calls and leaves one of results.
"""

from __future__ import annotations

import ctypes
import pickle
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from derive.program.ir import Call, Expr, Extent, Number, Program

_OPERATIONS = {"add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y}


@dataclass(frozen=True)
class Job:
    library: str
    prefix: str
    program: Program
    sizes: dict[str, int]
    arrays: dict[str, Any]
    dtype: Any


def extent(e: Expr, sizes: dict[str, int]) -> int:
    if isinstance(e, Number):
        return int(e.value)
    if isinstance(e, Extent):
        return sizes[e.name]
    assert isinstance(e, Call)
    return _OPERATIONS[e.function](*(extent(a, sizes) for a in e.arguments))


def called(job: Job) -> dict[str, Any]:
    """Return the outputs of one function."""
    library, symbol = ctypes.CDLL(job.library), f"{job.prefix}_{job.program.name}"
    sizes = [ctypes.c_size_t(job.sizes[size]) for size in job.program.sizes]
    arrays = [
        np.array(job.arrays[b.name], np.int64 if b.integer else job.dtype, order="C")
        for b in job.program.of_kind("input")
    ]
    outputs = {
        b.name: np.full([extent(e, job.sizes) for e in b.shape], np.nan, job.dtype)
        for b in job.program.of_kind("output")
    }
    arrays += outputs.values()
    for space, dtype in (("work", job.dtype), ("positions", np.int64)):
        if hasattr(library, f"{symbol}_{space}"):
            count = getattr(library, f"{symbol}_{space}")
            count.restype = ctypes.c_size_t
            arrays.append(np.full(count(*sizes), -(10**6), dtype))
    function = getattr(library, f"{symbol}_{'f64' if job.dtype == np.float64 else 'f32'}")
    function.restype = None
    function(*sizes, *(ctypes.c_void_p(array.ctypes.data) for array in arrays))
    return outputs


if __name__ == "__main__":
    jobs = pickle.loads(Path(sys.argv[1]).read_bytes())
    Path(sys.argv[2]).write_bytes(pickle.dumps([called(job) for job in jobs]))
