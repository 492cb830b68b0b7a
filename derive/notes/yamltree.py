"""YAML as a tree of values with places: no tags, no anchors, bounded, and never executed.

PyYAML's composer is used on events that were looked through before, so that a nest of ten
thousand brackets or an alias bomb never reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from derive.errors import DeriveError, Span
from derive.notes.source import Excerpt

#: A note's header may be this long, and nest this deep.
HEADER_LIMIT = 1 << 16
DEPTH_LIMIT = 12


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, with its place; ``plain`` says that it stood without quotes."""

    text: str
    start: int
    end: int
    plain: bool
    origin: Excerpt = field(compare=False, repr=False)

    @property
    def span(self) -> Span:
        """Return its place."""
        return self.origin.span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of values."""

    items: tuple[Value, ...]
    start: int
    end: int
    origin: Excerpt = field(compare=False, repr=False)

    @property
    def span(self) -> Span:
        """Return its place."""
        return self.origin.span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values, in the order written; no key stands twice."""

    entries: tuple[tuple[Scalar, Value], ...]
    start: int
    end: int
    origin: Excerpt = field(compare=False, repr=False)

    @property
    def span(self) -> Span:
        """Return its place."""
        return self.origin.span(self.start, self.end)


Value = Scalar | Listing | Mapping


def load(origin: Excerpt) -> Value | None:
    """Read YAML; None where there is nothing.

    Raises
    ------
    DeriveError
        For text that is no YAML, and for tags, anchors and aliases.
    """
    if len(origin.text) > HEADER_LIMIT:
        raise origin.error(f"the header is longer than {HEADER_LIMIT} characters", 0, 1)
    try:
        _check_events(origin)
        node = yaml.compose(origin.text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        raise _syntax(problem, origin) from None
    except yaml.reader.ReaderError as problem:
        raise origin.error(
            f"the character U+{ord(str(problem.character)[:1] or chr(0)):04X} cannot stand here"
            if isinstance(problem.character, str)
            else f"the character U+{int(problem.character):04X} cannot stand here",
            problem.position,
            problem.position + 1,
        ) from None
    return None if node is None else _value(node, origin)


def _check_events(origin: Excerpt) -> None:
    """Refuse what a header never needs, before anything is built from it."""
    depth = 0
    documents = 0
    for event in yaml.parse(origin.text, Loader=yaml.SafeLoader):
        start = event.start_mark.index if event.start_mark is not None else 0
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise origin.error("a header is one YAML document", start, start + 3)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise origin.error(
                "anchors and aliases (& and *) are not used in notes", start, start + 1
            )
        tag = getattr(event, "tag", None)
        implicit = getattr(event, "implicit", True)
        if tag is not None and implicit in (False, (False, False)):
            raise origin.error("tags (!) are not used in notes", start, start + 1)
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                raise origin.error("the header is nested too deeply", start, start + 1)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1


def _syntax(problem: yaml.MarkedYAMLError, origin: Excerpt) -> DeriveError:
    """Turn PyYAML's complaint into one of ours."""
    mark = problem.problem_mark or problem.context_mark
    index = min(mark.index if mark is not None else 0, max(0, len(origin.text) - 1))
    text = problem.problem or "this is no YAML"
    hint = ""
    if "escape character" in text:
        hint = r"LaTeX goes in single quotes: '\hat y'"
    elif "mapping values" in text or "expected <block end>" in text or "expected ','" in text:
        hint = "put LaTeX with : { [ # or ' in it in single quotes"
    return origin.error(f"the header is not valid YAML: {text}", index, index + 1, hint)


def _value(node: yaml.Node, origin: Excerpt) -> Value:
    """Return a composed node as one of our values."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode):
        return Scalar(str(node.value), start, end, node.style is None, origin)
    if isinstance(node, yaml.SequenceNode):
        items = tuple(_value(item, origin) for item in node.value)
        return Listing(items, start, end, origin)
    entries: list[tuple[Scalar, Value]] = []
    seen: dict[str, Scalar] = {}
    for key, value in node.value:
        name = _value(key, origin)
        if not isinstance(name, Scalar):
            raise DeriveError("a key must be one word or one quoted text", name.span)
        if name.text in seen:
            raise DeriveError(f"{name.text} is given a second time", name.span)
        seen[name.text] = name
        entries.append((name, _value(value, origin)))
    return Mapping(tuple(entries), start, end, origin)


def text_of(scalar: Scalar) -> Excerpt:
    """Return a scalar's text with the place of each character.

    YAML quotes, folds and strips: the text is found again in its source from left to right,
    blanks standing for any blanks and line ends.
    """
    raw = scalar.origin.text
    pieces: list[tuple[int, int]] = []
    place = scalar.start
    for index, character in enumerate(scalar.text):
        while place < scalar.end and not _same(raw, place, character):
            place += 1
        if not pieces or place - pieces[-1][1] != index - pieces[-1][0]:
            pieces.append((index, place))
        place += 2 if character == "'" and raw[place : place + 2] == "''" else 1
    mapped = tuple((own, scalar.origin.offset(other)) for own, other in pieces)
    spread: list[tuple[int, int]] = []
    for (own, other), (_, inner) in zip(mapped, pieces, strict=True):
        spread.append((own, other))
        stop = next((entry for entry in pieces if entry[0] > own), (len(scalar.text), 0))[0]
        for line_start, line_other in scalar.origin.pieces:
            if inner < line_start < inner + stop - own:
                spread.append((own + line_start - inner, line_other))
    return Excerpt(scalar.text, scalar.origin.source, tuple(sorted(spread)) or ((0, scalar.start),))


def _same(raw: str, place: int, character: str) -> bool:
    """Tell whether a character of the source can be this one of the value."""
    return raw[place] == character or (character in " \n" and raw[place] in " \t\r\n")
