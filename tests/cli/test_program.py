"""The program as a whole: statuses, messages, speed, pipes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

import derive
from derive.cli import main
from derive.errors import DeriveError

ROOT = Path(__file__).parents[2]
FULL = Path("/dev/full")


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "derive", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
        **options,
    )


@pytest.fixture
def entry(capsys):
    def call(*arguments):
        status = main.entry(list(arguments))
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return call


@pytest.fixture
def broken(monkeypatch):
    """Let ``derive list`` raise what a test wants."""

    def put(error):
        @click.command()
        def command():
            raise error

        monkeypatch.setattr("derive.cli.list.command", command)

    return put


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("show", "--help")])
def test_help_and_version_do_not_load_sympy(arguments):
    code = (
        "import sys; from derive.cli.main import entry; "
        f"status = entry({list(arguments)!r}); "
        "sys.exit(status or ('sympy' in sys.modules) or ('numpy' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0


def test_help_is_quick():
    def seconds():
        before = os.times()
        assert run("--help").returncode == 0
        after = os.times()
        return sum(after[2:4]) - sum(before[2:4])  # of the processor: others may be at work, too

    assert min(seconds() for _ in range(5)) < 0.3


def test_the_version_is_the_packages(entry):
    assert entry("--version") == (0, f"derive {derive.__version__}\n", "")


def test_without_arguments_the_help_is_shown(entry):
    status, out, _ = entry()
    assert status == 0
    assert "Usage: derive" in out


def test_every_command_has_help_in_one_sentence(entry):
    status, out, _ = entry("--help")
    commands = out.split("Commands:\n")[1].strip().splitlines()
    assert status == 0
    assert {line.split()[0] for line in commands} >= {"list", "show"}
    assert all(len(line.split()) > 2 for line in commands)


def test_an_unknown_command_gets_the_closest_one(entry):
    status, out, err = entry("lst")
    assert (status, out) == (2, "")
    assert err == "error: there is no command 'lst'; did you mean list?\n  hint: derive --help\n"
    assert "there are all, build," in entry("zzzzz")[2]


@pytest.mark.parametrize(
    "arguments", [("show",), ("list", "--format", "xml"), ("show", "quantizer", "--nonsense")]
)
def test_wrong_arguments_are_one_message(entry, arguments):
    status, out, err = entry(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert err.endswith(f"  hint: derive {arguments[0]} --help\n")


def test_bad_input_is_one_message_and_no_traceback(entry):
    status, out, err = entry("show", "quantiser")
    assert (status, out) == (2, "")
    assert err == "error: unknown layer 'quantiser'\n  hint: did you mean quantizer?\n"


@pytest.mark.parametrize("command", ["show", "generate", "build", "verify", "all"])
@pytest.mark.parametrize("names", [["quantiser"], ["quantiser", "zzz"]])
def test_the_json_of_what_is_refused_says_why(entry, command, names):
    """As that of a note, which ``derive check`` refuses."""
    names = names[:1] if command == "show" else names
    status, out, err = entry(command, *names, "--format", "json")
    error = json.loads(out)["error"]
    assert status == 2 and err.startswith("error: unknown layer 'quantiser'")
    assert error["message"].startswith("unknown layer 'quantiser'")
    assert len(names) == 1 or "; unknown layer 'zzz'" in error["message"]
    assert set(error) == {"line", "column", "message", "hint"}


def test_the_json_of_a_layer_beside_one_that_is_refused_is_not_followed_by_another(entry, tmp_path):
    arguments = ("quantizer", "quantiser", "--out", str(tmp_path), "--check", "--format", "json")
    status, out, err = entry("generate", *arguments)
    assert status == 2 and "unknown layer 'quantiser'" in err
    assert "changed" in json.loads(out)


@pytest.mark.parametrize("where", [0, 1, 2])
def test_debug_shows_the_traceback_wherever_it_stands(entry, where):
    arguments = ["show", "quantiser"]
    arguments.insert(where, "--debug")
    status, _, err = entry(*arguments)
    assert status == 2
    assert "Traceback" in err
    assert "DeriveError" in err


def test_an_unexpected_exception_is_one_line(entry, broken):
    broken(RuntimeError("wheels came off\nin two lines"))
    status, out, err = entry("list")
    assert (status, out) == (2, "")
    shown = "internal error: RuntimeError: wheels came off (run with --debug to see where)"
    assert err == f"error: {shown}\n"
    assert "Traceback" in entry("list", "--debug")[2]


def test_an_interrupt_has_its_own_status(entry, broken):
    broken(KeyboardInterrupt())
    status, out, err = entry("list")
    assert (status, out) == (130, "")
    assert err.strip() == "interrupted"


def test_a_check_that_failed_is_status_one(entry, monkeypatch):
    monkeypatch.setattr("derive.cli.list.command", click.command()(lambda: 1))
    assert entry("list")[0] == 1


def test_an_error_of_the_system_names_the_file(entry, broken):
    broken(PermissionError(13, "Permission denied", "/some/file"))
    assert entry("list") == (2, "", "error: /some/file: Permission denied\n")


def test_several_mistakes_are_shown_together(entry, broken):
    from derive.errors import DeriveErrors

    broken(DeriveErrors((DeriveError("one"), DeriveError("two"))))
    assert entry("list") == (2, "", "error: one\ntwo\n")


def test_the_module_is_the_program():
    done = run("list", "--format", "json")
    assert done.returncode == 0
    assert [layer["name"] for layer in json.loads(done.stdout)][1] == "quantizer"


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("show", "quantizer"), ("show", "nothing"), ("show", "binary_mlp", "--latex")],
)
def test_piped_output_has_no_escape_codes_and_no_trailing_blanks(arguments):
    done = run(*arguments, env={**os.environ, "FORCE_COLOR": "", "COLUMNS": "20"})
    assert "\x1b" not in done.stdout + done.stderr
    assert all(line == line.rstrip() for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    "variables", [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}]
)
def test_an_output_without_greek_letters_is_no_error(variables):
    environment = {**os.environ, "PYTHONCOERCECLOCALE": "0", **variables}
    done = run("show", "quantizer", env=environment)
    assert done.returncode == 0, done.stderr
    assert "Z_i =" in done.stdout


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "softmax_mlp", "--format", "json"),
        ("explain", "quantizer", "--wrt", "b", "--to", "json"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_json_is_json_where_letters_are_lacking(arguments, encoding):
    done = run(*arguments, env={**os.environ, "PYTHONIOENCODING": encoding})
    plain = run(*arguments, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    assert done.stdout.isascii() and json.loads(done.stdout) == json.loads(plain.stdout)


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("list >&-", "error: standard output is closed"),
        ("--help >&-", "error: standard output is closed"),
        ("check - <&-", "error: standard input is closed"),
    ],
)
def test_a_closed_stream_is_one_message(arguments, message):
    command = f"'{sys.executable}' -m derive {arguments}"
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{message}\n")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs /dev/stdout")
def test_a_file_that_is_standard_output_gets_the_page_alone():
    plain = run("explain", "quantizer", "--wrt", "b", "--to", "markdown")
    done = run("explain", "quantizer", "--wrt", "b", "--to", "markdown", "-o", "/dev/stdout")
    assert (done.returncode, done.stderr) == (0, "/dev/stdout written\n")
    assert done.stdout == plain.stdout


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_one_message(unbuffered):
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "derive", "list"],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert b"error: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_closed_pipe_is_quiet():
    child = subprocess.Popen(
        [sys.executable, "-m", "derive", "show", "quantizer"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    child.stdout.close()
    shown = child.stderr.read()
    child.stderr.close()
    assert child.wait() == main.PIPE_CLOSED
    assert shown == b""


def test_an_interrupt_ends_the_program_without_a_traceback(tmp_path):
    layer = tmp_path / "slow.py"
    layer.write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    child = subprocess.Popen(
        [sys.executable, "-m", "derive", "show", str(layer)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Where the tests run in the background, interrupts are ignored, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert child.stdout.readline() == b"ready\n"
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert err.strip() == b"interrupted"


@pytest.mark.parametrize("arguments", [("show", "quantizer", "--format", "json"), ("list",)])
def test_the_output_is_the_same_under_every_hash_seed(arguments):
    shown = {run(*arguments, env={**os.environ, "PYTHONHASHSEED": s}).stdout for s in ("0", "7")}
    assert len(shown) == 1


LABELS_ALONE = """\
from derive import Definition, sum_over

layer = Definition("labels_alone", "A sum of labels.")
N = layer.sizes("N")
y = layer.label("y", N)
i = layer.indices("i")
layer.output("m", sum_over(i, y[i]))
"""


@pytest.mark.parametrize(
    "words", ["generate", "verify", "explain", "show --wrt y", "explain --wrt y"]
)
def test_a_layer_with_nothing_to_differentiate_by_is_refused_in_one_message(
    entry, tmp_path, monkeypatch, words
):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "labels_alone.py"
    file.write_text(LABELS_ALONE, encoding="utf-8")
    status, out, err = entry(*words.split(), str(file))
    assert (status, out) == (2, "")
    assert "labels_alone: there is nothing to differentiate by: no input and no parameter" in err
    assert "hint: labels, constants and integers have no gradients" in err


def test_a_layer_with_nothing_to_differentiate_by_is_shown(entry, tmp_path):
    file = tmp_path / "labels_alone.py"
    file.write_text(LABELS_ALONE, encoding="utf-8")
    status, out, err = entry("show", str(file))
    assert (status, err) == (0, "")
    assert "m = Σ_i y_i" in out
