r"""A note's header: sizes, symbols, definitions and facts, checked for form and not for meaning."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from derive.errors import DeriveError, Span
from derive.notes.parse import canonical
from derive.notes.source import Excerpt, Formula
from derive.notes.yamltree import Listing, Mapping, Scalar, Value, load, text_of

if TYPE_CHECKING:
    from derive.notes.commands import Commands

ROLES = ("input", "param", "label", "constant", "index", "loss", "function")
LAYOUTS = ("gradient", "numerator", "denominator", "any")
CONVENTIONS = ("column", "row")

_KEYS = (
    "derive", "dims", "symbols", "define", "assume", "layout", "convention", "index_base",
    "rename", "layer", "title",
)  # fmt: skip
_SYMBOL_KEYS = ("shape", "role", "of", "doc")
_SIZE = re.compile(
    r"\s*(?:\d+\s*\*?\s*)?[A-Za-z\\{][\w\\{}^']*(?:\s*[-+*/]\s*[\w\\{}^']+)*\s*\Z|\s*\d+"
    r"(?:\s*[-+*/]\s*[\w\\{}^']+)*\s*\Z"
)


@dataclass(frozen=True, slots=True)
class Dim:
    """A size letter: what it counts, or the number that it is."""

    name: str
    doc: str
    size: int | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Declaration:
    r"""A symbol: how it is spelled, its shape, its role.

    Parameters
    ----------
    name : str
        The canonical spelling, as :class:`~derive.notes.tree.Name` nodes have it.
    spelling : str
        As the author wrote it.
    shape : tuple of str or None
        One text for each axis (``N``, ``3``, ``n-k+1``); None where none is given.
    role : str or None
        One of ``ROLES``.
    of : tuple of str
        Canonical names that an unspecified loss depends on, or outputs.
    doc : str
        What it is, in words.
    span : Span
        The place of the key.
    """

    name: str
    spelling: str
    shape: tuple[str, ...] | None
    role: str | None
    of: tuple[str, ...]
    doc: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Header:
    """What a note declares; the formulas in it are not read yet."""

    version: int
    dims: tuple[Dim, ...]
    symbols: tuple[Declaration, ...]
    define: tuple[Formula, ...]
    assume: tuple[Formula, ...]
    layout: str
    convention: str
    index_base: int
    rename: tuple[tuple[str, str], ...]
    layer: str | None
    title: str
    spans: tuple[tuple[str, Span], ...] = field(compare=False, repr=False)

    def span(self, key: str) -> Span | None:
        """Return the place of a key of the header, None where it is not given."""
        return dict(self.spans).get(key)

    def names(self) -> tuple[str, ...]:
        """Return every declared spelling: what :func:`derive.notes.parse.parse` wants."""
        return tuple(symbol.name for symbol in self.symbols) + tuple(
            spelling for spelling, _ in self.rename
        )


def read_header(origin: Excerpt, commands: Commands) -> Header:
    """Read a header, with the commands that the note defines.

    Raises
    ------
    DeriveError
        At the first thing that is wrong with it.
    """
    value = load(origin)
    if value is None:
        raise origin.error("the header is empty: it must say derive: 1", 0, 1)
    if not isinstance(value, Mapping):
        raise DeriveError("the header must be made of lines key: value", value.span)
    given: dict[str, tuple[Scalar, Value]] = {}
    for key, entry in value.entries:
        if key.text not in _KEYS:
            raise DeriveError(f"unknown key {key.text}", key.span, _near(key.text, _KEYS))
        names = key.text in ("symbols", "rename")
        given[key.text] = (key, _spelled_out(entry, commands) if names else entry)
    version = _version(given, value)
    layer = _optional_text(given, "layer")
    for other in ("symbols", "define"):
        if layer is not None and other in given:
            raise DeriveError(
                f"layer: {layer} already says the symbols and definitions", given[other][0].span
            )
    return Header(
        version,
        tuple(_dim(key, entry) for key, entry in _entries(given, "dims")),
        _symbols(given),
        _formulas(given, "define", commands),
        _formulas(given, "assume", commands),
        _choice(given, "layout", LAYOUTS, "gradient"),
        _choice(given, "convention", CONVENTIONS, "column"),
        _index_base(given),
        tuple(_renaming(key, entry) for key, entry in _entries(given, "rename")),
        layer,
        _optional_text(given, "title") or "",
        tuple((name, key.span) for name, (key, _) in given.items()),
    )


def _near(word: str, known: tuple[str, ...]) -> str:
    """Suggest a known word, or list all."""
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean {close[0]}?" if close else "known are " + ", ".join(known)


def _scalar(value: Value, what: str) -> Scalar:
    """Return a value that must be one text."""
    if isinstance(value, Scalar):
        return value
    kind = "a list" if isinstance(value, Listing) else "a mapping"
    raise DeriveError(
        f"{what} must be one text, not {kind}", value.span, "LaTeX goes in single quotes"
    )


def _version(given: dict[str, tuple[Scalar, Value]], whole: Mapping) -> int:
    """Return the version of the note format, which must be 1."""
    if "derive" not in given:
        raise DeriveError("the header does not say derive: 1", whole.span)
    entry = given["derive"][1]
    if _scalar(entry, "derive").text != "1":
        raise DeriveError("only version 1 of the note format is known", entry.span, "derive: 1")
    return 1


def _entries(given: dict[str, tuple[Scalar, Value]], key: str) -> tuple[tuple[Scalar, Value], ...]:
    """Return the entries of a key that must be a mapping."""
    if key not in given:
        return ()
    value = given[key][1]
    if isinstance(value, Scalar) and not value.text and value.plain:
        return ()
    if not isinstance(value, Mapping):
        raise DeriveError(f"{key} must be a mapping: name: value", value.span)
    return value.entries


def _optional_text(given: dict[str, tuple[Scalar, Value]], key: str) -> str | None:
    """Return a text, None where it is not given."""
    if key not in given:
        return None
    scalar = _scalar(given[key][1], key)
    if not scalar.text:
        raise DeriveError(f"{key} is empty", given[key][0].span)
    return scalar.text


def _choice(
    given: dict[str, tuple[Scalar, Value]], key: str, known: tuple[str, ...], default: str
) -> str:
    """Return one of several words."""
    if key not in given:
        return default
    scalar = _scalar(given[key][1], key)
    if scalar.text not in known:
        raise DeriveError(f"unknown {key} {scalar.text}", scalar.span, _near(scalar.text, known))
    return scalar.text


def _index_base(given: dict[str, tuple[Scalar, Value]]) -> int:
    """Return what the first index of an axis is, 0 or 1."""
    if "index_base" not in given:
        return 1
    scalar = _scalar(given["index_base"][1], "index_base")
    if scalar.text not in ("0", "1"):
        raise DeriveError(f"index_base is 0 or 1, not {scalar.text}", scalar.span)
    return int(scalar.text)


def _dim(key: Scalar, value: Value) -> Dim:
    """Return a size letter."""
    scalar = _scalar(value, f"the size {key.text}")
    _spelled(key)
    if scalar.plain and re.fullmatch(r"[+-]?[\d_]+(\.\d*)?", scalar.text):
        if not re.fullmatch(r"0*[1-9]\d{0,8}", scalar.text):
            raise DeriveError(f"a size is a positive whole number, not {scalar.text}", scalar.span)
        return Dim(canonical(key.text), "", int(scalar.text), key.span)
    return Dim(canonical(key.text), scalar.text, None, key.span)


def _spelled_out(value: Value, commands: Commands) -> Value:
    """Return declarations with the note's commands written out in the names."""
    if isinstance(value, Scalar):
        return replace(value, text=commands.spelled(value.text))
    if isinstance(value, Listing):
        return replace(value, items=tuple(_spelled_out(item, commands) for item in value.items))
    return replace(
        value,
        entries=tuple(
            (replace(key, text=commands.spelled(key.text)), _spelled_out(entry, commands))
            for key, entry in value.entries
        ),
    )


