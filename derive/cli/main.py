"""The program ``derive``: finds the commands, runs one, and turns errors into one message.

A command is a module beside this one with a click command named ``command``; the module's name
is the verb. Its function may return an exit status. Modules whose names begin with an
underscore help the others. So that ``derive --help`` is quick, a command's module imports what
it works with inside its function.

Exit status: 0 fine, 1 a check failed, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from dataclasses import dataclass
from typing import IO, Any

import click

import derive
import derive.cli
from derive.errors import DeriveError

__all__ = ["entry", "program"]

FAILED, BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 1, 2, 130, 141


@dataclass(slots=True)
class Settings:
    """What holds for every command."""

    debug: bool = False


def _set_debug(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.find_root().ensure_object(Settings).debug = True


def _debug_option() -> click.Option:
    return click.Option(
        ["--debug"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_set_debug,
        help="Show where in derive an error comes from.",
    )


class _Commands(click.Group):
    """The commands beside this module, each imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (module.name for module in pkgutil.iter_modules(derive.cli.__path__))
        return sorted(name for name in names if not name.startswith("_") and name != "main")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"derive.cli.{cmd_name}").command
        if not any(parameter.name == "debug" for parameter in command.params):
            command.params.append(_debug_option())
        return command


@click.group(cls=_Commands, params=[_debug_option()])
@click.version_option(derive.__version__, prog_name="derive", message="%(prog)s %(version)s")
def program() -> None:
    """Derive the gradients of layers in index notation: show, check, generate and verify them."""


def entry(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit status.

    Parameters
    ----------
    arguments : list of str, optional
        What follows the program's name; from the process if not given.
    """
    settings = Settings()
    for stream in (sys.stdout, sys.stderr):
        _never_fail_to_encode(stream)
    try:
        status = program.main(arguments, "derive", standalone_mode=False, obj=settings)
        sys.stdout.flush()
    except DeriveError as error:
        return _failed(str(error), settings)
    except click.exceptions.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except BrokenPipeError:
        # The reader has gone; what Python would flush at the end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        text = f"internal error: {type(error).__name__}: {error}".splitlines()[0]
        return _failed(f"{text} (run with --debug to see where)", settings)
    return status if isinstance(status, int) else 0


def _failed(text: str, settings: Settings) -> int:
    if settings.debug:
        import traceback

        traceback.print_exc()
    else:
        click.echo(f"{click.style('error', fg='red', bold=True)}: {text}", err=True)
    return BAD_INPUT


def _never_fail_to_encode(stream: IO[Any]) -> None:
    """Let a terminal that lacks a letter show its escape, instead of ending the program."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
