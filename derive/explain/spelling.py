"""The parts of a name: ``y_hat`` is y with a hat, ``theta`` a Greek letter, ``W1`` W no. 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["GREEK", "Spelling", "spelled"]

_WORDS = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu
nu xi omicron pi rho sigma tau upsilon phi chi psi omega"""
_FORMS = "varepsilon vartheta varkappa varpi varrho varsigma varphi ell"

#: Greek letters, and others that have a sign, by their names: each has a sign of its own.
GREEK = dict(zip(_WORDS.split(), "αβγδϵζηθικλμνξοπρστυϕχψω", strict=True))
GREEK |= {name.capitalize(): letter.upper() for name, letter in GREEK.items()}
GREEK |= dict(zip(_FORMS.split(), "εϑϰϖϱςφℓ", strict=True))

#: Accents by the ending that stands for them, as combining characters.
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307"}
_NAME = re.compile(r"(?P<stem>.*?)_?(?P<number>[0-9]*)(?P<rest>(_[A-Za-z0-9]+)*)\Z")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name in parts.

    Parameters
    ----------
    stem : str
        A letter (Greek ones as such), or a word.
    accent : str
        A combining character, or nothing.
    number : str
        The digits after the stem.
    word : str
        What else stands below: ``new`` in ``h_new``.
    """

    stem: str
    accent: str = ""
    number: str = ""
    word: str = ""


def spelled(name: str) -> Spelling:
    """Return the parts of a name.

    >>> spelled("theta2")
    Spelling(stem='θ', accent='', number='2', word='')
    >>> spelled("h_new").word
    'new'
    """
    found = _NAME.match(name)
    if found is None or not found["stem"] or not found["stem"][0].isalpha():
        return Spelling(name)
    words = [word for word in found["rest"].split("_") if word]
    accent = _ACCENTS.get(words[0], "") if words else ""
    return Spelling(
        GREEK.get(found["stem"], found["stem"]),
        accent,
        found["number"],
        "_".join(words[1:] if accent else words),
    )
