"""The page of a note's mistakes: each beside the derivation of what it claims."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from derive.explain.authored import authored
from derive.explain.compose import compose
from derive.explain.explained import derived, numbered
from derive.explain.names import for_gradient
from derive.explain.page import Heading, Page, Paragraph, Quoted
from derive.explain.words import direction, phrase, say
from derive.gradient.reverse import reverse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.explain.page import Block, Prose
    from derive.gradient.derivation import Derivation

__all__ = ["Compared", "Parting", "page_of_mistakes"]


class Parting(Enum):
    """Where a claim parts from a derivation, if at no step."""

    LAYOUT = "layout"  # where the result is written with vectors and matrices
    SUBJECT = "subject"  # at what is differentiated
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Compared:
    """A wrong claim beside the derivation of what it claims.

    Parameters
    ----------
    number : int
        The claim's.
    place : str
        Where it stands: ``note.md:80:39``.
    claim : Quoted
        As it stands.
    repaired : Quoted, optional
        As it is true.
    derivation : Derivation, optional
        Of what it claims.
    parts : tuple of int, or Parting
        The steps of the derivation at which they part.
    """

    number: int
    place: str
    claim: Quoted
    repaired: Quoted | None
    derivation: Derivation | None
    parts: tuple[int, ...] | Parting


def page_of_mistakes(
    title: str, mistakes: Sequence[Compared], language: str = "en", origin: int = 1
) -> Page:
    """Return the page.

    Parameters
    ----------
    title : str
        The note's name.
    mistakes : sequence of Compared
        The claims that are wrong.
    language : str
        The language of its words.
    origin : int
        What indices count from in its formulas.
    """
    blocks = [block for mistake in mistakes for block in _blocks(mistake, language)]
    fine = Paragraph(say(phrase("check.fine"), language))
    return Page(
        title,
        say(phrase("check.title"), language),
        language,
        direction(language),
        origin,
        tuple(blocks or [fine]),
    )


def _blocks(mistake: Compared, language: str) -> Iterator[Block]:
    def said(key: str) -> Paragraph:
        return Paragraph(say(phrase(key), language))

    title = phrase("check.claim", number=str(mistake.number), place=mistake.place)
    yield Heading(say(title, language))
    yield said("check.wrong")
    yield Paragraph((mistake.claim,))
    if mistake.repaired is None:
        yield said("check.unrepaired")
    else:
        yield said("check.repaired")
        yield Paragraph((mistake.repaired,))
    if mistake.derivation is None:
        yield said("check.underived")
        return
    layer = mistake.derivation.layer
    yield from authored(tuple(_derivation(mistake.derivation, language)), layer)
    if mistake.repaired is not None:
        for prose in _parting(mistake.derivation, mistake.parts, language):
            yield Paragraph(authored(prose, layer))


def _derivation(one: Derivation, language: str) -> Iterator[Block]:
    notation = for_gradient(one.layer, reverse(one.layer, [one.wrt]), [one.wrt])
    left = compose(one.steps[0].before, notation, one.node.indices)
    yield Paragraph(say(phrase("check.derivation", derivative=left), language))
    yield derived(one, notation, language)


def _parting(one: Derivation, parts: tuple[int, ...] | Parting, language: str) -> Iterator[Prose]:
    """Yield where a claim and the derivation part, in sentences."""
    if isinstance(parts, Parting):
        yield say(phrase(f"check.parts.{parts.value}"), language)
        return
    notation = for_gradient(one.layer, reverse(one.layer, [one.wrt]), [one.wrt])
    lines = numbered(one, notation, language)
    # A step that no line shows is part of the next one that is shown.
    shown = {
        next((n for n, (place, _) in enumerate(lines) if place >= part), len(lines) - 1)
        for part in parts
    }
    for place, number in enumerate(sorted(shown)):
        key = "check.parts.again" if place else "check.parts"
        where = say(phrase(key, line=str(number + 1)), language)
        yield (*where, " ", *lines[number][1].reason, ".")
