"""Every one of the 2³² single-precision numbers through the elementary functions: run by hand.

``make elementary`` prints the greatest error of each function, in units in the last place;
``python -m tests.elementary.every tanh sech2`` that of some.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.elementary.compiled import FUNCTIONS, Compiled, double, ulps

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = 1 << 22


def main(names: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        compiled = Compiled(Path(folder))
        for name in names or FUNCTIONS:
            worst, where = 0.0, np.float32(0)
            for start in range(0, 1 << 32, STEP):
                bits = np.arange(start, start + STEP, dtype=np.uint64).astype(np.uint32)
                x = bits.view(np.float32)
                off = ulps(compiled(name, x), double(name, x))
                place = int(np.argmax(off))
                if off[place] > worst:
                    worst, where = float(off[place]), x[place]
            print(f"{name:9} {worst:6.2f} ulp, at {where!r}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
