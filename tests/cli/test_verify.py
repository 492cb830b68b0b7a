"""``derive verify``, ``derive build`` and ``derive all``: verdicts, statuses, and no compiler."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading

import pytest

from derive.cli import main
from derive.errors import DeriveError
from derive.verify import load
from tests.cli.test_generate import SMALL

try:
    load.find_compiler()
    COMPILER = True
except DeriveError:
    COMPILER = False

needs_compiler = pytest.mark.skipif(not COMPILER, reason="needs a C compiler")
FINDING = {
    "target": str,
    "precision": str,
    "function": str,
    "result": str,
    "judge": str,
    "relative_error": float,
    "ulps": float,
    "limit": float,
    "entry": list,
    "got": float,
    "reference": str,
    "verdict": str,
}


@pytest.fixture
def derive(capsys, tmp_path, monkeypatch):
    """Run the program in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

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


@pytest.fixture
def no_compiler(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(load.importlib.util, "find_spec", lambda name: None)


def test_what_was_not_generated_is_verified_in_a_temporary_folder(derive, small, tmp_path):
    targets = "numpy,c" if COMPILER else "numpy"
    status, shown, err = derive("verify", small, "--target", targets)
    assert (status, err) == (0, "")
    assert shown.count("verified") == 1
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["small.py"]


def test_the_json_has_one_entry_for_each_result_and_judge(derive, small):
    status, shown, _ = derive("verify", small, "--target", "numpy", "--format", "json")
    assert status == 0
    (report,) = json.loads(shown)
    assert set(report) == {"layer", "verdict", "small_sizes", "seconds", "results"}
    assert report["small_sizes"] is False
    assert (report["layer"], report["verdict"]) == ("small", "verified")
    keys = set()
    for finding in report["results"]:
        assert {key: type(value) for key, value in finding.items()} == FINDING
        keys.add((finding["function"], finding["result"], finding["precision"], finding["judge"]))
    assert len(keys) == len(report["results"])
    for precision in ("f64", "f32"):
        assert ("forward", "y", precision, "reference") in keys
        assert ("vjp_many", "dW", precision, "reference") in keys
        assert ("backward with saved", "dx", precision, "reference") in keys
        assert ("jvp", "dy", precision, "reference") in keys
    assert ("backward", "dW", "f64", "differences") in keys
    assert ("backward", "dW", "f64", "complex step") in keys


def test_a_result_that_is_no_number_has_its_name_in_the_json(derive, small, tmp_path):
    derive("generate", small, "--target", "numpy")
    made = tmp_path / "generated" / "numpy" / "small.py"
    text = made.read_text(encoding="utf-8")
    (line,) = {line for line in text.splitlines() if "out=dW)" in line}
    made.write_text(text.replace(line, f"{line}\n    dW[0, 0] = np.nan"), encoding="utf-8")
    status, shown, _ = derive("verify", small, "--target", "numpy", "--format", "json")
    assert status == 1
    (report,) = json.loads(shown, parse_constant=pytest.fail)
    assert "nan" in [one["got"] for one in report["results"]]


def test_a_wrong_gradient_is_named_with_both_values_and_status_1(derive, small, tmp_path):
    derive("generate", small, "--target", "numpy")
    made = tmp_path / "generated" / "numpy" / "small.py"
    text = made.read_text(encoding="utf-8")
    (line,) = {line for line in text.splitlines() if "out=dW)" in line}
    made.write_text(text.replace(line, f"{line}\n    dW[0, 0] *= -1.0"), encoding="utf-8")
    status, shown, err = derive("verify", small, "--target", "numpy")
    assert status == 1
    assert "WRONG" in shown
    assert "small: numpy f64 backward (reference): dW[0, 0" in err
    assert " = " in err and ", reference " in err
    status, shown, _ = derive("verify", small, "--target", "numpy", "--format", "json")
    wrong = [one for one in json.loads(shown)[0]["results"] if one["verdict"] == "wrong"]
    assert status == 1 and {one["result"] for one in wrong} == {"dW"}
    assert all(one["relative_error"] > one["limit"] for one in wrong)


@needs_compiler
def test_c_that_was_not_compiled_is_one_message_and_numpy_is_judged(derive, small, tmp_path):
    other = tmp_path / "other.py"
    other.write_text(SMALL.format(name="other"), encoding="utf-8")
    derive("generate", small, other, "--out", "made here")
    for options in ((), ("--accuracy",)):
        status, shown, err = derive("verify", small, "--out", "made here", *options)
        assert status == 2
        assert "numpy f64" in shown and ("met" if options else "verified") in shown
        assert err.count("small.c has not been compiled") == err.count("error:") == 1
        assert f"run derive build {small} --out 'made here'" in err
        assert "Traceback" not in err
    assert derive("verify", small, "--out", "made here", "--target", "numpy")[0] == 0
    status, shown, err = derive("verify", small, other, "--out", "made here")
    assert status == 2 and shown.count("verified") == 2
    assert err.count("small.c has not") == err.count("other.c has not") == 1
    assert derive("build", small, "--out", "made here")[0] == 0
    assert derive("verify", small, "--out", "made here")[0] == 0


@needs_compiler
def test_c_that_was_generated_anew_has_to_be_compiled_anew(derive, small, tmp_path):
    derive("generate", small)
    derive("build", small)
    small.write_text(SMALL.format(name="small").replace("tanh(", "2 * tanh("), encoding="utf-8")
    derive("generate", small)
    status, shown, err = derive("verify", small)
    assert status == 2 and "verified" in shown
    assert "small.c was compiled from another version of it" in err
    assert f"run derive build {small} --out generated" in err


@pytest.mark.parametrize("change", [("2 * tanh(", "tanh("), ('"x", N)', '"x", N + 1)')])
def test_what_was_generated_before_the_layer_was_changed_is_stale(derive, small, change):
    text = SMALL.format(name="small").replace("tanh(", "2 * tanh(")
    targets = "numpy,c" if COMPILER else "numpy"
    small.write_text(text, encoding="utf-8")
    derive("generate", small)
    if COMPILER:
        derive("build", small)
    assert change[0] in text
    small.write_text(text.replace(*change), encoding="utf-8")
    hint = f"run derive generate {small} --out generated"
    verbs = [("verify", "--target", "numpy"), ("verify", "--target", targets), ("build",)]
    for verb, *options in verbs[: 3 if COMPILER else 1]:
        status, shown, err = derive(verb, small, *options)
        assert (status, shown) == (2, "")
        assert "is stale: small has changed since it was generated" in err and hint in err


def test_without_a_compiler_numpy_is_verified_and_one_line_says_what_to_install(
    derive, small, no_compiler
):
    status, shown, err = derive("verify", small)
    assert status == 0
    assert "verified" in shown
    assert err.count("\n") == 1 and "C was not verified: no C compiler found: install" in err
    status, _, err = derive("verify", small, "--target", "c")
    assert status == 2 and err.count("no C compiler found") == 1


def test_without_a_compiler_everything_else_is_done(derive, small, tmp_path, no_compiler):
    status, shown, err = derive("all", small)
    assert status == 0
    assert "verified" in shown and err.count("no C compiler found") == 1
    assert (tmp_path / "generated" / "c" / "small.c").exists()
    status, shown, _ = derive("all", small, "--format", "json")
    assert status == 0 and "no C compiler found" in json.loads(shown)["skipped"]
    status, _, err = derive("build", small)
    assert status == 2 and err.count("no C compiler found: install") == 1


@needs_compiler
def test_c_that_does_not_compile_is_an_error_and_not_skipped(derive, small, monkeypatch):
    monkeypatch.setattr(load, "FLAGS", (*load.FLAGS, "-no-such-flag"))
    status, _, err = derive("all", small)
    assert status == 2
    assert err.count("the C compiler refuses small.c") == 1


@needs_compiler
def test_everything_is_done_by_one_command(derive, small, tmp_path):
    status, shown, err = derive("all", small)
    assert (status, err) == (0, "")
    assert "generated/numpy/small.py written" in shown
    assert "verified" in shown
    status, shown, _ = derive("all", small)
    assert status == 0 and "written" not in shown
    status, shown, _ = derive("build", small, "--format", "json")
    assert json.loads(shown)["layers"] == [{"name": "small", "compiled": False}]
    shutil.rmtree(tmp_path / "generated" / "c" / "_build")
    status, shown, _ = derive("build", small)
    assert status == 0 and shown.startswith("small: compiled\nby ")


@needs_compiler
def test_layers_are_compiled_at_once_and_told_in_order(derive, small, tmp_path, monkeypatch):
    other = tmp_path / "other.py"
    other.write_text(SMALL.format(name="other"), encoding="utf-8")
    derive("generate", small, other)
    together, compile_one = threading.Barrier(2, timeout=30), load._compile

    def met(*arguments):
        together.wait()
        return compile_one(*arguments)

    monkeypatch.setattr(load, "_compile", met)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    status, shown, err = derive("build", other, small)
    assert (status, err) == (0, "")
    assert shown.startswith("other: compiled\nsmall: compiled\nby ")


def test_nothing_to_compile_is_one_message(derive, small):
    if not COMPILER:
        pytest.skip("needs a C compiler")
    status, _, err = derive("build", small)
    assert status == 2
    assert err.count("there is no generated/c/small.c") == 1
    assert "run derive generate for it first, with --out generated" in err


@needs_compiler
@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_a_compiler_that_does_not_run_is_skipped_with_one_line(derive, small, monkeypatch):
    monkeypatch.setenv("CC", "/nowhere/cc")
    status, shown, err = derive("verify", small)
    assert status == 0 and "verified" in shown
    assert err.count("$CC is '/nowhere/cc', but that does not run") == 1


ENTROPY = """\
from derive import Definition, log, softmax, sum_over
layer = Definition("entropy", "Softmax and cross-entropy.")
K = layer.sizes("K")
t, y, k = layer.input("t", K), layer.label("y", K), layer.indices("k")
g = layer.node("g", softmax(t))
layer.output("R", -sum_over(k, y[k] * log(g[k])))
layer.fact(sum_over(k, y[k]), 1, "Σ_k y_k = 1")
"""


def test_accuracy_is_measured_in_units_of_the_last_place(derive, tmp_path):
    (tmp_path / "entropy.py").write_text(ENTROPY, encoding="utf-8")
    arguments = ("verify", "entropy.py", "--accuracy", "--target", "numpy")
    status, out, err = derive(*arguments)
    assert (status, err) == (0, "")
    rows = [line.split() for line in out.splitlines() if line.strip().startswith("entropy")]
    assert [row[1:3] for row in rows] == [["forward", "R"], ["backward", "dt"], ["jvp", "dR"]]
    for row in rows:
        assert row[-1] == "met"
        assert all(float(cell) <= float(row[-2]) for cell in row[3:-2])


def test_the_textbook_form_misses_the_goals_of_accuracy(derive, tmp_path):
    (tmp_path / "entropy.py").write_text(ENTROPY, encoding="utf-8")
    arguments = ("verify", "entropy.py", "--accuracy", "--target", "numpy", "--no-stabilise")
    status, out, err = derive(*arguments)
    assert status == 1
    assert "MISSED" in out
    assert "entropy: numpy f64 forward R: " in err
    status, out, _ = derive(*arguments, "--format", "json")
    (report,) = json.loads(out)
    assert (status, report["verdict"]) == (1, "missed")
    assert set(report["results"][0]) == {
        *("target", "precision", "function", "result", "ulps", "allowed", "inputs"),
        *("spurious", "spurious_inputs", "verdict"),
    }


@needs_compiler
def test_a_library_for_some_sizes_alone_is_not_judged_at_others(derive, small):
    assert derive("generate", small, "--out", "made")[0] == 0
    size = "N=3"
    assert derive("build", small, "--out", "made", "--specialize", size)[0] == 0
    status, out, err = derive("verify", small, "--out", "made", "--target", "c")
    assert (status, out) == (2, "")
    assert err == (
        "error: small.c was compiled for N = 3 alone, and is verified at other sizes\n"
        "  hint: run derive build for it without --specialize, with --out made\n"
    )


REFUSED = """\
from derive import Definition
layer = d = Definition("contrary", "Each of two sizes is to be greater than the other.")
N, M = d.sizes("N M")
x, z, i = d.input("x", N), d.input("z", M), d.indices("i")
y = d.output("y", N)
y[i] = x[i] * x[M] * z[N]
"""


def test_a_layer_that_is_refused_does_not_keep_others_from_being_judged(derive, small, tmp_path):
    (tmp_path / "contrary.py").write_text(REFUSED, encoding="utf-8")
    (tmp_path / "unreadable.py").write_text("layer = 1 +\n", encoding="utf-8")
    arguments = ("verify", "contrary.py", "unreadable.py", small, "--target", "numpy")
    status, shown, err = derive(*arguments)
    assert status == 2
    (row,) = [line for line in shown.splitlines() if "verified" in line]
    assert row.split()[0] == "small"
    first, second, *errors = err.splitlines()
    assert first.startswith("1 of 2: contrary: refused: no sizes are known")
    assert second.startswith("2 of 2: small: verified, ")
    assert "unreadable.py:1" in "\n".join(errors) and "axis of contrary" in "\n".join(errors)
    status, shown, _ = derive(*arguments, "--format", "json")
    assert status == 2
    assert [report["layer"] for report in json.loads(shown)] == ["small"]


def test_where_every_layer_is_refused_nothing_is_shown(derive, tmp_path):
    (tmp_path / "contrary.py").write_text(REFUSED, encoding="utf-8")
    for more in ((), ("--format", "json"), ("--accuracy",)):
        status, shown, err = derive("verify", "contrary.py", "--target", "numpy", *more)
        told = json.loads(shown)["error"]["message"] if "json" in more else err
        assert (status, bool(shown)) == (2, "json" in more)
        assert told.removeprefix("error: ").startswith("no sizes are known")
