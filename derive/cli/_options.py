"""Options that several commands have, options that may not be together, and sizes in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derive.errors import DeriveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["given", "read_sizes", "refuse", "wrt_option"]

#: No array is longer: C counts places with a sign.
_LONGEST = 2**63 - 1


def wrt_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--wrt TENSOR``, which may be given again."""
    return click.option(
        "--wrt",
        multiple=True,
        metavar="TENSOR",
        help="Only the gradient with respect to this tensor. May be given more than once.",
    )(command)


def given(name: str) -> bool:
    """Tell whether an option of the command that runs was given, even with its default."""
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE


def refuse(what: str, names: Iterable[str], hint: str = "") -> None:
    """Refuse options that would change nothing.

    Parameters
    ----------
    what : str
        What was given that leaves nothing to them.
    names : iterable of str
        Their parameters.
    hint : str
        What to do instead.

    Raises
    ------
    DeriveError
        If one of them was given.
    """
    parameters = {each.name: each for each in click.get_current_context().command.params}
    found = [max(parameters[name].opts, key=len) for name in names if given(name)]
    if found:
        raise DeriveError(f"{what} takes no {' and no '.join(found)}", hint=hint)


def read_sizes(option: str, text: str) -> dict[str, int]:
    """Read ``M=16,N=256``.

    Raises
    ------
    DeriveError
        If that is not what stands there, or a size is too large for any array.
    """
    found: dict[str, int] = {}
    for part in filter(None, text.replace(" ", "").split(",")):
        name, _equal, number = part.partition("=")
        if not name.isidentifier() or not number.isdecimal() or not number.strip("0"):
            raise DeriveError(f"{option}: expected sizes as in M=16,N=256, got {part!r}")
        # Python reads no number of thousands of digits.
        if len(number) > len(str(_LONGEST)) or int(number) > _LONGEST:
            raise DeriveError(f"{option}: no array is as long as {part!r} says")
        if found.setdefault(name, int(number)) != int(number):
            raise DeriveError(f"{option}: two values for {name}")
    return found
