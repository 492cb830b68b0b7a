"""``derive check``: judge the gradients that people wrote in notes."""

from __future__ import annotations

import math
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.cli._formats import FORMATS
from derive.cli._options import given
from derive.cli._output import Page, print_json
from derive.errors import BAD_INPUT, DeriveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from derive.notes.check import Checked

#: What standard input is called.
STDIN = "<stdin>"
#: The most seconds that a repair may be looked for: a day.
_LONGEST = 86400.0
#: Seconds after which somebody at a terminal wants to know that something is being done.
_PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class _Options:
    effort: float
    fix: bool
    in_place: bool


@dataclass(frozen=True, slots=True)
class _Explaining:
    """How mistakes are explained; without a form they are not."""

    form: str
    file: Path | None
    language: str

    @property
    def alone(self) -> bool:
        """Whether the explanation is all that standard output has."""
        return bool(self.form) and self.form not in ("terminal", "pdf") and self.file is None


@dataclass(slots=True)
class _Outcome:
    """What came of one file: verdicts, or the reason why there are none."""

    file: str
    checked: Checked | None = None
    error: DeriveError | None = None
    remarks: tuple[str, ...] = ()


def _number(_: click.Context, __: click.Parameter, value: float) -> float:
    """Refuse what is no number, which is out of no range."""
    if math.isnan(value):
        raise click.BadParameter("nan is not a number")
    return value


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How to print the result.",
)
@click.option(
    "--fix", is_flag=True, help="Write the repaired note beside the note, as note.fixed.md."
)
@click.option("--in-place", is_flag=True, help="With --fix: overwrite the note instead.")
@click.option(
    "--effort",
    type=click.FloatRange(min=0.0, max=_LONGEST),
    callback=_number,
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="About how long to look for a repair of each claim. Steps of work are counted, not "
    "seconds, so the result is the same on every machine.",
)
@click.option(
    "--explain", is_flag=True, help="Show each mistake beside the derivation of what was meant."
)
@click.option(
    "--to",
    "form",
    type=click.Choice([form for form in FORMATS if form != "json"]),
    help="With --explain: the format. If not given: what the ending of FILE says, else terminal.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --explain: write the explanation to this file.",
)
@click.option(
    "--lang",
    "language",
    default="en",
    show_default=True,
    help="With --explain: the language: en, es, pl, ru or he.",
)
def command(
    files: tuple[str, ...],
    output: str,
    fix: bool,
    in_place: bool,
    effort: float,
    explain: bool,
    form: str | None,
    target: Path | None,
    language: str,
) -> int:
    """Check the gradients in each FILE, a note in Markdown (.md) or LaTeX (.tex).

    If FILE is -, the note is read from standard input. The exit status is 0 if every claim is
    fine, 1 if one is wrong, and 2 if something cannot be read.
    """
    if in_place and not fix:
        raise DeriveError("--in-place says where --fix writes", hint="give --fix as well")
    files = tuple(dict.fromkeys(files))
    if fix and "-" in files:
        raise DeriveError(
            "standard input has no file to repair", hint="write the note to a file first"
        )
    options = _Options(effort, fix, in_place)
    explaining = _explaining(files, output, explain, form, target, language)
    outcomes = []
    for number, file in enumerate(files):
        count = f" ({number + 1} of {len(files)})" if len(files) > 1 else ""
        with _patience(f"checking {file}{count}"):
            outcomes.append(_outcome(file, files, options))
        if output == "text":
            _print_text(outcomes[-1], explaining)
    if not explaining.alone:
        _PRINTERS[output](outcomes)
    return max(_status(outcome) for outcome in outcomes)


def _explaining(
    files: tuple[str, ...],
    output: str,
    explain: bool,
    form: str | None,
    target: Path | None,
    language: str,
) -> _Explaining:
    """Return how mistakes are to be explained.

    Raises
    ------
    DeriveError
        If that cannot be done.
    """
    from derive.explain.words import check_language

    if not explain:
        if any(map(given, ("form", "target", "language"))):
            raise DeriveError("--to, -o and --lang are for explanations", hint="give --explain too")
        return _Explaining("", None, language)
    if output != "text":
        raise DeriveError("--explain is for --format text", hint=f"the format is {output}")
    from derive.cli._page import check_file, form_of

    form = form or form_of(target)
    if form == "json":
        raise DeriveError("an explanation of mistakes has no JSON", hint="see --format json")
    check_language(language)
    check_file(target, form)
    if form == "pdf" and target is None:
        target = Path(f"{'stdin' if files[0] == '-' else Path(files[0]).stem}.pdf")
    if len(files) > 1 and (target is not None or form != "terminal"):
        raise DeriveError(
            "a page of explanations is about one note", hint="explain the notes one by one"
        )
    return _Explaining(form, target, language)


def _outcome(file: str, files: tuple[str, ...], options: _Options) -> _Outcome:
    """Check one file, and repair it if that is wanted."""
    from derive.notes.check import check
    from derive.notes.document import read

    outcome = _Outcome(STDIN if file == "-" else file)
    try:
        data = _data(file)
        note = read(data, outcome.file, _is_latex(data) if file == "-" else None)
        outcome.checked = check(note, options.effort)
        if options.fix:
            fixed = _fixed(file, outcome.checked, files, options.effort, options.in_place)
            outcome.remarks = tuple(fixed)
    except DeriveError as error:
        outcome.error = error
    return outcome


