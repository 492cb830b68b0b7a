"""The words of an explanation, in the reader's language.

What is to be said is a :class:`Phrase`: a key, and the formulas and names that stand in the
sentence. The English sentences are in :mod:`derive.explain.english`; the other languages are
gettext catalogues beside it (``locales/es.po``), read as they are: nothing has to be compiled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.explain.english import ENGLISH
from derive.explain.page import Code, Quoted
from derive.explain.text import written
from derive.explain.tree import Equation, Formula

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.explain.page import Prose, Run

__all__ = [
    "LANGUAGES",
    "Field",
    "Phrase",
    "check_language",
    "direction",
    "in_line",
    "phrase",
    "said",
    "say",
    "sentence",
]

#: The languages by their codes, each with its own name.
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "es": "español",
    "pl": "polski",
    "ru": "русский",
    "he": "עברית",
}
_RIGHT_TO_LEFT = {"he"}
#: What may stand in a sentence: text that is the same in every language, a number, a formula,
#: or several formulas with commas between them.
Field = str | Code | Formula | Equation | tuple[Formula | Equation, ...]

_FIELD = re.compile(r"\{(\w+)\}")
#: Marks that keep a formula in one piece, from left to right, in text that runs the other way.
_ISOLATE, _END = "\u2066", "\u2069"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to say, in no language yet.

    Parameters
    ----------
    key : str
        Its place in the catalogues: ``operator.outer``.
    fields : tuple of (name, field)
        What stands in the sentence, sorted by name; never words.
    """

    key: str
    fields: tuple[tuple[str, Field], ...] = ()


def phrase(key: str, **fields: Field) -> Phrase:
    """Return a phrase.

    >>> phrase("heading.results")
    Phrase(key='heading.results', fields=())
    """
    return Phrase(key, tuple(sorted(fields.items(), key=lambda pair: pair[0])))


def say(what: Phrase, language: str = "en") -> Prose:
    """Return a phrase in words, formulas among them.

    Raises
    ------
    KeyError
        If the catalogue has no such phrase, or the phrase lacks a field of the sentence.
    DeriveError
        If there is no such language.
    """
    sentence = _sentences(language)[what.key]
    fields = dict(what.fields)
    runs: list[Run] = []
    for place, part in enumerate(_FIELD.split(sentence)):
        found: Field = fields[part] if place % 2 else part
        for number, run in enumerate(found if isinstance(found, tuple) else (found,)):
            runs += [", "] if number else []
            runs += [run] if not isinstance(run, str) or run else []
    return tuple(_joined(runs))


def sentence(
    clauses: Sequence[Phrase], language: str = "en", result: Formula | None = None
) -> Prose:
    """Return clauses as one sentence: semicolons between them, and at last what they come to."""
    runs: list[Run] = []
    for clause in clauses:
        runs += ["; "] if runs else []
        runs += say(clause, language)
    if runs and isinstance(runs[0], str):
        runs[0] = runs[0][:1].upper() + runs[0][1:]
    if result is not None:
        runs += [": ", result]
    return tuple(_joined([*runs, "."]))


def said(what: Phrase, language: str = "en") -> str:
    """Return a phrase as one line of Unicode text.

    >>> said(phrase("heading.results"))
    'Results'
    """
    return in_line(say(what, language), language)


def in_line(prose: Prose, language: str = "en") -> str:
    """Return prose as one line of Unicode text."""
    start, end = (_ISOLATE, _END) if direction(language) == "rtl" else ("", "")
    result = ""
    for run in prose:
        if isinstance(run, str):
            result += run
        elif isinstance(run, Quoted):
            result += f"{start}{run.line}{end}"
        else:
            result += f"{start}{run.text if isinstance(run, Code) else written(run)}{end}"
    return result


def direction(language: str) -> str:
    """Return which way a language is written: ``ltr`` or ``rtl``."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def check_language(language: str) -> None:
    """Refuse a language that there is no catalogue for.

    Raises
    ------
    DeriveError
        Naming the languages that there are.
    """
    if language not in LANGUAGES:
        known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise DeriveError(
            f"no explanations in the language {language!r}", hint=f"there are {known}"
        )


def _joined(runs: list[Run]) -> list[Run]:
    """Put neighbouring texts together."""
    result: list[Run] = []
    for run in runs:
        if isinstance(run, str) and result and isinstance(result[-1], str):
            result[-1] += run
        else:
            result.append(run)
    return result


@cache
def _sentences(language: str) -> Mapping[str, str]:
    """Return the sentences of a language by their keys."""
    check_language(language)
    if language == "en":
        return ENGLISH
    # Babel reads a catalogue as translators keep it; those who read English need not wait for it.
    from babel.messages.pofile import read_po

    path = Path(__file__).parent / "locales" / f"{language}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {
        str(message.context): str(message.string)
        for message in catalogue
        # A sentence that was translated from another English one no longer counts.
        if message.id and message.id == ENGLISH.get(str(message.context)) and not message.fuzzy
    }
