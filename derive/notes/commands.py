r"""The commands that a note defines for itself, ``\newcommand`` and its relatives, written out.

A formula is read with its commands written out; every character of it keeps its place in the file:
those of an argument stand where they were given, those of a definition where the command was used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from derive.errors import DeriveError
from derive.notes.source import FORMULA_LIMIT, Call, Excerpt, Source
from derive.notes.symbols import lookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["DEFINITION", "Command", "Commands", "defined", "expanded"]

#: How a definition begins.
DEFINITION = (
    r"\\(?:(?:renew|new|provide)command\*?|DeclareRobustCommand\*?|DeclareMathOperator\*?"
    r"|DeclarePairedDelimiter|(?:New|Renew|Provide|Declare)DocumentCommand|def|let)(?![A-Za-z])"
)
_BEGINS = re.compile(DEFINITION)
_NAME = re.compile(r"\s*\{?\s*(\\(?:[A-Za-z]+|[^A-Za-z\s]))\s*\}?\s*")
_COUNT = re.compile(r"\[\s*(\d)\s*\]\s*")
_PLACES = re.compile(r"(?:\s*#\d)*\s*")
_OTHER = re.compile(r"=?\s*(\\[A-Za-z]+|\S)")
_COMMENT = re.compile(r"(?<!\\)%[^\r\n]*\r?\n?[ \t]*")
_USE = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_HOLE = re.compile(r"#(\d)")
_GIVEN = re.compile(r"\s*\[([^\]]*)\]")
_SIZE = re.compile(r"\s*(?:\*|\[[^\]]*\])?")
_ENDS_IN_NAME = re.compile(r"\\[A-Za-z]+\Z")
#: Commands may use one another this deep.
_DEPTH = 30


@dataclass(frozen=True, slots=True)
class Command:
    """What a command of the note's own stands for.

    Parameters
    ----------
    name : str
        With its backslash.
    parameters : int
        How many arguments it takes.
    body : str
        What it stands for; ``#1`` is the first argument.
    default : str, optional
        The first argument where it is not given in brackets.
    sized : bool
        Whether a star or a size in brackets may follow: they say how large delimiters are.
    """

    name: str
    parameters: int
    body: str
    default: str | None = None
    sized: bool = False


class Commands:
    """The commands that a note defines for itself, as far as it has been read.

    Parameters
    ----------
    header : str
        The note's header: what is known without a definition, and stands there, keeps its meaning.
    """

    def __init__(self, header: str) -> None:
        self.kept = frozenset(name for name in re.findall(r"\\[A-Za-z]+", header) if lookup(name))
        self.known: dict[str, Command] = {}

    def define(self, text: str, start: int, stop: int) -> int:
        """Take the definition that begins at ``start``; return where it ends."""
        command, end = defined(text, start, stop)
        if command is not None and command.name not in self.kept:
            self.known[command.name] = command
        return end

    def written(self, origin: Excerpt) -> Excerpt:
        """Return a formula's text with its definitions taken out and its commands written out."""
        place = 0
        while found := _BEGINS.search(origin.text, place):
            place = found.start()
            origin = _taken_out(origin, place, self.define(origin.text, place, len(origin.text)))
        return expanded(origin, self.known)

    def spelled(self, text: str) -> str:
        """Return a name with the commands written out."""
        return self.written(Excerpt(text, Source("", text))).text


class _Letter(NamedTuple):
    """A character, its offset in the file, and whether it stands there and nowhere else."""

    text: str
    place: int
    free: bool


