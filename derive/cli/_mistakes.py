"""The mistakes of a note, joined with the derivations of what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.explain.compared import Compared, Parting, page_of_mistakes
from derive.explain.page import Quoted
from derive.explain.tree import Mark
from derive.gradient.derivation import derivations, in_letters, local_derivation
from derive.gradient.edges import active
from derive.gradient.parting import parting
from derive.index.terms import tensors
from derive.notes.difference import counted, is_layout, subject
from derive.notes.quotation import claimed, corrected
from derive.notes.report import region
from derive.notes.verdicts import ILL_FORMED, WRONG

if TYPE_CHECKING:
    from derive.explain.page import Page
    from derive.gradient.derivation import Derivation
    from derive.layer.model import Layer
    from derive.notes.check import Checked
    from derive.notes.difference import Subject
    from derive.notes.quotation import Quotation
    from derive.notes.verdicts import Verdict

__all__ = ["mistakes_page"]


def mistakes_page(checked: Checked, language: str) -> Page:
    """Return the page that explains what is wrong in a note."""
    found = [
        _compared(verdict, checked)
        for verdict in checked.verdicts
        if verdict.verdict in (WRONG, ILL_FORMED)
    ]
    origin = 1 if checked.world is None else checked.world.base
    return page_of_mistakes(Path(checked.note.file).name, found, language, origin)


def _compared(verdict: Verdict, checked: Checked) -> Compared:
    place = region(verdict.formula, verdict.start, verdict.end)
    about = None if checked.world is None else subject(verdict, checked.world)
    one = None if about is None or checked.world is None else _derived(checked.world.layer, about)
    return Compared(
        verdict.id,
        f"{Path(checked.note.file).name}:{place.line}:{place.column}",
        _quoted(claimed(verdict), Mark.WRONG),
        _quoted(corrected(verdict), Mark.NEW) if verdict.repairs else None,
        one,
        Parting.UNKNOWN if one is None or about is None else _parts(verdict, checked, about, one),
    )


def _quoted(quotation: Quotation, mark: Mark) -> Quoted:
    return Quoted(quotation.latex, quotation.text, mark)


def _derived(layer: Layer, about: Subject) -> Derivation | None:
    """Return the derivation of what a claim is about; None if there is none in one piece."""
    outputs = about.ends or (about.of,)
    try:
        if about.ends or not layer.tensor(about.of).shape:
            whole = layer.with_outputs(outputs)
            found = derivations(whole, (about.wrt,))[0] if about.wrt in whole.names else None
        else:
            found = _local(layer, about)
    except DeriveError:
        return None
    return None if found is None or not found.steps else _in_its_letters(found, about)


def _in_its_letters(one: Derivation, about: Subject) -> Derivation:
    """Return a derivation in the letters of a claim, if the claim has one for every index."""
    letters = about.letters[len(about.letters) - len(one.node.indices) :]
    taken = {*one.layer.names, *(size.name for size in one.layer.sizes), ""}
    if len(set(letters)) < len(letters) or not taken.isdisjoint(letters):
        return one
    return in_letters(one, letters)


def _local(layer: Layer, about: Subject) -> Derivation | None:
    """Return the derivation of a link, where nothing else leads from the one to the other."""
    node = layer.node(about.of)
    read = tensors(node.body)
    between = active(layer, (about.wrt,)) - {about.wrt}
    return (
        None
        if about.wrt not in read or read & between
        else local_derivation(layer, about.of, about.wrt)
    )


def _parts(
    verdict: Verdict, checked: Checked, about: Subject, one: Derivation
) -> tuple[int, ...] | Parting:
    """Return where a claim and a derivation part."""
    if not verdict.repairs:
        return Parting.UNKNOWN
    both = counted(verdict, checked, about, {index.name for index in one.node.indices})
    if both is None:
        return Parting.SUBJECT
    right, wrong = both
    found = parting(one, right, wrong)
    if not found and is_layout(verdict.repairs[0]):
        return Parting.LAYOUT
    return found or Parting.UNKNOWN
