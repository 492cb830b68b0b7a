"""``derive generate``: what is written, what is left alone, and what is refused."""

from __future__ import annotations

import errno
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derive.cli import main
from derive.emit import write
from derive.emit.write import MARK

ROOT = Path(__file__).parents[2]
SMALL = """\
from derive import Definition, sum_over, tanh
layer = Definition({name!r}, "A small layer.")
N, M = layer.sizes("N M")
x, W = layer.input("x", N), layer.param("W", M, N)
i, j = layer.indices("i j")
y = layer.output("y", M)
y[i] = tanh(sum_over(j, W[i, j] * x[j]))
"""


@pytest.fixture
def derive(capsys):
    """Run the program in this process: its status, what it prints, and what it complains of."""

    def call(*arguments):
        status = main.entry([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return call


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.py"
    path.write_text(SMALL.format(name="small"), encoding="utf-8")
    return path


def refused(result, *words):
    """Check that an input was refused once, in these words, without a traceback."""
    status, out, err = result
    assert status == 2
    assert out == ""
    assert "Traceback" not in err
    assert err.count("error:") == 1
    for word in words:
        assert err.count(word) == 1, err


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_users_layer_is_generated_for_both_targets(derive, small, tmp_path):
    out = tmp_path / "made"
    status, shown, err = derive("generate", small, "--out", out)
    assert (status, err) == (0, "")
    names = {"numpy/__init__.py", "numpy/small.py", "c/__init__.py"}
    names |= {"c/small.c", "c/small.h", "c/small.py", "c/small_python.c"}
    assert set(files(out)) == names
    assert shown.count("written") == len(names)


def test_nothing_changed_means_nothing_rewritten(derive, small, tmp_path):
    out = tmp_path / "made"
    derive("generate", small, "--out", out)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in out.rglob("*")}
    status, shown, _ = derive("generate", small, "--out", out)
    assert (status, shown) == (0, "everything is up to date\n")
    after = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in out.rglob("*")}
    assert after == before


def test_check_names_what_is_stale_and_writes_nothing(derive, small, tmp_path):
    out = tmp_path / "made"
    derive("generate", small, "--out", out)
    assert derive("generate", small, "--out", out, "--check")[0] == 0
    stale, missing = out / "numpy" / "small.py", out / "c" / "small.h"
    stale.write_text(stale.read_text().replace("np.tanh", "np.sin"), encoding="utf-8")
    missing.unlink()
    before = files(out)
    status, shown, _ = derive("generate", small, "--out", out, "--check", "--diff")
    assert status == 1
    assert f"{stale} is stale" in shown and f"{missing} is missing" in shown
    assert f"run derive generate {small} --out {out}" in shown
    assert re.search(r"^-.*np\.sin\(.*\n", shown, re.M) and re.search(
        r"^\+.*np\.tanh\(", shown, re.M
    )
    assert files(out) == before
    status, shown, _ = derive("generate", small, "--out", out, "--check", "--format", "json")
    assert status == 1
    assert json.loads(shown) == {
        "out": str(out),
        "check": True,
        "changed": ["c/small.h", "numpy/small.py"],
    }


def test_one_target_alone_is_written(derive, small, tmp_path):
    out = tmp_path / "made"
    assert derive("generate", small, "--out", out, "--target", "numpy")[0] == 0
    assert [path.name for path in out.iterdir()] == ["numpy"]


def test_orphans_go_only_when_all_layers_are_generated(derive, tmp_path):
    out = tmp_path / "made"
    derive("generate", "quantizer", "--out", out, "--target", "numpy")
    orphan, own = out / "numpy" / "gone.py", out / "numpy" / "mine.py"
    leftover = out / "numpy" / ".derive-abc"
    for path, text in ((orphan, f"# {MARK} 0\n"), (own, "# mine\n"), (leftover, "half")):
        path.write_text(text, encoding="utf-8")
    derive("generate", "quantizer", "--out", out, "--target", "numpy")
    assert orphan.exists() and own.exists()
    status, shown, _ = derive("generate", "--out", out, "--target", "numpy", "--check")
    assert status == 1 and f"{orphan} belongs to no layer" in shown
    assert str(own) not in shown
    status, shown, _ = derive("generate", "--out", out, "--target", "numpy")
    assert status == 0 and f"{orphan} removed" in shown
    assert own.exists() and not orphan.exists() and not leftover.exists()


