"""The header of generated C: who may read it, and what it tells."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from derive import Definition, sum_over
from derive.emit.c import source
from derive.program.suite import suite
from tests.emit.made import MADE

CPP = shutil.which("g++") or shutil.which("clang++")


def names_of_cpp():
    """Return a layer whose names mean something in C++."""
    d = Definition("namespace")
    new, template = d.sizes("new template")
    this, delete = d.input("this", new), d.param("delete", template, new)
    i, j = d.indices("i j")
    class_ = d.output("class", template)
    class_[i] = sum_over(j, delete[i, j] * this[j])
    return d.build()


def header(layer, folder):
    path = folder / f"{layer.name}.h"
    path.write_text(source(layer.name, layer.name, suite(layer).programs).header, encoding="utf-8")
    return path


@pytest.mark.skipif(CPP is None, reason="needs a C++ compiler")
def test_cpp_reads_it_and_finds_functions_of_c(tmp_path):
    paths = [header(layer, tmp_path) for layer in (names_of_cpp(), MADE["quantizer"]())]
    text = "#define restrict __restrict\n" + "".join(f'#include "{p.name}"\n' for p in paths)
    text += "void *used[] = {(void *)quantizer_forward_f64};\nint *restrict mine;\n"
    (tmp_path / "user.cpp").write_text(text, encoding="utf-8")
    flags = ("-std=c++11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-c", "user.cpp")
    command = [CPP, *flags, "-o", "user.o"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert os.fsencode("quantizer_forward_f64\0") in (tmp_path / "user.o").read_bytes()
