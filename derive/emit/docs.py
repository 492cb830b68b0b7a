"""What a generated Python module says of itself: docstrings, with shapes and formulas."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.formals import formal, number_or

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from derive.emit.formals import Formal
    from derive.emit.target import Described
    from derive.layer.model import Layer
    from derive.program.suite import Suite

__all__ = [
    "RETURNED",
    "SUMMARY",
    "Field",
    "Record",
    "documentation",
    "quoted",
    "records",
    "title_of",
    "wrapped",
]

#: Lines of text are no longer than this.
_WIDTH = 88

SUMMARY = {
    "forward": "Return the layer's value.",
    "backward": "Return the gradients, given the cotangents of the outputs.",
    "forward_backward": "Return the layer's value and its gradients, in one pass.",
    "jvp": "Return the tangent of the output, given tangents of the inputs.",
    "vjp_many": "Return the gradients for P cotangents at once: every gradient has a first axis P.",
    "sgd_step": "Return the parameters after one step of gradient descent on the summed loss.",
}
#: The named tuple of a function that has several results.
RETURNED = {
    "forward": "Outputs",
    "backward": "Gradients",
    "forward_backward": "Pass",
    "jvp": "Tangents",
    "vjp_many": "Gradients",
    "sgd_step": "Step",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a named tuple, with its shape and formula."""

    name: str
    doc: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A named tuple that the module returns."""

    name: str
    doc: str
    fields: tuple[Field, ...]


def title_of(layer: Layer) -> str:
    """Return a layer's name, and its sentence if it has one."""
    return f"{layer.name}: {layer.doc}" if layer.doc else layer.name


def quoted(text: str) -> str:
    r"""Return a user's text on one line, as it can stand within a docstring.

    >>> quoted('a\n  "b" \\c')
    "a 'b' \\\\c"
    """
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', "'")


def wrapped(text: str, indent: str = "    ") -> tuple[str, ...]:
    """Return the text in lines, those after the first indented; a word is never broken."""
    return tuple(
        textwrap.wrap(
            text,
            _WIDTH,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def records(suite: Suite, described: Described) -> tuple[Record, ...]:
    """Return the named tuples of a module.

    Parameters
    ----------
    suite : Suite
        The layer and its programs.
    described : Described
        Its formulas.
    """
    layer = suite.layer
    formals = {
        program.name: {b.name: formal(b, suite) for b in program.buffers}
        for program in suite.programs
    }

    def fields(kind: str, names: Sequence[str], called: Sequence[str] = ()) -> tuple[Field, ...]:
        found = [formals[kind][name] for name in names]
        titles = called or [each.name for each in found]
        return tuple(
            Field(title, wrapped(f"shape {each.shown}: {described.formula(each.label, kind)}"))
            for title, each in zip(titles, found, strict=True)
        )

    every = (*layer.outputs, *suite.gradients)
    found = [
        Record("Saved", "What ``forward`` saves for ``backward``.", fields("forward", suite.saved)),
        Record(
            "Gradients",
            "One gradient for each input and parameter, each of its shape.",
            fields("backward", suite.gradients),
        ),
        Record("Pass", "The outputs, then the gradients.", fields("forward_backward", every)),
    ]
    if len(layer.outputs) > 1:
        found.append(Record("Outputs", "The outputs.", fields("forward", layer.outputs)))
        tangents = fields("jvp", suite.tangents)
        found.append(Record("Tangents", "The tangents of the outputs.", tangents))
    if layer.updates:
        updated = [formals["forward"][update.tensor].name for update in layer.updates]
        step = fields("sgd_step", dict(suite.layers)["sgd_step"].outputs, updated)
        found.append(Record("Step", "The parameters after the step.", step))
    return tuple(found)


def documentation(
    kind: str,
    arrays: Sequence[Formal],
    keywords: Mapping[str, str],
    results: Sequence[Formal],
    suite: Suite,
    described: Described,
) -> tuple[str, ...]:
    """Return the lines of a function's docstring, after its first.

    Parameters
    ----------
    kind : str
        The function.
    arrays, results : sequence of Formal
        What it is given, and returns.
    keywords : mapping of str to str
        What its other arguments are: ``name : type`` → a sentence.
    suite, described : Suite and Described
        The layer, and its formulas.
    """
    meanings = {tensor.name: tensor.doc for tensor in suite.layer.tensors}
    meanings |= {
        cotangent: f"cotangent of {output}"
        for cotangent, output in zip(suite.cotangents, suite.layer.outputs, strict=True)
        if cotangent not in meanings
    }
    said = {node.name: node.tensor.doc for node in suite.layer.nodes}
    lines = ["", "Parameters", "----------"]
    for each in arrays:
        what = "integers" if each.integer else "float32 or float64"
        lines.append(f"{each.name} : {number_or(each)}array of shape {each.shown}, {what}")
        lines += _indented(quoted(meanings.get(each.label, "")), "")
    for keyword, meaning in keywords.items():
        lines += [keyword, *_indented(quoted(meaning), "")]
    lines += ["", "Returns", "-------"]
    for each in results:
        lines.append(f"{each.name} : array of shape {each.shown}")
        lines += _indented(quoted(said.get(each.label, "")), "")
        lines += _indented(described.formula(each.label, kind))
    where = described.between(kind)
    if where:
        lines += ["", "Notes", "-----", "On the way:", ""]
        lines += [line for text in where for line in _indented(text)]
    return tuple(lines)


def _indented(text: str, continued: str = "    ") -> list[str]:
    return [f"    {line}" for line in wrapped(text, continued)]