# Refusals.


def test_a_file_of_somebody_else_is_not_overwritten(derive, small, tmp_path):
    out = tmp_path / "made"
    (out / "numpy").mkdir(parents=True)
    (out / "numpy" / "small.py").write_text("# mine\n", encoding="utf-8")
    refused(derive("generate", small, "--out", out), "was not generated by derive")
    assert files(out) == {"numpy/small.py": b"# mine\n"}


def test_a_folder_that_cannot_be_written_is_one_message(derive, small, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file", encoding="utf-8")
    refused(derive("generate", small, "--out", blocked / "made"), "cannot write")
    status, _, err = derive("generate", small, "--out", blocked)
    assert status == 2 and "blocked" in err and "Traceback" not in err


@pytest.mark.parametrize("step", ["fsync", "mkstemp", "replace"])
@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "No space left on device"), (errno.EACCES, "Permission denied")],
)
def test_a_write_that_fails_leaves_every_file_whole(
    derive, small, tmp_path, monkeypatch, step, number, words
):
    out = tmp_path / "made"
    derive("generate", small, "--out", out)
    for path in (out / "numpy" / "small.py", out / "c" / "small.c"):
        path.write_text(f"/* {MARK} */", encoding="utf-8")
    before = files(out)

    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    place = {"fsync": write.os, "mkstemp": write.tempfile, "replace": write.Path}[step]
    with monkeypatch.context() as patch:
        patch.setattr(place, step, fail)
        refused(derive("generate", small, "--out", out), f"cannot write {out}", words)
    assert files(out) == before


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_interrupt_leaves_no_file_that_is_not_whole(derive, small, tmp_path, monkeypatch, step):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    out = tmp_path / "made"
    with monkeypatch.context() as patch:
        patch.setattr({"fsync": write.os, "replace": write.Path}[step], step, interrupted)
        status, _, err = derive("generate", small, "--out", out)
    assert (status, err) == (130, "\ninterrupted\n")
    assert [path for path in out.rglob("*") if path.is_file()] == []


def test_what_a_crash_left_is_removed_when_it_is_old(derive, small, tmp_path):
    folder = tmp_path / "made" / "c"
    folder.mkdir(parents=True)
    for name, age in ((".derive-old", 7200), (".derive-new", 0)):
        (folder / name).write_text("left", encoding="utf-8")
        os.utime(folder / name, (time.time() - age, time.time() - age))
    assert derive("generate", small, "--out", tmp_path / "made")[0] == 0
    assert [path.name for path in folder.glob(".derive-*")] == [".derive-new"]


WRONG_FILES = {
    "syntax error": ("layer = (\n", ["small.py:1:9", "never closed"]),
    "exception": ("layer = 1 / 0\n", ["small.py:1:1", "ZeroDivisionError"]),
    "exit": ("import sys\nsys.exit('no')\n", ["small.py:2:1", "SystemExit"]),
    "no layer": ("x = 1\n", ["small.py defines no layer"]),
    "another thing": ("layer = 7\n", ["layer is not a Definition, but of type int"]),
    "wrong name": (SMALL.format(name="no good"), ["'no good' is not a name for a layer"]),
    "unbound index": (
        SMALL.format(name="small").replace("* x[j]))", "* x[j])) * x[j]"),
        ["index j is not bound"],
    ),
}


@pytest.mark.parametrize("what", WRONG_FILES)
def test_a_wrong_layer_file_is_one_message(derive, small, tmp_path, what):
    text, words = WRONG_FILES[what]
    small.write_text(text, encoding="utf-8")
    refused(derive("generate", small, "--out", tmp_path / "made"), *words)
    assert not (tmp_path / "made").exists()


WRONG_WORDS = {
    "unknown layer": (["quantiser"], ["unknown layer 'quantiser'", "did you mean quantizer"]),
    "two unknown layers": (["quantiser", "zzz"], ["unknown layer 'quantiser'", "layer 'zzz'"]),
    "missing file": (["nowhere.py"], ["nowhere.py cannot be read: No such file"]),
    "unknown target": (["quantizer", "--target", "nmpy"], ["target 'nmpy'", "did you mean numpy?"]),
    "another unknown target": (["--target", "julia"], ["unknown target 'julia'", "numpy, c"]),
    "no target": (["quantizer", "--target", ","], ["--target: no target given"]),
}


