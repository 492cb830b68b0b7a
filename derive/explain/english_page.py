"""The English words of a page: its headings, its tables, and the rules of a derivation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PAGE"]

PAGE: Mapping[str, str] = {
    "heading.definition": "Definition",
    "heading.layout": "Conventions",
    "heading.graph": "The graph of the layer",
    "heading.derivations": "Derivation",
    "heading.results": "Results",
    "heading.shapes": "Symbols",
    "heading.facts": "Facts used",
    "column.index": "index form",
    "column.matrix": "matrix form",
    "column.symbol": "symbol",
    "column.role": "role",
    "column.shape": "shape",
    "column.meaning": "meaning",
    "heading.chain": "The whole chain",
    "part.whole": "All put into one another:",
    "part.where": "where",
    "layout.loss": "{loss} is any scalar that depends on {outputs}.",
    "layout.gradient": (
        "A gradient has the shape of its tensor: {gradient} stands where {entry} does."
    ),
    "layout.numerator": (
        "In matrix form derivatives are in numerator layout: a gradient has the shape of its "
        "tensor, transposed."
    ),
    "layout.mixed": (
        "In matrix form gradients with respect to vectors are transposed where these are inputs "
        "or stand on the way; all others have the shape of their tensor."
    ),
    "layout.partial": (
        "In a link, and after ∂/∂ in a chain rule, one definition alone is differentiated, as if "
        "the other quantities in it were constants."
    ),
    "layout.rows": "In matrix form vectors are rows.",
    "layout.columns": "In matrix form vectors are columns.",
    "layout.short": "{short} is short for {gradient}.",
    "layout.direct": "{short} is the part of {gradient} that does not go through another output.",
    "sign.circle": "∘ multiplies entry by entry.",
    "sign.divide": "⊘ divides entry by entry.",
    "sign.power": "{sign} raises each entry of {base} to the power {exponent}.",
    "sign.ones": "{sign} is a vector of ones.",
    "sign.identity": "{sign} is the identity matrix.",
    "sign.diagonal": "{sign} is the vector of the entries on the diagonal of {matrix}.",
    "sign.delta": "δ is 1 where its two indices agree, else 0.",
    "sign.guard": "{sign} is 1 where the condition in the brackets holds, else 0.",
    "sign.step": "{sign} is 1 where {condition}, else 0.",
    "layout.origin": "Indices count from 0.",
    "matrix.none": "no matrix form",
    "matrix.indices": "no matrix: more than two indices",
    "shapes.product": "Shapes: {shapes}.",
    "facts.none": "No declared fact was needed.",
    "role.input": "input",
    "role.param": "parameter",
    "role.label": "label",
    "role.constant": "constant",
    "role.index": "positions",
    "role.node": "intermediate",
    "role.output": "output",
    "check.title": "What is wrong, beside the derivations of what was meant.",
    "check.claim": "Claim {number}, {place}",
    "check.wrong": "The note says:",
    "check.repaired": "It is true as:",
    "check.unrepaired": "No small repair was found.",
    "check.derivation": "The derivation of {derivative}:",
    "check.parts": "They part at this step, line {line}:",
    "check.parts.again": "And at this one, line {line}:",
    "check.parts.layout": (
        "They part at the result: the factors are the same, but not how they lie or are multiplied."
    ),
    "check.parts.unknown": "No step can be named at which they part.",
    "check.parts.subject": "They part before the first step: at what is differentiated.",
    "check.underived": "There is no derivation to put beside it.",
    "check.fine": "Nothing is wrong, so there is nothing to explain.",
    "rule.chain": "chain rule through {through}",
    "rule.definition": "definition of {through}",
    "rule.cotangent": "{gradient}, as found above",
    "rule.sum": "sum rule, term by term",
    "rule.constant": "constants: {wrt} is not in them",
    "rule.flat": "{derivative}, by convention also at the jump",
    "rule.flat.plain": (
        "constant where it is differentiable, so the derivative is 0, by convention also at the "
        "jumps"
    ),
    "rule.product": "product rule",
    "rule.quotient": "quotient rule",
    "rule.power": "power rule",
    "rule.exponential": "derivative of an exponential",
    "rule.function": "chain rule with {derivative}",
    "rule.function.kink": "chain rule with {derivative}, by convention 0 at {kink}",
    "rule.function.tie": "chain rule with {derivative}; at a tie the first one counts",
    "rule.function.kink.tie": (
        "chain rule with {derivative}, by convention 0 at {kink}; at a tie the first one counts"
    ),
    "rule.function.plain": "derivative of the function times that of its argument",
    "rule.cases": "case by case",
    "rule.maximum": "a maximum changes with the entry that attains it, at a tie with the first",
    "rule.entry": "an entry changes with itself alone",
    "rule.delta": "δ leaves one term of the sum",
    "rule.saved": "{through} put in",
    "rule.fact": "by the fact {fact}",
    "rule.split": "the sum is split, term by term",
    "rule.out": "what does not depend on the summed index comes out",
    "rule.exchange": "the order of the sums is exchanged",
    "rule.rename": "summed index renamed",
    "rule.sign": "the minus sign goes into the bracket",
    "rule.collect": "terms collected",
    "rule.simplify": "simplified",
}
