"""``derive check``: what is printed, what is repaired, and the exit status."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.checking import BODY, HEADER, NOTE, RIGHT, WORDS, written

GOLDEN = Path(__file__).with_name("golden") / "check.txt"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_claim_is_printed_with_its_place_verdict_mark_and_repair(derive, here):
    written(here, NOTE)
    status, out, err = derive("check", "note.md")
    assert (status, err) == (1, "")
    lines = [
        re.sub(r"(?<![A-Z])-?\d[\d.e-]*", "#", line) if "witness" in line else line
        for line in out.splitlines()
    ]
    assert lines == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_the_values_of_a_witness_differ(derive, here):
    _, out, _ = derive("check", written(here, NOTE))
    left, right = re.search(r"left (\S+), right (\S+)", out).groups()
    assert float(left) == -float(right) != 0


def test_a_right_note_gives_0(derive, here):
    status, out, _ = derive("check", written(here, RIGHT))
    assert (status, out.splitlines()[-1]) == (0, "1 claim: 1 proved")


def test_an_unreadable_formula_gives_2_whatever_else_is_wrong(derive, here):
    status, out, _ = derive("check", written(here, NOTE + "\n$$ Z_i = \\nonsense $$\n"))
    assert status == 2
    assert "note.md:24:10: [5] unreadable: cannot read \\nonsense: unknown command" in out


def test_a_note_without_claims_is_fine(derive, here):
    assert derive("check", written(here, HEADER + "Nothing here.\n")) == (0, "no claims\n", "")


#: NOTE, in LaTeX.
LATEX = (
    "".join(f"% {line}\n" for line in HEADER.splitlines())
    + "\\begin{document}"
    + BODY.replace("# ", "")
    + "\\end{document}\n"
)


@pytest.mark.parametrize("text", [NOTE, LATEX, "\ufeff" + LATEX])
def test_standard_input_is_checked(derive, monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    status, out, _ = derive("check", "-")
    assert status == 1
    assert out.startswith("<stdin>:16:3: [1] proved\n")


def test_several_files_have_one_summary_and_the_worst_status(derive, here):
    written(here, NOTE, "one.md")
    written(here, RIGHT, "two.md")
    status, out, _ = derive("check", "two.md", "one.md", "two.md")
    assert status == 1
    assert out.splitlines()[-1] == (
        "5 claims in 2 files: 2 proved, 1 wrong, 1 ill-formed, 1 not-a-claim"
    )


def test_a_file_that_cannot_be_read_does_not_stop_the_others(derive, here):
    written(here, RIGHT, "two.md")
    status, out, err = derive("check", "missing.md", "two.md", str(here))
    assert status == 2
    assert out.splitlines()[-1] == "1 claim: 1 proved"
    assert err == (
        "error: missing.md cannot be read: No such file or directory\n"
        f"error: {here} cannot be read: Is a directory\n"
    )


def test_a_latex_note_is_checked(derive, here):
    _, out, _ = derive("check", written(here, LATEX, "note.tex"))
    assert re.findall(r"\[\d\] ([a-z-]+)", out) == ["proved", "ill-formed", "wrong", "not-a-claim"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n$$", "\n\t$$\t"),
        lambda text: text.replace("# Steps", "שלום"),
    ],
    ids=["CRLF", "byte order mark", "tabs", "right to left"],
)
def test_line_ends_marks_and_tabs_change_no_verdict(derive, here, change):
    _, out, _ = derive("check", written(here, change(NOTE)))
    assert sorted(re.findall(r"\[\d\] ([a-z-]+)", out)) == sorted(WORDS)
    assert re.findall(r":(\d+):\d+: \[", out) == ["16", "18", "20", "22"]


def test_the_repaired_note_is_written_beside_and_checks_clean(derive, here):
    written(here, NOTE)
    status, _, err = derive("check", "note.md", "--fix")
    assert (status, err) == (1, "note.md: claims 2, 3 repaired in note.fixed.md\n")
    assert Path("note.md").read_text(encoding="utf-8") == NOTE
    fixed = Path("note.fixed.md").read_text(encoding="utf-8")
    assert fixed == NOTE.replace("b_j) - 1", "b_i) - 1").replace("= -\\sum_l", "= \\sum_l")
    assert derive("check", "note.fixed.md")[0] == 0
    assert sorted(path.name for path in here.iterdir()) == ["note.fixed.md", "note.md"]


def test_in_place_repairs_the_note_and_keeps_its_bytes_mode_and_link(derive, here):
    path = Path(written(here, "\ufeff" + NOTE.replace("\n", "\r\n"), "real.md"))
    path.chmod(0o600)
    Path("note.md").symlink_to("real.md")
    derive("check", "note.md", "--fix", "--in-place")
    right = NOTE.replace("b_j) - 1", "b_i) - 1").replace("= -\\sum_l", "= \\sum_l")
    assert path.read_bytes() == ("\ufeff" + right.replace("\n", "\r\n")).encode()
    assert Path("note.md").is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_note_that_needs_no_repair_is_not_written(derive, here):
    written(here, RIGHT)
    status, _, err = derive("check", "note.md", "--fix")
    assert (status, err) == (0, "note.md: nothing was repaired\n")
    assert [path.name for path in here.iterdir()] == ["note.md"]


def test_a_claim_without_a_repair_is_named(derive, here):
    text = HEADER + "$$\\frac{\\partial Z_l}{\\partial a_i} = X_l^3 + b_i^5 + 7$$\n"
    written(here, text)
    _, _, err = derive("check", "note.md", "--fix", "--effort", "0")
    assert "note.md: claim 1 is not repaired: " in err


def test_a_repaired_note_never_replaces_a_note_that_is_being_checked(derive, here):
    written(here, NOTE)
    written(here, RIGHT, "note.fixed.md")
    status, _, err = derive("check", "note.md", "note.fixed.md", "--fix")
    assert status == 2
    assert "note.fixed.md is one of the notes to check, and is not overwritten" in err
    assert Path("note.fixed.md").read_text(encoding="utf-8") == RIGHT


def test_repairs_in_a_quotation_keep_its_marks(derive, here):
    quoted = "> $$\n> \\frac{\\partial Z_l}{\\partial a_i}\n> = \\tanh(X_i - b_i)\n> $$\n"
    written(here, HEADER + quoted)
    derive("check", "note.md", "--fix", "--in-place")
    text = Path("note.md").read_text(encoding="utf-8")
    assert text == HEADER + quoted.replace("X_i", "X_l")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-", "--fix"), "standard input has no file to repair"),
        (("note.md", "--in-place"), "--in-place says where --fix writes"),
        ((), "Missing argument 'FILE...'"),
        (("note.md", "--effort", "-1"), "-1.0 is not in the range"),
        (("note.md", "--effort", "inf"), "inf is not in the range"),
        (("note.md", "--effort", "nan"), "nan is not a number"),
        (("note.md", "--format", "xml"), "'xml' is not one of"),
    ],
)
def test_wrong_arguments_are_one_message(derive, arguments, message):
    status, out, err = derive("check", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_an_unwritable_folder_is_one_message(derive, here, monkeypatch):
    written(here, NOTE)

    def fail(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", fail)
    status, _, err = derive("check", "note.md", "--fix")
    assert status == 2
    assert "cannot write" in err
    assert "Permission denied" in err


def test_escapes_for_a_terminal_in_a_note_are_not_passed_on(derive, here):
    text = HEADER + "$$ Z_i = \\text{\x1b]0;title\x07} \u202e a_i $$\n"
    _, out, _ = derive("check", written(here, text))
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_a_long_check_says_what_it_does_only_to_a_terminal(here):
    written(here, RIGHT)
    done = subprocess.run(
        [sys.executable, "-m", "derive", "check", "note.md"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