@pytest.mark.parametrize("what", WRONG_WORDS)
def test_an_unknown_name_is_one_message_with_a_suggestion(derive, tmp_path, what):
    arguments, words = WRONG_WORDS[what]
    status, out, err = derive("generate", *arguments, "--out", tmp_path / "made")
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    for word in words:
        assert err.count(word) == 1, err
    assert not (tmp_path / "made").exists()


def test_two_layers_of_one_name_are_refused(derive, small, tmp_path):
    other = tmp_path / "other.py"
    other.write_text(small.read_text(), encoding="utf-8")
    refused(
        derive("generate", small, other, "--out", tmp_path / "made"), "two layers have the name"
    )


def test_debug_shows_where(derive):
    status, _, err = derive("generate", "quantiser", "--debug")
    assert status == 2 and "Traceback" in err


# Interruption.

WRITER = """
import sys
from pathlib import Path
from derive.emit.write import compare, update
folder = Path(sys.argv[1])
print("ready", flush=True)
while True:
    for letter in "ab":
        text = f"# Generated by derive\\n{letter * 200_000}\\n"
        produced = {f"numpy/{n}.py": text for n in range(4)}
        update(produced, folder, compare(produced, folder, ["numpy"], whole=True))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_kill_at_any_moment_leaves_each_file_old_or_new(tmp_path):
    whole = {f"# {MARK}\n{letter * 200_000}\n".encode() for letter in "ab"}
    chance = random.Random(1)
    for _ in range(12):
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.06))
            process.send_signal(signal.SIGKILL)
        for path in tmp_path.glob("numpy/*.py"):
            assert path.read_bytes() in whole


@pytest.mark.parametrize(
    ("out", "words"), [(".", "would hide the package numpy"), ("", "no folder is named")]
)
def test_no_folder_is_written_that_hides_an_installed_package(
    derive, small, tmp_path, monkeypatch, out, words
):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    refused(derive("generate", small, "--out", out), words)
    assert not list(here.iterdir())
    if out:
        # Where nothing is written nothing is hidden, and C has a folder that hides nothing.
        assert derive("generate", small, "--out", out, "--check")[0] == 1
        assert derive("generate", small, "--out", out, "--target", "c")[0] == 0


def test_diff_prints_what_would_change_and_writes_nothing(derive, small, tmp_path):
    out = tmp_path / "made"
    status, shown, _ = derive("generate", small, "--out", out, "--diff", "--target", "numpy")
    assert status == 0
    assert "+def forward(" in shown and "is missing" in shown and "written" not in shown
    assert not out.exists()


def test_a_refused_layer_does_not_keep_others_from_being_written(derive, small, tmp_path):
    out, bad, worse = tmp_path / "made", tmp_path / "bad.py", tmp_path / "worse.py"
    for path in (bad, worse):
        path.write_text("from derive import Definition\nlayer = 3\n", encoding="utf-8")
    for _ in range(2):
        status, shown, err = derive("generate", bad, small, worse, "--out", out)
        assert status == 2
        assert "bad.py" in err and "worse.py" in err
        assert (out / "numpy" / "small.py").exists()
    assert "up to date" in shown
    status, shown, err = derive("build", bad, small, "--out", out)
    assert status == 2 and "small: compiled" in shown and "bad.py" in err
    status, shown, err = derive("all", bad, small, "--out", out)
    assert status == 2 and "verified" in shown and "bad.py" in err


def test_c_that_was_changed_is_not_compiled_for_a_module_that_would_refuse_it(
    derive, small, tmp_path
):
    out = tmp_path / "made"
    derive("generate", small, "--out", out)
    file = out / "c" / "small.c"
    file.write_text(file.read_text(encoding="utf-8") + "/* mine */\n", encoding="utf-8")
    refused(
        derive("build", small, "--out", out),
        "not as derive generated it",
        "what was changed is lost",
    )
    derive("generate", small, "--out", out)
    assert derive("build", small, "--out", out)[0] == 0


def test_c_is_not_compiled_for_a_module_that_is_no_text(derive, small, tmp_path):
    out = tmp_path / "made"
    derive("generate", small, "--out", out)
    (out / "c" / "small.py").write_bytes(b"\xff\xfe")
    refused(derive("build", small, "--out", out), "not as derive generated it")