def defined(text: str, start: int, stop: int) -> tuple[Command | None, int]:
    r"""Read the definition that begins at ``start``.

    Returns
    -------
    Command or None
        None where it is of a kind that is not written out, or of a function that is known.
    int
        Where it ends.

    Examples
    --------
    >>> defined(r"\newcommand{\half}[1]{\frac{#1}{2}}", 0, 99)[0].body
    '\\frac{#1}{2}'
    """
    begins = _BEGINS.match(text, start, stop)
    assert begins is not None
    kind, place = begins.group().rstrip("*"), begins.end()
    named = _NAME.match(text, place, stop)
    if named is None:
        return None, place
    name, place = named.group(1), named.end()
    if kind == r"\let":
        other = _OTHER.match(text, place, stop)
        return (Command(name, 0, other.group(1)), other.end()) if other else (None, place)
    if kind == r"\DeclarePairedDelimiter":
        left, place = _group(text, place, stop)
        right, place = _group(text, place, stop)
        body = None if left is None or right is None else rf"\left{left} #1 \right{right}"
        return (Command(name, 1, body, sized=True) if body else None), place
    count, default, place = _parameters(kind, text, place, stop)
    body, place = _group(text, place, stop)
    if body is None or count is None or (not count and _is_function(name)):
        return None, place
    body = _COMMENT.sub("", body).replace(r"\xspace", "")
    if kind == r"\DeclareMathOperator" and "{" not in body:
        star = "*" if begins.group().endswith("*") else ""
        body = rf"\operatorname{star}{{{body}}}"
    return Command(name, count, body, default), place


def _parameters(kind: str, text: str, place: int, stop: int) -> tuple[int | None, str | None, int]:
    """Return how many arguments there are, what the first usually is, and where they end."""
    if kind.endswith("DocumentCommand"):
        given, place = _group(text, place, stop)
        count = None if given is None or set(given) - set("m ") else given.count("m")
        return count, None, place
    if kind == r"\def":
        places = _PLACES.match(text, place, stop)
        assert places is not None
        return places.group().count("#"), None, places.end()
    counted = _COUNT.match(text, place, stop)
    if counted is None:
        return 0, None, place
    usual = _GIVEN.match(text, counted.end(), stop)
    end = counted.end() if usual is None else usual.end()
    return int(counted.group(1)), (usual.group(1) if usual else None), end


def _is_function(name: str) -> bool:
    """Tell whether a command is known as a function or an operator without a definition."""
    return (lookup(name) or ("",))[0] in ("FUNC", "BIG")


def _group(text: str, place: int, stop: int) -> tuple[str | None, int]:
    """Return what stands in braces, and where they end; None where there are none."""
    while place < stop and text[place].isspace():
        place += 1
    end = _closing(text, place, stop)
    return (None, place) if end is None else (text[place + 1 : end], end + 1)


def _closing(text: str, place: int, stop: int) -> int | None:
    """Return where the brace that opens at a place closes."""
    if text[place : place + 1] != "{":
        return None
    depth = 0
    while place < stop:
        if text[place] == "\\":
            place += 1
        elif text[place] in "{}":
            depth += 1 if text[place] == "{" else -1
            if not depth:
                return place
        place += 1
    return None


def _taken_out(origin: Excerpt, start: int, end: int) -> Excerpt:
    """Return a text without a stretch of it, still with its places."""
    left, right = origin.cut(0, start), origin.cut(end, len(origin.text))
    moved = tuple((own + start, other) for own, other in right.pieces)
    return Excerpt(left.text + right.text, origin.source, (*left.pieces, *moved))


def expanded(origin: Excerpt, commands: Mapping[str, Command]) -> Excerpt:
    """Return a formula's text with the note's commands written out.

    Raises
    ------
    DeriveError
        Where a command lacks an argument, or commands use one another without end.
    """
    if not any(use.group() in commands for use in _USE.finditer(origin.text)):
        return origin
    writer = _Writer(origin, commands)
    out = writer.written([_Letter(s, origin.offset(k), True) for k, s in enumerate(origin.text)], 0)
    text = "".join(letter.text for letter in out)
    # A place for every letter: those of a definition do not run on together.
    pieces = tuple((k, letter.place) for k, letter in enumerate(out))
    return Excerpt(text, origin.source, pieces or ((0, origin.offset(0)),), tuple(writer.calls))


def _free(out: Sequence[_Letter], begin: int) -> tuple[tuple[int, int], ...]:
    """Return the stretches from a place on that stand in the file as they are."""
    found: list[tuple[int, int]] = []
    for k in range(begin, len(out)):
        letter = out[k]
        if not letter.free:
            continue
        if found and found[-1][1] == k and out[k - 1].place + 1 == letter.place:
            found[-1] = (found[-1][0], k + 1)
        else:
            found.append((k, k + 1))
    return tuple(found)


