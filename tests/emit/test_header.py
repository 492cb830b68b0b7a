"""The header of generated C: who may read it, and what it tells."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from derive import Definition, sum_over, tanh
from derive.emit.c import files
from derive.emit.generate import describe
from derive.program.suite import suite
from tests.calculus.layers import LAYERS
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


def with_subscripts():
    """Return a layer whose integers are subscripts, of a subscript, and with something added."""
    d = Definition("subscripts")
    T, K, M, R = d.sizes("T K M R")
    first, where = d.integers("first", T), d.integers("where", K)
    table, w = d.param("table", M, K), d.param("w", R)
    t, r = d.indices("t r")
    y = d.output("y", T)
    y[t] = tanh(sum_over(r, w[r] * table[where[first[t]], first[t] + r]))
    return d.build()


def header(layer, folder):
    path = folder / f"{layer.name}.h"
    path.write_text(files(suite(layer), describe(suite(layer)), ())[path.name], encoding="utf-8")
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


def test_it_tells_the_range_of_every_integer(tmp_path):
    text = header(with_subscripts(), tmp_path).read_text(encoding="utf-8")
    assert "one that is out of its range" in text
    told = set(re.findall(r"^ \* (\w+ \(.*\): input, int64_t.*)$", text, re.MULTILINE))
    several = "first_ and (first_ + (R - 1)) from 0 to K - 1"
    assert told == {
        f"first_ (B, T): input, int64_t, from 0 to K - 1, {several}",
        "where (B, K): input, int64_t, from 0 to M - 1",
    }


def test_every_function_tells_the_range_that_an_integer_has_in_the_definition(tmp_path):
    text = header(MADE["labelled"](), tmp_path).read_text(encoding="utf-8")
    told = re.findall(r"^ \* (label \(B\): input.*)$", text, re.MULTILINE)
    assert told == ["label (B): input, int64_t, from 0 to K - 1"] * 5


def test_it_says_nothing_of_integers_and_lengths_where_there_are_none(tmp_path):
    text = header(MADE["quantizer"](), tmp_path).read_text(encoding="utf-8")
    assert "Integers" not in text and "length" not in text


def test_it_says_what_a_length_is(tmp_path):
    text = header(LAYERS["convolution_stride_two"](), tmp_path).read_text(encoding="utf-8")
    assert "X (B, length(2 * " in text and "length(n) is n, or 0 where n is below 0" in text


def test_a_saved_output_is_said_to_be_saved_where_it_is_given(tmp_path):
    """The softmax ``p`` is an output, and the gradients are made of it."""
    made = MADE["two"]()
    text = header(made, tmp_path).read_text(encoding="utf-8")
    assert "p" in suite(made).saved
    told = re.findall(r"^ \* p \(B, M\): (.*)$", text, re.MULTILINE)
    assert told == ["output", "input, saved by forward", "output"]


def test_it_tells_which_computed_sizes_must_be_at_least_1(tmp_path):
    d = Definition("valid")
    N, K = d.sizes("N K")
    x, w = d.input("x", N), d.param("w", K)
    i, k = d.indices("i k")
    y = d.output("y", N - K + 1)
    y[i] = sum_over(k, w[k] * x[i + k])
    text = header(d.build(), tmp_path).read_text(encoding="utf-8")
    assert " *     y has an axis of N + 1 - K, which must be at least 1, too\n" in text
    assert " * y (B, length((ptrdiff_t)N + 1 - (ptrdiff_t)K)): output\n" in text


def test_all_that_is_saved_has_a_formula_and_says_what_it_is_for(tmp_path):
    text = header(LAYERS["attention_nested"](), tmp_path).read_text(encoding="utf-8")
    saved = re.findall(r"^ \* (\w+) \(.*\): output, saved for backward$", text, re.MULTILINE)
    assert "O_weight" in saved
    for name in [*saved, "O_weight_in"]:
        assert f" *     {name}[" in text
    given = re.findall(r"^ \* (\w+) \(.*\): input, saved by forward$", text, re.MULTILINE)
    assert given == saved
