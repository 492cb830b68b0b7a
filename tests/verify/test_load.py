"""Finding a compiler and building a library: once, whole, and with a clear message."""

from __future__ import annotations

import ctypes
import os
import stat

import pytest

from derive.errors import DeriveError
from derive.verify import load

GOOD = "#include <stddef.h>\nsize_t twice(size_t n)\n{\n    return 2 * n;\n}\n"


@pytest.fixture
def file(tmp_path):
    (tmp_path / "one.c").write_text(GOOD, encoding="utf-8")
    (tmp_path / "one.h").write_text("", encoding="utf-8")
    return tmp_path / "one.c"


def test_a_file_is_compiled_and_can_be_loaded(file, tmp_path):
    made = load.build(file, tmp_path / "_build", blas=False)
    library = ctypes.CDLL(str(made.library))
    assert made.fresh and library.twice(21) == 42


def test_nothing_is_compiled_twice(file, tmp_path):
    first = load.build(file, tmp_path / "_build", blas=False)
    second = load.build(file, tmp_path / "_build", blas=False)
    assert first.fresh and not second.fresh
    assert second.library == first.library


def test_another_text_or_other_flags_are_compiled_anew(file, tmp_path, monkeypatch):
    load.build(file, tmp_path / "_build", blas=False)
    (tmp_path / "one.h").write_text("/* changed */\n", encoding="utf-8")
    assert load.build(file, tmp_path / "_build", blas=False).fresh
    monkeypatch.setattr(load, "FLAGS", (*load.FLAGS, "-DX"))
    assert load.build(file, tmp_path / "_build", blas=False).fresh


def test_nothing_but_the_library_and_its_key_is_left(file, tmp_path):
    load.build(file, tmp_path / "_build", blas=False)
    assert sorted(p.name for p in (tmp_path / "_build").iterdir()) == [
        "one.key",
        load.library_name("one"),
    ]


def test_a_refused_file_gives_the_compilers_message_and_keeps_the_old_library(file, tmp_path):
    library = load.build(file, tmp_path / "_build", blas=False).library
    before = library.read_bytes()
    file.write_text("int broken(", encoding="utf-8")
    with pytest.raises(DeriveError, match=r"refuses one\.c:\n.*error") as caught:
        load.build(file, tmp_path / "_build", blas=False)
    assert library.read_bytes() == before
    assert "Traceback" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(file, tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(DeriveError, match=r"cannot write .*taken"):
        load.build(file, tmp_path / "taken" / "_build", blas=False)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DeriveError, match=r"cannot read .*none"):
        load.build(tmp_path / "none.c", tmp_path, blas=False)


def test_without_a_compiler_it_says_what_to_install(monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(load.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DeriveError, match=r'pip install "derive\[cc\]"'):
        load.find_compiler()


def test_a_chosen_compiler_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler --fast")
    with pytest.raises(DeriveError, match=r"\$CC is 'no-such-compiler --fast'"):
        load.find_compiler()


# clang from a wheel has no threads, and does not look at syntax alone.
@pytest.mark.skipif(os.name != "posix", reason="needs a shell script")
@pytest.mark.parametrize(
    "unknown", [("-march=native",), ("-fopenmp",), ("-fopenmp", "-fsyntax-only")], ids=" ".join
)
def test_a_compiler_that_does_not_know_a_flag_compiles_without(
    unknown, file, tmp_path, monkeypatch
):
    real = " ".join(load.find_compiler().command)
    script = tmp_path / "simple-cc"
    refused = " ".join(
        f'[ "$flag" = {flag} ] && {{ echo "unknown flag" >&2; exit 1; }};' for flag in unknown
    )
    script.write_text(
        f'#!/bin/sh\nfor flag in "$@"; do\n  {refused}\ndone\nexec {real} "$@"\n',
        encoding="utf-8",
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CC", str(script))
    made = load.build(file, tmp_path / "_build", blas=False)
    assert made.fresh and not set(unknown) & set(made.flags)
