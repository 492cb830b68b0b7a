r"""Read a note, Markdown or LaTeX: its header, and its formulas with their places."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.notes.commands import DEFINITION, Commands
from derive.notes.header import Header, read_header
from derive.notes.interjected import with_suppositions
from derive.notes.source import FILE_LIMIT, QUOTE, Excerpt, Formula, Source
from derive.notes.symbols import LINES

if TYPE_CHECKING:
    from collections.abc import Iterator

_DISPLAY_ENVIRONMENTS = "|".join(sorted(LINES - {"split", "math", "subequations"}, key=len)[::-1])
_SKIP = re.compile(r"derive:\s*skip\s*\Z")

_DISPLAYS = rf"""
    | (?P<definition>{DEFINITION})
    | (?P<dollars>\$\$)
    | (?P<bracket>\\\[)
    | (?P<paren>\\\()
    | (?P<env>\\begin[ ]*\{{(?P<name>(?:{_DISPLAY_ENVIRONMENTS})\*?)\}})
    | (?P<dollar>\$)
"""
_MARKDOWN = re.compile(
    r"""
      (?P<escape>\\[\\$`])
    | (?P<comment><!--)
    | ^(?P<quote>(?:[ \t]*>)*[ \t]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?)(?P<fence>`{3,}|~{3,})
        (?P<info>[^\r\n`]*)
    | (?P<ticks>`+)
    """
    + _DISPLAYS,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_TEX = re.compile(
    r"""
      (?P<escape>\\[\\$%])
    | %(?P<comment>[^\r\n]*)
    | (?P<verbatim>\\begin[ ]*\{(?P<literal>verbatim\*?|lstlisting|minted|comment)\})
    | (?P<verb>\\verb\*?(?P<bar>[^A-Za-z\s]))
    """
    + _DISPLAYS,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

_ENDINGS = {
    "dollars": re.compile(r"((?:\\.|[^\\])*?)\$\$", re.DOTALL),
    "bracket": re.compile(r"((?:\\[^\]]|[^\\])*?)\\\]", re.DOTALL),
    "paren": re.compile(r"((?:\\[^)]|[^\\])*?)\\\)", re.DOTALL),
}
_DOLLAR = re.compile(r"((?:\\.|[^\\$])+)\$", re.DOTALL)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_TEXLIKE = re.compile(r"[\\_^=]")


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its header (None where it has none) and its formulas in order."""

    file: str
    header: Header | None
    formulas: tuple[Formula, ...]
    source: Source


def read(data: str | bytes, file: str = "<string>", tex: bool | None = None) -> Note:
    """Read a note.

    Parameters
    ----------
    data : str or bytes
        The whole file.
    file : str
        Its name, for messages.
    tex : bool, optional
        Whether it is LaTeX rather than Markdown; by default, whether the name ends so.

    Raises
    ------
    DeriveError
        Where the file or its header cannot be read.
    """
    source = Source(file, _decoded(data, file))
    if tex is None:
        tex = file.lower().endswith((".tex", ".ltx", ".latex"))
    front, start = (_front_tex if tex else _front_markdown)(source)
    commands = Commands(front.text if front is not None else "")
    header = None
    if front is not None:
        # It may use those that are defined after it.
        every = Commands(front.text)
        _definitions(source.text, start, len(source.text), tex, every)
        header = read_header(front, every)
    found = tuple(_formulas(source, start, tex, commands))
    names = header.names() if header is not None else ()
    formulas = with_suppositions(found, source.text, names, max(start - 1, 0))
    return Note(file, header, formulas, source)


def _decoded(data: str | bytes, file: str) -> str:
    """Return the text of a file; complain about what is no text."""
    if len(data) > FILE_LIMIT:
        raise DeriveError(f"{file} is longer than {FILE_LIMIT} bytes")
    if isinstance(data, str):
        text = data
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as problem:
            before = data[: problem.start].decode("utf-8")
            source = Source(file, before + "�")
            raise DeriveError(
                f"the byte {data[problem.start]:#04x} is not UTF-8",
                source.span(len(before), len(before) + 1),
                "save the file as UTF-8",
            ) from None
    for place, character in enumerate(text):
        if character == "\0":
            raise DeriveError(
                "there is a NUL character here", Source(file, text).span(place, place + 1)
            )
        if "\ud800" <= character <= "\udfff":
            source = Source(file, text[:place])
            raise DeriveError(
                f"the character U+{ord(character):04X} is no text", source.span(place, place + 1)
            )
    return text


def _line_ends(source: Source, number: int) -> tuple[int, int]:
    """Return the offsets where a line (from 1) begins and the next one does."""
    start = source.starts[number - 1]
    end = source.starts[number] if number < len(source.starts) else len(source.text)
    return start, end


def _front_markdown(source: Source) -> tuple[Excerpt | None, int]:
    """Return a Markdown file's header and where its body begins."""
    count = len(source.starts)
    first = next((k for k in range(1, count + 1) if source.line(k).strip()), 0)
    if not first or source.line(first).rstrip() != "---":
        return None, 0
    start = _line_ends(source, first)[1]
    for number in range(first + 1, count + 1):
        if source.line(number).rstrip() in ("---", "..."):
            here, end = _line_ends(source, number)
            return Excerpt(source.text[start:here], source, ((0, start),)), end
    raise _endless(source, first)


def _front_tex(source: Source) -> tuple[Excerpt | None, int]:
    """Return a LaTeX file's header, taken out of its leading comment, and where the body begins."""
    first = 0
    text: list[str] = []
    pieces: list[tuple[int, int]] = []
    length = 0
    for number in range(1, len(source.starts) + 1):
        line = source.line(number)
        if line.strip() and not line.lstrip().startswith("%"):
            break
        rule = re.fullmatch(r"\s*%\s*---\s*", line)
        if first and rule:
            origin = Excerpt("".join(text), source, tuple(pieces) or ((0, 0),))
            return origin, _line_ends(source, number)[1]
        if rule:
            first = number
        elif first:
            start, end = _line_ends(source, number)
            mark = re.match(r"\s*% ?", line)
            start = min(end, start + (mark.end() if mark else 0))
            pieces.append((length, start))
            text.append(source.text[start:end])
            length += end - start
    if first:
        raise _endless(source, first)
    return None, 0


def _endless(source: Source, first: int) -> DeriveError:
    """Complain about a header that is not closed."""
    start, end = _line_ends(source, first)
    width = max(1, len(source.text[start:end].rstrip("\r\n")))
    return DeriveError(
        "the header that begins here never ends",
        source.span(start, start + width),
        "close with ---",
    )


def _formulas(
    source: Source, start: int, tex: bool, commands: Commands
) -> Iterator[tuple[Formula, int, int]]:
    """Yield the formulas of a body in order, with the offsets where they begin and end."""
    text = source.text
    stop = len(text)
    if tex:
        begin = re.compile(r"\\begin\s*\{document\}").search(text, start)
        if begin:
            _definitions(text, start, begin.start(), tex, commands)
            start = begin.end()
        final = re.compile(r"\\end\s*\{document\}").search(text, start)
        stop = final.start() if final else stop
    pattern = _TEX if tex else _MARKDOWN
    last_comment = text.rfind("-->", start)
    ticks = _ticks(text)
    skip = False
    place = start
    while match := pattern.search(text, place, stop):
        place = match.end()
        groups = match.groupdict()
        if groups["comment"] is not None:
            words = groups["comment"]
            if not tex:
                if last_comment < place:
                    continue
                end = text.find("-->", place)
                words, place = text[place:end], end + 3
            skip = skip or bool(_SKIP.match(words.strip()))
            continue
        if groups["escape"]:
            continue
        if groups["definition"]:
            place = commands.define(text, match.start(), stop)
            continue
        found = _formula(source, match, stop, tex)
        if found is None:
            place = _after_code(text, match, stop, ticks)
            continue
        inside, place, display = found
        inside = commands.written(inside)
        if inside.text.strip():
            yield Formula(inside.text, inside, display, skip), match.start(), place
            skip = False


def _definitions(text: str, place: int, stop: int, tex: bool, commands: Commands) -> None:
    """Read the definitions in a stretch of a text, and none in code or in LaTeX's comments."""
    pattern, ticks = _TEX if tex else _MARKDOWN, _ticks(text)
    while match := pattern.search(text, place, stop):
        if match["definition"]:
            place = commands.define(text, match.start(), stop)
        else:
            place = _after_code(text, match, stop, ticks)


def _ticks(text: str) -> dict[int, list[int]]:
    """Return where runs of backticks begin, by their length."""
    runs: dict[int, list[int]] = {}
    for match in re.finditer("`+", text):
        runs.setdefault(len(match.group()), []).append(match.start())
    return runs


def _after_code(text: str, match: re.Match[str], stop: int, ticks: dict[int, list[int]]) -> int:
    """Return where code ends that a match begins; its own end where it begins none."""
    groups = match.groupdict()
    if groups.get("fence"):
        return _fence_end(text, match, stop)
    if groups.get("ticks"):
        width = len(groups["ticks"])
        later = bisect_left(ticks[width], match.end())
        return ticks[width][later] + width if later < len(ticks[width]) else match.end()
    if groups.get("literal"):
        name = re.escape(groups["literal"])
        closing = re.compile(rf"\\end\s*\{{{name}\}}").search(text, match.end(), stop)
        return closing.end() if closing else stop
    if groups.get("bar"):
        closing = re.compile(rf"[^\r\n]*?{re.escape(groups['bar'])}").match(text, match.end(), stop)
        return closing.end() if closing else match.end()
    return match.end()


def _fence_end(text: str, match: re.Match[str], stop: int) -> int:
    """Return where a fenced block ends."""
    mark = match.group("fence")
    end = re.compile(rf"^(?:[ \t]*>)*[ \t]*{mark}{mark[0]}*[ \t]*\r?$", re.MULTILINE)
    closing = end.search(text, match.end(), stop)
    return closing.end() if closing else stop


def _formula(
    source: Source, match: re.Match[str], stop: int, tex: bool
) -> tuple[Excerpt, int, bool] | None:
    """Return the formula that a match opens, where it ends, and whether it is a display."""
    text, groups = source.text, match.groupdict()
    start = match.end()
    if groups.get("fence"):
        if groups["info"].strip().split(" ")[0].lower() not in ("math", "latex-math"):
            return None
        after = _fence_end(text, match, stop)
        last = text.rfind(groups["fence"], start, after)
        return _excerpt(source, start, last if last > start else after), after, True
    if groups["dollar"]:
        return _inline(source, match, stop, tex)
    for name, ending in _ENDINGS.items():
        if groups[name]:
            end = ending.match(text, start, stop)
            if end is None:
                raise _open_formula(source, match)
            return _excerpt(source, start, end.end(1)), end.end(), name != "paren"
    if groups["env"]:
        name = re.escape(groups["name"])
        closing = re.compile(rf"\\end\s*\{{{name}\}}").search(text, start, stop)
        if closing is None:
            raise _open_formula(source, match)
        return _excerpt(source, match.start(), closing.end()), closing.end(), True
    return None


def _inline(
    source: Source, match: re.Match[str], stop: int, tex: bool
) -> tuple[Excerpt, int, bool] | None:
    """Return the formula after a single dollar; in Markdown it may be just a dollar."""
    text, start = source.text, match.end()
    if not tex and text[start : start + 1] == "`":
        end = text.find("`$", start + 1, stop)
        return (_excerpt(source, start + 1, end), end + 2, False) if end > 0 else None
    found = _DOLLAR.match(text, start, stop)
    inside = found.group(1) if found else ""
    if found is None or _BLANK_LINE.search(inside):
        if tex:
            raise _open_formula(source, match)
        return None
    spaced = inside[:1].isspace() or inside[-1:].isspace()
    if not tex and (
        (spaced and not (inside[:1].isspace() and _TEXLIKE.search(inside)))
        or text[found.end() : found.end() + 1].isdigit()
    ):
        return None
    return _excerpt(source, start, found.end(1)), found.end(), False


def _open_formula(source: Source, match: re.Match[str]) -> DeriveError:
    """Complain about a formula that is not closed."""
    return DeriveError(
        f"the formula that {match.group()} opens here never ends",
        source.span(match.start(), match.end()),
    )


def _excerpt(source: Source, start: int, end: int) -> Excerpt:
    """Cut a formula out; a quotation's marks before its lines stay behind."""
    text = source.text
    line = source.position(start)[0]
    quote = QUOTE.match(source.line(line))
    if quote is None or "\n" not in text[start:end]:
        return Excerpt(text[start:end], source, ((0, start),))
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    length, place = 0, start
    while place < end:
        following = text.find("\n", place, end) + 1 or end
        mark = QUOTE.match(text, place, following) if place > start else None
        place = mark.end() if mark else place
        pieces.append((length, place))
        parts.append(text[place:following])
        length += following - place
        place = following
    return Excerpt("".join(parts), source, tuple(pieces))
