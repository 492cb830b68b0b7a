"""From LaTeX to PDF, by the program for it that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from derive.errors import DeriveError

__all__ = ["pdf"]

_TIMEOUT = 300  # seconds
_ADVICE = (
    "install latexmk with {engine}, or tectonic (Debian: latexmk texlive-xetex "
    "texlive-latex-extra texlive-pictures texlive-plain-generic)"
)
#: The programs that set a document, by what its first line says, and latexmk's option for each.
_ENGINES = {"pdflatex": "-pdf", "xelatex": "-pdfxe"}


def pdf(latex: str) -> bytes:
    """Return the PDF of a document.

    Parameters
    ----------
    latex : str
        A whole document; its first line names the program: ``% !TeX program = xelatex``.

    Raises
    ------
    DeriveError
        If nothing is installed that does it, or the document does not compile.
    """
    engine = latex.splitlines()[0].rpartition("= ")[2]
    command = _command(engine)
    # No day and no path is in the file: the same document gives the same bytes.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    with tempfile.TemporaryDirectory(prefix="derive-", ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "explanation.tex"
        source.write_text(latex, encoding="utf-8")
        try:
            run = subprocess.run(
                [*command, source.name],
                cwd=folder,
                env=environment,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            raise DeriveError(f"{command[0]} did not finish within {_TIMEOUT} seconds") from error
        result = source.with_suffix(".pdf")
        if run.returncode or not result.exists():
            told = (run.stdout + run.stderr).decode("utf-8", errors="replace")
            raise DeriveError(f"{command[0]} fails: {_complaint(told)}", hint=_advice(engine))
        return result.read_bytes()


def _command(engine: str) -> list[str]:
    if shutil.which("latexmk") and shutil.which(engine):
        safe = ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
        return ["latexmk", "-norc", _ENGINES[engine], *safe]
    if shutil.which("tectonic"):
        return ["tectonic", "--chatter=minimal", "--untrusted"]
    raise DeriveError("a PDF needs a TeX system, and there is none", hint=_advice(engine))


def _advice(engine: str) -> str:
    return _ADVICE.format(engine=engine)


def _complaint(told: str) -> str:
    """Return the line in which TeX says what is wrong."""
    lines = told.splitlines()
    return next((line for line in lines if line.startswith(("!", "error:"))), "no PDF came out")