def _data(file: str) -> bytes:
    """Return what is in a file, and no more of it than a note may have."""
    from derive.cli._layers import note_data
    from derive.notes.source import FILE_LIMIT

    if file != "-":
        return note_data(file)
    if sys.stdin is None:
        raise DeriveError("standard input is closed")
    return sys.stdin.buffer.read(FILE_LIMIT + 1)


def _is_latex(data: bytes) -> bool:
    """Tell LaTeX from Markdown where no name does: its header stands in comments."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%")


def _fixed(
    file: str, checked: Checked, files: tuple[str, ...], effort: float, in_place: bool
) -> Iterator[str]:
    """Write the repaired note; yield what was done."""
    from derive.emit.write import write_file
    from derive.notes.check import check
    from derive.notes.document import read
    from derive.notes.patch import mended

    patch = mended(checked, lambda text: check(read(text, file), effort))
    path = Path(file)
    target = path if in_place else path.with_name(f"{path.stem}.fixed{path.suffix}")
    if not patch.made:
        yield f"{file}: nothing was repaired"
    elif not in_place and any(_same(target, Path(other)) for other in files):
        raise DeriveError(
            f"{target} is one of the notes to check, and is not overwritten",
            hint="check it by itself, or move it away",
        )
    else:
        write_file(target, patch.text)
        yield f"{file}: {_numbers(patch.made)} repaired in {target}"
    for number, reason in patch.skipped:
        yield f"{file}: claim {number} is not repaired: {reason}"


def _same(one: Path, two: Path) -> bool:
    return one.exists() and two.exists() and one.samefile(two)


def _numbers(made: tuple[int, ...]) -> str:
    return f"{'claim' if len(made) == 1 else 'claims'} {', '.join(map(str, made))}"


def _status(outcome: _Outcome) -> int:
    from derive.notes.report import status

    if outcome.error is not None or outcome.checked is None:
        return BAD_INPUT
    return status(outcome.checked.verdicts)


@contextmanager
def _patience(text: str) -> Iterator[None]:
    """Say on standard error what is being done, if it takes long and somebody looks at it."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    status = console.status(text)
    timer = threading.Timer(_PATIENCE, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


def _print_text(outcome: _Outcome, explaining: _Explaining) -> None:
    """Print the verdicts on one file as soon as they are there, and what explains them."""
    from derive.cli._derived import derived_forms
    from derive.cli._verdicts import print_note

    if outcome.checked is not None and not explaining.alone:
        print_note(Page(), outcome.checked, derived_forms(outcome.checked))
    if outcome.checked is not None and explaining.form:
        from derive.cli._mistakes import mistakes_page
        from derive.cli._page import write_page

        page = mistakes_page(outcome.checked, explaining.language)
        if explaining.form == "terminal" and explaining.file is None:
            click.echo()
        write_page(page, explaining.form, explaining.file)
    _complain(outcome)


def _complain(outcome: _Outcome) -> None:
    if outcome.error is not None:
        click.echo(f"{click.style('error', fg='red', bold=True)}: {outcome.error}", err=True)
    for remark in outcome.remarks:
        click.echo(remark, err=True)


def _finish_text(outcomes: list[_Outcome]) -> None:
    from derive.cli._verdicts import summary_line

    checked = [outcome.checked for outcome in outcomes if outcome.checked is not None]
    if checked:
        verdicts = [verdict for note in checked for verdict in note.verdicts]
        click.echo(summary_line(verdicts, len(checked)))


def _print_json(outcomes: list[_Outcome]) -> None:
    from derive.cli._derived import derived_forms
    from derive.notes.report import note_json, refused_json

    documents = []
    for outcome in outcomes:
        _complain(outcome)
        if outcome.checked is not None:
            documents.append(note_json(outcome.checked, derived_forms(outcome.checked)))
        elif outcome.error is not None:
            documents.append(refused_json(outcome.file, outcome.error))
    print_json(documents[0] if len(outcomes) == 1 else documents)


def _print_sarif(outcomes: list[_Outcome]) -> None:
    from derive.cli._sarif import sarif

    for outcome in outcomes:
        _complain(outcome)
    print_json(
        sarif(
            [outcome.checked for outcome in outcomes if outcome.checked is not None],
            [(o.file, o.error) for o in outcomes if o.error is not None],
        )
    )


def _print_github(outcomes: list[_Outcome]) -> None:
    from derive.cli._sarif import refused_command, workflow_commands

    for outcome in outcomes:
        if outcome.checked is not None:
            for line in workflow_commands(outcome.checked):
                click.echo(line)
        if outcome.error is not None:
            click.echo(refused_command(outcome.file, outcome.error))
        for remark in outcome.remarks:
            click.echo(remark, err=True)
    _finish_text(outcomes)


_PRINTERS: dict[str, Callable[[list[_Outcome]], None]] = {
    "text": _finish_text,
    "json": _print_json,
    "sarif": _print_sarif,
    "github": _print_github,
}
