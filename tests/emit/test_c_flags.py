"""What generated C may not be compiled with: it refuses it, and says what to do instead."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys

import pytest

from derive import Definition, sum_over
from derive.layers import quantizer
from tests.calculus.layers import LAYERS
from tests.emit.modules import written

GCC = shutil.which("gcc")
pytestmark = pytest.mark.skipif(
    not GCC or sys.platform != "linux" or platform.machine() != "x86_64",
    reason="needs gcc on x86-64",
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return written(quantizer.layer.build(), tmp_path_factory.mktemp("flags"), "c") / "quantizer.c"


def complaint(file, *flags):
    command = [GCC, "-std=c11", "-fsyntax-only", *flags, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


# gcc 11 and older tell nobody of -fassociative-math alone.
@pytest.mark.parametrize("flags", ["-Ofast", "-O2 -ffast-math", "-O2 -ffinite-math-only"])
def test_arithmetic_that_is_not_as_written_is_refused(file, flags):
    assert '#error "compile quantizer.c without -' in complaint(file, *flags.split())


def test_arithmetic_in_more_digits_is_refused(file):
    assert "with -msse2 -mfpmath=sse on x86" in complaint(file, "-O2", "-mfpmath=387")


def test_flags_that_change_no_result_are_fine(file):
    for flags in (["-O3", "-march=native"], ["-fno-math-errno", "-fno-trapping-math"], ["-Os"]):
        assert complaint(file, *flags) == ""


def linear():
    """Return a layer of matrix products alone."""
    d = Definition("linear")
    D, H = d.sizes("D H")
    x, W, b = d.input("x", D), d.param("W", H, D), d.param("b", H)
    i, j = d.indices("i j")
    y = d.output("y", H)
    y[i] = sum_over(j, W[i, j] * x[j]) + b[i]
    return d.build()


def scaled():
    """Return a layer without any sum in its forward pass."""
    d = Definition("scaled")
    N = d.sizes("N")
    x, a, i, y = d.input("x", N), d.param("a"), d.indices("i"), d.output("y", N)
    y[i] = a.at() * x[i]
    return d.build()


#: Each takes a second: every sixth layer, and what has no function of one number.
SOME = {**dict([*LAYERS.items()][::6]), "linear": linear, "scaled": scaled}


@pytest.mark.parametrize("name", SOME)
def test_a_strict_compiler_has_nothing_to_say(name, tmp_path):
    layer = SOME[name]()
    file = written(layer, tmp_path, "c") / f"{layer.name}.c"
    for flags in (["-march=native", "-fopenmp"], []):
        assert complaint(file, "-O1", "-Wall", "-Wextra", "-Wpedantic", *flags) == ""
