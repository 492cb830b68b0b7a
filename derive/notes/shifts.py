"""Single edits of where an index counts from: ``t + i - 1`` for ``t + i``, ``t + 1`` for ``t``.

To be off by one is a slip where indices are computed: where the claim or the definitions have such
indices. Elsewhere nobody writes ``i + 1`` for ``i``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.notes import tree
from derive.notes.tree import Add, Name, Node, Number, Scripted, Term
from derive.notes.verdicts import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derive.notes.factors import Variant, Vocabulary

__all__ = ["has_shifts", "shifts"]


def has_shifts(node: Node) -> bool:
    """Tell whether an index in a formula is a letter and a number, or several letters."""
    return any(
        isinstance(index, Add)
        for part in tree.walk(node)
        if isinstance(part, Scripted)
        for index in tree.indices(part)
    )


def shifts(node: Scripted, words: Vocabulary) -> Iterator[Variant]:
    """Yield a symbol with one of its indices one less, or one more."""
    if not words.shifted or node.sub_range is None:
        return
    flat = tree.indices(node)
    texts = [words.text[index.start : index.end] for index in flat]
    for n, index in enumerate(flat):
        if not all(texts) or not (isinstance(index, Add) or _is_letter(index, words)):
            continue
        for by in (-1, 1):
            new, text = _moved(index, by, words.text)
            below = ",".join((*texts[:n], text, *texts[n + 1 :]))
            edit = Edit(*node.sub_range, f"_{{{below}}}", "index")
            if isinstance(index, Add):
                # What stands around it can hold a sum.
                edit = Edit(index.start, index.end, text, "index")
            yield replace(node, sub=(*flat[:n], new, *flat[n + 1 :])), (edit,)


def _is_letter(index: Node, words: Vocabulary) -> bool:
    return isinstance(index, Name) and index.spelling in words.letters


def _moved(index: Node, by: int, text: str) -> tuple[Node, str]:
    """Return an index with a number added to it, and how it is written."""
    place = (index.end, index.end)
    terms = index.terms if isinstance(index, Add) else (Term(*place, "", index, place),)
    total, kept = by, []
    for term in terms:
        if isinstance(term.body, Number) and term.body.text.isdigit():
            total += int(term.body.text) * (-1 if term.sign == "-" else 1)
        else:
            kept.append(term)
    room = " " if " " in text[index.start : index.end].strip() else ""
    written = "".join(
        f"{room}{term.sign or '+'}{room}{text[term.body.start : term.body.end]}" for term in kept
    )
    written = written.removeprefix(f"{room}+").strip()
    if total:
        sign, number = "-" if total < 0 else "+", Number(*place, str(abs(total)))
        kept.append(Term(*place, sign, number, place))
        written += f"{room}{sign}{room}{number.text}"
    if len(kept) == 1 and kept[0].sign != "-":
        return kept[0].body, written
    return Add(index.start, index.end, tuple(kept)), written
