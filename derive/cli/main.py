"""The program ``derive``: finds the commands, runs one, and turns errors into one message.

A command is a module beside this one with a click command named ``command``; the module's name
is the verb. Its function may return an exit status. Modules whose names begin with an
underscore help the others. So that ``derive --help`` is quick, a command's module imports what
it works with inside its function.

Exit status: 0 fine, 1 a check failed, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import difflib
import gc
import importlib
import os
import pkgutil
import sys
from dataclasses import dataclass
from typing import IO, Any

import click

import derive
import derive.cli
from derive.errors import BAD_INPUT, DeriveError

__all__ = ["entry", "program"]

#: Exit statuses that a shell gives to what a signal ended.
INTERRUPTED, PIPE_CLOSED = 130, 141
#: After how many new objects Python looks for garbage. Of what SymPy makes most stays to the end,
#: and looking through it every few hundred objects takes a twentieth of the time.
_NEW_OBJECTS = 50_000


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known:
            close = difflib.get_close_matches(args[0], known, n=2)
            choice = (
                f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}"
            )
            raise click.UsageError(f"there is no command {args[0]!r}; {choice}", ctx)
        return super().resolve_command(ctx, args)

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
    arguments = sys.argv[1:] if arguments is None else arguments
    gc.set_threshold(_NEW_OBJECTS)
    settings = Settings()
    for stream in (sys.stdout, sys.stderr):
        _never_fail_to_encode(stream)
    try:
        if sys.stdout is None:
            raise DeriveError("standard output is closed")
        status = program.main(
            arguments or ["--help"], "derive", standalone_mode=False, obj=settings
        )
        sys.stdout.flush()
    except DeriveError as error:
        return _failed(str(error), settings)
    except click.ClickException as error:
        return _failed(_usage(error), settings)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit) as error:
        # click turns a closed pipe into an exit of its own.
        if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
            raise
        _drop_output()
        return PIPE_CLOSED
    except OSError as error:
        _drop_output()
        where = f"{error.filename}: " if error.filename else ""
        return _failed(f"{where}{error.strerror or error}", settings)
    except Exception as error:
        text = f"internal error: {type(error).__name__}: {error}".splitlines()[0]
        return _failed(f"{text} (run with --debug to see where)", settings)
    return status if isinstance(status, int) else 0


def _drop_output() -> None:
    """Let what cannot be written go nowhere, or Python would complain of it at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _usage(error: click.ClickException) -> str:
    """Return what is wrong with the arguments, and where to read what they may be."""
    context = getattr(error, "ctx", None)
    hint = f"\n  hint: {context.command_path} --help" if context is not None else ""
    return error.format_message() + hint


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