def _spelled(key: Scalar) -> str:
    """Return a name's canonical spelling, or complain at its place."""
    if not key.text.strip():
        raise DeriveError("a name is empty", key.span)
    try:
        return canonical(key.text)
    except DeriveError as problem:
        raise DeriveError(problem.message, key.span, problem.hint) from None


def _symbols(given: dict[str, tuple[Scalar, Value]]) -> tuple[Declaration, ...]:
    """Return the declarations; two spellings of one name are a mistake."""
    found: dict[str, Declaration] = {}
    for key, value in _entries(given, "symbols"):
        declaration = _declaration(key, value)
        if declaration.name in found:
            first = found[declaration.name]
            raise DeriveError(
                f"{key.text} is the same name as {first.spelling} in line {first.span.line}",
                key.span,
            )
        found[declaration.name] = declaration
    return tuple(found.values())


def _declaration(key: Scalar, value: Value) -> Declaration:
    """Return one symbol."""
    if not isinstance(value, Mapping):
        raise DeriveError(f"{key.text} must say its shape: {{shape: [N], role: input}}", value.span)
    name = _spelled(key)
    shape: tuple[str, ...] | None = None
    role: str | None = None
    of: tuple[str, ...] = ()
    doc = ""
    for field_, entry in value.entries:
        if field_.text == "shape":
            shape = _shape(entry)
        elif field_.text == "role":
            scalar = _scalar(entry, "role")
            role = scalar.text
            if role not in ROLES:
                raise DeriveError(f"unknown role {role}", scalar.span, _near(role, ROLES))
        elif field_.text == "of":
            listed = entry.items if isinstance(entry, Listing) else (entry,)
            of = tuple(_spelled(_scalar(item, "of")) for item in listed)
        elif field_.text == "doc":
            doc = _scalar(entry, "doc").text
        else:
            hint = _near(field_.text, _SYMBOL_KEYS)
            raise DeriveError(f"unknown key {field_.text} of {key.text}", field_.span, hint)
    if shape is None and role != "function":
        raise DeriveError(f"{key.text} has no shape", key.span, "shape: [] is a scalar")
    return Declaration(name, key.text, shape, role, of, doc, key.span)