class _Writer:
    """Writes the commands of one formula out."""

    def __init__(self, origin: Excerpt, commands: Mapping[str, Command]) -> None:
        self.origin = origin
        self.commands = commands
        #: Where commands stood in the formula itself.
        self.calls: list[Call] = []
        self.length = 0

    def written(self, letters: Sequence[_Letter], depth: int) -> list[_Letter]:
        """Return letters with the commands among them written out; depth 0 is the formula's own."""
        text = "".join(letter.text for letter in letters)
        out: list[_Letter] = []
        place = 0
        for use in _USE.finditer(text):
            command = self.commands.get(use.group())
            if command is None or use.start() < place:
                continue
            _join(out, letters[place : use.start()])
            first = letters[use.start()].place
            arguments, place = self.arguments(letters, text, use.end(), command, first)
            made = _filled(command, arguments, first, letters[place - 1].place)
            self.length += len(made)
            if depth == _DEPTH or self.length > FORMULA_LIMIT:
                what = f"is too long: more than {FORMULA_LIMIT} characters, or without end"
                raise self.complaint(f"what {command.name} stands for {what}", first)
            begin = len(out)
            _join(out, self.written(made, depth + 1))
            if not depth:
                last = letters[place - 1].place + 1
                self.calls.append(Call(begin, len(out), first, last, _free(out, begin)))
        _join(out, letters[place:])
        return out

    def arguments(
        self, letters: Sequence[_Letter], text: str, place: int, command: Command, first: int
    ) -> tuple[list[list[_Letter]], int]:
        """Return what a use of a command gives it, and where that ends."""
        found: list[list[_Letter]] = []
        if command.sized:
            size = _SIZE.match(text, place)
            assert size is not None
            place = size.end()
        if command.default is not None:
            given = _GIVEN.match(text, place)
            if given is None:
                found.append([_Letter(sign, first, False) for sign in command.default])
            else:
                found.append(list(letters[given.start(1) : given.end(1)]))
                place = given.end()
        while len(found) < command.parameters:
            argument, place = _argument(letters, text, place)
            if argument is None:
                many = f"{command.parameters} argument{'s' * (command.parameters > 1)}"
                raise self.complaint(f"{command.name} takes {many}", first)
            found.append(argument)
        return found, place

    def complaint(self, message: str, place: int) -> DeriveError:
        """Return a complaint about the command that stands at a place of the file."""
        name = _USE.match(self.origin.source.text, place)
        end = name.end() if name else place + 1
        return DeriveError(message, self.origin.source.span(place, end))


def _filled(
    command: Command, arguments: Sequence[Sequence[_Letter]], first: int, last: int
) -> list[_Letter]:
    """Return what a command stands for between two places, its arguments filled in."""
    made: list[_Letter] = []
    done = 0
    for hole in _HOLE.finditer(command.body):
        _join(made, [_Letter(sign, first, False) for sign in command.body[done : hole.start()]])
        done = hole.end()
        if 0 < int(hole.group(1)) <= len(arguments):
            # What stands in two places cannot be changed in one of them.
            once = command.body.count(hole.group()) == 1
            argument = arguments[int(hole.group(1)) - 1]
            _join(made, [letter._replace(free=letter.free and once) for letter in argument])
    _join(made, [_Letter(sign, first, False) for sign in command.body[done:]])
    if made and not made[-1].free:
        made[-1] = made[-1]._replace(place=last)
    return made


def _argument(
    letters: Sequence[_Letter], text: str, place: int
) -> tuple[list[_Letter] | None, int]:
    """Return the argument that follows: a group, a command or a letter."""
    while place < len(text) and text[place].isspace():
        place += 1
    end = _closing(text, place, len(text))
    if end is not None:
        return list(letters[place + 1 : end]), end + 1
    use = _USE.match(text, place)
    if use is not None:
        return list(letters[place : use.end()]), use.end()
    if place == len(text) or text[place] in "{}":
        return None, place
    return [letters[place]], place + 1


def _join(out: list[_Letter], more: Sequence[_Letter]) -> None:
    """Add letters; a command's name stays apart from a letter that would follow it."""
    if not more:
        return
    before = "".join(letter.text for letter in out[-40:])
    if more[0].text.isascii() and more[0].text.isalpha() and _ENDS_IN_NAME.search(before):
        out.append(_Letter(" ", more[0].place, False))
    out += more
