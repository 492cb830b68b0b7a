"""Pages of output: headings, lines and tables; plain text where nobody looks at a terminal."""

from __future__ import annotations

import json
import math
import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from derive.errors import DeriveError, error_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Formulas up to this width have their remarks in one column.
_MARGIN = 70

__all__ = ["Page", "format_option", "print_json", "shown_json"]

#: Wide enough that nothing is cut or wrapped in a file or a pipe.
_UNLIMITED = 10_000
#: Where a command's context knows whether it has printed its JSON.
_PRINTED = "derive.printed"


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--format text|json`` to a command, as the argument ``output``.

    Where all is refused, the JSON is ``{"error": …}``; where some of the work was done, the JSON is
    of that, and what is refused stands on standard error alone.
    """

    @wraps(command)
    def answering(*arguments: Any, output: str, **keywords: Any) -> Any:
        try:
            return command(*arguments, output=output, **keywords)
        except DeriveError as error:
            if output == "json" and not click.get_current_context().meta.get(_PRINTED):
                print_json({"error": error_json(error)})
            raise

    return click.option(
        "--format",
        "output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to print the result.",
    )(answering)


def print_json(value: Any) -> None:
    """Print a value as JSON; of numbers that JSON has not, as infinity, the names."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta[_PRINTED] = True
    text = json.dumps(_with_names(value), ensure_ascii=False, indent=2, allow_nan=False)
    click.echo(shown_json(text))


def shown_json(text: str) -> str:
    """Return JSON as standard output can hold it: without letters that it lacks.

    They stand in strings alone, where JSON has escapes of its own for them.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text)
    return text


def _with_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_names(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_with_names(part) for part in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


class Page:
    """What is written to standard output."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, soft_wrap=True)
        if not self._console.is_terminal:
            self._console.width = _UNLIMITED

    @property
    def width(self) -> int | None:
        """How wide the terminal is; None where nobody looks at one."""
        return self._console.width if self._console.is_terminal else None

    def title(self, text: str, aside: str = "") -> None:
        """Write the title of a page."""
        from rich.text import Text

        line = Text(text, style="bold cyan")
        if aside:
            line.append(f"  {aside}", style="not bold default")
        self._console.print(line)

    def heading(self, text: str, aside: str = "") -> None:
        """Write the title of a section, with an empty line before it."""
        from rich.text import Text

        line = Text(f"\n{text}", style="bold")
        if aside:
            line.append(f"  {aside}", style="not bold dim")
        self._console.print(line)

    def line(self, text: str = "", style: str = "") -> None:
        """Write a line as it is."""
        from rich.text import Text

        self._console.print(Text(text, style=style))

    def parts(self, *parts: tuple[str, str]) -> None:
        """Write a line of several parts, each with its style."""
        from rich.text import Text

        self._console.print(Text.assemble(*parts))

    def equations(self, equations: Iterable[tuple[str, str, str]]) -> None:
        """Write ``left = right`` lines with their equality signs below one another.

        Each is a left side, a right side, and a remark, which may be empty.
        """
        from rich.cells import cell_len
        from rich.text import Text

        rows = list(equations)
        width = max((cell_len(left) for left, _, _ in rows), default=0)
        # Remarks stand below one another too, but for formulas that are too long for that.
        lengths = [cell_len(right) for _, right, _ in rows]
        margin = max((length for length in lengths if length <= _MARGIN), default=0)
        for (left, right, remark), length in zip(rows, lengths, strict=True):
            line = Text(f"  {left}{' ' * (width - cell_len(left))} = {right}")
            if remark:
                line.append(f"{' ' * max(0, margin - length)}    {remark}", style="dim")
            self._console.print(line)

    def table(self, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Write a table; without titles if all are empty."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        shown = any(titles)
        box = SIMPLE_HEAD if shown and self._console.is_terminal else None
        table = Table(box=box, show_header=shown, header_style="bold", pad_edge=False)
        for title in titles:
            table.add_column(title, overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        with self._console.capture() as capture:
            self._console.print(table)
        for line in capture.get().splitlines():
            click.echo(f"  {line}".rstrip())
