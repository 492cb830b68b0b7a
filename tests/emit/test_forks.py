"""A child process of one that ran threads computes as well, on one thread."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from derive import Definition
from derive.layers import quantizer
from derive.verify.load import blas_flags, build
from tests.emit.modules import written

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

#: Without threads a child would wait for ever: it is given up after some time.
SCRIPT = """
import multiprocessing, sys
import numpy as np
from derive.verify.call import imported
from pathlib import Path

module = imported(Path(sys.argv[1]))
generator = np.random.default_rng(3)
given = [generator.normal(size=shape) for shape in {shapes}]

def results(order):
    values = module.forward_backward(*[np.array(each, order=order) for each in given])
    return [np.asarray(each).tobytes() for each in values]

def child(queue, order):
    queue.put(results(order))

context = multiprocessing.get_context("fork")
# Arrays in another order go past the extension.
for order in "CF":
    wanted, queue = results(order), context.Queue()
    process = context.Process(target=child, args=(queue, order), daemon=True)
    process.start()
    assert queue.get(timeout=60) == wanted
    process.join()
    assert results(order) == wanted
"""
SHAPES = {
    "quantizer": ((64, 67), (64, 67), (33,), (33,), (33,)),
    "products": ((300, 129), (300, 67), (129, 67)),
}


def products():
    d = Definition("products")
    sizes = d.sizes("M N")
    x, W = d.input("x", sizes[1]), d.param("W", *sizes)
    d.output("y", W @ x)
    return d.build()


@pytest.mark.parametrize(
    "blas",
    [
        False,
        pytest.param(
            True,
            marks=pytest.mark.skipif(not blas_flags(), reason="needs the scipy-openblas32 wheel"),
        ),
    ],
)
@pytest.mark.parametrize("name", SHAPES)
def test_a_child_process_computes_the_same_bits(name, blas, tmp_path):
    layer = products() if name == "products" else quantizer.layer.build()
    made = written(layer, tmp_path, "c")
    flags = build(made / f"{name}.c", made / "_build", blas=blas).flags
    if "-fopenmp" not in flags:
        pytest.skip("the compiler has no OpenMP")
    command = [sys.executable, "-c", SCRIPT.format(shapes=SHAPES[name]), str(made / f"{name}.py")]
    environment = {**os.environ, "OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
