"""Finding a compiler and building a library: once, whole, and with a clear message."""

from __future__ import annotations

import ctypes
import os
import shlex
import stat
from pathlib import Path

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


def test_nothing_but_the_library_is_left(file, tmp_path):
    load.build(file, tmp_path / "_build", blas=False)
    assert [p.name for p in (tmp_path / "_build").iterdir()] == [load.library_name("one")]


def test_a_library_that_another_build_left_is_compiled_anew(file, tmp_path):
    made, others = tmp_path / "_build", tmp_path / "others"
    load.build(file, made, blas=False, sizes={"N": 3})
    other = load.build(file, others, blas=False, sizes={"N": 35})
    # As if a build had ended, or another begun, with nothing but its library in place.
    other.library.replace(made / other.library.name)
    assert not load.build(file, made, blas=False, sizes={"N": 35}).fresh
    assert load.build(file, made, blas=False, sizes={"N": 3}).fresh


def test_a_build_that_is_interrupted_leaves_the_old_library_or_the_new_one(
    file, tmp_path, monkeypatch
):
    first = load.build(file, tmp_path / "_build", blas=False, sizes={"N": 3})
    plain = Path.replace

    def cut_short(path, target):
        plain(path, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", cut_short)
    with pytest.raises(KeyboardInterrupt):
        load.build(file, tmp_path / "_build", blas=False, sizes={"N": 4})
    monkeypatch.undo()
    assert b" N=4\0" in first.library.read_bytes()
    assert not load.build(file, tmp_path / "_build", blas=False, sizes={"N": 4}).fresh
    assert load.build(file, tmp_path / "_build", blas=False, sizes={"N": 3}).fresh


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


def test_a_chosen_compiler_that_cannot_be_read_is_named(monkeypatch):
    monkeypatch.setenv("CC", '"unbal')
    with pytest.raises(DeriveError, match=r"\$CC is '\"unbal', but .*\n  hint: no closing quot"):
        load.find_compiler()


def test_a_path_with_a_space_in_cc_is_told_how_to_be_quoted(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", "/tmp/no such/gcc")
    with pytest.raises(DeriveError) as caught:
        load.find_compiler()
    assert "there is no /tmp/no; a path with spaces needs quotes of its own" in caught.value.hint
    # What the hint says does work in a shell, and here.
    told = caught.value.hint.partition("as in CC=")[2]
    (value,) = shlex.split(told)
    assert shlex.split(value) == ["/tmp/no such/gcc"]


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    """Return a function that makes a script the compiler."""
    if os.name != "posix":
        pytest.skip("needs a shell script")

    def made(text):
        script = tmp_path / "own-cc"
        script.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("CC", str(script))

    return made


def test_a_compiler_may_say_what_is_no_text(file, tmp_path, compiler):
    compiler(r'[ "$1" = --version ] && exit 0; printf "error: caf\351\n" >&2; exit 1')
    with pytest.raises(DeriveError, match=r"refuses one\.c:\nerror: caf"):
        load.build(file, tmp_path / "_build", blas=False)


def test_a_compiler_that_writes_nothing_is_reported(file, tmp_path, compiler):
    compiler("exit 0")
    with pytest.raises(
        DeriveError, match=r"compiler wrote no library of one\.c.*\n  hint: .*own-cc"
    ):
        load.build(file, tmp_path / "_build", blas=False)


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