def _shape(value: Value) -> tuple[str, ...]:
    """Return a shape, a text for each axis."""
    if not isinstance(value, Listing):
        raise DeriveError("a shape is a list: [N, M], or [] for a scalar", value.span)
    axes = []
    for item in value.items:
        scalar = _scalar(item, "a size")
        if not _SIZE.match(scalar.text):
            raise DeriveError(
                f"{scalar.text} is no size", scalar.span, "a size letter, a number, or n-k+1, 2*d"
            )
        axes.append(scalar.text.strip())
    return tuple(axes)


def _formulas(
    given: dict[str, tuple[Scalar, Value]], key: str, commands: Commands
) -> tuple[Formula, ...]:
    """Return the formulas of a list."""
    if key not in given:
        return ()
    value = given[key][1]
    listed = value.items if isinstance(value, Listing) else (value,)
    found = []
    for item in listed:
        scalar = _scalar(item, f"a formula in {key}")
        if not scalar.text.strip():
            raise DeriveError(f"a formula in {key} is empty", scalar.span)
        origin = commands.written(text_of(scalar))
        found.append(Formula(origin.text, origin))
    return tuple(found)


def _renaming(key: Scalar, value: Value) -> tuple[str, str]:
    """Return a spelling of the formulas and the declared name that it stands for."""
    return _spelled(key), _spelled(_scalar(value, "rename"))
